"""What an HTTP answer means to us: its JSON, or the error its status stands for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    OutcomeUnknown,
    PayloadError,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue, read_json
from screenpop.wording import sentences, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A gateway says these when it gave up waiting: whoever is behind it may have acted.
_UNCLEAR: Final = frozenset({502, 504, 520, 524})
_MESSAGE_FIELDS: Final = ("message", "error_description", "detail", "error", "title")
_LONGEST_QUOTE: Final = 160
_LONGEST_READ: Final = 1_000
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s().\-/]{0,3}\d){5,}")
_PREFERRED_DATE: Final = re.compile(
    r"[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT",
    re.ASCII,
)
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_ADDRESS: Final = re.compile(r"\S*(?:://|@)\S*")
# Letters and digits mixed, so long: a key or the id of something, never a word.
_TOKEN: Final = re.compile(r"(?=[\w.\-]*\d)(?=[\w.\-]*[A-Za-z])[\w.\-]{24,}")


@frozen
class HttpReply:
    """An answer that arrived whole.

    Attributes:
        headers: Lower-case names.
        received_at: When we had the answer, by our clock (aware, UTC).
        service: The name of the service as users know it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    service: str = "The server"

    def json(self) -> JsonValue:
        """The body as JSON.

        Raises:
            PayloadError: It is something else, such as a sign-in page.
        """
        is_page = "html" in self.headers.get("content-type", "").casefold()
        if is_page or self.body[:256].lstrip().startswith(b"<"):
            raise PayloadError(
                tr(
                    "{service} answered with a web page instead of data",
                    service=self.service,
                ),
                tr(
                    "A sign-in page of the network may stand in between, or the "
                    "account's address is wrong."
                ),
            )
        try:
            return read_json(self.body).value
        except PayloadError:
            raise PayloadError(
                tr(
                    "{service} gave an answer that cannot be read", service=self.service
                ),
                tr(
                    "It may have been cut short. If it stays so, the service has "
                    "changed or the account's address is wrong."
                ),
            ) from None

    @property
    def server_date(self) -> datetime | None:
        """The server's clock when it answered (aware, UTC), when it says."""
        return _http_date(self.headers.get("date", ""))

    @property
    def clock_skew(self) -> timedelta | None:
        """Our clock minus the server's; None when it does not say.

        Nor for an answer that a cache has kept: its date is that of the first time.
        """
        said = self.server_date
        if said is None or "age" in self.headers:
            return None
        return self.received_at - said

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to wait, when it says; never negative."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return float(text)
        until = _http_date(text)
        if until is None:
            return None
        since = self.server_date or self.received_at
        return max((until - since).total_seconds(), 0.0)


def refusal(
    reply: HttpReply, *, send_once: bool = False, secrets: Iterable[str] = ()
) -> ProviderError:
    """The error that an answer other than 2xx stands for.

    Args:
        reply: The answer.
        send_once: The request must not be repeated when it may have taken effect.
        secrets: Values that must not be quoted even if the server repeats them.
    """
    service, status = reply.service, reply.status
    if send_once and status in _UNCLEAR:
        return OutcomeUnknown(
            tr(
                "{service} did not say whether it worked (status {status})",
                service=service,
                status=status,
            )
        )
    if status >= 500:
        return ProviderUnavailable(
            tr(
                "{service} is out of order at the moment (status {status})",
                service=service,
                status=status,
            )
        )
    if 300 <= status < 400:
        return ProviderUnavailable(
            tr(
                "{service} sends us to another address (status {status})",
                service=service,
                status=status,
            ),
            tr(
                "A sign-in page of the network may stand in between, or the account's "
                "address is wrong."
            ),
        )
    if status == 408:
        return ProviderUnavailable(
            tr("{service} took too long to read our request", service=service)
        )
    if status == 429:
        return ProviderThrottled(
            tr("{service} asks for fewer requests", service=service),
            retry_after_seconds=reply.retry_after_seconds,
        )
    return _client_error(reply, said(reply, secrets))


def _client_error(reply: HttpReply, quote: str) -> ProviderError:
    service, status = reply.service, reply.status
    if status == 401:
        return AuthenticationFailed(
            tr("{service} does not accept the key", service=service)
        )
    if status == 407:
        return ProviderUnavailable(
            tr("The network's proxy asks for a password"),
            tr("Set the proxy with its user name and password for this computer."),
        )
    if status == 403:
        advice = sentences(tr_marked(PermissionDenied.default_advice), quote)
        return PermissionDenied(
            tr("{service} does not allow this with the key", service=service), advice
        )
    if status in (404, 410):
        return NotFound(tr("{service} does not know it", service=service))
    return RequestRejected(
        tr(
            "{service} did not accept the request (status {status})",
            service=service,
            status=status,
        ),
        quote,
    )


def said(reply: HttpReply, secrets: Iterable[str] = ()) -> str:
    """The server's own words, safe to show: ``It said: “…”.``, or ""."""
    try:
        value = reply.json()
    except PayloadError:
        return ""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        value = value["error"]
    if not isinstance(value, dict):
        return ""
    text = FieldReader(value).text(*_MESSAGE_FIELDS)
    if len(text) > _LONGEST_READ:
        # Half a word at the cut could be half a secret.
        text = text[:_LONGEST_READ].rpartition(" ")[0]
    text = " ".join(text.split())
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    text = _LONG_NUMBER.sub("***", _TOKEN.sub("***", _ADDRESS.sub("…", text)))
    text = "".join(char for char in text if char.isprintable())[:_LONGEST_QUOTE]
    return tr("It said: “{text}”.", text=text) if text else ""


def _http_date(text: str) -> datetime | None:
    """A moment as RFC 9110 section 5.6.7 writes it; None for anything else."""
    try:
        if found := _PREFERRED_DATE.fullmatch(text):
            month = _MONTHS.index(found[2]) // 3 + 1
            day, year, hour, minute, second = map(int, found.group(1, 3, 4, 5, 6))
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        from email.utils import parsedate_to_datetime  # seldom wanted, and large

        moment = parsedate_to_datetime(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
