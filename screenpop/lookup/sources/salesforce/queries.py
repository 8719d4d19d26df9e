"""What Salesforce is asked, in its two query languages.

Written from "SOQL and SOSL Reference" (https://developer.salesforce.com/docs): FIND,
reserved characters, IN SearchGroup, RETURNING; LIKE, date literals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.lookup.crm_records import Spellings

_RESERVED: Final = re.compile(r"""([?&|!{}\[\]()^~*:\\"'+\-])""")
_WORD: Final = re.compile(r"\w+")
_OPERATORS: Final = frozenset({"and", "or", "not"})
_MOST_WORDS: Final = 8

NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "Contact": ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"),
    "Lead": ("Phone", "MobilePhone"),
    "Account": ("Phone",),
}
"""Kinds of records in the order in which they are told, each with its numbers."""

_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Contact": ("Name", "Title", "Email", "Account.Name", "LastModifiedDate"),
    "Lead": ("Name", "Title", "Email", "Company", "LastModifiedDate"),
    "Account": ("Name", "LastModifiedDate"),
}
# A lead that became a contact is found as that.
_ONLY: Final[Mapping[str, str]] = {"Lead": "IsConverted = false"}


def fields_of(kind: str) -> tuple[str, ...]:
    """All fields that a record of this kind is asked for."""
    return ("Id", *_TEXTS[kind], *NUMBERS[kind])


def escaped(text: str) -> str:
    r"""A text for FIND, its reserved characters quoted.

    >>> print(escaped("+1 (202)"))
    \+1 \(202\)
    """
    return _RESERVED.sub(r"\\\1", text)


def phone_search(
    spellings: Spellings, fields: Mapping[str, Sequence[str]], limit: int
) -> str:
    """SOSL for records with any spelling of a number."""
    phrases = dict.fromkeys((spellings.spaced, spellings.spaced_abroad))
    terms = (
        *(escaped(each) for each in spellings.bare()),
        *(f'"{escaped(each)}"' for each in phrases),
    )
    return _search(" OR ".join(terms), "PHONE FIELDS", fields, limit)


def text_search(text: str, fields: Mapping[str, Sequence[str]], limit: int) -> str:
    """SOSL for records with all words of a text; "" when it has none to look for."""
    words = [each for each in _WORD.findall(text) if len(each) > 1][:_MOST_WORDS]
    terms = (
        f'"{each}"' if each.lower() in _OPERATORS else f"{each}*" for each in words
    )
    return _search(" ".join(terms), "ALL FIELDS", fields, limit) if words else ""


def _search(
    terms: str, where: str, fields: Mapping[str, Sequence[str]], limit: int
) -> str:
    returning = ", ".join(
        f"{kind}({', '.join(names)}{_where(kind)} "
        f"ORDER BY LastModifiedDate DESC LIMIT {limit})"
        for kind, names in fields.items()
    )
    return f"FIND {{{terms}}} IN {where} RETURNING {returning}"


def _where(kind: str) -> str:
    return f" WHERE {_ONLY[kind]}" if kind in _ONLY else ""


def fresh_query(kind: str, national: str, names: Sequence[str], limit: int) -> str:
    """SOQL for records with a number that were changed today or yesterday.

    What was entered just now is not in the search index yet.
    """
    # Anything may stand between the digits.
    pattern = f"%{'%'.join(national)}%"
    asked = " OR ".join(
        f"{name} LIKE '{pattern}'" for name in NUMBERS[kind] if name in names
    )
    only = f" AND {_ONLY[kind]}" if kind in _ONLY else ""
    return (
        f"SELECT {', '.join(names)} FROM {kind} "  # noqa: S608 - of digits and our names
        f"WHERE SystemModstamp >= YESTERDAY AND ({asked}){only} "
        f"ORDER BY LastModifiedDate DESC LIMIT {limit}"
    )
