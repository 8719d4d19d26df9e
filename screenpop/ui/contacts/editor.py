"""Create or change one contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from screenpop.ui.contacts.view_model import ContactForm, form_of
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.window import Sheet, confirm
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact
    from screenpop.ui.ports import ContactBookPort
    from screenpop.ui.theme.theme import Theme


class ContactEditor(Sheet):
    """`changed` when something was saved or deleted; it is not modal without a parent.

    Args:
        contact: The one to change; None to create one.
        form: What to begin with for a new one.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        book: ContactBookPort,
        *,
        contact: Contact | None = None,
        form: ContactForm | None = None,
    ) -> None:
        title = tr("Edit contact") if contact else tr("New contact")
        super().__init__(theme, parent, title)
        self._book = book
        self._contact = contact
        self._build(form or (form_of(contact) if contact else ContactForm()))
        if contact is not None:
            self.delete_button = self.add_button(
                tr("Delete…"), self._ask_delete, "danger"
            )
        self.add_button(tr("Cancel"), self.reject)
        self.save_button = self.add_button(tr("Save"), self._save, "primary")
        self.save_button.setDefault(True)
        self.resize(theme.px(420), theme.px(460))
        self.first_name.setFocus()

    def form(self) -> ContactForm:
        """What the fields hold."""
        return ContactForm(
            first_name=self.first_name.text(),
            last_name=self.last_name.text(),
            company=self.company.text(),
            job_title=self.job_title.text(),
            numbers=self.numbers.toPlainText(),
            emails=self.emails.toPlainText(),
        )

    def _build(self, form: ContactForm) -> None:
        theme = self.theme
        self.first_name = QLineEdit(form.first_name)
        self.last_name = QLineEdit(form.last_name)
        self.company = QLineEdit(form.company)
        self.job_title = QLineEdit(form.job_title)
        self.numbers = self._lines(form.numbers)
        self.emails = self._lines(form.emails)
        self._pair(
            Labelled(theme, tr("First name"), self.first_name),
            Labelled(theme, tr("Last name"), self.last_name),
        )
        self._pair(
            Labelled(theme, tr("Company"), self.company),
            Labelled(theme, tr("Job title"), self.job_title),
        )
        self.body.addWidget(
            Labelled(
                theme,
                tr("Phone numbers"),
                self.numbers,
                help_text=tr("One to a line."),
            )
        )
        self.body.addWidget(Labelled(theme, tr("E-mail"), self.emails))
        sources = self._book.writable_sources()
        self.source = Choice(theme, sources)
        if self._contact is None and len(sources) > 1:
            self.body.addWidget(Labelled(theme, tr("Keep it in"), self.source))
        self.body.addStretch(1)

    def _pair(self, first: QWidget, second: QWidget) -> None:
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(8))
        row.addWidget(first)
        row.addWidget(second)
        self.body.addLayout(row)

    def _lines(self, text: str) -> QPlainTextEdit:
        field = QPlainTextEdit(text)
        field.setTabChangesFocus(True)
        field.setFixedHeight(self.theme.px(58))
        return field

    def _save(self) -> None:
        form = self.form()
        if form.problem:
            self.message.say(form.problem, tone="bad")
            return
        draft = form.draft()
        self.save_button.setEnabled(False)
        work = (
            self._book.update(self._contact, draft)
            if self._contact is not None
            else self._book.create(draft, self.source.key)
        )
        self.tasks.start(
            work,
            lambda _contact: self._finish(),
            finally_=lambda: self.save_button.setEnabled(True),
            slot="save",
        )

    def _ask_delete(self) -> None:
        contact = self._contact
        if contact is None:
            return
        confirm(
            self.theme,
            self,
            tr("Delete this contact?"),
            tr("It is deleted where it is kept. This cannot be undone."),
            tr("Delete"),
            lambda: self.tasks.start(
                self._book.delete(contact), lambda _none: self._finish(), slot="save"
            ),
        )

    def _finish(self) -> None:
        self.changed.emit()
        self.accept()
