"""One call of the stack: what is known of it, its card, and when that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.services.events import CallCard, DialProgress, EarlierCall
    from screenpop.ui.popup.card import Card

# After the pointer has left a card whose time was up: enough to come back to it.
_GRACE_SECONDS: Final = 1.5


class ShownCall(QObject):
    """A call that has a card, or waits for one.

    Attributes:
        earlier: The earlier calls that its card lists.
        times: The moments to call back that its card offers.
        asked_seconds: How long its card asks what it came to; 0 for without an end,
            None for not at all.
        is_unfolded: The user wants to see all of it, also once it is answered.
        is_overdue: The card's time is up, but somebody has to do with it.

    Signals:
        expired: Its card's time is up and nobody has to do with it.
    """

    expired = Signal(object)

    def __init__(self, facts: CallCard, parent: QObject) -> None:
        super().__init__(parent)
        self.facts = facts
        self.progress: DialProgress | None = None
        self.card: Card | None = None
        self.earlier: tuple[EarlierCall, ...] = ()
        self.times: tuple[datetime, ...] = ()
        self.asked_seconds: float | None = None
        self.is_unfolded = False
        self.connections: tuple[QMetaObject.Connection, ...] = ()
        self.is_announcement_due = False
        self.is_overdue = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._check)

    @property
    def is_going(self) -> bool:
        """Its card will be hidden sooner or later without anybody's doing."""
        return self._timer.isActive() or self.is_overdue

    def hide_after(self, seconds: float) -> None:
        """Let the card go after that long, or later while it is in use."""
        self.is_overdue = False
        self._timer.start(round(seconds * 1000))

    def stay(self) -> None:
        """Keep the card until further notice."""
        self._timer.stop()
        self.is_overdue = False

    def attention_changed(self) -> None:
        """The pointer, the typing or the pin may have let go of the card."""
        if self.is_overdue and self.card is not None and not self.card.is_busy:
            self._timer.start(round(_GRACE_SECONDS * 1000))

    def _check(self) -> None:
        self.is_overdue = self.card is not None and self.card.is_busy
        if not self.is_overdue:
            self.expired.emit(self)
