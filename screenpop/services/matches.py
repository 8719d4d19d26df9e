"""Which of several matches may be shown without asking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import (
    Contact,
    ContactMatch,
    ContactNumber,
    MatchQuality,
)
from screenpop.lookup.protocol import LookupAnswer, SourceState
from screenpop.lookup.ranking import with_choice

if TYPE_CHECKING:
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.store.chosen_people import ChosenPerson

_TOLD: Final = (SourceState.ANSWERED, SourceState.NONE)


def sole_best(matches: tuple[ContactMatch, ...]) -> ContactMatch | None:
    """The match to show without asking: the only exact one, else the only one.

    Whom the user chose comes before all. Several equally good people are never
    guessed between.
    """
    if matches and matches[0].chosen_at is not None:
        return matches[0]
    exact = [match for match in matches if match.quality is MatchQuality.EXACT]
    pool = exact or list(matches)
    names = {match.contact.display_name.casefold() for match in pool}
    return pool[0] if len(names) == 1 else None


def are_namesakes(matches: tuple[ContactMatch, ...]) -> bool:
    """Whether who is shown by ``sole_best`` may be another one of the same name.

    The name is right in either case; whose record it is would be a guess.
    """
    if not matches or matches[0].chosen_at is not None:
        return False
    exact = [match for match in matches if match.quality is MatchQuality.EXACT]
    return len(exact or matches) > 1 and sole_best(matches) is not None


def still_chosen(
    chosen: ContactMatch | None, matches: tuple[ContactMatch, ...]
) -> ContactMatch | None:
    """The one that was chosen, as it is now; None when it is gone or taken back."""
    if chosen is None:
        return None
    found = next((one for one in matches if chosen.contact.key in one.keys), None)
    is_taken_back = chosen.chosen_at is not None and (
        found is None or found.chosen_at is None
    )
    return None if is_taken_back else found


def with_remembered_choice(
    answer: LookupAnswer, choice: ChosenPerson | None
) -> LookupAnswer:
    """The answer with whom the user chose in front, known by it or remembered.

    Nobody takes their place because the source that knows them is slow or away; once
    it has answered without them, they are gone.
    """
    if choice is None:
        return answer
    key = (choice.source, choice.source_id)
    if any(key in match.keys for match in answer.matches):
        matches = with_choice(answer.matches, key, choice.chosen_at)
        return replace(answer, matches=tuple(matches))
    report = next((one for one in answer.reports if one.source == choice.source), None)
    if report is None or report.state in _TOLD:
        return answer  # they are not there any more
    chosen = _remembered(choice, answer.number, report.label)
    return replace(answer, matches=(chosen, *answer.matches))


def _remembered(
    choice: ChosenPerson, number: PhoneNumber, source_label: str
) -> ContactMatch:
    """Whom the user chose, while the source that knows them says nothing."""
    contact = Contact(
        source=choice.source,
        source_id=choice.source_id,
        name=choice.name,
        numbers=(ContactNumber(number.raw, number.e164),),
    )
    return ContactMatch(
        contact=contact,
        quality=MatchQuality.EXACT,
        reason="remembered",
        source_label=source_label,
        told_at=choice.chosen_at,
        chosen_at=choice.chosen_at,
    )
