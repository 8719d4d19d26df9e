"""Adding an account: fill in, try it, choose whose phone it is, keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.settings.form import FieldForm, scrolled
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.services.events import AccountState
    from screenpop.ui.settings.view_model import WizardModel
    from screenpop.ui.theme.theme import Theme

_VENDOR, _FORM, _PHONE = range(3)
_EVERYBODY: Final = ""


class AccountWizard(Sheet):
    """`added` once the account is kept; before that nothing is saved."""

    added = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None, model: WizardModel
    ) -> None:
        super().__init__(theme, parent, tr("Add an account"))
        self._model = model
        self._form: FieldForm | None = None
        self._left_at: QWidget | None = None
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_vendors())
        self._pages.addWidget(self._build_form_page())
        self._pages.addWidget(self._build_phone_page())
        self.body.addWidget(self._pages, 1)
        self.cancel_button = self.add_button(tr("Cancel"), self.reject)
        self.back_button = self.add_button(tr("Back"), self._back)
        self.next_button = self.add_button("", self._next, "primary")
        self.next_button.setDefault(True)
        self.resize(theme.px(460), theme.px(600))
        self._show_page(_FORM if model.vendor else _VENDOR)

    # --- pages -----------------------------------------------------------------------

    def _build_vendors(self) -> QWidget:
        page, column = self._page(tr("Which phone system do you use?"))
        self.vendors = RowsView(self.theme, tr("Phone systems"))
        rows = tuple(
            Row(key=one.key, title=one.name, icon="phone")
            for one in self._model.vendors
        )
        self.vendors.show_rows(rows, 0)
        self.vendors.doubleClicked.connect(lambda _index: self._next())
        column.addWidget(self.vendors, 1)
        return page

    def _build_form_page(self) -> QWidget:
        page, column = self._page(
            tr("The key is tried before anything is saved, and kept in your keychain.")
        )
        self.name = QLineEdit()
        self._form_column = QVBoxLayout()
        inner = QWidget()
        inner_column = QVBoxLayout(inner)
        inner_column.setContentsMargins(0, 0, self.theme.px(8), 0)
        inner_column.setSpacing(self.theme.px(12))
        inner_column.addWidget(
            Labelled(self.theme, tr("Name of the account"), self.name)
        )
        inner_column.addLayout(self._form_column)
        inner_column.addStretch(1)
        column.addWidget(scrolled(inner), 1)
        return page

    def _build_phone_page(self) -> QWidget:
        page, column = self._page("")
        self.welcome = InlineMessage(self.theme)
        column.addWidget(self.welcome)
        self.user = Choice(self.theme)
        self.user.setPlaceholderText(tr("Choose…"))
        self.user.currentIndexChanged.connect(
            lambda _index: self._extension_chosen(self.user.key)
        )
        self._user_field = Labelled(
            self.theme,
            tr("Which phone is yours?"),
            self.user,
            help_text=tr("Its calls pop here, and it rings first when you call."),
        )
        self.extension = QLineEdit()
        self.extension.textEdited.connect(self._extension_chosen)
        self._extension_field = Labelled(
            self.theme,
            tr("Your extension"),
            self.extension,
            help_text=tr("Such as 101. Empty: everybody's calls pop here."),
        )
        self.caller_id = Choice(self.theme)
        self.caller_id.currentIndexChanged.connect(self._caller_id_chosen)
        self._caller_id_field = Labelled(
            self.theme, tr("Number they see"), self.caller_id
        )
        for field in (self._user_field, self._extension_field, self._caller_id_field):
            column.addWidget(field)
        column.addStretch(1)
        return page

    def _page(self, lead: str) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(12))
        if lead:
            column.addWidget(TextBlock(self.theme, lead, tone="soft"))
        return page, column

    # --- steps -----------------------------------------------------------------------

    def _next(self) -> None:
        page = self._pages.currentIndex()
        if page == _VENDOR:
            chosen = self.vendors.chosen
            if chosen is not None:
                self._model.choose_vendor(chosen.key)
                self._show_page(_FORM)
        elif page == _FORM:
            self._try()
        else:
            self._save()

    def _back(self) -> None:
        self._show_page(self._pages.currentIndex() - 1)

    def _try(self) -> None:
        form = self._form
        if form is None:
            return
        problem = self._model.fill_in(self.name.text(), form.values(), form.secrets())
        if problem:
            self.message.say(problem, tone="bad")
            return
        self._be_busy(tr("Trying…"))
        self.tasks.start(
            self._model.try_out(),
            lambda _none: self._show_page(_PHONE),
            finally_=self._be_idle,
            slot="step",
        )

    def _save(self) -> None:
        if self._model.user_choices and self.user.currentIndex() < 0:
            self.message.say(tr("Choose your phone, or everybody's calls."), tone="bad")
            self.user.setFocus()
            return
        self._be_busy(tr("Saving…"))
        self.tasks.start(
            self._model.save(), self._saved, finally_=self._be_idle, slot="step"
        )

    def _saved(self, state: AccountState) -> None:
        self.added.emit(state.account_id)
        self.accept()

    def _be_busy(self, text: str) -> None:
        self.message.clear()
        self.next_button.show_text(text)
        self._left_at = self.focusWidget()
        for widget in (self.next_button, self.back_button, self._pages):
            widget.setEnabled(False)

    def _be_idle(self) -> None:
        for widget in (self.next_button, self.back_button, self._pages):
            widget.setEnabled(True)
        self._name_next()
        # Where the user was, to mend what was wrong; a new page has its own beginning.
        if self._left_at is not None and self._left_at.isVisible():
            self._left_at.setFocus()
        else:
            self._focus_page(self._pages.currentIndex())

    # --- choices ---------------------------------------------------------------------

    def _extension_chosen(self, extension: str) -> None:
        self._model.choose_extension(extension)
        self._show_caller_ids()

    def _caller_id_chosen(self) -> None:
        self._model.caller_id = self.caller_id.key

    def _show_caller_ids(self) -> None:
        choices = self._model.caller_id_choices
        self.caller_id.offer(choices, self._model.caller_id)
        self._caller_id_field.setVisible(len(choices) > 1)

    # --- showing ---------------------------------------------------------------------

    def _show_page(self, page: int) -> None:
        self.message.clear()
        if page == _FORM:
            self._show_form()
        elif page == _PHONE:
            self._show_phone()
        self._pages.setCurrentIndex(page)
        self._focus_page(page)
        first = _FORM if len(self._model.vendors) == 1 else _VENDOR
        self.back_button.setVisible(page > first)
        self._name_next()

    def _focus_page(self, page: int) -> None:
        if page == _VENDOR:
            self.vendors.setFocus()
        elif page == _FORM and self._form is not None:
            required = (one.key for one in self._model.fields if one.is_required)
            self._form.field(next(required, self._model.fields[0].key)).setFocus()
        elif page == _PHONE:
            has_users = bool(self._model.user_choices)
            (self.user if has_users else self.extension).setFocus()

    def _name_next(self) -> None:
        texts = (tr("Next"), tr("Try it"), tr("Add the account"))
        self.next_button.show_text(texts[self._pages.currentIndex()])

    def _show_form(self) -> None:
        vendor = self._model.vendor
        if vendor is None or (self._form and self._form.objectName() == vendor.key):
            return
        if self._form is not None:
            self._form_column.removeWidget(self._form)
            self._form.deleteLater()
        self._form = FieldForm(self.theme, self._model.fields)
        self._form.setObjectName(vendor.key)
        self._form_column.addWidget(self._form)
        self.heading.setText(tr("Add {vendor}", vendor=vendor.name))
        self.name.setText(self._model.label)

    def _show_phone(self) -> None:
        self.welcome.say(self._model.welcome_text, tone="good")
        users = self._model.user_choices
        everybody = (_EVERYBODY, tr("Everybody's calls pop here"))
        self.user.offer((*users, everybody), self._model.extension)
        if users and not self._model.extension:
            # Whose phone it is must be said; no answer is not "everybody's".
            was_blocked = self.user.blockSignals(True)
            self.user.setCurrentIndex(-1)
            self.user.blockSignals(was_blocked)
        self._user_field.setVisible(bool(users))
        self._extension_field.setVisible(not users)
        self._model.choose_extension(self.user.key if users else self.extension.text())
        self._show_caller_ids()
