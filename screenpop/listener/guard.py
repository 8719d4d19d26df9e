"""Who may speak to the listener, and how much: pure checks, no I/O.

Every check here looks at a request without knowing whether its path is right, so that
a refusal never tells a wrong path from a right one.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_BARE_LINE_END: Final = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_REQUEST_LINE: Final = re.compile(rb"[!-~]+ [!-~]+ HTTP/1\.[01]\r\n")
_LENGTH: Final = b"\r\ncontent-length:"
_GOOD_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*[0-9]{1,18}[ \t]*\r\n")
_ENCODING: Final = b"\r\ntransfer-encoding:"
_GOOD_ENCODING: Final = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n")
_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")

# What a provider may need to check a sender or read a body. Anything else (cookies,
# proxies' notes about the sender) is dropped before it can reach the disk.
_KEPT_HEADERS: Final = frozenset({"authorization", "content-type", "user-agent"})
_KEPT_ENDINGS: Final = ("signature", "-token", "-timestamp")


@frozen(kw_only=True)
class Limits:
    """How much a sender may ask of the listener.

    Attributes:
        deadline_seconds: From the first packet to the last, whatever happens.
        drain_seconds: How much of that is left to let the sender read our answer.
        head_bytes: The longest request line with headers.
        body_bytes: The longest body.
        connections: How many may stay open at once.
        burst_connections: How many may be open for ``grace_seconds``: senders that
            come at the same moment each get the chance to send their head.
        grace_seconds: See ``burst_connections``.
        stop_seconds: How long ``stop()`` waits for requests that are under way.
    """

    deadline_seconds: float = 5.0
    drain_seconds: float = 0.5
    head_bytes: int = 16 * 1024
    body_bytes: int = 64 * 1024
    connections: int = 64
    burst_connections: int = 256
    grace_seconds: float = 0.5
    stop_seconds: float = 2.0


class Refusal(StrEnum):
    """Why a request was turned away; ``status`` is what its sender is told."""

    MALFORMED = "malformed"
    BROWSER = "browser"
    METHOD = "method"
    TOO_SLOW = "too_slow"
    BODY_TOO_LARGE = "body_too_large"
    CONTENT_ENCODING = "content_encoding"
    FOREIGN_HOST = "foreign_host"
    HEAD_TOO_LARGE = "head_too_large"
    BUSY = "busy"
    NOT_STORED = "not_stored"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _STATUS[self]


_STATUS: Final = {
    Refusal.MALFORMED: 400,
    Refusal.BROWSER: 403,
    Refusal.METHOD: 405,
    Refusal.TOO_SLOW: 408,
    Refusal.BODY_TOO_LARGE: 413,
    Refusal.CONTENT_ENCODING: 415,
    Refusal.FOREIGN_HOST: 421,
    Refusal.HEAD_TOO_LARGE: 431,
    Refusal.BUSY: 503,
    Refusal.NOT_STORED: 503,
}


def end_of_head(received: bytes | bytearray, searched: int) -> int:
    """Where the body begins, or -1 while the head is not complete.

    Args:
        received: Everything so far.
        searched: How many bytes of it an earlier call has seen already.
    """
    found = _END_OF_HEAD.search(received, max(0, searched - 2))
    return found.end() if found else -1


def check_framing(head: bytes) -> Refusal | None:
    """Refuse a head that two HTTP parsers might read in two ways.

    The parser behind this check mends some of these silently: it joins folded lines,
    drops a repeated length and lets chunks win over a length.
    """
    lowered = head.lower()
    lengths = lowered.count(_LENGTH)
    encodings = lowered.count(_ENCODING)
    hosts = lowered.count(b"\r\nhost:")
    if (
        b"\0" in head
        or _BARE_LINE_END.search(head)
        or not _REQUEST_LINE.match(head)
        or b"\r\n " in head
        or b"\r\n\t" in head
        or lengths + encodings > 1
        or hosts > 1
        or (lengths and not _GOOD_LENGTH.search(lowered))
        or (encodings and not _is_chunked_properly(lowered))
    ):
        return Refusal.MALFORMED
    return None if hosts else Refusal.FOREIGN_HOST


def _is_chunked_properly(lowered: bytes) -> bool:
    request_line = lowered[: lowered.index(b"\r\n")]
    return request_line.endswith(b"1.1") and bool(_GOOD_ENCODING.search(lowered))


def check_head(
    method: str,
    headers: Iterable[tuple[str, str]],
    *,
    allowed_hosts: frozenset[str],
    body_bytes: int,
) -> Refusal | None:
    """Refuse browsers, foreign names for us, and bodies we would not take.

    Args:
        method: As sent; methods are case-sensitive.
        headers: Names in lower case.
        allowed_hosts: Besides the loopback names, which are always allowed.
        body_bytes: The longest body.
    """
    headers = tuple(headers)
    fields = dict(headers)
    host = host_without_port(fields.get("host", ""))
    if host is None or not (host in LOOPBACK_HOSTS or host in allowed_hosts):
        return Refusal.FOREIGN_HOST
    # No phone system sends these; a browser cannot help sending one of them to an
    # address on its own machine (docs/security.md).
    if "origin" in fields or any(name.startswith("sec-fetch-") for name in fields):
        return Refusal.BROWSER
    if method not in METHODS:
        return Refusal.METHOD
    if any(
        name == "content-encoding" and value.lower() != "identity"
        for name, value in headers
    ):
        return Refusal.CONTENT_ENCODING
    if int(fields.get("content-length", "0")) > body_bytes:
        return Refusal.BODY_TOO_LARGE
    return None


def host_without_port(text: str) -> str | None:
    """The host of a ``Host`` header in lower case; None when it is not one.

    >>> host_without_port("[::1]:8787")
    '[::1]'
    """
    found = _HOST.fullmatch(text.strip().lower())
    return found.group(1) if found else None


def kept_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers worth journalling, names in lower case."""
    return tuple(
        (name, value)
        for name, value in headers
        if name in _KEPT_HEADERS or name.endswith(_KEPT_ENDINGS)
    )
