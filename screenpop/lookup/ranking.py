"""Which contact a number belongs to: checked, merged and put in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.contacts import ContactMatch, MatchQuality
from screenpop.domain.numbers import NumberKind, probable_key, read_number

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.contacts import Contact, ContactKey, ContactNumber
    from screenpop.domain.numbers import PhoneNumber

# Reading one takes some 16 microseconds, on the thread that paints.
_MOST_NUMBERS: Final = 50

Persons: TypeAlias = "Callable[[Iterable[ContactKey]], Mapping[ContactKey, int]]"
"""Tells which person entries are that somebody said to be one person."""


def nobody_joined(_keys: Iterable[ContactKey]) -> Mapping[ContactKey, int]:
    """For whoever was told of no two entries that are one person."""
    return {}


def verify(
    contact: Contact,
    number: PhoneNumber,
    region: str,
    *,
    source_label: str,
    took_seconds: float = 0.0,
    told_at: datetime | None = None,
) -> ContactMatch | None:
    """The contact as a match, or None when it does not have the number at all.

    Servers match parts of numbers: whoever has 555 somewhere in theirs is no match for
    extension 555. Extensions and SIP addresses match whole or not at all.

    Args:
        contact: What a source returned.
        number: Who calls.
        region: In which to read the contact's own spelling of its numbers.
        source_label: The source's name for the user.
        took_seconds: How long the source needed.
        told_at: When the source said so.
    """
    if not number.key:
        return None
    probable: ContactNumber | None = None
    wanted = probable_key(number.e164)
    for candidate in contact.numbers[:_MOST_NUMBERS]:
        known = read_number(candidate.e164 or candidate.raw, region)
        if known.key == number.key:
            return ContactMatch(
                contact=contact,
                quality=MatchQuality.EXACT,
                reason=_reason("same number", candidate),
                source_label=source_label,
                took_seconds=took_seconds,
                told_at=told_at,
            )
        if probable is None and wanted and _may_be(candidate, known, wanted):
            probable = candidate
    if probable is None:
        return None
    return ContactMatch(
        contact=contact,
        quality=MatchQuality.PROBABLE,
        reason=_reason("same last digits", probable),
        source_label=source_label,
        took_seconds=took_seconds,
        told_at=told_at,
    )


def rank(
    by_source: Iterable[Iterable[ContactMatch]], persons: Persons = nobody_joined
) -> list[ContactMatch]:
    """The matches, the best first, the same person from several sources as one.

    Surer comes before less sure, then the order of the sources, then who has a name,
    then who was changed last. When the answers came in plays no part.

    Args:
        by_source: Each source's matches, the most trusted source first.
        persons: Asked only when there is more than one match.
    """
    placed = [
        (place, match) for place, matches in enumerate(by_source) for match in matches
    ]
    found = [match for _, match in sorted(placed, key=_order)]
    joined = persons([one.contact.key for one in found]) if len(found) > 1 else {}
    merged: list[ContactMatch] = []
    for match in found:
        for position, kept in enumerate(merged):
            is_joined = _is_joined(kept, match, joined)
            if is_joined or _is_same_party(kept.contact, match.contact):
                merged[position] = _merged(kept, match, is_joined=is_joined)
                break
        else:
            merged.append(match)
    return merged


def with_choice(
    matches: Iterable[ContactMatch], key: ContactKey, chosen_at: datetime
) -> list[ContactMatch]:
    """The matches with the one that was chosen marked and in front.

    They stay as they are when the chosen one is not among them.
    """
    chosen: list[ContactMatch] = []
    others: list[ContactMatch] = []
    for match in matches:
        if key in match.keys and not chosen:
            chosen.append(replace(match, chosen_at=chosen_at))
        else:
            others.append(match)
    return chosen + others


def _order(placed: tuple[int, ContactMatch]) -> tuple[int | float | str | bool, ...]:
    place, match = placed
    contact = match.contact
    changed = contact.updated_at.timestamp() if contact.updated_at else 0.0
    return (
        -match.quality,
        place,
        not contact.name,
        -changed,
        contact.display_name.casefold(),
        contact.source_id,
    )


def _may_be(candidate: ContactNumber, known: PhoneNumber, wanted: str) -> bool:
    """Whether a badly kept number ends like the one looked for."""
    if known.e164:
        return probable_key(known.e164) == wanted
    if known.kind is not NumberKind.UNREADABLE:
        return False
    digits = "".join(char for char in candidate.raw if char.isdigit())
    return digits.endswith(wanted)


def _reason(words: str, number: ContactNumber) -> str:
    return f"{words}, {number.label}" if number.label else words


def _is_same_party(first: Contact, second: Contact) -> bool:
    """Both have the number; with the same name they are the same party."""
    if first.source_id and second.source_id and first.source == second.source:
        return first.source_id == second.source_id
    first_name, second_name = _comparable(first.name), _comparable(second.name)
    if first_name and second_name:
        return first_name == second_name
    # A company's entry and a person who works there are two entries.
    is_company = not first_name and not second_name
    return is_company and _comparable(first.company) == _comparable(second.company)


def _comparable(name: str) -> str:
    """A name without case, punctuation and the order of its words."""
    words = "".join(char if char.isalnum() else " " for char in name.casefold())
    return " ".join(sorted(words.split()))


def _is_joined(
    kept: ContactMatch, match: ContactMatch, persons: Mapping[ContactKey, int]
) -> bool:
    person = persons.get(match.contact.key)
    return person is not None and any(persons.get(key) == person for key in kept.keys)


def _merged(
    best: ContactMatch, other: ContactMatch, *, is_joined: bool
) -> ContactMatch:
    """The better one, its gaps filled from the other."""
    first, second = best.contact, other.contact
    known = {number.e164 or number.raw for number in first.numbers}
    more_numbers = [
        number for number in second.numbers if (number.e164 or number.raw) not in known
    ]
    contact = replace(
        first,
        company=first.company or second.company,
        job_title=first.job_title or second.job_title,
        url=first.url or second.url,
        numbers=(*first.numbers, *more_numbers),
        emails=tuple(dict.fromkeys((*first.emails, *second.emails))),
    )
    labels = best.source_label.split(" + ")
    if other.source_label not in labels:
        labels.append(other.source_label)
    return replace(
        best,
        contact=contact,
        source_label=" + ".join(labels),
        merged=(*best.merged, second.key),
        is_joined=best.is_joined or is_joined,
    )
