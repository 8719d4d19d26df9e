"""Choose a contact to add a number to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from screenpop.ui.contacts.view_model import hit_texts
from screenpop.ui.widgets.fields import SearchField
from screenpop.ui.widgets.messages import EmptyState
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.services.contact_book import ContactHit
    from screenpop.ui.ports import ContactBookPort
    from screenpop.ui.theme.theme import Theme

_SEARCH_PAUSE_MS: Final = 200


class ContactPicker(Sheet):
    """`picked` with the contact; it is not modal without a parent.

    Args:
        number_text: The number that is to be added, as people write it.
        text: What to search for at first: the name that the network sent.
    """

    picked = Signal(object)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        book: ContactBookPort,
        *,
        number_text: str,
        text: str = "",
    ) -> None:
        super().__init__(theme, parent, tr("Add the number to a contact"))
        self._book = book
        self._hits: dict[str, ContactHit] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self.body.addWidget(
            TextBlock(
                theme, tr("Whose number is {number}?", number=number_text), tone="soft"
            )
        )
        self.search = SearchField(theme, tr("Search names, companies and numbers"))
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.body.addWidget(self.search)
        self.list = RowsView(theme, tr("Contacts"))
        self.list.activated.connect(lambda _index: self._pick())
        self.list.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._empty = EmptyState(theme, "people", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.body.addWidget(self._stack, 1)
        self.add_button(tr("Cancel"), self.reject)
        self.pick_button = self.add_button(tr("Choose"), self._pick, "primary")
        self.pick_button.setDefault(True)
        self.pick_button.setEnabled(False)
        self.resize(theme.px(420), theme.px(460))
        self.search.setText(text)
        self.search.setFocus()
        self._search()

    def _search(self) -> None:
        self.tasks.start(
            self._book.search(self.search.text()), self._show, slot="search"
        )

    def _show(self, hits: tuple[ContactHit, ...]) -> None:
        self._hits = {}
        rows = []
        for hit in hits:
            if hit.can_edit:
                key = f"{hit.contact.source}:{hit.contact.source_id}"
                self._hits[key] = hit
                rows.append(Row(key, *hit_texts(hit)))
        self.list.renew(tuple(rows))
        self._empty.say(tr("Nobody fits"))
        self._stack.setCurrentWidget(self.list if rows else self._empty)
        self._chosen_changed()

    def _chosen_changed(self) -> None:
        self.pick_button.setEnabled(self.list.selectionModel().hasSelection())

    def _pick(self) -> None:
        row = self.list.chosen
        hit = self._hits.get(row.key) if row else None
        if hit is not None:
            self.picked.emit(hit.contact)
            self.accept()
