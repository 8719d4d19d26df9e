"""Cards without names, for as long as others may look at the screen.

A card comes up at once and without a name where the desktop must be asked first; the
name follows when the answer is that nobody looks on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.services.events import NO_CONTEXT, CallCard
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from screenpop.domain.calls import CallRef
    from screenpop.services.quietness import Quietness

_REMEMBERED: Final = 20


class CardVeil:
    """Between the services, which know who calls, and the cards on the screen.

    Args:
        quiet: How quiet to be.
        renew: Shows what has changed of a card that was shown before.
        start: Runs a coroutine beside the loop.
    """

    def __init__(
        self,
        quiet: Quietness,
        renew: Callable[[CallCard], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._quiet = quiet
        self._renew = renew
        self._start = start
        self._known: dict[CallRef, CallCard] = {}
        self._revealed: set[CallRef] = set()
        self._is_looking = False

    def seen(self, card: CallCard, *, is_new: bool = False) -> CallCard:
        """The card as it may be seen."""
        self._known.pop(card.ref, None)
        self._known[card.ref] = card
        while len(self._known) > _REMEMBERED:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._revealed.discard(oldest)
        if is_new and self._quiet.must_look and not self._is_looking:
            self._is_looking = True
            self._start(self._look())
        return veiled(card) if self._is_veiled(card.ref) else card

    def reveal(self, ref: CallRef) -> None:
        """The user wants to see who it is, whoever looks on."""
        self._revealed.add(ref)
        card = self._known.get(ref)
        if card is not None:
            self._renew(card)

    def refresh(self) -> None:
        """It is more or less quiet than it was."""
        for ref, card in tuple(self._known.items()):
            self._renew(veiled(card) if self._is_veiled(ref) else card)

    def _is_veiled(self, ref: CallRef) -> bool:
        is_wanted = self._is_looking or self._quiet.now.level == "name"
        return is_wanted and ref not in self._revealed

    async def _look(self) -> None:
        await self._quiet.look()
        self._is_looking = False
        self.refresh()


def veiled(card: CallCard) -> CallCard:
    """The card with nothing on it that tells who calls, or what was written down."""
    return replace(
        card,
        is_veiled=True,
        caller_name=tr("Name hidden"),
        number_text="",
        number_e164="",
        place="",
        area="",
        is_withheld=False,
        matches=(),
        chosen=None,
        context=NO_CONTEXT,
        note="",
        record_url="",
        mark="",
        silent=(),
        spoken=(),
    )
