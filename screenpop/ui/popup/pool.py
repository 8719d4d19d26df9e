"""Cards made ahead of time, so that none is built while a phone rings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.ui.popup.card import Card
    from screenpop.ui.popup.view_model import CardView

PREBUILT: Final = 2
_FAR_OFF: Final = -20_000
_REFILL_MS: Final = 500


class CardPool(QObject):
    """Hands out hidden cards and takes them back; builds the next one when idle.

    Args:
        build: Makes a card.
        sample: What to paint once on a new card, to have fonts and icons ready.
    """

    def __init__(
        self,
        build: Callable[[], Card],
        sample: CardView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._build = build
        self._sample = sample
        self._free: list[Card] = []
        self._idle = QTimer(self, singleShot=True, interval=0)
        self._idle.timeout.connect(self._build_one)

    @property
    def free_count(self) -> int:
        """How many cards stand ready."""
        return len(self._free)

    def fill_when_idle(self) -> None:
        """Build what is missing, one card for each idle moment of the event loop."""
        if len(self._free) < PREBUILT:
            self._idle.start(0)

    def fill_now(self) -> None:
        """Build what is missing at once: at start, and in tests."""
        while len(self._free) < PREBUILT:
            self._free.append(self._warm_card())

    def take(self) -> Card:
        """A card that shows nobody yet."""
        card = self._free.pop() if self._free else self._warm_card()
        if len(self._free) < PREBUILT:
            # Not at once: the event loop is idle, too, while the X server makes the
            # taken card visible, and its painting would wait for the next one's making.
            self._idle.start(_REFILL_MS)
        return card

    def give_back(self, card: Card) -> None:
        """Keep a hidden card for the next call, or let it go when there are enough."""
        # Hidden windows are on the accessibility bus, too: this is nobody's call now.
        card.setAccessibleName("")
        if len(self._free) < PREBUILT:
            self._free.append(card)
        else:
            card.deleteLater()

    def close(self) -> None:
        """Delete the cards that stand ready."""
        self._idle.stop()
        for card in self._free:
            card.deleteLater()
        self._free.clear()

    def _build_one(self) -> None:
        # The card that was taken may be back by now.
        if len(self._free) < PREBUILT:
            self._free.append(self._warm_card())
            self.fill_when_idle()

    def _warm_card(self) -> Card:
        """A new card that has gone the whole way to the screen once, out of sight."""
        card = self._build()
        card.show_view(self._sample)
        card.setAccessibleName("")
        card.grab()
        if QGuiApplication.platformName() == "xcb":
            # Unmanaged there, so the window really goes where nobody can see it.
            card.move(_FAR_OFF, _FAR_OFF)
            card.show()
            card.repaint()
            card.hide()
        else:
            card.winId()
        return card
