"""What stands below a note: its marks, how long it is, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.note_state import NoteSheet, state_of
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Tick
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

HIGHEST_SEVERITY: Final = 5
_SEGMENT_PX: Final = 24
_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class SeverityButton(QAbstractButton):
    """One step of the severity."""

    def __init__(self, theme: Theme, severity: int) -> None:
        super().__init__()
        self._theme = theme
        self.setText(str(severity))
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        name = tr("Severity {number}", number=severity)
        self.setAccessibleName(name if severity else tr("Severity 0, none"))

    def sizeHint(self) -> QSize:
        """A small square."""
        side = self._theme.px(_SEGMENT_PX)
        return QSize(side, side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose the step beside this one, at once."""
        step = _STEPS.get(Qt.Key(event.key()), 0)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            step = -step
        group = self.group()
        beside = group.button(group.id(self) + step) if step else None
        if beside is None:
            super().keyPressEvent(event)
            return
        beside.setFocus(Qt.FocusReason.TabFocusReason)
        beside.click()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The number, on a tinted ground when it is the chosen one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, px = self._theme.colors, self._theme.px
        is_on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen)
        if self.hasFocus():
            painter.setPen(qcolor(colors.accent))
        ground = colors.accent_soft if is_on else colors.hover
        if is_on or self.underMouse():
            painter.setBrush(qcolor(ground))
        box = self.rect().adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, px(5), px(5))
        painter.setFont(self._theme.font(TextSize.CAPTION, strong=is_on))
        painter.setPen(qcolor(colors.accent if is_on else colors.text_soft))
        painter.drawText(QRect(box), Qt.AlignmentFlag.AlignCenter, self.text())


class NoteFoot(QWidget):
    """Belongs below a box with a note, and follows what is typed there.

    Signals:
        marked: The user changed the marks: follow-up, severity.
        repeat_wanted: The user wants a refused note sent once more.
        resized: It needs another height now.

    Args:
        typed: What stands in the box.
        is_wide: Whether all marks fit into one row.
    """

    marked = Signal(bool, int)
    repeat_wanted = Signal()
    resized = Signal()

    def __init__(
        self,
        theme: Theme,
        typed: Callable[[], str],
        *,
        is_wide: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._typed = typed
        self._sheet: NoteSheet | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        self.follow_up = Tick(theme, tr("Follow up"))
        self.follow_up.setAccessibleDescription(
            tr("Marks the call at the phone system for follow-up")
        )
        self.follow_up.clicked.connect(self._mark)
        self.counter = TextBlock(theme, size=TextSize.CAPTION, tone="faint")
        self.counter.setWordWrap(False)
        self._marks = QWidget()
        rows = QVBoxLayout(self._marks)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        first = QHBoxLayout()
        first.setSpacing(theme.px(10))
        first.addWidget(self.follow_up)
        severity = self._build_severity()
        if is_wide:
            first.addLayout(severity)
        first.addStretch(1)
        first.addWidget(self.counter)
        rows.addLayout(first)
        if not is_wide:
            rows.addLayout(severity)
        column.addWidget(self._marks)
        last = QHBoxLayout()
        self.state = TextBlock(theme, size=TextSize.CAPTION)
        last.addWidget(self.state, 1)
        self.repeat = TextButton(theme, tr("Send again"), self.repeat_wanted.emit)
        last.addWidget(self.repeat, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(last)
        self._marks.hide()
        self.repeat.hide()
        self.state.hide()

    def _build_severity(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(
            TextBlock(theme, tr("Severity"), size=TextSize.CAPTION, tone="soft")
        )
        row.addSpacing(theme.px(4))
        self.severities = QButtonGroup(self)
        for number in range(HIGHEST_SEVERITY + 1):
            button = SeverityButton(theme, number)
            self.severities.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self.severities.idClicked.connect(self._mark)
        return row

    @property
    def sheet(self) -> NoteSheet | None:
        """What was shown last."""
        return self._sheet

    def show_sheet(self, sheet: NoteSheet) -> None:
        """Show what is known of a note now."""
        self._sheet = sheet
        self._marks.setVisible(bool(sheet.taker))
        self.follow_up.setChecked(sheet.needs_follow_up)
        button = self.severities.button(sheet.severity)
        if button is not None:
            button.setChecked(True)
        self.refresh()

    def refresh(self) -> None:
        """Go by what stands in the box now."""
        if self._sheet is None:
            return
        height = self.wanted_height(self.width())
        state = state_of(self._sheet, self._typed())
        self.state.setText(state.text)
        self.state.show_tone(state.tone)
        self.state.setVisible(bool(state.text))
        self.counter.setText(state.counter)
        self.counter.show_tone("bad" if state.is_too_long else "faint")
        self.repeat.setVisible(state.can_repeat)
        if self.wanted_height(self.width()) != height:
            self.resized.emit()

    def wanted_height(self, width: int) -> int:
        """How high it is at this width."""
        layout = self.layout()
        if layout is None:
            return 0
        layout.activate()
        if layout.hasHeightForWidth():
            return max(0, layout.totalHeightForWidth(width))
        return layout.totalSizeHint().height()

    def has_keyboard(self) -> bool:
        """Whether the user is in here."""
        focused = self.window().focusWidget()
        # For the binding it is never None, for Qt it may be.
        return bool(focused) and self.isAncestorOf(focused) and focused.hasFocus()

    def _mark(self, _value: object = None) -> None:
        number = max(0, self.severities.checkedId())
        self.marked.emit(self.follow_up.isChecked(), number)
