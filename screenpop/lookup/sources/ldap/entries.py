"""What goes to a directory and what comes from it, whatever library carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from screenpop.domain.frozen import frozen


@frozen
class Login:
    """Who asks; an empty name for nobody in particular."""

    name: str = ""
    password: str = field(default="", repr=False)


@frozen
class Entry:
    """One entry of the directory.

    Attributes:
        dn: Its distinguished name.
        values: By attribute, the names in lower case and without options.
    """

    dn: str
    values: Mapping[str, tuple[bytes, ...]]


@frozen
class Page:
    """Some of the entries found.

    Attributes:
        cookie: What to ask for the next ones with; empty at the end.
    """

    entries: tuple[Entry, ...]
    cookie: bytes = b""
