"""What a command that changed contacts tells the running app, and what that does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from screenpop.domain.errors import UsageError
from screenpop.domain.numbers import read_number
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.application import Application

MOST_NUMBERS = 200
"""More are told as "any number": that costs a look-up of each remembered card."""


class ContactNews:
    """Collects what a command changes, to be told at its end."""

    def __init__(self) -> None:
        self._numbers: dict[str, None] = {}
        self._is_any = False
        self._forgotten: list[str] = []

    def changed(self, numbers: tuple[PhoneNumber, ...]) -> None:
        """The owners of these may have changed; without any, everybody's may."""
        self._numbers |= dict.fromkeys(_written(numbers))
        self._is_any |= not numbers

    def forgotten(self, number: PhoneNumber) -> None:
        """Nothing is left of that number on the disk."""
        self._forgotten += _written((number,))

    def told(self) -> Mapping[str, Any] | None:
        """What to tell; None when nothing was changed."""
        if not (self._numbers or self._is_any or self._forgotten):
            return None
        is_any = self._is_any or len(self._numbers) > MOST_NUMBERS
        numbers = [] if is_any else list(self._numbers)
        return {"numbers": numbers, "forgotten": self._forgotten}


def take_contact_news(
    app: Application, args: Mapping[str, object]
) -> Mapping[str, object]:
    """Have cards, look-ups and lists of the running app follow.

    Raises:
        UsageError: It is not what ``ContactNews.told`` gives.
    """
    changed = _read(args.get("numbers"), app.region)
    forgotten = _read(args.get("forgotten"), app.region)
    app.note_contacts(changed)
    # A number may have become spam, whose missed calls nobody counts.
    app.history.recount()
    for number in forgotten:
        app.note_forgotten(number)
    return {"changed": len(changed), "forgotten": len(forgotten)}


def _written(numbers: Iterable[PhoneNumber]) -> list[str]:
    return [each.e164 or each.raw for each in numbers]


def _read(texts: object, region: str) -> tuple[PhoneNumber, ...]:
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise UsageError(tr("That does not say which contacts changed"))
    return tuple(read_number(each, region) for each in texts)
