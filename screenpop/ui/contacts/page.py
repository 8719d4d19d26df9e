"""The contacts page of the settings: search, create, change, import, forget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.contacts.editor import ContactEditor
from screenpop.ui.contacts.import_dialog import choose_file
from screenpop.ui.contacts.view_model import hit_texts
from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled, SearchField
from screenpop.ui.widgets.messages import EmptyState, InlineMessage
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock, heading
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.widgets.wrapping import WrappedRow
from screenpop.ui.wording import tr, tr_count

if TYPE_CHECKING:
    from screenpop.services.contact_book import ContactHit
    from screenpop.ui.ports import ContactBookPort
    from screenpop.ui.theme.theme import Theme

_SEARCH_PAUSE_MS: Final = 200


class ContactsPage(QWidget):
    """Everybody who can be found, from every source."""

    def __init__(self, theme: Theme, book: ContactBookPort) -> None:
        super().__init__()
        self._theme = theme
        self._book = book
        self._hits: dict[str, ContactHit] = {}
        self.message = InlineMessage(theme, is_closable=True)
        self.tasks = Tasks(self.message.show_trouble)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self.load)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        column.addWidget(heading(theme, tr("Contacts"), title=True))
        self.search = SearchField(theme, tr("Search names, companies and numbers"))
        self.search.textChanged.connect(lambda _text: self._pause.start())
        column.addWidget(self.search)
        column.addWidget(self.message)
        self.list = RowsView(theme, tr("Contacts"))
        self.list.activated.connect(lambda _index: self._edit())
        self.list.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._empty = EmptyState(theme, "people", tr("No contacts yet"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        column.addWidget(self._stack, 1)
        column.addLayout(self._build_buttons())

    def load(self) -> None:
        """Search for what is in the field."""
        self.tasks.reopen()
        self.tasks.start(
            self._book.search(self.search.text()), self._show, slot="search"
        )

    def refresh_soon(self) -> None:
        """Search again, if somebody looks; several changes at once are read once."""
        if self.isVisible() and not self._pause.isActive():
            self._pause.start()

    def _build_buttons(self) -> WrappedRow:
        theme = self._theme
        row = WrappedRow(theme)
        row.add(TextButton(theme, tr("New contact"), self._create, icon="create"))
        self.edit_button = TextButton(theme, tr("Edit"), self._edit, icon="note")
        self.edit_button.setEnabled(False)
        row.add(self.edit_button, TextButton(theme, tr("Import…"), self._import))
        row.end_with(
            TextButton(theme, tr("Forget a number…"), self._ask_forget, kind="danger")
        )
        return row

    def _show(self, hits: tuple[ContactHit, ...]) -> None:
        self._hits = {}
        rows = []
        for hit in hits:
            key = f"{hit.contact.source}:{hit.contact.source_id}"
            self._hits[key] = hit
            title, details = hit_texts(hit)
            rows.append(Row(key, title, details))
        self.list.renew(tuple(rows))
        if self.search.text().strip():
            self._empty.say(tr("Nobody fits"))
        else:
            self._empty.say(
                tr("No contacts yet"), tr("Import a file, or add one by hand.")
            )
        self._stack.setCurrentWidget(self.list if rows else self._empty)
        self._chosen_changed()

    def _chosen(self) -> ContactHit | None:
        row = self.list.chosen
        return self._hits.get(row.key) if row else None

    def _chosen_changed(self) -> None:
        hit = self._chosen()
        has_choice = self.list.selectionModel().hasSelection()
        self.edit_button.setEnabled(has_choice and hit is not None and hit.can_edit)

    def _create(self) -> None:
        self._open(ContactEditor(self._theme, self, self._book))

    def _edit(self) -> None:
        hit = self._chosen()
        if hit is not None and hit.can_edit:
            self._open(
                ContactEditor(self._theme, self, self._book, contact=hit.contact)
            )

    def _open(self, editor: ContactEditor) -> None:
        editor.changed.connect(self.load)
        editor.open()

    def _import(self) -> None:
        choose_file(self._theme, self, self._book, self.load)

    def _ask_forget(self) -> None:
        sheet = Sheet(self._theme, self, tr("Forget a number"))
        sheet.setMinimumWidth(self._theme.px(400))
        sheet.body.addWidget(
            TextBlock(
                self._theme,
                tr(
                    "Every trace of it on this computer goes: contact, calls, notes. "
                    "What the phone system keeps itself stays there."
                ),
                tone="soft",
            )
        )
        field = QLineEdit()
        sheet.body.addWidget(Labelled(self._theme, tr("Number"), field))
        sheet.add_button(tr("Cancel"), sheet.reject)

        def told(count: int) -> None:
            sheet.accept()
            self.message.say(
                tr_count("{count} trace removed", "{count} traces removed", count),
                tone="good",
            )
            self.load()

        sheet.add_button(
            tr("Forget it"),
            lambda: sheet.tasks.start(
                self._book.forget(field.text()), told, slot="forget"
            ),
            "danger",
        )
        field.setFocus()
        sheet.open()
