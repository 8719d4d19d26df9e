"""The buttons of the card: painted by us, fast to show, the same everywhere."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from screenpop.ui.icons import pixmap
from screenpop.ui.plain_label import button_text
from screenpop.ui.theme.theme import TextSize, Theme, qcolor

_ICON_PX: Final = 16
_ICON_GAP_PX: Final = 5
_PAD_PX: Final = 7
_RADIUS_PX: Final = 6


class Look(Enum):
    """How much a button draws the eye."""

    PLAIN = "plain"
    FLAT = "flat"
    SOFT = "soft"
    PRIMARY = "primary"


class ActionButton(QPushButton):
    """A button with an icon and a text; in narrow rows it goes without the icon.

    It never is a default button and never takes the focus on a click.
    """

    def __init__(
        self, theme: Theme, icon: str, text: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(button_text(text), parent)
        self._theme = theme
        self._icon = icon
        self._plain = text
        self.is_compact = False
        self.is_icon_only = False
        self.look = Look.PLAIN
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(theme.font(TextSize.CAPTION))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(text)

    def show_action(self, icon: str, text: str) -> None:
        """Turn into the button of another action."""
        if (icon, text) == (self._icon, self._plain):
            return
        self._icon, self._plain = icon, text
        self.setText(button_text(text))
        self.setAccessibleName(text)

    def natural_width(self, *, compact: bool) -> int:
        """How wide it wants to be, with or without its icon, or with nothing else."""
        if self.is_icon_only:
            return 2 * self._theme.px(_PAD_PX) + self._theme.px(_ICON_PX)
        text = QFontMetrics(self.font()).horizontalAdvance(self._plain)
        return text + self._width_beside_text(compact=compact)

    def width_of(self, text: str) -> int:
        """How wide it would want to be with another text and without an icon."""
        width = QFontMetrics(self.font()).horizontalAdvance(text)
        return width + self._width_beside_text(compact=True)

    def shown_text(self) -> str:
        """What is painted: the text, or as much of it as there is room for."""
        if self.is_icon_only:
            return ""
        room = self.width() - self._width_beside_text(compact=self.is_compact)
        metrics = QFontMetrics(self.font())
        if metrics.horizontalAdvance(self._plain) <= room:
            return self._plain
        return metrics.elidedText(self._plain, Qt.TextElideMode.ElideRight, room)

    def _width_beside_text(self, *, compact: bool) -> int:
        px = self._theme.px
        return 2 * px(_PAD_PX) + (0 if compact else px(_ICON_PX) + px(_ICON_GAP_PX))

    def sizeHint(self) -> QSize:
        """Room for icon and text."""
        return QSize(self.natural_width(compact=self.is_compact), self._theme.px(28))

    def minimumSizeHint(self) -> QSize:
        """As much as it wants."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, icon and text."""
        painter = QPainter(self)
        ink = self._paint_ground(painter)
        shown = self.shown_text()
        has_icon = self.is_icon_only or not self.is_compact
        side = self._theme.px(_ICON_PX) if has_icon else 0
        gap = self._theme.px(_ICON_GAP_PX) if side and shown else 0
        width = side + gap + QFontMetrics(self.font()).horizontalAdvance(shown)
        left = max(0, (self.width() - width) // 2)
        if side:
            box = QRect(left, (self.height() - side) // 2, side, side)
            _paint_icon(painter, self, self._icon, ink, box)
        text_box = QRect(left + side + gap, 0, width - side - gap + 1, self.height())
        painter.setPen(qcolor(ink))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(_mirrored(self, text_box), flags, shown)

    def _paint_ground(self, painter: QPainter) -> str:
        """Paint what lies under the text; return the colour for it."""
        colors = self._theme.colors
        ground, ink = {
            Look.PLAIN: (colors.hover, colors.text),
            Look.FLAT: ("", colors.accent),
            Look.SOFT: (colors.accent_soft, colors.accent),
            Look.PRIMARY: (colors.accent, colors.on_accent),
        }[self.look]
        if not self.isEnabled():
            ground = colors.hover if ground else ""
            ink = colors.control_border
        elif self.isDown() or self.underMouse():
            ground, ink = colors.pressed, colors.text
        _paint_round(painter, self, ground, self._theme)
        return ink


class IconButton(QAbstractButton):
    """A small button that is an icon; its name is for screen readers and tool tips."""

    def __init__(
        self, theme: Theme, icon: str, name: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def sizeHint(self) -> QSize:
        """A square of the size of a line."""
        return QSize(self._theme.px(24), self._theme.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and icon; a switched-on one in the accent colour."""
        painter = QPainter(self)
        colors = self._theme.colors
        ground = colors.hover if self.underMouse() else ""
        ink = colors.text_faint
        if self.isChecked():
            ground, ink = colors.accent_soft, colors.accent
        _paint_round(painter, self, ground, self._theme)
        side = self._theme.px(_ICON_PX)
        box = QRect(0, 0, side, side)
        box.moveCenter(self.rect().center())
        _paint_icon(painter, self, self._icon, ink, box)


def _paint_round(painter: QPainter, widget: QWidget, ground: str, theme: Theme) -> None:
    """The rounded ground and, for the keyboard, the focus ring."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = theme.px(_RADIUS_PX)
    if ground:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(ground))
        painter.drawRoundedRect(QRectF(widget.rect()), radius, radius)
    if widget.hasFocus():
        pen = painter.pen()
        pen.setStyle(Qt.PenStyle.SolidLine)
        pen.setWidth(2)
        pen.setColor(QColor(theme.colors.accent))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ring = QRectF(widget.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(ring, radius, radius)


def _paint_icon(
    painter: QPainter, widget: QWidget, icon: str, ink: str, box: QRect
) -> None:
    picture = pixmap(icon, ink, box.width(), widget.devicePixelRatioF())
    painter.drawPixmap(_mirrored(widget, box).topLeft(), picture)


def _mirrored(widget: QWidget, box: QRect) -> QRect:
    """The same place, counted from the right where people read from the right."""
    if widget.layoutDirection() is not Qt.LayoutDirection.RightToLeft:
        return box
    return QRect(widget.width() - box.right() - 1, box.top(), box.width(), box.height())
