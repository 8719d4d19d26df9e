"""Which of several matches may be shown without asking."""

from __future__ import annotations

from screenpop.domain.contacts import ContactMatch, MatchQuality


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
