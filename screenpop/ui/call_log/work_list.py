"""Who still waits for a call back, above the log: the day's work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from screenpop.ui.plain_label import PlainLabel, tooltip_text
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import IconLabel
from screenpop.ui.widgets.text import section_header
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from screenpop.ui.call_log.texts import MissedCaller
    from screenpop.ui.theme.theme import Theme

_ROWS_SEEN: Final = 3
_ROW_PX: Final = 48
_BUTTONS_PX: Final = 36
_NAME_PX: Final = 150
_MOST_ROWS: Final = 100


class WorkList(QFrame):
    """Callers with their two buttons; hidden when nobody waits."""

    def __init__(
        self,
        theme: Theme,
        call: Callable[[MissedCaller], object],
        done: Callable[[MissedCaller], object],
        claim: Callable[[MissedCaller], object],
    ) -> None:
        super().__init__()
        self._theme = theme
        self._call, self._done, self._claim = call, done, claim
        self._shown: tuple[MissedCaller, ...] = ()
        self._is_narrow = False
        self.setProperty("panel", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(4), theme.px(6))
        column.setSpacing(theme.px(4))
        self._title = section_header(theme, "")
        self._title.show_tone("bad")
        column.addWidget(self._title)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setStyleSheet(
            "QScrollArea, QWidget#rows { background: transparent; }"
        )
        self._inner = QWidget()
        self._inner.setObjectName("rows")
        self._rows = QVBoxLayout(self._inner)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._area.setWidget(self._inner)
        column.addWidget(self._area)
        self.setAccessibleName(tr("Missed calls to return"))
        self.hide()

    def show_callers(self, title: str, callers: tuple[MissedCaller, ...]) -> None:
        """Show who waits."""
        self._title.setText(title)
        self.setVisible(bool(callers))
        shown = callers[:_MOST_ROWS]
        if shown != self._shown:
            self._show_rows(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the names where there is no room beside them."""
        super().resizeEvent(event)
        is_narrow = self._buttons_px() + self._theme.px(_NAME_PX) > self.width()
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self._show_rows(self._shown)

    def _buttons_px(self) -> int:
        """How wide the widest row of buttons is."""
        rows = [self._buttons(place) for place in range(len(self._shown))]
        return max(
            (sum(each.sizeHint().width() for each in row) for row in rows), default=0
        )

    def _show_rows(self, shown: tuple[MissedCaller, ...]) -> None:
        place = self._focused_place()
        self._shown = shown
        while (item := self._rows.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for caller in shown:
            self._rows.addWidget(self._row(caller))
        seen = _ROWS_SEEN - self._is_narrow
        self._area.setFixedHeight(self._row_px() * min(len(shown), seen))
        self._focus_again(place)

    def _focused_place(self) -> tuple[str, int] | None:
        """Whose row the keyboard is in, and at which of its buttons from the end."""
        focused = self.focusWidget()
        for place, caller in enumerate(self._shown):
            buttons = self._buttons(place)
            if focused in buttons:
                return caller.number, buttons.index(focused) - len(buttons)
        return None

    def _focus_again(self, place: tuple[str, int] | None) -> None:
        """The rows are new; whoever types stays where they were."""
        if place is None:
            return
        for at, caller in enumerate(self._shown):
            buttons = self._buttons(at)
            if caller.number == place[0] and len(buttons) >= -place[1]:
                buttons[place[1]].setFocus()

    def _buttons(self, place: int) -> list[QWidget]:
        item = self._rows.itemAt(place)
        row = item.widget() if item is not None else None
        return list(row.findChildren(TextButton)) if row is not None else []

    def _row_px(self) -> int:
        return self._theme.px(_ROW_PX + (_BUTTONS_PX if self._is_narrow else 0))

    def _row(self, caller: MissedCaller) -> QWidget:
        theme = self._theme
        widget = QWidget()
        widget.setFixedHeight(self._row_px())
        column = QVBoxLayout(widget)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        column.addLayout(row, 1)
        icon = ("later", "warn") if caller.is_promised else ("phone-missed", "bad")
        row.addWidget(IconLabel(theme, *icon, 18))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch(1)
        who = PlainLabel(theme, strong=True)
        who.show_text(caller.who)
        # First of the line, so that it is read where there is little room as well.
        role = "text_soft" if not caller.claim.text else "accent"
        details = PlainLabel(theme, TextSize.CAPTION, role=role)
        details.show_text(joined(caller.claim.text, caller.details))
        texts.addWidget(who)
        texts.addWidget(details)
        texts.addStretch(1)
        row.addLayout(texts, 1)
        call = TextButton(
            theme, tr("Call back"), self._acting(self._call, caller), icon="call-back"
        )
        call.setEnabled(bool(caller.number))
        done = TextButton(
            theme, tr("Done"), self._acting(self._done, caller), icon="check"
        )
        line = row
        if self._is_narrow:
            line = QHBoxLayout()
            line.setSpacing(theme.px(8))
            column.addLayout(line)
            line.addStretch(1)
        for button in (*self._claim_buttons(caller), call, done):
            button.setAccessibleDescription(caller.who)
            line.addWidget(button)
        return widget

    def _claim_buttons(self, caller: MissedCaller) -> tuple[TextButton, ...]:
        """Take them on, or let go; nothing where a colleague has them."""
        claim = caller.claim
        if not (claim.is_free or claim.is_mine):
            return ()
        text = tr("Release") if claim.is_mine else tr("Claim")
        button = TextButton(self._theme, text, self._acting(self._claim, caller))
        hint = tr("Tell your team that you call them back")
        if claim.is_mine:
            hint = tr("Leave them to your team again")
        button.setToolTip(tooltip_text(hint))
        return (button,)

    def _acting(
        self, act: Callable[[MissedCaller], object], caller: MissedCaller
    ) -> Callable[[], None]:
        def do_it() -> None:
            act(caller)

        return do_it
