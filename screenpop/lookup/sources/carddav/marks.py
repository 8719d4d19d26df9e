"""How far the copy of some address books has come, as a text to be kept."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT: Final = 1
_HASH_BYTES: Final = 9


@frozen
class BookMark:
    """How far the copy of one address book has come.

    Attributes:
        token: The server's own mark (RFC 6578); "" where it has none.
        ctag: What the book's contents were called.
        etags: By the last part of each card's address, what its contents were
            called, shortened; for a server without tokens.
    """

    token: str = ""
    ctag: str = ""
    etags: Mapping[str, str] = field(default_factory=dict)


@frozen
class Mark:
    """How far the copy of all of them has come.

    Attributes:
        read_as: With what settings cards were made contacts of; with others, all of
            them are read anew.
        books: By their addresses.
    """

    read_as: str
    books: Mapping[str, BookMark]

    def to_text(self, page: int = 0) -> str:
        """As a text; ``page`` tells the pages of one sync apart and means nothing."""
        books = {
            url: {
                key: value
                for key, value in (
                    ("token", mark.token),
                    ("ctag", mark.ctag),
                    ("etags", dict(mark.etags)),
                )
                if value
            }
            for url, mark in self.books.items()
        }
        told: dict[str, Any] = {"v": _FORMAT, "as": self.read_as, "books": books}
        if page:
            told["page"] = page
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Mark | None:
        """What ``to_text`` wrote; None for anything else."""
        try:
            told: Any = json.loads(text) if text else None
            if not isinstance(told, dict) or told["v"] != _FORMAT:
                return None
            books = {
                str(url): BookMark(
                    token=str(each.get("token", "")),
                    ctag=str(each.get("ctag", "")),
                    etags={str(k): str(v) for k, v in each.get("etags", {}).items()},
                )
                for url, each in told["books"].items()
            }
            return cls(str(told["as"]), books)
        except (ValueError, KeyError, AttributeError, TypeError):
            return None


def short_hash(*parts: str) -> str:
    """A short text that is another one for other ``parts``."""
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=_HASH_BYTES)
    return base64.urlsafe_b64encode(digest.digest()).decode("ascii")
