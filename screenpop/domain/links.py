"""Which addresses from callers, vendors and CRMs may be opened at all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2_000


def openable(url: str, hosts: Collection[str] = ()) -> str:
    """The address if it may be opened by a click; "" if not.

    Only ``https`` with a plain host name is opened: no user part, no control
    characters, no back-slashes, nothing that a browser and we could read differently.

    Args:
        url: Foreign text.
        hosts: When given, only these hosts and what is below them.
    """
    text = url.strip()
    if len(text) > LONGEST or "\\" in text or not text.isprintable() or " " in text:
        return ""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        return ""
    if port not in (None, 443) and not hosts:
        return ""
    if hosts and not any(host == one or host.endswith(f".{one}") for one in hosts):
        return ""
    return text
