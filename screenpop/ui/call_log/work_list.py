"""Who still waits for a call back, above the log: the day's work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import IconLabel
from screenpop.ui.widgets.text import section_header
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.ui.call_log.texts import MissedCaller
    from screenpop.ui.theme.theme import Theme

_ROWS_SEEN: Final = 3
_ROW_PX: Final = 48
_MOST_ROWS: Final = 100


class WorkList(QFrame):
    """Callers with their two buttons; hidden when nobody waits."""

    def __init__(
        self,
        theme: Theme,
        call: Callable[[MissedCaller], object],
        done: Callable[[MissedCaller], object],
    ) -> None:
        super().__init__()
        self._theme = theme
        self._call, self._done = call, done
        self._shown: tuple[MissedCaller, ...] = ()
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
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._rows.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for caller in shown:
            self._rows.addWidget(self._row(caller))
        height = self._theme.px(_ROW_PX) * min(len(shown), _ROWS_SEEN)
        self._area.setFixedHeight(height)

    def _row(self, caller: MissedCaller) -> QWidget:
        theme = self._theme
        widget = QWidget()
        widget.setFixedHeight(theme.px(_ROW_PX))
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, theme.px(8), 0)
        row.setSpacing(theme.px(8))
        icon = ("later", "warn") if caller.is_promised else ("phone-missed", "bad")
        row.addWidget(IconLabel(theme, *icon, 18))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch(1)
        who = PlainLabel(theme, strong=True)
        who.show_text(caller.who)
        details = PlainLabel(theme, TextSize.CAPTION, role="text_soft")
        details.show_text(caller.details)
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
        for button in (call, done):
            button.setAccessibleDescription(caller.who)
            row.addWidget(button)
        return widget

    def _acting(
        self, act: Callable[[MissedCaller], object], caller: MissedCaller
    ) -> Callable[[], None]:
        def do_it() -> None:
            act(caller)

        return do_it
