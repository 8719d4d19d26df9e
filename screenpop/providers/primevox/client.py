"""PrimeVOX's HTTP API, one method per endpoint; knows no type of our domain.

The key stands in the query string of every GET, so that no URL is ever shown or logged.
Errors come with status 200 as well: the body decides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    NotOffered,
    OutcomeUnknown,
    PayloadError,
)
from screenpop.domain.http_replies import HttpReply, refusal
from screenpop.domain.service_address import ServiceAddress
from screenpop.net import DEFAULT_MAX_BYTES, HttpClient
from screenpop.providers.key_names import KeyNames
from screenpop.providers.primevox import payloads, questions
from screenpop.providers.primevox.complaints import SERVICE, complaint_error, value_of
from screenpop.providers.primevox.manifest import (
    DETAILS_PATH,
    NOTES_PATH,
    RECORDING_PATH,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.protocol import ProviderContext

KEY_NAME: Final = "api_key"
CONTAINER_NAME: Final = "container_id"
LIST_PATH: Final = "/api/call_list.php"
CALL_PATH: Final = "/api/c2c_v2.php"
RING_GROUP_PATH: Final = "/api/reports/raw/ringgroup"
CONVERSATIONS_PATH: Final = "/api/messaging/v1/conversations"
CONVERSATION_PATH: Final = "/api/messaging/v1/conversation"
# 500 calls, each with its transcription.
LIST_MAX_BYTES: Final = 32 * 1024 * 1024
# Half an hour of uncompressed telephone sound is some 30 MB.
RECORDING_MAX_BYTES: Final = 64 * 1024 * 1024
_MOST_DETAIL_PAGES: Final = 5
_PATH: Final = re.compile(r"/[\w./-]+", re.ASCII)


class PrimevoxClient:
    """Requests of one account.

    Every method raises ``ProviderError`` by kind, ``SecretError`` when the keychain
    gives no key, and ``PayloadError`` when an answer cannot be read.

    Attributes:
        requests_made: How many requests were sent so far.
        key_names: What the account's answers turned out to hold.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Take the account's address, with or without ``/api`` at its end.

        Raises:
            ConfigurationError: The address or a path cannot be used.
        """
        base_url = context.base_url.strip().rstrip("/").removesuffix("/api")
        self._http = HttpClient(
            base_url, service=SERVICE, note_clock=context.note_clock
        )
        self._address = ServiceAddress.checked(base_url)
        self._context = context
        self._details_path = _path_option(context, "details_path", DETAILS_PATH)
        self._recording_path = _path_option(context, "recording_path", RECORDING_PATH)
        self._notes_path = _path_option(context, "notes_path", NOTES_PATH)
        self._signed: dict[str, str] | None = None
        self.requests_made = 0
        self.key_names = KeyNames(SERVICE)

    async def warm_up(self) -> None:
        """Read the key and do the slow part of the first request; nothing is sent."""
        await self._sign_in()
        await self._http.warm_up()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- calls ------------------------------------------------------------------------

    async def list_calls(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        page: int = 1,
        filters: Mapping[str, str] | None = None,
    ) -> tuple[payloads.SummaryPage, HttpReply]:
        """``GET call_list.php``: one page of 500 calls; ``page`` counts from 1."""
        params = questions.summary_params(
            since=since, until=until, page=page, filters=filters or {}
        )
        reply = await self._ask("GET", LIST_PATH, params, max_bytes=LIST_MAX_BYTES)
        value = self._value(reply, "call list")
        found = payloads.read_summary_page(value)
        self._note("a call of the call list", found.calls)
        return found, reply

    async def call_details(
        self, call_uuid: str
    ) -> tuple[payloads.JsonObject, tuple[payloads.JsonObject, ...]]:
        """The call's own fields (empty when there are none) and all its events.

        Raises:
            NotOffered: There is nothing at the path that is set.
        """
        events: list[payloads.JsonObject] = []
        call: payloads.JsonObject = {}
        for page in range(1, _MOST_DETAIL_PAGES + 1):
            params = questions.details_params(call_uuid, page)
            try:
                reply = await self._ask("GET", self._details_path, params)
            except NotFound:
                raise _no_path("details_path") from None
            found = payloads.read_details_page(self._value(reply, "call details"))
            call = call or found.call
            self._note("an event of a call", found.events)
            if not found.events or found.events[-1] in events:
                break
            events += found.events
            if page >= found.pages:
                break
        return call, tuple(events)

    async def ring_group_events(
        self, since: datetime, until: datetime
    ) -> tuple[payloads.EventPayload, ...]:
        """``GET reports/raw/ringgroup``: what ring groups did."""
        params = questions.ring_group_params(since, until)
        reply = await self._ask("GET", RING_GROUP_PATH, params)
        return payloads.events_in(self._value(reply, "ring groups"))

    # --- recordings -------------------------------------------------------------------

    async def recording(self, url: str) -> HttpReply:
        """What is at a recording's own link, which must lie at PrimeVOX."""
        self.requests_made += 1
        return await self._http.request(
            "GET",
            url,
            accept="*/*",
            max_bytes=RECORDING_MAX_BYTES,
            # Not a word of the answer: it may repeat the link.
            read_refusal=lambda reply: refusal(replace(reply, body=b"")),
        )

    async def recording_file(self, file_name: str) -> HttpReply:
        """The recording of that name.

        Raises:
            NotOffered: There is nothing at the path that is set.
        """
        params = questions.recording_params(file_name)
        try:
            return await self._ask(
                "GET",
                self._recording_path,
                params,
                accept="*/*",
                max_bytes=RECORDING_MAX_BYTES,
            )
        except NotFound:
            raise _no_path("recording_path") from None

    # --- notes ------------------------------------------------------------------------

    async def write_note(
        self, call_uuid: str, text: str, *, is_flagged: bool, severity: int
    ) -> None:
        """``POST``, as a form: attach note, flag and severity to a call.

        Raises:
            NotOffered: There is nothing at the path that is set.
        """
        form = questions.note_form(
            call_uuid, text, is_flagged=is_flagged, severity=severity
        )
        try:
            reply = await self._ask("POST", self._notes_path, form)
        except NotFound:
            raise _no_path("notes_path") from None
        self._value(reply, "call notes")

    # --- click to call ----------------------------------------------------------------

    async def click_to_call(self, extension: str, number: str) -> None:
        """``GET c2c_v2.php``: ring now; sent at most once.

        What a good answer holds is not documented: whatever does not complain will do.

        Raises:
            OutcomeUnknown: It was sent, and there is no answer that can be trusted.
        """
        params = questions.click_to_call_params(extension, number)
        reply = await self._ask("GET", CALL_PATH, params, send_once=True)
        if reply.body.lstrip().startswith(b"<"):
            raise OutcomeUnknown(
                tr(
                    "{service} answered with a web page, so it is not known whether "
                    "the call was started",
                    service=SERVICE,
                )
            )
        try:
            self._value(reply, "click-to-call", send_once=True)
        except PayloadError:
            return

    # --- text messages ----------------------------------------------------------------

    async def conversations(self, number: str) -> tuple[payloads.TextPayload, ...]:
        """``GET messaging/v1/conversations`` of one of the company's numbers."""
        params = {"phoneNumber": number}
        reply = await self._ask("GET", CONVERSATIONS_PATH, params)
        return payloads.read_conversations(self._value(reply, "conversations"))

    async def messages(self, conversation_id: str) -> tuple[payloads.TextPayload, ...]:
        """``GET messaging/v1/conversation``: its messages."""
        params = {"conversationID": conversation_id}
        reply = await self._ask("GET", CONVERSATION_PATH, params)
        return payloads.read_messages(self._value(reply, "a conversation"))

    def is_own_address(self, url: str) -> bool:
        """Whether a link leads to the account's own PrimeVOX."""
        return self._address.has_same_origin(url)

    # --- shared -----------------------------------------------------------------------

    async def _ask(
        self,
        method: str,
        path: str,
        given: Mapping[str, str],
        *,
        accept: str = "application/json",
        max_bytes: int = DEFAULT_MAX_BYTES,
        send_once: bool = False,
    ) -> HttpReply:
        signed = await self._sign_in()
        is_form = method == "POST"
        self.requests_made += 1

        def better(reply: HttpReply) -> ProviderError:
            return refusal(
                _as_data(reply), send_once=send_once, secrets=self._secrets()
            )

        try:
            return await self._http.request(
                method,
                path,
                params=None if is_form else {**signed, **given},
                data={**signed, **given} if is_form else None,
                accept=accept,
                max_bytes=max_bytes,
                send_once=send_once,
                read_refusal=better,
            )
        except AuthenticationFailed:
            self._signed = None
            raise

    def _value(
        self, reply: HttpReply, place: str, *, send_once: bool = False
    ) -> JsonValue:
        """The answer's JSON, unless it complains."""
        data = _as_data(reply)
        value = value_of(data)
        if isinstance(value, dict):
            self.key_names.note(place, value)
        complaint = payloads.complaint_in(value)
        if complaint is None:
            return value
        error = complaint_error(complaint, data, self._secrets(), send_once=send_once)
        if isinstance(error, AuthenticationFailed):
            self._signed = None
        raise error

    def _note(self, place: str, rows: Sequence[payloads.JsonObject]) -> None:
        if rows:
            self.key_names.note(place, rows[0])

    async def _sign_in(self) -> dict[str, str]:
        """The parameters that identify us; read anew after a refusal."""
        if self._signed is None:
            key = await self._secret(KEY_NAME, "key")
            container = self._context.options.get(CONTAINER_NAME, "").strip()
            container = container or await self._secret(CONTAINER_NAME, "Container ID")
            tenant = self._context.options.get("tenant_id", "").strip()
            self._signed = questions.sign_in(key, container, tenant)
        return self._signed

    async def _secret(self, name: str, label: str) -> str:
        text = (await self._context.read_secret(name)).reveal().strip()
        if not text or not text.isascii() or not text.isprintable():
            raise AuthenticationFailed(
                tr(
                    "The {label} for {service} is empty or holds characters that "
                    "none has",
                    label=label,
                    service=SERVICE,
                )
            )
        return text

    def _secrets(self) -> tuple[str, ...]:
        """What no error text may repeat, in each spelling."""
        values = (self._signed or {}).values()
        return tuple(
            spelling
            for value in values
            for spelling in (value, quote(value, safe=""), quote_plus(value))
        )


def _as_data(reply: HttpReply) -> HttpReply:
    """The same without its media type: PHP calls everything a web page."""
    return replace(reply, headers={**reply.headers, "content-type": ""})


def _path_option(context: ProviderContext, name: str, default: str) -> str:
    path = context.options.get(name, "").strip() or default
    if not _PATH.fullmatch(path):
        raise ConfigurationError(
            tr("The account's {name} is not a path", name=name),
            tr("It should look like {default}.", default=default),
        )
    return path


def _no_path(option: str) -> NotOffered:
    return NotOffered(
        tr("{service} has nothing at the path that is set", service=SERVICE),
        tr(
            "Its pages do not say the path. Ask {service} and set {option}.",
            service=SERVICE,
            option=option,
        ),
    )
