"""The window of text messages: who wrote what, and the whole of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout

from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.ui.call_log.texts import when_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice
from screenpop.ui.widgets.messages import EmptyState, InlineMessage
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Window
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtCore import QModelIndex

    from screenpop.services.text_messages import TextEntry, TextListing
    from screenpop.ui.ports import MemoryPort, TextMessagesPort
    from screenpop.ui.theme.theme import Theme

_LONGEST_TEXT: Final = 5_000


@frozen
class MessagesActions:
    """What the window asks of the rest of the program.

    Attributes:
        call: Opens the dialer with this number.
        clock: The present moment, for "today" and "yesterday".
    """

    call: Callable[[str], object]
    clock: Callable[[], datetime]


class MessagesWindow(Window):
    """Text messages of one account at a time, newest first; they cannot be answered."""

    def __init__(
        self,
        theme: Theme,
        memory: MemoryPort,
        messages: TextMessagesPort,
        actions: MessagesActions,
    ) -> None:
        self.message = InlineMessage(theme, is_closable=True)
        super().__init__(
            theme, memory, "messages", tr("Text messages"), self.message.show_trouble
        )
        self._messages = messages
        self._actions = actions
        self._entries: tuple[TextEntry, ...] = ()
        self._build()
        self.resize(theme.px(620), theme.px(560))
        self.setMinimumSize(theme.px(420), theme.px(380))

    # --- from outside ----------------------------------------------------------------

    def open(self) -> None:
        """Show the latest."""
        self.bring_up()
        accounts = self._messages.accounts()
        chosen = self.account.key
        self.account.offer(accounts, chosen)
        self.account.setVisible(len(accounts) > 1)
        self._load()
        self.list.setFocus()

    def message_arrived(self, account_id: str) -> None:
        """There is one more; the vendor need not be asked for it."""
        if self.isVisible() and account_id == self.account.key:
            self._load(is_vendor_asked=False)

    # --- building --------------------------------------------------------------------

    def _build(self) -> None:
        theme = self.theme
        column = QVBoxLayout(self)
        edge = theme.px(16)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(theme.px(12))
        bar = QHBoxLayout()
        self.account = Choice(theme)
        self.account.setAccessibleName(tr("Account"))
        self.account.currentIndexChanged.connect(lambda _index: self._load())
        bar.addWidget(self.account)
        bar.addStretch(1)
        self.refresh_button = TextButton(theme, tr("Refresh"), self._load)
        bar.addWidget(self.refresh_button)
        column.addLayout(bar)
        column.addWidget(self.message)
        self.list = RowsView(theme, tr("Text messages"))
        self.list.selectionModel().currentRowChanged.connect(self._chosen)
        self._empty = EmptyState(theme, "message", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        self._pages.addWidget(self._empty)
        column.addWidget(self._pages, 3)
        column.addLayout(self._build_head())
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(tr("The chosen message"))
        column.addWidget(self.text, 1)

    def _build_head(self) -> QHBoxLayout:
        theme = self.theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self._who = TextBlock(theme, tone="soft")
        row.addWidget(self._who, 1)
        self.copy_button = TextButton(theme, tr("Copy number"), self._copy, icon="copy")
        self.call_button = TextButton(
            theme, tr("Call"), self._call, kind="primary", icon="phone"
        )
        row.addWidget(self.copy_button)
        row.addWidget(self.call_button)
        return row

    # --- listing ---------------------------------------------------------------------

    def _load(self, *, is_vendor_asked: bool = True) -> None:
        if not self.account.key:
            self._show(None)
            return
        self.refresh_button.setEnabled(not is_vendor_asked)
        self.tasks.start(
            self._messages.listing(self.account.key, is_vendor_asked=is_vendor_asked),
            self._show,
            finally_=lambda: self.refresh_button.setEnabled(True),
            slot="messages",
        )

    def _show(self, listing: TextListing | None) -> None:
        self._entries = listing.entries if listing else ()
        now = self._actions.clock()
        rows = tuple(_row(number, one, now) for number, one in enumerate(self._entries))
        self.list.show_rows(rows, 0 if rows else -1)
        self._pages.setCurrentWidget(self.list if rows else self._empty)
        self._empty.say(
            tr("No text messages yet"),
            tr("They are shown here as they come to one of your numbers."),
        )
        if listing and listing.problem:
            self.message.say(
                tr("Only what came by itself is listed"), plain(listing.problem)
            )
        else:
            self.message.clear()
        self._show_chosen(0 if rows else -1)

    def _chosen(self, current: QModelIndex) -> None:
        self._show_chosen(current.row())

    def _show_chosen(self, row: int) -> None:
        entry = self._entry(row)
        self.call_button.setEnabled(bool(entry and entry.number_text))
        self.copy_button.setEnabled(bool(entry and entry.number_text))
        self.text.setVisible(entry is not None)
        self._who.setText("")
        if entry is None:
            return
        who = plain(entry.who) or tr("an unknown number")
        way = tr("From {who}", who=who) if entry.is_inbound else tr("To {who}", who=who)
        number = plain(entry.number_text) if entry.name else ""
        self._who.setText(joined(way, number))
        lines = (plain(one, 2_000) for one in entry.text[:_LONGEST_TEXT].splitlines())
        self.text.setPlainText("\n".join(lines))

    # --- one message -----------------------------------------------------------------

    def _entry(self, row: int) -> TextEntry | None:
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _call(self) -> None:
        entry = self._entry(self.list.currentIndex().row())
        if entry is not None:
            self._actions.call(entry.number_e164 or entry.number_text)

    def _copy(self) -> None:
        entry = self._entry(self.list.currentIndex().row())
        if entry is not None:
            number = entry.number_e164 or plain(entry.number_text)
            QGuiApplication.clipboard().setText(number)


def _row(number: int, entry: TextEntry, now: datetime) -> Row:
    when = when_text(entry.at, now) if entry.at is not None else ""
    who = plain(entry.who) or tr("Unknown number")
    first_line = plain(entry.text.replace("\n", " "), 200)
    return Row(
        key=f"{number}",
        title=who if entry.is_inbound else tr("To {who}", who=who),
        details=first_line or tr("No text"),
        icon="message",
        end=when,
    )
