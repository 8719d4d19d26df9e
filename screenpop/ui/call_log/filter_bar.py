"""Which calls to list: words, kind, time and account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from screenpop.services.call_history import LogFilter
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, SearchField
from screenpop.ui.wording import Marked, marked, tr, tr_in, tr_marked

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.services.call_history import LogKind
    from screenpop.ui.theme.theme import Theme

_SEARCH_PAUSE_MS: Final = 180
_PERIODS: Final[tuple[tuple[str, Marked], ...]] = (
    ("", marked("Any time")),
    ("0", marked("Today")),
    ("6", marked("Last 7 days")),
    ("29", marked("Last 30 days")),
    ("364", marked("Last 12 months")),
)
"""How many whole days before today belong to it, and what it is called."""


def _kinds() -> tuple[tuple[LogKind, str], ...]:
    return (
        ("all", tr_in("which calls", "All")),
        ("missed", tr_in("which calls", "Missed")),
        ("inbound", tr_in("which calls", "Incoming")),
        ("outbound", tr_in("which calls", "Outgoing")),
    )


class FilterBar(QWidget):
    """Two rows: words and kind, then time, account and whatever is added.

    Signals:
        changed: Other calls are wanted; while somebody types, a moment later.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(self._build_words())
        self._second = self._build_choices()
        column.addLayout(self._second)

    # --- what is wanted --------------------------------------------------------------

    def wanted(self, now: datetime) -> LogFilter:
        """The calls to list, with days as the computer's clock counts them."""
        days = self.period.key
        since = None
        if days:
            today = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
            since = today - timedelta(days=int(days))
        kind = next(k for k, button in self.kinds.items() if button.isChecked())
        return LogFilter(
            text=self.search.text().strip(),
            kind=kind,
            account_id=self.account.key,
            since=since,
        )

    def reset(self) -> None:
        """Want every call, without a word about it."""
        was_blocked = self.blockSignals(True)
        self.search.clear()
        self.kinds["all"].setChecked(True)
        self.period.choose("")
        self.account.choose("")
        self._pause.stop()
        self.blockSignals(was_blocked)

    def offer_accounts(self, accounts: tuple[tuple[str, str], ...]) -> None:
        """The accounts by id and name; with one there is nothing to choose."""
        everybody = ("", tr("All accounts"))
        self.account.offer((everybody, *accounts), self.account.key)
        for widget in (self.account, self._account_label):
            widget.setVisible(len(accounts) > 1)

    def add_button(self, button: TextButton) -> None:
        """One more at the far side of the second row."""
        self._second.addWidget(button)

    # --- building --------------------------------------------------------------------

    def _build_words(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        self.search = SearchField(theme, tr("Search names, numbers and notes"))
        self.search.textChanged.connect(lambda _text: self._pause.start())
        row.addWidget(self.search, 1)
        row.addSpacing(theme.px(8))
        self._group = QButtonGroup(self)
        self.kinds: dict[LogKind, TextButton] = {}
        for kind, name in _kinds():
            button = TextButton(theme, name, kind="quiet")
            button.setCheckable(True)
            button.setProperty("segment", "true")
            self._group.addButton(button)
            self.kinds[kind] = button
            row.addWidget(button)
        self.kinds["all"].setChecked(True)
        theme.changed.connect(self._dress_segments)
        self._dress_segments()
        self._group.buttonToggled.connect(self._kind_toggled)
        return row

    def _build_choices(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.period = Choice(
            theme, tuple((key, tr_marked(name)) for key, name in _PERIODS)
        )
        self.account = Choice(theme)
        self._account_label = self._label(tr("Account"), self.account)
        row.addWidget(self._label(tr("When"), self.period))
        row.addWidget(self.period)
        row.addSpacing(theme.px(8))
        row.addWidget(self._account_label)
        row.addWidget(self.account)
        row.addStretch(1)
        for choice in (self.period, self.account):
            choice.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return row

    def _label(self, text: str, choice: Choice) -> QLabel:
        label = QLabel(text)
        label.setFont(self._theme.font(TextSize.CAPTION, strong=True))
        label.setProperty("tone", "soft")
        label.setBuddy(choice)
        choice.setAccessibleName(text)
        return label

    def _kind_toggled(self, _button: object, is_on: bool) -> None:
        if is_on:
            self.changed.emit()

    def _dress_segments(self) -> None:
        colors = self._theme.colors
        sheet = (
            f"QPushButton:checked {{ background: {colors.accent_soft};"
            f" color: {colors.accent}; }}"
        )
        for button in self.kinds.values():
            button.setStyleSheet(sheet)
