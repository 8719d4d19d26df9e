"""The head of a request, read in one go.

``guard.check_framing`` has looked at it before: one line end, one length, one host, no
folded line. What is left is RFC 9112 section 2 to 5 without any leniency, as one
pattern: a general parser took more than half of the time of a delivery.
"""

from __future__ import annotations

import re
from typing import Final

from screenpop.domain.frozen import frozen

_NAME: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# Visible characters, blanks, and what RFC 9110 section 5.5 calls obs-text.
_VALUE: Final = rb"[\t -~\x80-\xff]*"
_HEAD: Final = re.compile(
    rb"[A-Za-z!#$%&'*+.^_`|~0-9-]+ [!-~]+ HTTP/1\.[01]\r\n"
    rb"(?:" + _NAME + rb":" + _VALUE + rb"\r\n)*\r\n"
)


@frozen
class RequestHead:
    """What a sender says before its body.

    Attributes:
        method: As sent; methods are case-sensitive.
        target: As sent, with query.
        headers: Names in lower case, values without blanks around them, in order.
        length: Of the body, by its header; 0 when none is told.
        is_chunked: The body comes in chunks, and its length is not known.
        is_waiting: The sender waits to be told to go on before it sends the body.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    length: int
    is_chunked: bool
    is_waiting: bool


def read_head(head: bytes) -> RequestHead | None:
    """The parts of a whole head, its last blank line included; None when malformed.

    Args:
        head: Must have passed ``guard.check_framing``.
    """
    if not _HEAD.fullmatch(head):
        return None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.lower(), value.strip(" \t")) for name, _, value in pairs)
    fields = dict(headers)
    is_waiting = fields.get("expect", "").lower() == "100-continue"
    return RequestHead(
        method,
        target,
        headers,
        length=int(fields.get("content-length", "0")),
        is_chunked="transfer-encoding" in fields,
        is_waiting=is_waiting and version == "HTTP/1.1",
    )
