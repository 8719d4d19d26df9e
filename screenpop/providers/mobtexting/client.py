"""MobTexting's HTTP API, one method per endpoint; knows no type of our domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    OutcomeUnknown,
    PayloadError,
)
from screenpop.domain.http_replies import refusal
from screenpop.domain.privacy import Secret
from screenpop.providers.http import KeyedHttp
from screenpop.providers.key_names import KeyNames
from screenpop.providers.mobtexting import bodies, payloads
from screenpop.providers.mobtexting.pace import RequestPace
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import date

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.protocol import ProviderContext

SERVICE: Final = "MobTexting"
TOKEN_NAME: Final = "api_token"  # noqa: S105 - the name of a secret, not one
# "{domain}/api/{version}/": a white label may have its own domain.
_API: Final = "/api/v2"
_SCHEME: Final = "Bearer "
_MOST_LISTED: Final = 40


class MobTextingClient:
    """Requests of one account.

    Every method raises ``ProviderError`` by kind, ``SecretError`` when the keychain
    gives no token, and ``PayloadError`` when an answer cannot be read.
    """

    def __init__(
        self, context: ProviderContext, pace: RequestPace | None = None
    ) -> None:
        """Take the account's address, with or without ``/api/v2`` at its end.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        self._token = _BearerToken(context.read_secret)
        self._http = KeyedHttp(
            replace(context, read_secret=self._token.read),
            base_url=context.base_url.strip().rstrip("/").removesuffix(_API),
            service=SERVICE,
            header="Authorization",
            secret_name=TOKEN_NAME,
        )
        self._pace = pace or RequestPace()
        self._keys = KeyNames(SERVICE)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def read_token(self) -> None:
        """Make sure that there is a token, without sending anything."""
        if not (await self._token.read(TOKEN_NAME)).reveal():
            raise AuthenticationFailed(
                tr("The token for {service} is empty", service=SERVICE)
            )

    async def me(self) -> tuple[payloads.AccountPayload, HttpReply]:
        """``GET auth/me``: whose token it is."""
        value, reply = await self._ask("GET", "/auth/me")
        return payloads.read_account(value), reply

    # --- calls ------------------------------------------------------------------------

    async def start_call(self, body: Mapping[str, JsonValue]) -> str:
        """``POST voice/c2c``, sent at most once; the call's id when it is told.

        Raises:
            OutcomeUnknown: It was sent, and there is no answer that can be trusted.
        """
        return await self._start("/voice/c2c", body)

    async def start_announcement(self, body: Mapping[str, JsonValue]) -> str:
        """``POST outgoing/send``, sent at most once; the call's id when it is told.

        Raises:
            OutcomeUnknown: It was sent, and there is no answer that can be trusted.
        """
        return await self._start("/outgoing/send", body)

    async def call_states(
        self, name: str, value: str
    ) -> tuple[payloads.CallStatePayload, ...]:
        """``GET outgoing/callstatus`` by ``id``, ``cid``, ``date`` or ``mobile``."""
        try:
            found, _ = await self._ask(
                "GET", "/outgoing/callstatus", params={name: value}
            )
        except NotFound:
            return ()
        return payloads.read_call_states(found)

    async def calls(
        self, first: date | None = None, last: date | None = None, page: int = 1
    ) -> payloads.PagePayload:
        """``GET voice/calls``: a page of the call log, of calls that ended then."""
        params = bodies.range_params("end_at", first, last)
        return await self._page("/voice/calls", params, page)

    async def recordings(
        self, first: date | None = None, last: date | None = None, page: int = 1
    ) -> payloads.PagePayload:
        """``GET voice/recordings``: a page of the recording log."""
        params = bodies.range_params("r.created_at", first, last)
        return await self._page("/voice/recordings", params, page)

    # --- webhooks ---------------------------------------------------------------------

    async def list_webhooks(self) -> tuple[payloads.WebhookPayload, ...]:
        """``GET developer/webhooks``, all pages."""
        pages = await self._all("/developer/webhooks")
        return tuple(item for page in pages for item in payloads.read_webhooks(page))

    async def get_webhook(self, webhook_id: str) -> payloads.WebhookPayload:
        """``GET developer/webhooks/{id}``."""
        value, _ = await self._ask("GET", _item("webhooks", webhook_id))
        return payloads.read_webhook(value)

    async def create_webhook(
        self, webhook: payloads.WebhookPayload
    ) -> payloads.WebhookPayload:
        """``POST developer/webhooks``: MobTexting calls the URL before it answers."""
        body = bodies.webhook_body(webhook)
        value, _ = await self._ask("POST", "/developer/webhooks", json=body)
        return payloads.read_webhook(value)

    async def update_webhook(
        self, webhook: payloads.WebhookPayload
    ) -> payloads.WebhookPayload:
        """``PUT developer/webhooks/{id}``: overwrite it."""
        body = bodies.webhook_body(webhook)
        value, _ = await self._ask("PUT", _item("webhooks", webhook.id), json=body)
        return payloads.read_webhook(value)

    async def delete_webhook(self, webhook_id: str) -> None:
        """``DELETE developer/webhooks/{id}``; one that is gone is fine."""
        await self._delete(_item("webhooks", webhook_id))

    async def list_subscriptions(self) -> tuple[payloads.SubscriptionPayload, ...]:
        """``GET developer/subscriptions``, all pages."""
        pages = await self._all("/developer/subscriptions")
        return tuple(
            item for page in pages for item in payloads.read_subscriptions(page)
        )

    async def get_subscription(
        self, subscription_id: str
    ) -> payloads.SubscriptionPayload:
        """``GET developer/subscriptions/{id}``."""
        value, _ = await self._ask("GET", _item("subscriptions", subscription_id))
        return payloads.read_subscription(value)

    async def create_subscription(
        self, event: str, webhook_id: str
    ) -> payloads.SubscriptionPayload:
        """``POST developer/subscriptions``: one event for one webhook."""
        body = bodies.subscription_body(event, webhook_id)
        value, _ = await self._ask("POST", "/developer/subscriptions", json=body)
        return payloads.read_subscription(value)

    async def delete_subscription(self, subscription_id: str) -> None:
        """``DELETE developer/subscriptions/{id}``; one that is gone is fine."""
        await self._delete(_item("subscriptions", subscription_id))

    # --- shared -----------------------------------------------------------------------

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
    ) -> tuple[JsonValue, HttpReply]:
        """One request; an answer that calls itself a failure is one."""
        if method == "GET":
            await self._pace.turn()
        reply = await self._http.request(
            method,
            f"{_API}{path}",
            params=params,
            json=json,
            read_refusal=self._refusal,
        )
        value = reply.json()
        if payloads.is_failure(value):
            raise self._refusal(replace(reply, status=payloads.failure_status(value)))
        self._keys.note(f"{method} {_place(path)}", payloads.key_names(value))
        return value, reply

    async def _start(self, path: str, body: Mapping[str, JsonValue]) -> str:
        """The request that rings a phone."""
        reply = await self._http.request(
            "POST",
            f"{_API}{path}",
            json=dict(body),
            send_once=True,
            read_refusal=self._refusal_once,
        )
        try:
            value = reply.json()
            if payloads.is_failure(value):
                status = payloads.failure_status(value)
                raise self._refusal_once(replace(reply, status=status))
            self._keys.note(f"POST {_place(path)}", payloads.key_names(value))
            return payloads.read_call_id(value)
        except PayloadError as error:
            raise OutcomeUnknown(
                tr(
                    "{title}, so it is not known whether the call was started",
                    title=error.title,
                )
            ) from None

    async def _page(
        self, path: str, params: Mapping[str, str], page: int
    ) -> payloads.PagePayload:
        value, _ = await self._ask("GET", path, params={**params, "page": str(page)})
        return payloads.read_page(value)

    async def _all(self, path: str) -> tuple[payloads.PagePayload, ...]:
        pages = []
        for number in range(1, _MOST_LISTED + 1):
            page = await self._page(path, {}, number)
            pages.append(page)
            if not page.has_next or not page.data:
                break
        return tuple(pages)

    async def _delete(self, path: str) -> None:
        """The answer's body is of no interest: it may be empty."""
        try:
            await self._http.request(
                "DELETE", f"{_API}{path}", read_refusal=self._refusal
            )
        except NotFound:
            return

    def _refusal(self, reply: HttpReply) -> ProviderError:
        return refusal(reply, secrets=self._token.spellings())

    def _refusal_once(self, reply: HttpReply) -> ProviderError:
        return refusal(reply, send_once=True, secrets=self._token.spellings())


class _BearerToken:
    """The account's token as the header wants it, and what must never be quoted."""

    def __init__(self, read_secret: Callable[[str], Awaitable[Secret]]) -> None:
        self._read_secret = read_secret
        self._last = Secret("")

    async def read(self, name: str) -> Secret:
        """``Bearer <token>``; empty when there is none."""
        token = (await self._read_secret(name)).reveal().strip()
        self._last = Secret(token.removeprefix(_SCHEME).strip())
        bare = self._last.reveal()
        return Secret(f"{_SCHEME}{bare}" if bare else "")

    def spellings(self) -> tuple[str, ...]:
        """With and without the scheme, the longer one first."""
        bare = self._last.reveal()
        return (f"{_SCHEME}{bare}", bare)


def _item(collection: str, item_id: str) -> str:
    """The path of one thing, whatever its id is made of."""
    if item_id in ("", ".", ".."):
        raise NotFound(tr("{service} does not know it", service=SERVICE))
    return f"/developer/{collection}/{quote(item_id, safe='')}"


def _place(path: str) -> str:
    """The endpoint without ids, for the log."""
    return "/".join(path.split("/")[1:3])
