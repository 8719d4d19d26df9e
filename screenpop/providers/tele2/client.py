"""SmartMEX's HTTP API, one method per kind of request; knows no type of our domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    NotOffered,
    OutcomeUnknown,
    PayloadError,
    PermissionDenied,
    ProviderThrottled,
    QuotaExceeded,
)
from screenpop.domain.http_replies import refusal, said
from screenpop.domain.privacy import Secret
from screenpop.net import HttpClient
from screenpop.providers.http import ALLOW_PLAIN_HTTP_OPTION
from screenpop.providers.key_names import KeyNames
from screenpop.providers.sounds import ACCEPTED, LARGEST_SOUND
from screenpop.providers.tele2 import payloads, requests
from screenpop.providers.tele2.call_budget import CallBudget
from screenpop.wording import sentences, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.protocol import ProviderContext
    from screenpop.providers.tele2.requests import Listing

SERVICE: Final = "Tele2"
KEY_NAME: Final = "api_key"
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 50
MOST_WEBHOOKS: Final = 20
_V2: Final = "/api/v2"
_SESSION_PATH: Final = "/api/session_keys/create"
# No service caps its pages below that, so a shorter page is the last.
_SMALLEST_CAP: Final = 10
_HOLD_SECONDS: Final = 2.0
_LIMIT_WORDS: Final = ("limit", "maximum", "too many", "exceed", "no more than")

Item = dict[str, "JsonValue"]


class SmartMexClient:
    """Requests of one account.

    Every method raises ``ProviderError`` by kind, ``SecretError`` when the keychain
    gives no key, and ``PayloadError`` when an answer cannot be read.
    """

    def __init__(
        self, context: ProviderContext, *, budget: CallBudget | None = None
    ) -> None:
        """Take the account's address, with or without ``/api/v2`` at its end.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        base_url = context.base_url.strip().rstrip("/")
        for end in (_V2, "/api"):
            base_url = base_url.removesuffix(end)
        self.base_url = base_url
        allowed = context.options.get(ALLOW_PLAIN_HTTP_OPTION, "")
        self.allows_plain_http = allowed.casefold() == "true"
        self._http = HttpClient(
            base_url,
            service=SERVICE,
            allow_plain_http=self.allows_plain_http,
            note_clock=context.note_clock,
        )
        self._read_secret = context.read_secret
        self._key: Secret | None = None
        self._budget = budget or CallBudget()
        self.key_names = KeyNames(SERVICE)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def ready(self) -> None:
        """See that there is a key; nothing is sent."""
        await self._sendable_key()

    # --- lists ------------------------------------------------------------------------

    async def page(
        self,
        listing: Listing,
        params: Mapping[str, str],
        *,
        seen: str = "0",
        offset: int = 0,
        limit: int = PAGE_SIZE,
        is_urgent: bool = False,
    ) -> tuple[Item, ...]:
        """One page of a list; 404 means that nothing fits."""
        wanted = requests.page_params(
            listing, params, seen=seen, offset=offset, limit=limit
        )
        try:
            answer = await self._ask(
                f"{_V2}{listing.path}", params=wanted, is_urgent=is_urgent
            )
        except NotFound:
            return ()
        items = payloads.read_items(answer.data)
        for item in items[:1]:
            self.key_names.note(listing.path, item)
        return items

    async def items(
        self,
        listing: Listing,
        params: Mapping[str, str],
        *,
        seen: str = "0",
        offset: int = 0,
        most: int = PAGE_SIZE * MOST_PAGES,
        is_urgent: bool = False,
    ) -> tuple[Item, ...]:
        """A list, page by page, until it ends or there are ``most``; each item once."""
        found: dict[str, Item] = {}
        last, limit = 0, min(PAGE_SIZE, most)
        for _ in range(MOST_PAGES):
            page = await self.page(
                listing,
                params,
                seen=seen,
                offset=offset,
                limit=limit,
                is_urgent=is_urgent,
            )
            fresh = {_name(listing, item): item for item in page}
            fresh = {name: item for name, item in fresh.items() if name not in found}
            found |= fresh
            offset += len(page)
            is_last = len(page) < max(min(_SMALLEST_CAP, limit), last)
            if not fresh or is_last or len(found) >= most:
                break
            last = len(page)
        return tuple(found.values())[:most]

    async def item(self, listing: Listing, item_id: str) -> Item:
        """One thing by its id.

        Raises:
            NotFound: There is none.
        """
        await self.ready()
        if not payloads.is_id(item_id):
            raise NotFound(tr("{service} does not know it", service=SERVICE))
        answer = await self._ask(f"{_V2}{listing.item_path}/{item_id}")
        if not answer.data:
            raise NotFound(tr("{service} does not know it", service=SERVICE))
        return payloads.read_item(answer.data)

    async def sound(self, url: str) -> HttpReply:
        """What is behind a link to the account's own address, with its key."""
        return await self._send("GET", url, accept=ACCEPTED, max_bytes=LARGEST_SOUND)

    async def probe(self, listing: Listing) -> HttpReply | None:
        """Ask for one thing of a list; None when there is nothing in it.

        Raises:
            NotFound: The answer is none of SmartMEX: the address is wrong.
        """
        params = requests.page_params(listing, {}, seen="0", offset=0, limit=1)
        try:
            reply = await self._send("GET", f"{_V2}{listing.path}", params=params)
        except _Nothing:
            return None
        self._take_out(reply)
        return reply

    # --- actions ----------------------------------------------------------------------

    async def dial(self, destination: str, contact_id: str) -> None:
        """``POST /dial``: have the employee's phone call; sent at most once.

        Raises:
            OutcomeUnknown: It was sent, and there is no answer that can be trusted.
        """
        body = requests.dial_body(destination, contact_id)
        reply = await self._send("POST", f"{_V2}/dial", json=body, send_once=True)
        if not reply.body:
            return
        try:
            self._take_out(reply)
        except PayloadError as error:
            raise OutcomeUnknown(
                tr(
                    "{title}, so it is not known whether the call was started",
                    title=error.title,
                )
            ) from None

    async def create_webhook(self, event_type: str, callback_url: str) -> str:
        """``POST /webhooks/{EventName}``: the new webhook's id, "" if it is not told.

        Raises:
            QuotaExceeded: The account has as many webhooks as there may be.
            OutcomeUnknown: It was sent, and there is no answer; there may be one now.
        """
        reply = await self._send(
            "POST",
            f"{_V2}/webhooks/{event_type}",
            json=requests.webhook_body(callback_url),
            send_once=True,
            is_urgent=False,
            read_refusal=_read_limit,
        )
        answer = self._take_out(reply, read_refusal=_read_limit)
        return payloads.read_webhook_id(answer.data, reply.headers.get("location", ""))

    async def delete_webhook(self, webhook_id: str) -> None:
        """``DELETE /webhooks/{webhook_id}``; one that is gone is fine."""
        await self.ready()
        if not payloads.is_id(webhook_id):
            return
        try:
            reply = await self._send("DELETE", f"{_V2}/webhooks/{webhook_id}")
            if reply.body:
                self._take_out(reply)
        except NotFound:
            return

    async def session_key(self, scope: str, event_types: tuple[str, ...]) -> str:
        """``POST /api/session_keys/create``: a key that opens the stream once.

        Raises:
            NotOffered: This phone system has no event stream.
        """
        key = await self._sendable_key()
        try:
            reply = await self._send(
                "POST",
                _SESSION_PATH,
                json=requests.session_body(key, scope, event_types),
                is_urgent=True,
                with_header=False,
            )
        except NotFound:
            raise NotOffered(
                tr("{service} offers no event stream at this address", service=SERVICE),
                tr("Choose webhooks or polling in the account's settings."),
            ) from None
        self._take_out(reply)
        return payloads.read_session_key(reply.json())

    # --- shared -----------------------------------------------------------------------

    async def _ask(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        is_urgent: bool = False,
    ) -> payloads.AnswerPayload:
        reply = await self._send("GET", path, params=params, is_urgent=is_urgent)
        return self._take_out(reply)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        send_once: bool = False,
        is_urgent: bool | None = None,
        with_header: bool = True,
        accept: str = "application/json",
        max_bytes: int | None = None,
        read_refusal: Callable[[HttpReply], ProviderError | None] | None = None,
    ) -> HttpReply:
        key = await self._sendable_key()
        is_urgent = send_once if is_urgent is None else is_urgent
        if self._budget.held_seconds and not is_urgent:
            raise ProviderThrottled(
                tr("{service} asks for fewer requests", service=SERVICE),
                retry_after_seconds=self._budget.held_seconds,
            )
        await self._budget.take(is_urgent=is_urgent)

        def refused(reply: HttpReply) -> ProviderError:
            better = read_refusal(reply) if read_refusal else None
            return better or self._refusal(reply, send_once=send_once)

        try:
            return await self._http.request(
                method,
                path,
                params=params,
                json=json,
                headers={"Authorization": f"Bearer {key}"} if with_header else None,
                accept=accept,
                max_bytes=max_bytes,
                send_once=send_once,
                read_refusal=refused,
            )
        except AuthenticationFailed:
            self._key = None
            raise
        except ProviderThrottled as error:
            self._budget.hold(error.retry_after_seconds or _HOLD_SECONDS)
            raise

    def _take_out(
        self,
        reply: HttpReply,
        *,
        read_refusal: Callable[[HttpReply], ProviderError | None] | None = None,
    ) -> payloads.AnswerPayload:
        """The answer in its envelope, whose own status counts as well."""
        answer = payloads.read_answer(reply.json())
        if answer.status is None or answer.status < 400:
            return answer
        inner = replace(reply, status=answer.status)
        better = read_refusal(inner) if read_refusal else None
        raise better or self._refusal(inner, send_once=False)

    def _refusal(self, reply: HttpReply, *, send_once: bool) -> ProviderError:
        key = "" if self._key is None else self._key.reveal()
        secrets = (f"Bearer {key}", key)
        if reply.status == 403:
            return PermissionDenied(
                tr("{service} does not allow this with the key", service=SERVICE),
                sentences(
                    tr(
                        "In the phone system's page for integrations, add this method "
                        "to the key and this computer's address to its list."
                    ),
                    said(reply, secrets),
                ),
            )
        if reply.status == 404 and _is_envelope(reply):
            return _Nothing(tr("{service} does not know it", service=SERVICE))
        if reply.status == 404:
            return NotFound(
                tr("{service} does not know it", service=SERVICE),
                tr("The account's address may be wrong."),
            )
        return refusal(reply, send_once=send_once, secrets=secrets)

    async def _sendable_key(self) -> str:
        """The key, with or without the word that the vendor's pages put before it."""
        if self._key is None:
            key = (await self._read_secret(KEY_NAME)).reveal().strip()
            if key[:7].casefold() == "bearer ":
                key = key[7:].strip()
            if not key or not key.isascii() or not key.isprintable():
                raise AuthenticationFailed(
                    tr(
                        "The key for {service} is empty or holds characters that no "
                        "key "
                        "has",
                        service=SERVICE,
                    )
                )
            self._key = Secret(key)
        return self._key.reveal()


class _Nothing(NotFound):
    """404 in the service's own words: the address is right, and nothing fits."""


def _is_envelope(reply: HttpReply) -> bool:
    try:
        return payloads.is_envelope(reply.json())
    except PayloadError:
        return False


def _read_limit(reply: HttpReply) -> ProviderError | None:
    """403 stands for a used-up limit too: go by the words."""
    text = reply.body[:2_000].decode("latin-1").casefold()
    if reply.status not in (400, 403, 409, 422):
        return None
    if not any(word in text for word in _LIMIT_WORDS):
        return None
    return QuotaExceeded(
        tr(
            "{service} takes no further webhook: an account has "
            "{most_webhooks} at most",
            service=SERVICE,
            most_webhooks=MOST_WEBHOOKS,
        ),
        tr(
            "Delete some that nobody needs, in the phone system under API, web hooks; "
            "or "
            "choose the event stream in the account's settings, which needs none."
        ),
    )


def _name(listing: Listing, item: Item) -> str:
    """What tells an item of a list from others."""
    told = item.get(listing.id_field) if listing.id_field else None
    return str(told) if told else payloads.canonical(item).decode()
