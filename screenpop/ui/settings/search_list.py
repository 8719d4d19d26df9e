"""The box that searches all settings, and the list of what it found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.ui.settings.search_index import search
from screenpop.ui.widgets.fields import SearchField
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.settings.search_index import Findable
    from screenpop.ui.theme.theme import Theme


class SettingsSearch(QWidget):
    """Hidden while nothing is searched for; `field` is to be placed above it.

    Args:
        index: Makes the index; asked at the first letter of each search.
        go_to: Shows what was chosen.

    Signals:
        searching: Whether results are shown now.
    """

    searching = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        index: Callable[[], list[Findable]],
        go_to: Callable[[Findable], None],
    ) -> None:
        super().__init__()
        self._make_index = index
        self._go_to = go_to
        self._index: list[Findable] = []
        self._found: tuple[Findable, ...] = ()
        self.field = SearchField(theme, tr("Search settings"))
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.rows = RowsView(theme, tr("Settings found"))
        self.rows.installEventFilter(self)
        self.rows.clicked.connect(lambda _index: self._choose())
        self.nothing = TextBlock(
            theme, tr("No setting is called so. Try another word."), tone="soft"
        )
        column.addWidget(self.rows, 1)
        column.addWidget(self.nothing)
        column.addStretch(0)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to what was found; the arrows lead between box and list."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._found:
                self._choose()
                return True
            if watched is self.field and key == Qt.Key.Key_Down and self._found:
                self.rows.setFocus()
                return True
            is_first = self.rows.currentIndex().row() <= 0
            if watched is self.rows and key == Qt.Key.Key_Up and is_first:
                self.field.setFocus()
                return True
            if watched is self.rows and key == Qt.Key.Key_Escape:
                self.field.clear()
                self.field.setFocus()
                return True
        return super().eventFilter(watched, event)

    def _search(self, text: str) -> None:
        is_searching = bool(text.strip())
        if is_searching and not self.isVisible():
            self._index = self._make_index()
        self._found = search(self._index, text) if is_searching else ()
        rows = tuple(
            Row(str(place), found.title, found.place, icon="search")
            for place, found in enumerate(self._found)
        )
        self.rows.show_rows(rows, 0)
        self.rows.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
        self.setVisible(is_searching)
        self.searching.emit(is_searching)

    def _choose(self) -> None:
        chosen = self.rows.chosen
        if chosen is None or not self._found:
            return
        self._go_to(self._found[int(chosen.key)])
