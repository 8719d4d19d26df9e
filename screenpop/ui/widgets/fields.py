"""Fields with a visible label, which is also what a screen reader calls them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.icons import pixmap
from screenpop.ui.plain_label import button_text
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.widgets.chevron import paint_chevron
from screenpop.ui.widgets.text import TextBlock, where_lines_begin
from screenpop.ui.wording import tr

_LEAST_TICK_PX: Final = 160
_TICK_TEXT: Final = int(
    Qt.AlignmentFlag.AlignVCenter
    | Qt.AlignmentFlag.AlignLeading
    | Qt.TextFlag.TextShowMnemonic
    | Qt.TextFlag.TextWordWrap
)


class Labelled(QWidget):
    """A field under its label, with a line of help below."""

    def __init__(
        self, theme: Theme, label: str, field: QWidget, *, help_text: str = ""
    ) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        caption = QLabel(button_text(label))
        caption.setFont(theme.font(TextSize.CAPTION, strong=True))
        caption.setProperty("tone", "soft")
        caption.setAlignment(where_lines_begin())
        caption.setBuddy(field)
        field.setAccessibleName(label)
        column.addWidget(caption)
        column.addWidget(field)
        if help_text:
            field.setAccessibleDescription(help_text)
            column.addWidget(
                TextBlock(theme, help_text, size=TextSize.CAPTION, tone="faint")
            )


class SearchField(QLineEdit):
    """A line to search with; Esc empties it before it closes anything."""

    def __init__(self, theme: Theme, label: str) -> None:
        super().__init__()
        self._theme = theme
        self.setPlaceholderText(label)
        self.setAccessibleName(label)
        self._make_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the field first."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """The glass is at the other end where people read from the right."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._make_room()

    def _make_room(self) -> None:
        room = self._theme.px(22)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self.setTextMargins(0 if is_mirrored else room, 0, room * is_mirrored, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the glass."""
        super().paintEvent(event)
        side = self._theme.px(16)
        color = self._theme.colors.text_faint
        glass = pixmap("search", color, side, self.devicePixelRatioF())
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        inset = self._theme.px(10)
        x = self.width() - inset - side if is_mirrored else inset
        QPainter(self).drawPixmap(x, (self.height() - side) // 2, glass)


class Choice(QComboBox):
    """One of several, each with a key that the program knows it by."""

    def __init__(self, theme: Theme, choices: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__()
        self._theme = theme
        self.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMinimumContentsLength(10)
        self.offer(choices)

    def offer(self, choices: tuple[tuple[str, str], ...], chosen: str = "") -> None:
        """Offer these (key, text) pairs without telling anybody of a change."""
        was_blocked = self.blockSignals(True)
        self.clear()
        for key, text in choices:
            self.addItem(text, key)
        self.choose(chosen)
        self.blockSignals(was_blocked)

    def choose(self, key: str) -> None:
        """Choose by key; the first when there is no such key."""
        self.setCurrentIndex(max(0, self.findData(key)) if self.count() else -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow that says that there is more to choose from."""
        super().paintEvent(event)
        paint_chevron(self, self._theme)

    @property
    def key(self) -> str:
        """The key of what is chosen; "" for nothing."""
        data = self.currentData()
        return data if isinstance(data, str) else ""


class Tick(QCheckBox):
    """A yes or no; its box is painted so that it is seen in every colour scheme."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(button_text(text))
        self._theme = theme
        self.setFont(theme.font())
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        # A check box of Qt's own is never narrower than its text.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Room for the box and the text in one line."""
        px = self._theme.px
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(px(18) + px(8) + width + px(6), px(28))

    def minimumSizeHint(self) -> QSize:
        """Room for some words of it; the others go below them."""
        hint = self.sizeHint()
        return hint.boundedTo(QSize(self._theme.px(_LEAST_TICK_PX), hint.height()))

    def hasHeightForWidth(self) -> bool:
        """A long text takes several lines where there is little room."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all its lines, in logical pixels."""
        px = self._theme.px
        room = QRect(0, 0, width - px(18) - px(10), 1 << 16)
        lines = self.fontMetrics().boundingRect(room, _TICK_TEXT, self.text())
        return max(px(28), lines.height() + px(6))

    def hitButton(self, spot: QPoint) -> bool:
        """Box and text can both be pressed."""
        return self.rect().contains(spot)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint box, tick and text, mirrored where people read from the right."""
        colors, px = self._theme.colors, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, middle = px(18), self.height() // 2
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = self.width() - side - 2 if is_mirrored else 2
        box = QRect(left, middle - side // 2, side, side)
        is_on = self.isChecked()
        edge = colors.accent if is_on or self.hasFocus() else colors.control_border
        fill = colors.accent if is_on else colors.surface
        if not self.isEnabled():
            edge = colors.border
            fill = colors.control_border if is_on else colors.window
        painter.setPen(QPen(qcolor(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(qcolor(fill))
        painter.drawRoundedRect(box, px(4), px(4))
        if is_on:
            ratio = self.devicePixelRatioF()
            inner = side - px(4)
            mark = pixmap("check", colors.on_accent, inner, ratio)
            painter.drawPixmap(box.left() + px(2), box.top() + px(2), mark)
        gap = side + px(10)
        room = self.rect().adjusted(0 if is_mirrored else gap, 0, 0, 0)
        if is_mirrored:
            room.setRight(self.width() - gap)
        ink = colors.text if self.isEnabled() else colors.control_border
        painter.setPen(qcolor(ink))
        painter.drawText(room, _TICK_TEXT, self.text())


def secret_field() -> QLineEdit:
    """A line for a key: dots, with a button that shows it."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setInputMethodHints(
        Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
    )
    field.setPlaceholderText(tr("Goes to your keychain, never to a file"))
    return field
