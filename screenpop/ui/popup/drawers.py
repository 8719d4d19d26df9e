"""Where the parts of a card stand that it opens on demand, above or below its face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRect

from screenpop.ui.popup.face import WIDTH_PX
from screenpop.ui.popup.ground import BAR_PX
from screenpop.ui.popup.mirror import mirrored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from screenpop.ui.popup.card import Card
    from screenpop.ui.theme.theme import Theme

PAD_PX: Final = 12
_SIDE_PX: Final = 16
_FOOT_CLOSER_PX: Final = 7


class Drawer(NamedTuple):
    """One open part of a card, in logical pixels.

    Attributes:
        closer: How much closer than usual it stands to the one above.
    """

    part: QWidget
    height: int
    closer: int = 0


def drawer_width(theme: Theme) -> int:
    """How wide they are."""
    px = theme.px
    return px(WIDTH_PX) - px(BAR_PX) - px(_SIDE_PX) - px(PAD_PX)


def open_drawers(card: Card) -> list[Drawer]:
    """What is open besides the face, from above."""
    theme = card.theme
    drawers = []
    if card.more is not None:
        drawers.append(Drawer(card.more, card.more.wanted_height()))
    drawers.append(Drawer(card.people, card.people.wanted_height()))
    if card.wrap_up is not None:
        drawers.append(Drawer(card.wrap_up, card.wrap_up.height()))
    drawers.append(Drawer(card.note, card.note.height()))
    if card.foot is not None:
        height = card.foot.wanted_height(drawer_width(theme))
        drawers.append(Drawer(card.foot, height, theme.px(_FOOT_CLOSER_PX)))
    return [one for one in drawers if one.part.isVisibleTo(card) and one.height]


def extra_height(theme: Theme, drawers: Sequence[Drawer]) -> int:
    """The height that they need besides the face."""
    pad = theme.px(PAD_PX)
    return sum(one.height + pad - one.closer for one in drawers)


def place_drawers(
    card: QWidget, theme: Theme, drawers: Sequence[Drawer], top: int
) -> None:
    """Put them one below the other from ``top`` on."""
    pad = theme.px(PAD_PX)
    left = theme.px(BAR_PX) + theme.px(_SIDE_PX)
    for one in drawers:
        top -= one.closer
        box = QRect(left, top, drawer_width(theme), one.height)
        one.part.setGeometry(mirrored(card.layoutDirection(), card.rect(), box))
        top += one.height + pad
