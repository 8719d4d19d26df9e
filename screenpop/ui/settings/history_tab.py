"""The vendor's own call history, narrowed at the vendor and read page by page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from screenpop.providers.abilities import HistoryFilter
from screenpop.providers.protocol import HistoryPage, HistoryQuery
from screenpop.ui.settings.history_narrowing import NarrowSheet, narrowing_text
from screenpop.ui.settings.history_recording import HistoryRecording
from screenpop.ui.settings.state_texts import history_texts
from screenpop.ui.settings.tool_list import ToolList
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import SearchField
from screenpop.ui.widgets.rows import Row
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.ui.ports import OpenUrl, VendorCallsPort
    from screenpop.ui.setup_ports import AccountToolsPort
    from screenpop.ui.theme.theme import Theme


class HistoryTab(ToolList):
    """The vendor's own call history, page by page."""

    def __init__(
        self,
        theme: Theme,
        tools: AccountToolsPort,
        account_id: str,
        clock: Callable[[], datetime],
        recordings: VendorCallsPort | None,
        open_url: OpenUrl,
    ) -> None:
        super().__init__(
            theme,
            tr("Calls at the phone system"),
            tr("What the phone system itself has booked."),
            tr("The phone system has no such calls."),
        )
        self._tools, self._account_id, self._clock = tools, account_id, clock
        self._query = HistoryQuery()
        self._form = tools.history_form(account_id)
        self._only = HistoryFilter()
        self._chosen: Mapping[str, str] = {}
        self.number = SearchField(theme, tr("Number; empty for all calls"))
        self.number.returnPressed.connect(self.load)
        search = TextButton(theme, tr("Search"), self.load)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.number, 1)
        row.addWidget(search)
        self.narrow_button = TextButton(theme, tr("Narrow…"), self._ask_narrowing)
        row.addWidget(self.narrow_button)
        can_narrow = self._form.has_filters or bool(self._form.choices)
        self.narrow_button.setVisible(can_narrow)
        self.column.insertLayout(1, row)
        self.column.insertWidget(2, self._build_narrowed())
        self.newer_button = self.add_button(tr("Newer"), lambda: self._turn(-1))
        self.older_button = self.add_button(tr("Older"), lambda: self._turn(1))
        if self._form.can_count:
            self.count_button = self.add_button(tr("Count"), self._count)
        if self._form.can_export:
            self.add_button(tr("Export…"), self._export)
        # A row of their own: beside the others they are wider than the window.
        self.recording = HistoryRecording(theme, self, account_id, recordings, open_url)
        self.column.addWidget(self.recording)
        self._shown: dict[str, tuple[CallDetailRecord, str]] = {}
        self.list.selectionModel().selectionChanged.connect(self._show_recording)

    def load(self) -> None:
        """Ask for the first page."""
        self._ask(HistoryQuery(number=self.number.text().strip()))

    def _turn(self, step: int) -> None:
        self._ask(replace(self._query, page=max(0, self._query.page + step)))

    def _ask(self, query: HistoryQuery) -> None:
        self._query = query
        self.run(
            self._tools.history(self._account_id, query, self._only, self._chosen),
            self._show,
        )

    def _show(self, page: HistoryPage) -> None:
        now = self._clock()
        rows = []
        self._shown = {}
        numbered = enumerate(zip(page.records, page.call_ids, strict=True))
        for number, (record, call_id) in numbered:
            title, details, end = history_texts(record, now)
            key = f"{page.page}:{number}:{record.record_id}"
            self._shown[key] = record, call_id
            rows.append(Row(key, title, details, "phone", "text_faint", end))
        self.show_rows(tuple(rows))
        self._show_recording()
        self.list.scrollToTop()
        self.newer_button.setEnabled(page.page > 0)
        self.older_button.setEnabled(page.has_next)

    def _show_recording(self) -> None:
        row = self.list.chosen
        record, call_id = self._shown.get(row.key if row else "", (None, ""))
        self.recording.show_call(record, call_id)

    # --- narrowing -------------------------------------------------------------------

    def _build_narrowed(self) -> QWidget:
        self._narrowed_line = QWidget()
        row = QHBoxLayout(self._narrowed_line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.theme.px(8))
        self.narrowed = TextBlock(self.theme, tone="accent")
        row.addWidget(self.narrowed, 1)
        row.addWidget(TextButton(self.theme, tr("Show all"), self._show_all))
        self._narrowed_line.hide()
        return self._narrowed_line

    def _ask_narrowing(self) -> None:
        sheet = NarrowSheet(
            self.theme, self, self._form, self._only, self._chosen, self.narrow
        )
        sheet.open()

    def narrow(self, only: HistoryFilter, chosen: Mapping[str, str]) -> None:
        """Show only such calls, from the first page on."""
        self._only, self._chosen = only, chosen
        text = narrowing_text(self._form, only, chosen)
        self.narrowed.setText(tr("Only: {what}", what=text) if text else "")
        self._narrowed_line.setVisible(bool(text))
        self.load()

    def _show_all(self) -> None:
        self.narrow(HistoryFilter(), {})

    def _count(self) -> None:
        def told(count: int) -> None:
            self.message.say(tr_count("{count} call", "{count} calls", count))

        query = HistoryQuery(number=self.number.text().strip())
        self.run(
            self._tools.count_calls(self._account_id, query, self._only, self._chosen),
            told,
        )

    # --- the vendor's file -----------------------------------------------------------

    def _export(self) -> None:
        dialog = QFileDialog(self, tr("Export the phone system's history"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("CSV files (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("history.csv")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Write the vendor's CSV to this file and say so."""

        def told(size: int) -> None:
            self.message.say(
                tr_count(
                    "{count} byte written to {name}",
                    "{count} bytes written to {name}",
                    size,
                    name=path.name,
                ),
                tone="good",
            )

        self.run(self._tools.export_history(self._account_id, self._query, path), told)
