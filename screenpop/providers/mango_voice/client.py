"""Mango Voice's HTTP API, one method per endpoint; knows no type of our domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    ProviderError,
)
from screenpop.domain.http_replies import refusal
from screenpop.domain.service_address import ServiceAddress
from screenpop.net import HttpClient
from screenpop.providers.http import ALLOW_PLAIN_HTTP_OPTION
from screenpop.providers.key_names import KeyNames
from screenpop.providers.mango_voice.answers import (
    CallFilters,
    ListPayload,
    filter_path,
    read_count,
    read_list,
)
from screenpop.providers.mango_voice.tokens import TokenReader
from screenpop.providers.sounds import (
    ACCEPTED,
    LARGEST_SOUND,
    fetch_linked,
    sound_of,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.abilities import Sound
    from screenpop.providers.mango_voice.tokens import Tokens
    from screenpop.providers.protocol import ProviderContext

SERVICE: Final = "Mango Voice"
API_URL: Final = "https://api.mangovoice.com"
USER_API_URL: Final = "https://apiuser.mangovoice.com"
CDR_PATH: Final = "/api/v1/cdr/{ident1}/{ident2}/{ident3}"
VOICEMAIL_PATH: Final = "/api/v2/vm/{token}"
MOST_PAGES: Final = 50
# A month of a busy phone system comes in one answer.
_LIST_MAX_BYTES: Final = 32 * 1024 * 1024
_LIST_SECONDS: Final = 60.0


class MangoVoiceClient:
    """Requests of one account.

    The tokens stand in the address, so that no address and no server's echo of one may
    reach a log or an error. Every method raises ``ProviderError`` by kind,
    ``SecretError`` when the keychain gives no token, and ``PayloadError`` when an
    answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Take the account's addresses; nothing is opened yet.

        Raises:
            ConfigurationError: One of them cannot be used.
        """
        options = context.options
        self._names = KeyNames(SERVICE)
        self._tokens = TokenReader(context.read_secret)
        self._cdr_path = _template(options, "cdr_path", CDR_PATH)
        self._voicemail_path = _template(options, "voicemail_path", VOICEMAIL_PATH)
        self._encodes_all = options.get("daterange_encoding", "") == "full"
        self._uuid_mark = "=" if options.get("call_uuid_style", "") == "equals" else "/"
        self._combines = options.get("combine_filters", "").casefold() != "no"
        base_url = context.base_url.strip().rstrip("/")
        allowed = options.get(ALLOW_PLAIN_HTTP_OPTION, "").casefold() == "true"
        self._http = HttpClient(
            base_url,
            service=SERVICE,
            allow_plain_http=allowed,
            note_clock=context.note_clock,
        )
        self._user_http = HttpClient(
            user_base_url(context), service=SERVICE, allow_plain_http=allowed
        )
        self._addresses = tuple(
            (ServiceAddress.checked(url, allow_plain_http=allowed), client)
            for url, client in (
                (base_url, self._http),
                (user_base_url(context), self._user_http),
            )
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        await self._user_http.aclose()

    # --- call records -----------------------------------------------------------------

    async def list_calls(
        self, filters: CallFilters
    ) -> tuple[tuple[dict[str, JsonValue], ...], HttpReply]:
        """``GET …/list``: all call records that fit, in the vendor's order.

        Whether filters may be combined is not documented. The caller looks through
        what comes, so that a filter which is not obeyed, or not sent, costs time only.

        Returns:
            The records, and the first answer for its time and headers.
        """
        path = f"/list{self._filters(filters)}"
        found: list[dict[str, JsonValue]] = []
        first: HttpReply | None = None
        target, params = path, {"format": "json"}
        for _ in range(MOST_PAGES):
            reply = await self._get_calls(target, params)
            first = first or reply
            page = read_list(reply.json())
            found += page.items
            next_target = _path_after(page.next_url, path)
            if not page.items or not next_target or next_target == target:
                break
            target, params = next_target, {}
        assert first is not None  # noqa: S101 - there is at least one page
        self._names.note("call records", {name for each in found for name in each})
        return tuple(found), first

    async def count_calls(self, filters: CallFilters) -> tuple[int, HttpReply]:
        """``GET …/count``: how many call records fit; no filter by record or call."""
        reply = await self._get_calls(
            f"/count{self._filters(filters)}", {"format": "json"}
        )
        value = reply.json()
        self._names.note("count", value if isinstance(value, dict) else ())
        return read_count(value), reply

    def _filters(self, filters: CallFilters) -> str:
        if not self._combines and (filters.since or filters.until):
            filters = CallFilters(since=filters.since, until=filters.until)
        return filter_path(
            filters, encodes_all=self._encodes_all, uuid_mark=self._uuid_mark
        )

    async def _get_calls(self, target: str, params: Mapping[str, str]) -> HttpReply:
        tokens = await self._tokens.read(needs_parts=True)
        path = _filled(self._cdr_path, tokens)
        try:
            return await self._http.request(
                "GET",
                path + target,
                params=params or None,
                timeout_seconds=_LIST_SECONDS,
                max_bytes=_LIST_MAX_BYTES,
                read_refusal=quiet_refusal(tokens.values),
            )
        except AuthenticationFailed:
            self._tokens.forget()
            raise
        except NotFound:
            self._tokens.forget()
            if any(name in target for name in ("/recording/", "/call_uuid")):
                raise
            raise wrong_tokens() from None

    # --- voicemail --------------------------------------------------------------------

    async def list_voicemails(self, extension: str) -> ListPayload:
        """``GET``: the messages of the phone system, or of one extension."""
        params = {"ext": extension} if extension else {}
        reply = await self._ask_voicemail("GET", "", params)
        found = read_list(reply.json())
        self._names.note("voicemail", {name for each in found.items for name in each})
        return found

    async def get_voicemail(self, voicemail_id: str) -> dict[str, JsonValue]:
        """``GET``: one message."""
        reply = await self._ask_voicemail("GET", _item(voicemail_id))
        found = reply.json()
        items = read_list(found).items
        if not items:
            raise NotFound(tr("{service} does not know it", service=SERVICE))
        return items[0]

    async def mark_voicemail(self, voicemail_id: str) -> None:
        """``PUT``: mark a message as read."""
        await self._ask_voicemail("PUT", _item(voicemail_id))

    async def delete_voicemail(self, voicemail_id: str) -> None:
        """``DELETE``: one that is gone is fine."""
        try:
            await self._ask_voicemail("DELETE", _item(voicemail_id))
        except NotFound:
            return

    async def sound(self, url: str) -> Sound:
        """What is behind a link, which opens by itself: no token goes with it."""
        for address, client in self._addresses:
            if address.has_same_origin(url):
                reply = await client.request(
                    "GET", url, accept=ACCEPTED, max_bytes=LARGEST_SOUND
                )
                return sound_of(reply)
        return await fetch_linked(url, service=SERVICE)

    async def _ask_voicemail(
        self, method: str, item: str, params: Mapping[str, str] | None = None
    ) -> HttpReply:
        tokens = await self._tokens.read(needs_parts="{ident" in self._voicemail_path)
        path = _filled(self._voicemail_path, tokens)
        try:
            return await self._user_http.request(
                method,
                path + item,
                params=params or None,
                read_refusal=quiet_refusal(tokens.values),
            )
        except AuthenticationFailed:
            self._tokens.forget()
            raise


def wrong_tokens() -> AuthenticationFailed:
    """Tokens stand in the address, so that an unknown address may mean them."""
    return AuthenticationFailed(
        tr("{service} does not know these tokens", service=SERVICE),
        tr(
            "Compare them with Integrations, Authorization in its admin portal, and "
            "ask "
            "its support whether the API is switched on for you."
        ),
    )


def user_base_url(context: ProviderContext) -> str:
    """Where voicemail and Click2Call live: the vendor's other host, or all on one."""
    given = context.options.get("user_base_url", "").strip().rstrip("/")
    base_url = context.base_url.strip().rstrip("/")
    return given or (USER_API_URL if base_url == API_URL else base_url)


