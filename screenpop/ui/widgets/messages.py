"""What a window says to its user: a message in its place, and an empty room's sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.icons import pixmap
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.text import TextBlock, Tone
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.ui.error_presenter import Trouble

_ICONS: Final = {"bad": "alert", "warn": "alert", "good": "check"}


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say this, without moving the focus."""
    if text and QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, text)
        QAccessible.updateAccessibility(event)


class IconLabel(QLabel):
    """An icon in a colour role; screen readers pass over it."""

    def __init__(self, theme: Theme, name: str, role: str, side: int = 20) -> None:
        super().__init__()
        self._theme = theme
        self._name, self._role, self._side = name, role, side
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon or colour."""
        self._name, self._role = name, role
        self._paint_icon()

    def _paint_icon(self) -> None:
        side = self._theme.px(self._side)
        color = getattr(self._theme.colors, self._role)
        ratio = self.devicePixelRatioF()
        self.setPixmap(pixmap(self._name, color, side, ratio))
        self.setFixedSize(side, side)


class InlineMessage(QFrame):
    """A title and advice in the place where they belong; hidden while there is none.

    Signals:
        closed: The user has read it.
    """

    closed = Signal()

    def __init__(self, theme: Theme, *, is_closable: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self._tone: Tone = "soft"
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        row.setSpacing(theme.px(8))
        self._icon = IconLabel(theme, "info", "text_soft", 18)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(theme.px(2))
        self._title = TextBlock(theme, strong=True)
        self._advice = TextBlock(theme)
        column.addWidget(self._title)
        column.addWidget(self._advice)
        row.addLayout(column, 1)
        self._action = TextButton(theme, "", self._act)
        self._action.hide()
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        self._on_action: Callable[[], object] | None = None
        if is_closable:
            close = TextButton(theme, "", self._close, kind="quiet", icon="close")
            close.setAccessibleName(tr("Dismiss"))
            close.setFixedWidth(theme.px(32))
            close.setStyleSheet("padding: 0;")
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._dress)
        self.hide()

    @property
    def title(self) -> str:
        """Its first line; "" while it is hidden."""
        return self._title.text()

    @property
    def text(self) -> str:
        """Everything it says."""
        parts = (self._title.text(), self._advice.text())
        return " ".join(part for part in parts if part)

    def show_trouble(self, trouble: Trouble) -> None:
        """Show what went wrong, also where the page is scrolled away from it."""
        self.say(trouble.title, trouble.advice, tone="bad")
        # By then it has its place.
        QTimer.singleShot(0, self, self._come_into_sight)

    def _come_into_sight(self) -> None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None:
            above.ensureWidgetVisible(self)

    def say(
        self,
        title: str,
        advice: str = "",
        *,
        tone: Tone = "soft",
        action: str = "",
        on_action: Callable[[], object] | None = None,
    ) -> None:
        """Show a message, perhaps with a button; nothing for an empty title."""
        self._title.setText(title)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._tone = tone
        self._on_action = on_action
        self._action.show_text(action)
        self._action.setVisible(bool(action))
        self._dress()
        self.setVisible(bool(title))
        self.setAccessibleName(self.text)
        announce(self, self.text)

    def clear(self) -> None:
        """Say nothing any more."""
        self.say("")

    def _close(self) -> None:
        self.clear()
        self.closed.emit()

    def paintEvent(self, _event: object) -> None:
        """A tinted ground with a border of the same colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self._theme.colors
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(colors.tint(getattr(colors, self._role()))))
        radius = self._theme.px(6)
        painter.drawRoundedRect(self.rect(), radius, radius)

    def _role(self) -> str:
        return "text_soft" if self._tone in ("", "soft") else self._tone

    def _dress(self) -> None:
        self._icon.show_icon(_ICONS.get(self._tone, "info"), self._role())
        self._title.show_tone(self._tone)
        # After the tone: a new tone brings the font back that was there before.
        self._title.setFont(self._theme.font(strong=bool(self._advice.text())))
        self.update()

    def _act(self) -> None:
        if self._on_action is not None:
            self._on_action()


class EmptyState(QWidget):
    """What stands where a list would: an icon, why it is empty, what to do."""

    def __init__(self, theme: Theme, icon: str, title: str, advice: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        column.addStretch(1)
        self._picture = IconLabel(theme, icon, "text_faint", 32)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = TextBlock(theme, title, size=TextSize.BODY, strong=True)
        self.advice = TextBlock(theme, advice, tone="soft")
        for block in (self.title, self.advice):
            block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(block)
        self.advice.setVisible(bool(advice))
        column.addStretch(2)

    def say(self, title: str, advice: str = "") -> None:
        """Give another reason; none at all leaves the place empty."""
        self._picture.setVisible(bool(title))
        self.title.setText(title)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
