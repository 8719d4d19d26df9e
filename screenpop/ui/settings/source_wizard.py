"""Adding a contact source: choose the kind, fill in, sign in, try it, keep it."""

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
from screenpop.ui.settings.offer_list import OfferList
from screenpop.ui.widgets.fields import Labelled
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.settings.source_texts import SourceWizardModel
    from screenpop.ui.theme.theme import Theme

_KIND, _FORM, _RESULT = range(3)
_ICON: Final = "people"


class SourceWizard(Sheet):
    """`added` once the source is kept; before that nothing is saved."""

    added = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None, model: SourceWizardModel
    ) -> None:
        super().__init__(theme, parent, tr("Add a contact source"))
        self._model = model
        self.form: FieldForm | None = None
        self.offers: list[OfferList] = []
        self._left_at: QWidget | None = None
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_kinds())
        self._pages.addWidget(self._build_form_page())
        self._pages.addWidget(self._build_result_page())
        self.body.addWidget(self._pages, 1)
        self.cancel_button = self.add_button(tr("Cancel"), self.reject)
        self.back_button = self.add_button(tr("Back"), self._back)
        self.next_button = self.add_button("", self._next, "primary")
        self.next_button.setDefault(True)
        self.resize(theme.px(460), theme.px(600))
        self._show_page(_KIND)

    # --- pages -----------------------------------------------------------------------

    def _build_kinds(self) -> QWidget:
        page, column = self._page(tr("Where are your contacts?"))
        self.kinds = RowsView(self.theme, tr("Kinds of contact sources"))
        rows = tuple(
            Row(key=one.key, title=one.name, icon=_ICON) for one in self._model.kinds
        )
        self.kinds.show_rows(rows, 0)
        self.kinds.doubleClicked.connect(lambda _index: self._next())
        column.addWidget(self.kinds, 1)
        return page

    def _build_form_page(self) -> QWidget:
        page, column = self._page("")
        self._lead = TextBlock(self.theme, tone="soft")
        column.addWidget(self._lead)
        self.name = QLineEdit()
        self._form_column = QVBoxLayout()
        inner = QWidget()
        inner_column = QVBoxLayout(inner)
        inner_column.setContentsMargins(0, 0, self.theme.px(8), 0)
        inner_column.setSpacing(self.theme.px(12))
        inner_column.addWidget(
            Labelled(self.theme, tr("Name of the source"), self.name)
        )
        inner_column.addLayout(self._form_column)
        inner_column.addStretch(1)
        column.addWidget(scrolled(inner), 1)
        return page

    def _build_result_page(self) -> QWidget:
        page, column = self._page("")
        self.welcome = InlineMessage(self.theme)
        column.addWidget(self.welcome)
        self._offers = QVBoxLayout()
        self._offers.setSpacing(self.theme.px(12))
        column.addLayout(self._offers)
        column.addWidget(
            TextBlock(
                self.theme,
                tr(
                    "Sources that can look a number up are asked about each caller. "
                    "Others are copied to this computer, and the copy is kept in step."
                ),
                tone="soft",
            )
        )
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
        if page == _KIND:
            chosen = self.kinds.chosen
            if chosen is not None:
                self._choose(chosen.key)
        elif page == _FORM:
            self._try()
        else:
            self._save()

    def _back(self) -> None:
        self._show_page(self._pages.currentIndex() - 1)

    def _choose(self, key: str) -> None:
        if self._model.kind is None or self._model.kind.key != key:
            self._model.choose(key)
            self._show_form()
        self._show_page(_FORM)

    def _try(self) -> None:
        if self.form is None:
            return
        problem = self._model.fill_in(
            self.name.text(), self.form.values(), self.form.secrets()
        )
        if problem:
            self.message.say(problem, tone="bad")
            return
        waits = tr("Sign in in your browser…")
        self._be_busy(waits if self._model.needs_sign_in else tr("Trying…"))
        self.tasks.start(
            self._model.try_out(),
            lambda _none: self._show_page(_RESULT),
            finally_=self._be_idle,
            slot="step",
        )

    def _save(self) -> None:
        problem = self._model.take_offers({one.key: one.chosen for one in self.offers})
        if problem:
            self.message.say(problem, tone="bad")
            return
        self._be_busy(tr("Saving…"))
        self.tasks.start(
            self._model.save(),
            self._saved,
            finally_=self._be_idle,
            slot="step",
            outlives_window=True,
        )

    def _saved(self, source_id: str) -> None:
        self.added.emit(source_id)
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

    # --- showing ---------------------------------------------------------------------

    def _show_page(self, page: int) -> None:
        self.message.clear()
        if page == _RESULT:
            self.welcome.say(self._model.welcome_text, tone="good")
            self._show_offers()
        self._pages.setCurrentIndex(page)
        self._focus_page(page)
        self.back_button.setVisible(page > _KIND)
        self._name_next()

    def _focus_page(self, page: int) -> None:
        if page == _KIND:
            self.kinds.setFocus()
        elif page == _FORM and self.form is not None and self._model.kind is not None:
            fields = self._model.kind.fields
            required = [one.key for one in fields if one.is_required]
            first = (required or [one.key for one in fields])[:1]
            (self.form.field(first[0]) if first else self.name).setFocus()
        elif page == _RESULT:
            self.next_button.setFocus()

    def _show_offers(self) -> None:
        for old in self.offers:
            self._offers.removeWidget(old)
            old.deleteLater()
        self.offers = [OfferList(self.theme, one) for one in self._model.offers]
        for one in self.offers:
            self._offers.addWidget(one)

    def _name_next(self) -> None:
        tries = tr("Sign in") if self._model.needs_sign_in else tr("Try it")
        texts = (tr("Next"), tries, tr("Add the source"))
        self.next_button.show_text(texts[self._pages.currentIndex()])

    def _show_form(self) -> None:
        kind = self._model.kind
        if kind is None:
            return
        if self.form is not None:
            self._form_column.removeWidget(self.form)
            self.form.deleteLater()
        self.form = FieldForm(self.theme, kind.fields)
        self._form_column.addWidget(self.form)
        self.heading.setText(tr("Add {kind}", kind=kind.name))
        self.name.setText(self._model.label)
        self._lead.setText(
            tr("You sign in in your browser; the password is never told to screenpop.")
            if self._model.needs_sign_in
            else tr(
                "It is tried before anything is saved. "
                "Keys and passwords are kept in your keychain."
            )
        )