def quiet_refusal(
    secrets: tuple[str, ...], *, send_once: bool = False
) -> Callable[[HttpReply], ProviderError | None]:
    """The error of an answer, without the secrets that the server may repeat."""

    def read(reply: HttpReply) -> ProviderError:
        spellings = (*secrets, *(quote(secret, safe="") for secret in secrets))
        return refusal(reply, send_once=send_once, secrets=spellings)

    return read


def _template(options: Mapping[str, str], name: str, default: str) -> str:
    template = options.get(name, "").strip().rstrip("/") or default
    if not template.startswith("/") or "?" in template:
        raise ConfigurationError(
            tr("The account's {name} is not a path", name=name),
            tr("It should look like {default}.", default=default),
        )
    return template


def _filled(template: str, tokens: Tokens) -> str:
    for name, value in tokens.placeholders().items():
        template = template.replace(f"{{{name}}}", quote(value, safe="/"))
    return template


def _item(item_id: str) -> str:
    if item_id in ("", ".", ".."):
        raise NotFound(tr("{service} does not know it", service=SERVICE))
    return f"/{quote(item_id, safe='')}"


def _path_after(url: str, first: str) -> str:
    """The next page as a target like ``first``; "" when it is another list's.

    Only its query is taken over: the vendor may name itself by another host, and its
    tokens are ours to add.
    """
    try:
        query = urlsplit(url).query
    except ValueError:
        return ""
    return f"{first}?{query}" if query else ""
