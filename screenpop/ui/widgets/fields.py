"""Fields with a visible label, which is also what a screen reader calls them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from screenpop.ui.icons import pixmap
from screenpop.ui.plain_label import button_text
from screenpop.ui.theme.theme import TextSize, Theme
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import tr


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
        self.setTextMargins(theme.px(22), 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the field first."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

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
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = "text_soft" if self.isEnabled() else "control_border"
        painter.setPen(QPen(self._theme.color(role), 1.6))
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = px(14) if is_mirrored else self.width() - px(14)
        y, half = self.height() / 2, px(4)
        corners = (
            (x - half, y - half / 2),
            (x, y + half / 2),
            (x + half, y - half / 2),
        )
        painter.drawPolyline([QPointF(*corner) for corner in corners])

    @property
    def key(self) -> str:
        """The key of what is chosen; "" for nothing."""
        data = self.currentData()
        return data if isinstance(data, str) else ""


def secret_field() -> QLineEdit:
    """A line for a key: dots, with a button that shows it."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setInputMethodHints(
        Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
    )
    field.setPlaceholderText(tr("Goes to your keychain, never to a file"))
    return field
