"""The calls of the log as a table that fetches more while it is scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)

from screenpop.ui.call_log.texts import LogRow, row_of, spoken
from screenpop.ui.wording import marked, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.services.call_history import LogEntry

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
COLUMNS: Final = (marked("Who"), marked("Line"), marked("When"), marked("Result"))
WHO, LINE, WHEN, RESULT = range(len(COLUMNS))

_Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class CallTableModel(QAbstractTableModel):
    """Calls, newest first, page by page.

    Args:
        fetch: Asks for the page that begins at an offset; `add_page` brings it.
        clock: The present moment.
    """

    def __init__(
        self, fetch: Callable[[int], None], clock: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self._fetch = fetch
        self._clock = clock
        self._entries: list[LogEntry] = []
        self._has_more = False
        self._is_fetching = False

    # --- filling ---------------------------------------------------------------------

    def restart(self, entries: tuple[LogEntry, ...], *, has_more: bool) -> None:
        """List other calls."""
        self.beginResetModel()
        self._entries = list(entries)
        self._has_more, self._is_fetching = has_more, False
        self.endResetModel()

    def add_page(self, entries: tuple[LogEntry, ...], *, has_more: bool) -> None:
        """Calls to come after those there are; known ones are skipped."""
        self._has_more, self._is_fetching = has_more, False
        known = {entry.ref for entry in self._entries}
        fresh = [entry for entry in entries if entry.ref not in known]
        if fresh:
            first = len(self._entries)
            self.beginInsertRows(_ROOT, first, first + len(fresh) - 1)
            self._entries.extend(fresh)
            self.endInsertRows()

    def fetch_failed(self) -> None:
        """The page did not come; scrolling asks again."""
        self._is_fetching = False

    def update(self, newest: tuple[LogEntry, ...]) -> None:
        """Take over changes in the newest calls without losing the user's place."""
        places = {entry.ref: row for row, entry in enumerate(self._entries)}
        fresh = []
        for entry in newest:
            row = places.get(entry.ref)
            if row is None:
                fresh.append(entry)
            elif self._entries[row] != entry:
                self._entries[row] = entry
                self.dataChanged.emit(
                    self.index(row, 0), self.index(row, len(COLUMNS) - 1)
                )
        latest = self._entries[0].started_at if self._entries else None
        top = [one for one in fresh if latest is None or one.started_at >= latest]
        if top:
            self.beginInsertRows(_ROOT, 0, len(top) - 1)
            self._entries[:0] = top
            self.endInsertRows()

    # --- reading ---------------------------------------------------------------------

    def entry(self, row: int) -> LogEntry | None:
        """The call of a row."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, ref: CallRef) -> int:
        """Where a call stands; -1 when it is not listed."""
        for row, entry in enumerate(self._entries):
            if entry.ref == ref:
                return row
        return -1

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many calls have been fetched."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, or the whole row for whoever paints it."""
        row = row_of(self._entries[index.row()], self._clock())
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(row, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row) if index.column() == WHO else _cell(row, index.column())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The columns' names."""
        is_name = role == Qt.ItemDataRole.DisplayRole
        if orientation is Qt.Orientation.Horizontal and is_name:
            return tr_marked(COLUMNS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        return None

    def canFetchMore(self, parent: _Index) -> bool:
        """Whether scrolling further brings more."""
        return not parent.isValid() and self._has_more and not self._is_fetching

    def fetchMore(self, parent: _Index) -> None:
        """Ask for the next page."""
        if self.canFetchMore(parent):
            self._is_fetching = True
            self._fetch(len(self._entries))


def _cell(row: LogRow, column: int) -> str:
    return (row.who, row.line, row.when, row.result)[column]
