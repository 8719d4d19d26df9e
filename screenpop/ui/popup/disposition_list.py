"""What a call can have come to, as chips to press; one of them is it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QWidget

from screenpop.domain.plain_text import plain
from screenpop.ui.plain_label import PlainLabel, tooltip_text
from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHIP_PX: Final = 28
_GAP_PX: Final = 4
_PAD_PX: Final = 8
_KEY_PX: Final = 14
_HEAD_PX: Final = 24
_MOST_ROWS_SEEN: Final = 5
_KEYS: Final = "123456789"
_LONGEST: Final = 40


class Chip(QAbstractButton):
    """One disposition, with the key that chooses it."""

    def __init__(self, theme: Theme, key: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._key = key
        self.text_shown = plain(text, _LONGEST)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCheckable(True)
        self.setAccessibleName(self.text_shown)
        self.setToolTip(tooltip_text(self.text_shown))
        # Without one, a screen reader is told the tool tip, markup and all.
        self.setAccessibleDescription(key)

    def sizeHint(self) -> QSize:
        """As wide as its text."""
        px = self._theme.px
        metrics = QFontMetrics(self._theme.font(TextSize.CAPTION, strong=True))
        key = px(_KEY_PX) if self._key else 0
        width = key + metrics.horizontalAdvance(self.text_shown) + 2 * px(_PAD_PX)
        return QSize(width, px(_CHIP_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The key and the text; on a tint when this is what the call came to."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, px = self._theme.colors, self._theme.px
        is_on = self.isChecked()
        ground = colors.accent_soft if is_on else colors.surface
        if self.isDown() or (self.underMouse() and not is_on):
            ground = colors.pressed if self.isDown() else colors.hover
        edge = colors.accent if is_on or self.hasFocus() else colors.control_border
        pen = painter.pen()
        pen.setColor(qcolor(edge))
        pen.setWidth(2 if self.hasFocus() else 1)
        painter.setPen(pen)
        painter.setBrush(qcolor(ground))
        inset = pen.width() / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, px(6), px(6))
        self._paint_texts(painter, is_on=is_on)

    def _paint_texts(self, painter: QPainter, *, is_on: bool) -> None:
        colors, px = self._theme.colors, self._theme.px
        room = self.rect().adjusted(px(_PAD_PX), 0, -px(_PAD_PX), 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(self._theme.font(TextSize.CAPTION))
        if self._key:
            key = room.adjusted(0, 0, px(_KEY_PX) - room.width(), 0)
            painter.setPen(qcolor(colors.text_faint))
            box = mirrored(self.layoutDirection(), self.rect(), key)
            painter.drawText(box, flags | Qt.AlignmentFlag.AlignLeading, self._key)
            room.setLeft(room.left() + px(_KEY_PX))
        painter.setFont(self._theme.font(TextSize.CAPTION, strong=is_on))
        painter.setPen(qcolor(colors.accent if is_on else colors.text))
        shown = painter.fontMetrics().elidedText(
            self.text_shown, Qt.TextElideMode.ElideRight, room.width()
        )
        box = mirrored(self.layoutDirection(), self.rect(), room)
        painter.drawText(box, flags | Qt.AlignmentFlag.AlignLeading, shown)


class DispositionList(QWidget):
    """The question what a call came to, and its answers.

    Signals:
        chosen: One of the dispositions; "" when the chosen one is taken back.

    Args:
        width: How wide it is, in logical pixels.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._offered: tuple[str, ...] = ()
        self.chips: list[Chip] = []
        self._head = PlainLabel(theme, TextSize.CAPTION, role="text_soft", parent=self)
        self._head.show_text(tr("What did the call come to?"))
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().setAutoFillBackground(False)
        self._inner = QWidget()
        self._area.setWidget(self._inner)
        # Set anew by the area, which would paint the window's ground over the card's.
        self._inner.setAutoFillBackground(False)
        self.setAccessibleName(self._head.text())

    def offer(self, dispositions: Sequence[str], chosen: str) -> None:
        """Offer these; ``chosen`` is what was said before, "" for nothing."""
        if tuple(dispositions) != self._offered:
            self._offered = tuple(dispositions)
            self._rebuild()
        for text, chip in zip(self._offered, self.chips, strict=True):
            was_blocked = chip.blockSignals(True)
            chip.setChecked(text == chosen)
            chip.blockSignals(was_blocked)

    def press_key(self, key: str) -> None:
        """Choose by a chip's key."""
        place = _KEYS.find(key)
        if 0 <= place < len(self.chips):
            self.chips[place].click()

    def _rebuild(self) -> None:
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = []
        for place, text in enumerate(self._offered):
            key = _KEYS[place] if place < len(_KEYS) else ""
            chip = Chip(self._theme, key, text, self._inner)
            # Not "clicked": screen readers toggle it.
            chip.toggled.connect(lambda is_on, said=text: self._say(said, is_on=is_on))
            chip.show()
            self.chips.append(chip)
        self._place()

    def _say(self, text: str, *, is_on: bool) -> None:
        self.chosen.emit(text if is_on else "")

    def _place(self) -> None:
        """Put the chips into rows, as many as fit side by side."""
        px = self._theme.px
        gap, high, head = px(_GAP_PX), px(_CHIP_PX), px(_HEAD_PX)
        bar = px(12)
        room = self._width - bar
        left, row = 0, 0
        places = []
        for chip in self.chips:
            width = min(chip.sizeHint().width(), room)
            if left and left + width > room:
                left, row = 0, row + 1
            places.append((left, row, width))
            left += width + gap
        self._inner.resize(self._width, (row + 1) * (high + gap) - gap)
        whole = self._inner.rect()
        for chip, (at, line, width) in zip(self.chips, places, strict=True):
            box = whole.adjusted(0, 0, 0, 0)
            box.setRect(at, line * (high + gap), width, high)
            chip.setGeometry(mirrored(self.layoutDirection(), whole, box))
        seen = min(row + 1, _MOST_ROWS_SEEN)
        self._head.setGeometry(0, 0, self._width, head - gap)
        self._area.setGeometry(0, head, self._width, seen * (high + gap) - gap)
        self.setFixedSize(self._width, head + seen * (high + gap) - gap)
