"""A vendor's further lists, narrowed; asked for like all other abilities.

What is said at the top of ``providers.protocol`` about errors holds here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from screenpop.domain.errors import RequestRejected
from screenpop.providers.abilities import HistoryChoice
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from screenpop.providers.abilities import NamedThing

SINCE: Final = HistoryChoice(key="since", label=marked("From (2026-03-02)"))
UNTIL: Final = HistoryChoice(key="until", label=marked("Until (2026-03-02)"))


@runtime_checkable
class SupportsCatalogueChoices(Protocol):
    """Narrows some of its catalogues at the vendor."""

    def catalogue_choices(self, name: str) -> tuple[HistoryChoice, ...]:
        """What the catalogue called ``name`` can be narrowed by; empty for nothing."""
        ...

    async def choose_catalogue(
        self, name: str, chosen: Mapping[str, str]
    ) -> tuple[NamedThing, ...]:
        """What fits; ``chosen`` is value by key of the choices.

        Raises:
            RequestRejected: A value that cannot be read.
        """
        ...


def chosen_moment(chosen: Mapping[str, str], key: str) -> datetime | None:
    """A date or moment that somebody chose, aware; None when none was.

    Without an offset it is read by this computer's clock; a day alone is its beginning,
    and its end for ``until``.

    Raises:
        RequestRejected: It is neither.
    """
    text = chosen.get(key, "").strip()
    if not text:
        return None
    is_day = "T" not in text.upper() and " " not in text
    try:
        found = datetime.fromisoformat(text)
        if is_day and key == UNTIL.key:
            found = found.replace(hour=23, minute=59, second=59)
        return found if found.tzinfo else found.astimezone()
    except (ValueError, OverflowError):
        raise RequestRejected(
            tr("This is no day"), tr("Write it like 2026-03-02 or 2026-03-02T09:00.")
        ) from None
