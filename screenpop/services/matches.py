"""Which of several matches may be shown without asking."""

from __future__ import annotations

from screenpop.domain.contacts import ContactMatch, MatchQuality


def sole_best(matches: tuple[ContactMatch, ...]) -> ContactMatch | None:
    """The match to show without asking: the only exact one, else the only one.

    Several equally good people are never guessed between.
    """
    exact = [match for match in matches if match.quality is MatchQuality.EXACT]
    pool = exact or list(matches)
    names = {match.contact.display_name.casefold() for match in pool}
    return pool[0] if len(names) == 1 else None


def same_person(
    chosen: ContactMatch | None, matches: tuple[ContactMatch, ...]
) -> ContactMatch | None:
    """The match of the contact that was chosen before, if it is still among them."""
    if chosen is None:
        return None
    source, source_id = chosen.contact.source, chosen.contact.source_id
    for match in matches:
        if (match.contact.source, match.contact.source_id) == (source, source_id):
            return match
    return None
