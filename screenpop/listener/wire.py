"""The bytes that go back to a sender."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from screenpop.listener.guard import METHODS, Refusal

if TYPE_CHECKING:
    from screenpop.domain.delivery import DeliveryAnswer

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
RETRY_AFTER_SECONDS: Final = 5

_NO_CONTENT: Final = 204
_REASONS: Final = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_MEDIA_TYPE: Final = re.compile(r"[ -~]*")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def nothing_to_say() -> bytes:
    """The one answer for everything that is well formed and not stored."""
    return _render(200, b"", ())


def accepted(answer: DeliveryAnswer) -> bytes:
    """What the provider wants the vendor to get for a stored delivery."""
    media_type = answer.content_type
    has_type = bool(answer.body and media_type and _MEDIA_TYPE.fullmatch(media_type))
    extra = (f"Content-Type: {media_type}",) if has_type else ()
    return _render(answer.status, answer.body, extra)


def refused(reason: Refusal) -> bytes:
    """An empty answer with the refusal's status."""
    extra: tuple[str, ...] = ()
    if reason is Refusal.METHOD:
        extra = (f"Allow: {', '.join(sorted(METHODS))}",)
    elif reason in (Refusal.BUSY, Refusal.NOT_STORED):
        extra = (f"Retry-After: {RETRY_AFTER_SECONDS}",)
    return _render(reason.status, b"", extra)


def _render(status: int, body: bytes, extra: tuple[str, ...]) -> bytes:
    has_body = status != _NO_CONTENT
    length = (f"Content-Length: {len(body)}",) if has_body else ()
    lines = (
        f"HTTP/1.1 {status} {_REASONS.get(status, '')}",
        f"Date: {_http_date()}",
        *extra,
        *length,
        "Cache-Control: no-store",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii") + (body if has_body else b"")


def _http_date() -> str:
    # strftime() would speak the user's language.
    now = time.gmtime()
    return (
        f"{_DAYS[now.tm_wday]}, {now.tm_mday:02} {_MONTHS[now.tm_mon - 1]} "
        f"{now.tm_year} {now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02} GMT"
    )
