"""Voxloud's HTTP API, one method per endpoint; knows no type of our domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.errors import (
    NotFound,
    OutcomeUnknown,
    PayloadError,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.providers.http import KeyedHttp
from screenpop.providers.key_names import KeyNames
from screenpop.providers.voxloud import payloads
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.protocol import ProviderContext

SERVICE: Final = "Voxloud"
AUTH_HEADER: Final = "Voverc-Auth"
KEY_NAME: Final = "api_key"
# A CSV of years of calls is the one answer that may be long.
EXPORT_MAX_BYTES: Final = 64 * 1024 * 1024
_V1: Final = "/api/v1"
_V2: Final = "/api/v2"
_QUOTA_STATUSES: Final = frozenset({400, 402, 403, 409, 422})
_QUOTA_WORDS: Final = ("quota", "limit", "maximum", "too many", "exceed")


class _MethodRefused(RequestRejected):
    """405: the other reading of the vendor's reference is right."""


class VoxloudClient:
    """Requests of one account.

    Attributes:
        key_names: What the account's answers turned out to hold.

    Every method raises ``ProviderError`` by kind, ``SecretError`` when the keychain
    gives no key, and ``PayloadError`` when an answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Take the account's address, with or without ``/api/v1`` at its end.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        base_url = context.base_url.strip().rstrip("/")
        for version in (_V1, _V2):
            base_url = base_url.removesuffix(version)
        self._http = KeyedHttp(
            context,
            base_url=base_url,
            service=SERVICE,
            header=AUTH_HEADER,
            secret_name=KEY_NAME,
        )
        self.key_names = KeyNames(SERVICE)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- authentication ---------------------------------------------------------------

    async def validate_auth(self) -> tuple[payloads.CompanyPayload, HttpReply]:
        """``POST /validate-auth``: whose key it is."""
        reply = await self._http.request("POST", f"{_V1}/validate-auth")
        return payloads.read_company(self._value("key", reply)), reply

    # --- contacts ---------------------------------------------------------------------

    async def create_contact(
        self, contact: payloads.ContactPayload
    ) -> payloads.ContactPayload:
        """``POST /contacts``."""
        body = payloads.contact_body(contact)
        reply = await self._http.request("POST", f"{_V1}/contacts", json=body)
        return payloads.read_contact(self._value("contact", reply))

    async def update_contact(
        self, contact_id: str, contact: payloads.ContactPayload
    ) -> payloads.ContactPayload:
        """``PUT /contacts/{id}``: overwrite it."""
        path = _item("contacts", contact_id)
        reply = await self._update(path, payloads.contact_body(contact))
        return payloads.read_contact(self._value("contact", reply))

    async def search_contacts(
        self,
        *,
        first_name: str = "",
        last_name: str = "",
        phone: str = "",
        email: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> payloads.ContactPagePayload:
        """``GET /contacts``: those that contain every given text."""
        params = {
            "first_name": first_name,
            "last_name": last_name,
            "phone": phone,
            "email": email,
            "offset": str(max(offset, 0)),
            "limit": str(min(max(limit, 1), 100)),
        }
        given = {name: value for name, value in params.items() if value}
        reply = await self._http.request("GET", f"{_V1}/contacts", params=given)
        return payloads.read_contact_page(self._value("contacts", reply))

    async def get_contact(self, contact_id: str) -> payloads.ContactPayload:
        """``GET /contacts/{id}``."""
        reply = await self._http.request("GET", _item("contacts", contact_id))
        return payloads.read_contact(self._value("contact", reply))

    async def delete_contact(self, contact_id: str) -> None:
        """``DELETE /contacts/{id}``; one that is gone is fine."""
        await self._delete("contacts", contact_id)

    # --- users ------------------------------------------------------------------------

    async def list_users(self) -> tuple[payloads.UserPayload, ...]:
        """``GET /api/v2/users``."""
        reply = await self._http.request("GET", f"{_V2}/users")
        return payloads.read_users(self._value("users", reply))

    # --- webhook subscriptions --------------------------------------------------------

    async def create_subscription(
        self, callback_url: str, event_type: str, notification_email: str = ""
    ) -> payloads.SubscriptionPayload:
        """``POST /webhook-subscriptions``: one event type."""
        body = payloads.subscription_body(callback_url, event_type, notification_email)
        path = f"{_V1}/webhook-subscriptions"
        reply = await self._http.request("POST", path, json=body)
        return payloads.read_subscription(self._value("subscription", reply))

    async def update_subscription(
        self, subscription: payloads.SubscriptionPayload
    ) -> payloads.SubscriptionPayload:
        """``PUT /webhook-subscriptions/{id}``: overwrite it."""
        path = _item("webhook-subscriptions", subscription.id)
        body = payloads.subscription_update_body(subscription)
        reply = await self._update(path, body)
        return payloads.read_subscription(self._value("subscription", reply))

    async def list_subscriptions(self) -> tuple[payloads.SubscriptionPayload, ...]:
        """``GET /webhook-subscriptions``."""
        reply = await self._http.request("GET", f"{_V1}/webhook-subscriptions")
        return payloads.read_subscriptions(self._value("subscriptions", reply))

    async def get_subscription(
        self, subscription_id: str
    ) -> payloads.SubscriptionPayload:
        """``GET /webhook-subscriptions/{id}``."""
        path = _item("webhook-subscriptions", subscription_id)
        reply = await self._http.request("GET", path)
        return payloads.read_subscription(self._value("subscription", reply))

    async def delete_subscription(self, subscription_id: str) -> None:
        """``DELETE /webhook-subscriptions/{id}``; one that is gone is fine."""
        await self._delete("webhook-subscriptions", subscription_id)

    # --- telephony events -------------------------------------------------------------

    async def query_events(
        self,
        *,
        number: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        page: int = 0,
        size: int = 50,
        newest_first: bool = True,
    ) -> payloads.EventPagePayload:
        """``POST /telephony-events``: one page of finished calls and faxes."""
        reply = await self._http.request(
            "POST",
            f"{_V1}/telephony-events",
            params=_paging(page, size, newest_first),
            json=payloads.event_query_body(number=number, since=since, until=until),
        )
        return payloads.read_event_page(self._value("events", reply))

    async def export_events(
        self,
        *,
        number: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        page: int = 0,
        size: int = 50,
        newest_first: bool = True,
    ) -> bytes:
        """``POST /telephony-events`` as CSV, untouched."""
        reply = await self._http.request(
            "POST",
            f"{_V1}/telephony-events",
            params=_paging(page, size, newest_first),
            json=payloads.event_query_body(number=number, since=since, until=until),
            accept="text/csv",
            max_bytes=EXPORT_MAX_BYTES,
        )
        if "html" in reply.headers.get("content-type", "").casefold():
            reply.json()  # says why a web page is no answer
        return reply.body

    async def get_event(self, event_id: str) -> dict[str, JsonValue]:
        """``GET /telephony-events/{id}``."""
        path = _item("telephony-events", event_id)
        reply = await self._http.request("GET", path)
        found = payloads.read_event_or_events(self._value("event", reply))
        if not found:
            raise NotFound(tr("{service} does not know it", service=SERVICE))
        return found[0]

    async def get_events_of_call(
        self, call_id: str
    ) -> tuple[dict[str, JsonValue], ...]:
        """``GET /telephony-events?callId=``: none when the call is not known."""
        path, params = f"{_V1}/telephony-events", {"callId": call_id}
        try:
            reply = await self._http.request("GET", path, params=params)
        except NotFound:
            return ()
        return (
            payloads.read_event_or_events(self._value("event", reply))
            if reply.body
            else ()
        )

    # --- click to call ----------------------------------------------------------------

    async def create_click_to_call(
        self, resource: payloads.ClickToCallPayload
    ) -> payloads.ClickToCallPayload:
        """``POST /click-to-call``: make a reusable resource.

        Raises:
            QuotaExceeded: There are as many as users and groups already.
        """
        reply = await self._http.request(
            "POST",
            f"{_V1}/click-to-call",
            json=payloads.click_to_call_body(resource),
            read_refusal=_read_quota_refusal,
        )
        return payloads.read_click_to_call(self._value("click-to-call", reply))

    async def list_click_to_calls(self) -> tuple[payloads.ClickToCallPayload, ...]:
        """``GET /click-to-call``."""
        reply = await self._http.request("GET", f"{_V1}/click-to-call")
        return payloads.read_click_to_calls(self._value("click-to-calls", reply))

    async def get_click_to_call(self, resource_id: str) -> payloads.ClickToCallPayload:
        """``GET /click-to-call/{id}``."""
        reply = await self._http.request("GET", _item("click-to-call", resource_id))
        return payloads.read_click_to_call(self._value("click-to-call", reply))

    async def delete_click_to_call(self, resource_id: str) -> None:
        """``DELETE /click-to-call/{id}``; one that is gone is fine."""
        await self._delete("click-to-call", resource_id)

    async def connect_click_to_call(self, resource_id: str, number: str) -> None:
        """``POST /click-to-call/{id}/connect``: ring now; sent at most once.

        Raises:
            OutcomeUnknown: It was sent, and there is no answer that can be trusted.
        """
        reply = await self._http.request(
            "POST",
            f"{_item('click-to-call', resource_id)}/connect",
            json=payloads.connect_body(number),
            send_once=True,
        )
        if not reply.body:
            return
        try:
            reply.json()
        except PayloadError as error:
            raise OutcomeUnknown(
                tr(
                    "{title}, so it is not known whether the call was started",
                    title=error.title,
                )
            ) from None

    # --- shared -----------------------------------------------------------------------

    def _value(self, place: str, reply: HttpReply) -> JsonValue:
        """The answer; names in it that are new are logged."""
        value = reply.json()
        self.key_names.note_value(place, value)
        return value

    async def _update(self, path: str, body: Mapping[str, JsonValue]) -> HttpReply:
        """PUT; POST where that is refused: the reference names both (S2:L84, L86)."""
        try:
            return await self._http.request(
                "PUT", path, json=dict(body), read_refusal=_read_method_refusal
            )
        except _MethodRefused:
            return await self._http.request("POST", path, json=dict(body))

    async def _delete(self, collection: str, item_id: str) -> None:
        try:
            await self._http.request("DELETE", _item(collection, item_id))
        except NotFound:
            return


def _item(collection: str, item_id: str) -> str:
    """The path of one thing, whatever its id is made of."""
    if item_id in ("", ".", ".."):
        raise NotFound(tr("{service} does not know it", service=SERVICE))
    return f"{_V1}/{collection}/{quote(item_id, safe='')}"


def _paging(page: int, size: int, newest_first: bool) -> dict[str, str]:
    order = "desc" if newest_first else "asc"
    return {"sort": f"timestamp,{order}", "size": str(size), "page": str(page)}


def _read_method_refusal(reply: HttpReply) -> ProviderError | None:
    if reply.status == 405:
        return _MethodRefused(
            tr("{service} wants another method (status 405)", service=SERVICE)
        )
    return None


def _read_quota_refusal(reply: HttpReply) -> ProviderError | None:
    """How a used-up quota is reported is not published: go by the words."""
    text = reply.body[:2_000].decode("latin-1").casefold()
    if reply.status in _QUOTA_STATUSES and any(word in text for word in _QUOTA_WORDS):
        return quota_exceeded()
    return None


def quota_exceeded() -> QuotaExceeded:
    """No room for another click-to-call resource."""
    return QuotaExceeded(
        tr("{service} allows no further click-to-call resource", service=SERVICE),
        tr(
            "There may be as many as the phone system has users and groups. Delete one "
            "that nobody needs, or let this extension use an existing one."
        ),
    )
