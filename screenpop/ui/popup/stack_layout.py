"""Puts the windows of a stack where they belong, but pulls none from the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QRect, QSize, QTimer

from screenpop.domain.frozen import frozen
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.placement import (
    Corner,
    Rect,
    ScreenArea,
    ScreenRule,
    Spot,
    clamped,
    pick_screen,
    room_for,
    spot_of,
    stack_rects,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from screenpop.config.settings import CardSettings
    from screenpop.ui.popup.overflow import MoreCalls
    from screenpop.ui.popup.screens import Screens
    from screenpop.ui.popup.spots import Spots

# A card that was just closed leaves its place free for a moment: otherwise the next one
# would slide under a pointer that is about to click once more.
_SETTLE_MS: Final = 800


@frozen
class StackSettings:
    """How cards are shown.

    Attributes:
        max_cards: How many stand at once; further calls wait in a row.
        answered_seconds: How long a card stays after its call was answered or over.
        fixed_screen: A screen's name, for `ScreenRule.FIXED`; "" for the primary one.
        is_slim_once_answered: Only who it is stays of a card once its call is answered.
        is_account_shown: Name the account too, because there are several.
    """

    corner: Corner = Corner.BOTTOM_RIGHT
    max_cards: int = 4
    answered_seconds: float = 10.0
    screen_rule: ScreenRule = ScreenRule.POINTER
    fixed_screen: str = ""
    is_slim_once_answered: bool = False
    is_account_shown: bool = False

    @classmethod
    def of(cls, settings: CardSettings, *, account_count: int = 1) -> StackSettings:
        """From what the user set."""
        return cls(
            corner=Corner(settings.corner),
            max_cards=settings.max_cards,
            answered_seconds=settings.answered_seconds,
            screen_rule=ScreenRule(settings.screen),
            fixed_screen=settings.screen_name,
            is_slim_once_answered=settings.answered_as == "slim",
            is_account_shown=account_count > 1,
        )


class StackLayout(QObject):
    """Knows who stands where. A place that became free under the pointer stays free.

    Args:
        spots: Where the user has put the stack.
    """

    def __init__(self, screens: Screens, settings: StackSettings, spots: Spots) -> None:
        super().__init__()
        self._screens = screens
        self._settings = settings
        self._spots = spots
        self._places: list[Card | QSize] = []
        self._row: MoreCalls | None = None
        self._screen = ""
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.close_ranks)
        screens.changed.connect(self.arrange)

    def change_settings(self, settings: StackSettings) -> None:
        """Stand by these from now on."""
        self._settings = settings
        self._screen = ""
        self.arrange()

    def begin_anew(self) -> None:
        """The next card begins a stack, on the screen that is the right one then.

        Later cards stand with it, wherever the pointer is by then.
        """
        self._screen = ""
        self._places.clear()

    def add(self, card: Card) -> None:
        """Give the card the next place away from the corner."""
        if not self._settle.isActive():
            self._drop_free_end()
        self._places.append(card)
        self.arrange()

    def remove(self, card: Card, *, by_user: bool) -> None:
        """Free the card's place; others close ranks when that disturbs nobody."""
        at = self._places.index(card)
        self._places[at] = card.size()
        if by_user:
            self._settle.start()
        if not self._settle.isActive():
            self.close_ranks()

    def show_row(self, row: MoreCalls | None) -> None:
        """Put the row of further calls at the end, or have none."""
        self._row = row
        self.arrange()

    def home(self, width: int, height: int) -> QRect:
        """The place nearest to the corner, for a card of that size."""
        area = self._area()
        if area is None:
            return QRect()
        return QRect(*stack_rects([(width, height)], area.work, self._spot())[0])

    def room_for(self, width: int, height: int) -> int:
        """How many cards of that size may stand at once.

        A screen too small for them and the row of further calls has fewer, from the
        first on: none that stands there has to go.
        """
        area, most = self._area(), self._settings.max_cards
        if area is None:
            return most
        places = room_for((width, height), area.work, self._spot(), most + 1)
        return min(most, max(1, places - 1))

    @property
    def is_moved(self) -> bool:
        """Whether the user has put the stack somewhere else than in its corner."""
        return self._spots.recall(self._screens.areas()) is not None

    def move_back(self) -> None:
        """Let the stack stand in its corner again."""
        self._spots.forget(self._screens.areas())
        self._screen = ""
        self.arrange()

    def drag(self, way: QPoint) -> None:
        """Move everything along while the user drags a card."""
        windows: list[QWidget] = [*self._cards()]
        if self._row is not None:
            windows.append(self._row)
        for window in windows:
            window.move(window.pos() + way)

    def drop(self) -> None:
        """Remember where the user has let go, and line everything up there."""
        cards, areas = self._cards(), self._screens.areas()
        if not cards or not areas:
            return
        box = cards[0].geometry()
        rect = Rect(box.x(), box.y(), box.width(), box.height())
        middle = box.center()
        area = next(
            (one for one in areas if one.whole.contains(middle.x(), middle.y())),
            self._area() or areas[0],
        )
        self._spots.remember(areas, spot_of(clamped(rect, area.work), area))
        self._screen = area.name
        self.arrange()

    def _spot(self) -> Spot:
        """Where the stack begins on these screens."""
        found = self._spots.recall(self._screens.areas())
        return found or Spot(self._settings.corner)

    def close_ranks(self) -> None:
        """Fill free places, unless the pointer is on one of the cards."""
        cards = self._cards()
        if any(card.is_hovered for card in cards):
            return
        self._places = list(cards)
        self.arrange()

    def arrange(self) -> None:
        """Move every window where it belongs, on a screen that exists."""
        area = self._area()
        if area is None or any(card.is_dragged for card in self._cards()):
            return
        self._drop_free_end()
        sizes = [
            place if isinstance(place, QSize) else place.wanted_size()
            for place in self._places
        ]
        row = self._row
        if row is not None:
            sizes.append(row.wanted_size())
        pairs = [(size.width(), size.height()) for size in sizes]
        spot = self._spot()
        rects = stack_rects(pairs, area.work, spot)
        for place, rect in zip(self._places, rects, strict=False):
            if isinstance(place, Card):
                place.set_upward(spot.corner.is_bottom)
                _move(place, rect)
        if row is not None:
            _move(row, rects[-1])

    def _drop_free_end(self) -> None:
        while self._places and isinstance(self._places[-1], QSize):
            self._places.pop()

    def _active(self, areas: Sequence[ScreenArea]) -> str:
        is_asked = self._settings.screen_rule is ScreenRule.ACTIVE_WINDOW
        return self._screens.active() if is_asked and len(areas) > 1 else ""

    def _fixed_screen(self) -> str:
        if self._settings.screen_rule is not ScreenRule.FIXED:
            return ""
        # Who puts the stack on another screen means that one from then on.
        return self._spot().screen or self._settings.fixed_screen

    def _cards(self) -> tuple[Card, ...]:
        return tuple(place for place in self._places if isinstance(place, Card))

    def _area(self) -> ScreenArea | None:
        """The screen the stack stands on; chosen anew when that one is gone."""
        areas = self._screens.areas()
        for area in areas:
            if area.name == self._screen:
                return area
        chosen = pick_screen(
            areas,
            self._settings.screen_rule,
            # Asking the X server where the pointer is would keep a card waiting; with
            # one screen the answer is not needed.
            pointer=self._screens.pointer() if len(areas) > 1 else (0, 0),
            active=self._active(areas),
            fixed=self._fixed_screen(),
        )
        self._screen = chosen.name if chosen else ""
        return chosen


def _move(window: Card | MoreCalls, rect: Rect) -> None:
    geometry = window.geometry()
    now = (geometry.x(), geometry.y(), geometry.width(), geometry.height())
    if now != rect:
        window.setGeometry(*rect)
