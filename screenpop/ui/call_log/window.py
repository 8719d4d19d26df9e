"""The call log's window: who waits, all calls, and the story of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.domain.frozen import frozen
from screenpop.ui.call_log.details import DetailsActions, DetailsPanel
from screenpop.ui.call_log.filter_bar import FilterBar
from screenpop.ui.call_log.table_model import CallTableModel
from screenpop.ui.call_log.table_view import CallTable
from screenpop.ui.call_log.vendor_part import VendorPart
from screenpop.ui.call_log.view_model import PAGE_ROWS, CallLogModel
from screenpop.ui.call_log.work_list import WorkList
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import EmptyState, InlineMessage
from screenpop.ui.widgets.window import Window
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.domain.calls import CallRef
    from screenpop.services.call_history import LogDetails, LogEntry, LogKind
    from screenpop.ui.call_log.texts import MissedCaller
    from screenpop.ui.ports import MemoryPort, OpenUrl, VendorCallsPort
    from screenpop.ui.theme.theme import Theme

_SEARCH_PAUSE_MS: Final = 150
_REFRESH_PAUSE_MS: Final = 100


@frozen
class CallLogActions:
    """What the log asks of the rest of the program.

    Attributes:
        call: Opens the dialer with this number.
        create_contact: Opens the contact editor with this number and name.
        open_voicemail: Shows the messages that callers left.
        accounts: Id and name of every account.
        has_voicemail: Whether any phone system keeps messages.
    """

    call: Callable[[str], object]
    create_contact: Callable[[str, str], object]
    open_url: OpenUrl
    open_voicemail: Callable[[], object] = lambda: None
    has_voicemail: Callable[[], bool] = lambda: False
    open_messages: Callable[[], object] = lambda: None
    has_messages: Callable[[], bool] = lambda: False
    accounts: Callable[[], tuple[tuple[str, str], ...]] = lambda: ()
    vendor: VendorCallsPort | None = None


class CallLogWindow(Window):
    """Searches while somebody types, pages while somebody scrolls."""

    def __init__(
        self,
        theme: Theme,
        memory: MemoryPort,
        model: CallLogModel,
        actions: CallLogActions,
    ) -> None:
        self.message = InlineMessage(theme, is_closable=True)
        super().__init__(
            theme, memory, "call_log", tr("Call log"), self.message.show_trouble
        )
        self._model = model
        self._actions = actions
        self._calls = CallTableModel(self._fetch, lambda: model.now)
        self._wanted_ref: CallRef | None = None
        self._refresh_pause = self._timer(_REFRESH_PAUSE_MS, self._refresh)
        self._build()
        self.resize(theme.px(980), theme.px(640))
        self.setMinimumSize(theme.px(640), theme.px(420))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)

    # --- from outside ----------------------------------------------------------------

    def open_with(self, text: str = "", kind: LogKind | None = None) -> None:
        """Show it; perhaps with a search or one kind of calls."""
        self.bring_up()
        self.voicemail_button.setVisible(self._actions.has_voicemail())
        self.messages_button.setVisible(self._actions.has_messages())
        self.filters.offer_accounts(self._actions.accounts())
        if text:
            self.search.setText(text)
        if kind is not None:
            self.filters.kinds[kind].setChecked(True)
        self._look(is_forced=True)
        self._refresh_missed()
        self._model.refresh_lost()
        self.search.setFocus()

    def open_at(self, ref: CallRef) -> None:
        """Show it with one call chosen, whether or not it is in the list."""
        self.filters.reset()
        self._wanted_ref = ref
        self.open_with()

    def call_changed(self, _ref: CallRef) -> None:
        """A call was added or has changed."""
        self.refresh_soon()

    def refresh_soon(self) -> None:
        """Read the list again; several changes at once are read once."""
        if self.isVisible() and not self._refresh_pause.isActive():
            self._refresh_pause.start()

    def lost_changed(self) -> None:
        """A phone system's list of callers to call back has changed."""
        if self.isVisible():
            self._refresh_missed()

    # --- building --------------------------------------------------------------------

    def _timer(self, pause_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(pause_ms)
        timer.timeout.connect(act)
        return timer

    def _build(self) -> None:
        theme = self.theme
        column = QVBoxLayout(self)
        edge = theme.px(16)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(theme.px(12))
        self.filters = self._build_bar()
        self.search = self.filters.search
        column.addWidget(self.filters)
        column.addWidget(self.message)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(theme.px(8))
        left = QWidget()
        lists = QVBoxLayout(left)
        lists.setContentsMargins(0, 0, 0, 0)
        lists.setSpacing(theme.px(12))
        self.work_list = WorkList(
            theme, self._call_back, self._done, self._claim_or_release
        )
        lists.addWidget(self.work_list)
        self.table = CallTable(theme, self._calls, self._call_chosen)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self._empty = EmptyState(theme, "log", "")
        self._lists = QStackedWidget()
        self._lists.addWidget(self.table)
        self._lists.addWidget(self._empty)
        lists.addWidget(self._lists, 1)
        self._vendor = VendorPart(
            theme,
            self._actions.vendor,
            self.tasks,
            self.message,
            self._actions.open_url,
            self._memory,
        )
        self.details = DetailsPanel(
            theme,
            DetailsActions(
                call=self._call_entry,
                create_contact=self._create_contact,
                open_url=self._actions.open_url,
                note_written=self._model.write_note,
                note_paused=self._save_notes,
                note_marked=self._mark,
                note_repeat=self._send_again,
                disposed=self._dispose,
            ),
            self._vendor,
        )
        split.addWidget(left)
        split.addWidget(self.details)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([theme.px(640), theme.px(320)])
        column.addWidget(split, 1)

    def _build_bar(self) -> FilterBar:
        theme = self.theme
        bar = FilterBar(theme)
        bar.changed.connect(self._look)
        self.voicemail_button = TextButton(
            theme, tr("Voicemail"), self._actions.open_voicemail, icon="voicemail"
        )
        self.voicemail_button.hide()
        self.messages_button = TextButton(
            theme, tr("Text messages"), self._actions.open_messages, icon="message"
        )
        self.messages_button.hide()
        self.export_button = TextButton(theme, tr("Export…"), self._export)
        for button in (
            self.voicemail_button,
            self.messages_button,
            self.export_button,
        ):
            bar.add_button(button)
        return bar

    # --- listing ---------------------------------------------------------------------

    def _look(self, *, is_forced: bool = False) -> None:
        if self._model.look_for(self.filters.wanted(self._model.now)) or is_forced:
            self.tasks.start(self._model.page(0), self._show_first, slot="page")

    def _show_first(self, entries: tuple[LogEntry, ...]) -> None:
        chosen = self.details.entry
        self._calls.restart(entries, has_more=len(entries) == PAGE_ROWS)
        row = self._calls.row_of(chosen.ref) if chosen else -1
        if row >= 0 or entries:
            self.table.choose(max(row, 0))
        else:
            self.details.clear()
        self._show_empty_state()
        if self._wanted_ref is not None:
            wanted, self._wanted_ref = self._wanted_ref, None
            self.tasks.start(
                self._model.details(wanted), self._show_wanted, slot="wanted"
            )

    def _fetch(self, offset: int) -> None:
        self.tasks.start(
            self._model.page(offset),
            lambda entries: self._calls.add_page(
                entries, has_more=len(entries) == PAGE_ROWS
            ),
            failed=self._fetch_failed,
            slot="page",
        )

    def _fetch_failed(self, trouble: object) -> None:
        self._calls.fetch_failed()
        del trouble  # Scrolling asks again; the rows that are there stay.

    def _refresh(self) -> None:
        self.tasks.start(self._model.page(0), self._show_newest, slot="refresh")
        self._refresh_missed()

    def _show_newest(self, entries: tuple[LogEntry, ...]) -> None:
        self._calls.update(entries)
        self._show_empty_state()
        entry = self._calls.entry(self.table.currentIndex().row())
        if entry is not None:
            self._show_entry(entry)

    def _show_empty_state(self) -> None:
        self._empty.say(*self._model.empty_text)
        is_empty = self._calls.rowCount() == 0
        self._lists.setCurrentWidget(self._empty if is_empty else self.table)
        # Two empty places beside each other say nothing more than one.
        self.details.setVisible(not is_empty or self.details.entry is not None)

    def _chosen(self, current: QModelIndex) -> None:
        entry = self._calls.entry(current.row())
        if entry is None:
            return
        self._save_notes()
        self._show_entry(entry)

    def _show_entry(self, entry: LogEntry) -> None:
        self.details.show()
        self.details.show_entry(entry, self._model.note_of(entry), self._model.now)
        self.tasks.start(
            self._model.details(entry.ref), self._show_details, slot="details"
        )
        self._show_sheet(entry)

    def _show_sheet(self, entry: LogEntry) -> None:
        self.tasks.start(
            self._model.note_sheet(entry), self.details.show_sheet, slot="sheet"
        )

    def _show_wanted(self, details: LogDetails | None) -> None:
        if details is None:
            return
        row = self._calls.row_of(details.entry.ref)
        if row >= 0:
            self.table.choose(row)
        else:
            self.table.clearSelection()
            self._show_entry(details.entry)

    def _show_details(self, details: LogDetails | None) -> None:
        if details is not None:
            self.details.show_details(details, self._model.now)

    # --- the work list ---------------------------------------------------------------

    def _refresh_missed(self) -> None:
        self.tasks.start(
            self._model.load_missed(), lambda _none: self._show_missed(), slot="missed"
        )

    def _show_missed(self) -> None:
        self.work_list.show_callers(self._model.missed_title, self._model.missed)

    def _call_back(self, caller: MissedCaller) -> None:
        self._actions.call(caller.number)

    def _done(self, caller: MissedCaller) -> None:
        def told(_none: None) -> None:
            self._show_missed()
            self._refresh()
            self.message.say(
                tr("{who} is done", who=caller.who),
                tone="good",
                action=tr("Undo"),
                on_action=lambda: self._put_back(caller),
            )

        self.tasks.start(self._model.tick_off(caller), told, outlives_window=True)

    def _claim_or_release(self, caller: MissedCaller) -> None:
        def told(faster: str) -> None:
            self._show_missed()
            if faster:
                self.message.say(tr("{name} was faster and has it", name=faster))

        self.tasks.start(self._model.claim(caller), told, slot="claim")

    def _put_back(self, caller: MissedCaller) -> None:
        def told(_none: None) -> None:
            self.message.clear()
            self._show_missed()
            self._refresh()

        self.tasks.start(self._model.put_back(caller), told, outlives_window=True)

    # --- one call --------------------------------------------------------------------

    def _call_chosen(self) -> None:
        entry = self._calls.entry(self.table.currentIndex().row())
        if entry is not None:
            self._call_entry(entry)

    def _call_entry(self, entry: LogEntry) -> None:
        number = entry.number_e164 or entry.number_text
        if number:
            self._actions.call(number)

    def _create_contact(self, entry: LogEntry) -> None:
        self._actions.create_contact(entry.number_e164 or entry.number_text, entry.name)

    def _save_notes(self) -> None:
        if self._model.has_unsaved_notes:
            self.tasks.start(
                self._model.save_notes(), self._note_changed, outlives_window=True
            )

    def _mark(self, entry: LogEntry, needs_follow_up: bool, severity: int) -> None:
        self.tasks.start(
            self._model.mark(entry, needs_follow_up, severity),
            self._note_changed,
            outlives_window=True,
        )

    def _send_again(self, entry: LogEntry) -> None:
        self.tasks.start(
            self._model.send_again(entry), self._note_changed, outlives_window=True
        )

    def _dispose(self, entry: LogEntry, disposition: str) -> None:
        self.tasks.start(
            self._model.say_what_came_of_it(entry, disposition), outlives_window=True
        )

    def _note_changed(self, _none: None) -> None:
        if self.details.entry is not None:
            self._show_sheet(self.details.entry)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing written is lost by closing."""
        self._save_notes()
        super().hideEvent(event)

    # --- export ----------------------------------------------------------------------

    def _export(self) -> None:
        dialog = QFileDialog(self, tr("Export calls"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("CSV files (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("calls.csv")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Write what is listed to this file and say so."""
        self.tasks.start(
            self._model.export(path),
            lambda text: self.message.say(text, tone="good"),
            slot="export",
        )
