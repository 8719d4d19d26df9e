"""Calls as native notifications, where a card cannot stand in its place.

A Wayland compositor lets no program place its windows, and may hand a new one the
keyboard; its own notifications stand in the right place and take none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.desktop.notifications import Notification
from screenpop.services.events import CallCard, CardPhase
from screenpop.ui.popup.card_text import context_text, title_text
from screenpop.ui.popup.view_model import card_key
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.desktop.notifications import Notifier
    from screenpop.domain.calls import CallRef
    from screenpop.ui.tasks import Tasks

_QUIET_MINUTES: Final = 60
_LIVE: Final = (CardPhase.RINGING, CardPhase.DIALLING)


class CallNotices:
    """Shows, renews and takes away one notification for each call that rings.

    Args:
        show_card: Shows the card itself: the user chose its notification, or there are
            none to be had.
        quiet: No cards and notifications for that many minutes.
    """

    def __init__(
        self,
        notifier: Notifier,
        tasks: Tasks,
        clock: Callable[[], datetime],
        *,
        show_card: Callable[[CallCard], None],
        quiet: Callable[[int], None],
    ) -> None:
        self._notifier = notifier
        self._tasks = tasks
        self._clock = clock
        self._show_card = show_card
        self._quiet = quiet
        self._cards: dict[str, CallCard] = {}
        self._is_ready: bool | None = None

    def show(self, card: CallCard) -> None:
        """A call rings, or its caller's name is known now."""
        key = _key(card_key(card))
        self._cards[key] = card
        # One after the other, so that none is renewed before it is there.
        self._tasks.start(self._show(key, card), slot=f"notice {key}")

    def update(self, card: CallCard) -> None:
        """Something of a call has changed; a notification that is gone stays gone."""
        key = _key(card_key(card))
        if key not in self._cards:
            return
        if card.phase in _LIVE:
            self.show(card)
        else:
            self.dismiss(card)

    def dismiss(self, card: CallCard) -> None:
        """The phone does not ring any more."""
        key = _key(card_key(card))
        if self._cards.pop(key, None) is not None:
            self._tasks.start(self._notifier.close(key), slot=f"notice {key}")

    async def stop(self) -> None:
        """Take all away."""
        self._cards.clear()
        await self._notifier.stop()

    async def _show(self, key: str, card: CallCard) -> None:
        if self._is_ready is None:
            self._is_ready = await self._notifier.start(self._chosen)
        is_seen = self._is_ready and await self._notifier.show(
            notification_of(card, key, self._clock())
        )
        if not is_seen and self._cards.pop(key, None) is not None:
            # A card in the wrong place is better than none.
            self._show_card(card)

    def _chosen(self, key: str, action: str) -> None:
        card = self._cards.pop(key, None)
        if action == "quiet":
            self._quiet(_QUIET_MINUTES)
        elif card is not None:
            self._show_card(card)


def notification_of(card: CallCard, key: str, now: datetime) -> Notification:
    """What the desktop shows of a call; foreign texts are plain text there."""
    context, _is_urgent = context_text(card, now, None)
    company = card.company
    number = card.number_text if card.title != card.number_text else ""
    lines = (joined(company, number), card.line_text, context)
    is_ours = card.phase is CardPhase.DIALLING
    title = title_text(card)
    return Notification(
        key,
        tr("Calling {name}", name=title)
        if is_ours
        else tr("Incoming call from {name}", name=title),
        "\n".join(line for line in lines if line),
        (("default", tr("Show the card")), ("quiet", tr("Quiet for an hour"))),
        is_urgent=not is_ours,
    )


def _key(ref: CallRef) -> str:
    return f"{ref.account_id}/{ref.call_id}"
