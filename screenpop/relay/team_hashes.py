"""Numbers and people as keyed hashes: equal for equal ones, and no way back.

The key is the team's: every desk has it, and so has the relay, which gave it to them;
the broker has not. Phone numbers are few enough to try them all, so a hash hides a
number from those only who lack the key. What a hash is for stands in what is hashed:
nobody without the key sees that a claim and a rule are about one number.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.contacts import Contact, ContactKey, ContactMatch
    from screenpop.domain.privacy import Secret


class TeamHashes:
    """Makes the hashes of one team."""

    def __init__(self, key: Secret) -> None:
        """``key`` is the team's."""
        self._key = key

    def caller(self, account_id: str, e164: str) -> str:
        """Somebody who waits to be called back by one account's desks."""
        return self._of("caller", account_id, e164)

    def number(self, e164: str) -> str:
        """A number that the team says something of."""
        return self._of("number", e164)

    def persons(self, match: ContactMatch) -> tuple[str, ...]:
        """Who a match is: by each of its entries, and by name and company."""
        entries = [self._entry(key) for key in match.keys]
        return (*entries[:6], *self._names(match.contact))

    def is_one_of(self, match: ContactMatch, persons: Iterable[str]) -> bool:
        """Whether any of the hashes is of this match."""
        wanted = frozenset(persons)
        return not wanted.isdisjoint(self.persons(match))

    def _entry(self, key: ContactKey) -> str:
        return self._of("entry", *key)

    def _names(self, contact: Contact) -> tuple[str, ...]:
        """By name, for copies of one contact in sources that differ by desk."""
        name, company = _normal(contact.name), _normal(contact.company)
        return (self._of("name", name, company),) if name or company else ()

    def _of(self, *parts: str) -> str:
        told = hmac.new(self._key.reveal().encode(), digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            told.update(len(data).to_bytes(4, "big"))
            told.update(data)
        return told.hexdigest()


def _normal(text: str) -> str:
    """A name as people who copied it by hand would both have it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
