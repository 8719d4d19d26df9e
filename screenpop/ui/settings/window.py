"""The settings: general things, contacts, and one page for each account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.settings.account_page import AccountPage, AccountSource
from screenpop.ui.settings.account_wizard import AccountWizard
from screenpop.ui.settings.form import scrolled
from screenpop.ui.settings.general_page import GeneralPage
from screenpop.ui.settings.kept_fields import LockNote
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.settings.search_index import findables, go_to
from screenpop.ui.settings.search_list import SettingsSearch
from screenpop.ui.settings.state_texts import state_icon, state_tone
from screenpop.ui.settings.view_model import WizardModel
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.window import Window, dress
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QKeyEvent

    from screenpop.providers.manifest import AccountField
    from screenpop.services.events import AccountState
    from screenpop.ui.contacts.page import ContactsPage
    from screenpop.ui.ports import MemoryPort, SettingsPort
    from screenpop.ui.settings.page import PageOffer
    from screenpop.ui.settings.search_index import Findable
    from screenpop.ui.setup_ports import FirstCallPort
    from screenpop.ui.theme.theme import Theme

_GENERAL: Final = "general"
_CONTACTS: Final = "contacts"
_ACCOUNT: Final = "account:"


class SettingsWindow(Window):
    """A list of pages at the side, the chosen page beside it."""

    def __init__(
        self,
        theme: Theme,
        memory: MemoryPort,
        settings: SettingsPort,
        source: AccountSource,
        contacts: ContactsPage | None = None,
        offers: tuple[PageOffer, ...] = (),
        first_call: Callable[[str], FirstCallPort] | None = None,
    ) -> None:
        self.message = InlineMessage(theme, is_closable=True)
        super().__init__(
            theme, memory, "settings", tr("Settings"), self.message.show_trouble
        )
        self._source = source
        self._first_call = first_call
        self.general = GeneralPage(theme, settings)
        self.contacts = contacts
        self._offers = {one.key: one for one in offers}
        self._offered: dict[str, SettingsPage] = {}
        self._areas: dict[str, QWidget] = {}
        self._account_pages: dict[str, AccountPage] = {}
        self._awaited_page = ""
        row = QHBoxLayout(self)
        edge = theme.px(16)
        row.setContentsMargins(edge, edge, edge, edge)
        row.setSpacing(theme.px(20))
        row.addLayout(self._build_side())
        column = QVBoxLayout()
        column.addWidget(self.message)
        self._pages = QStackedWidget()
        self._general_area = QScrollArea()
        self._general_area.setWidget(self.general)
        self._general_area.setWidgetResizable(True)
        self._general_area.setFrameShape(QFrame.Shape.NoFrame)
        self._general_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pages.addWidget(self._general_area)
        if contacts is not None:
            self._pages.addWidget(contacts)
        column.addWidget(self._pages, 1)
        row.addLayout(column, 1)
        self.resize(theme.px(890), theme.px(600))
        self.setMinimumSize(theme.px(700), theme.px(460))

    # --- from outside ----------------------------------------------------------------

    def open_at(self, account_id: str = "") -> None:
        """Show it, perhaps at an account."""
        self.bring_up()
        self.general.refresh()
        self._show_side()
        self.show_page(_ACCOUNT + account_id if account_id else "")
        self.side.setFocus()

    def ask_for_keys(
        self,
        account_id: str,
        keys: tuple[AccountField, ...],
        then: Callable[[], object],
    ) -> None:
        """Show an account that lacks keys, ask for them, and go on with ``then``."""
        from screenpop.ui.settings.missing_keys import MissingKeysSheet

        self.open_at(account_id)
        # Where it has not begun to connect yet, it is shown when it has.
        self._awaited_page = _ACCOUNT + account_id
        name = self._source.option_of(account_id, "label") or account_id

        def done() -> None:
            self._show_side()
            page = self._page(_ACCOUNT + account_id)
            if isinstance(page, AccountPage):
                page.connected()
            then()

        accounts = self._source.accounts
        MissingKeysSheet(
            self.theme, self, accounts, (account_id, name), keys, done
        ).open()

    def open_contacts(self) -> None:
        """Show the contacts."""
        self.open_at()
        self.show_page(_CONTACTS)

    def open_page(self, key: str) -> None:
        """Show one of the further pages."""
        self.open_at()
        self.show_page(key)

    def refresh_page(self, key: str) -> None:
        """What a page shows has changed elsewhere."""
        page = self._offered.get(key)
        if page is not None and page.isVisible():
            page.refresh()

    def account_changed(self, state: AccountState) -> None:
        """An account is doing differently."""
        page = self._account_pages.get(state.account_id)
        if page is not None:
            page.show_state(state)
        if self.isVisible():
            self._show_side()

    def add_account(self) -> None:
        """Begin to add an account."""
        wizard = AccountWizard(self.theme, self, WizardModel(self._source.accounts))
        wizard.added.connect(self._added)
        wizard.open()

    def show_page(self, key: str) -> None:
        """Show a page; the one that is shown, or the first, when there is none."""
        keys = [one.key for one in self.side.rows_model.rows]
        if key not in keys:
            chosen = self.side.chosen
            key = chosen.key if chosen else _GENERAL
        self.side.choose(keys.index(key))
        self._show_chosen()

    # --- building --------------------------------------------------------------------

    def _build_side(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self.theme.px(8))
        self.search = SettingsSearch(self.theme, self._index, self._go_to)
        self.search.setFixedWidth(self.theme.px(240))
        column.addWidget(self.search.field)
        column.addWidget(self.search, 1)
        self.side = RowsView(self.theme, tr("Pages"))
        self.side.setFixedWidth(self.theme.px(240))
        self.side.selectionModel().currentRowChanged.connect(
            lambda *_indexes: self._show_chosen()
        )
        self.search.searching.connect(lambda on: self.side.setVisible(not on))
        column.addWidget(self.side, 1)
        self.add_button = TextButton(
            self.theme, tr("Add an account"), self.add_account, icon="plus"
        )
        column.addWidget(self.add_button)
        self._add_note = LockNote(self.theme)
        column.addWidget(self._add_note)
        return column

    def _show_side(self) -> None:
        who = self._source.lock_of("accounts")
        self._add_note.show_lock(self.add_button, who)
        rows = [Row(_GENERAL, tr("General"), icon="settings")]
        if self.contacts is not None:
            rows.append(Row(_CONTACTS, tr("Contacts"), icon="people"))
        rows += [
            Row(one.key, one.title, icon=one.icon) for one in self._offers.values()
        ]
        for state in self._source.accounts.states():
            tone = state_tone(state.state)
            rows.append(
                Row(
                    _ACCOUNT + state.account_id,
                    state.label,
                    state.headline,
                    state_icon(state.state),
                    "text_faint" if tone == "soft" else tone,
                )
            )
        self.side.renew(tuple(rows))
        if self._awaited_page in [row.key for row in rows]:
            awaited, self._awaited_page = self._awaited_page, ""
            self.show_page(awaited)

    # --- searching -------------------------------------------------------------------

    def _index(self) -> list[Findable]:
        """Everything on every page, whether or not it was ever shown."""
        found: list[Findable] = []
        for row in self.side.rows_model.rows:
            page = self._page(row.key)
            if page is not None:
                found += findables(row.key, row.title, page)
        return found

    def _go_to(self, found: Findable) -> None:
        self.show_page(found.page)
        go_to(found.widget, self.theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F, or the key for it elsewhere, goes to the search."""
        if event.matches(QKeySequence.StandardKey.Find):
            self.search.field.setFocus()
            self.search.field.selectAll()
            return
        super().keyPressEvent(event)

    # --- pages -----------------------------------------------------------------------

    def _show_chosen(self) -> None:
        chosen = self.side.chosen
        if chosen is None:
            return
        page = self._page(chosen.key)
        shown = self._areas.get(chosen.key, page)
        if shown is not None and self._pages.currentWidget() is not shown:
            self._pages.setCurrentWidget(shown)
        if isinstance(page, AccountPage | SettingsPage):
            page.load()
        elif chosen.key == _CONTACTS and self.contacts is not None:
            self.contacts.load()

    def _page(self, key: str) -> QWidget | None:
        if key == _GENERAL:
            return self._general_area
        if key == _CONTACTS:
            return self.contacts
        if key in self._offers:
            return self._offered_page(key)
        account_id = key.removeprefix(_ACCOUNT)
        if account_id not in self._account_pages:
            states = self._source.accounts.states()
            state = next((one for one in states if one.account_id == account_id), None)
            if state is None:
                return None
            page = AccountPage(self.theme, self._source, state)
            dress(page, self.theme)
            page.removed.connect(self._removed)
            self._account_pages[account_id] = page
            self._pages.addWidget(page)
        return self._account_pages[account_id]

    def _offered_page(self, key: str) -> SettingsPage:
        if key not in self._offered:
            page = self._offered[key] = self._offers[key].build()
            dress(page, self.theme)
            self._areas[key] = area = scrolled(page) if page.is_long else page
            self._pages.addWidget(area)
        return self._offered[key]

    def _added(self, account_id: str) -> None:
        # It is listed as soon as it has begun to connect.
        self._awaited_page = _ACCOUNT + account_id
        self._show_side()
        self.message.say(tr("The account was added."), tone="good")
        if self._first_call is not None:
            self._try_call(self._first_call(account_id))

    def _try_call(self, call: FirstCallPort) -> None:
        from screenpop.ui.settings.first_call import FirstCallSheet

        import_contacts = self.open_contacts if self.contacts is not None else None
        sheet = FirstCallSheet(self.theme, self, call, import_contacts)
        # The card that comes shall be within reach.
        sheet.setModal(False)
        sheet.show()

    def _removed(self, account_id: str, left_over: str) -> None:
        page = self._account_pages.pop(account_id, None)
        if page is not None:
            page.close_tasks()
            self._pages.removeWidget(page)
            page.deleteLater()
        self._show_side()
        self.show_page(_GENERAL)
        self.message.say(
            tr("The account was removed."),
            left_over,
            tone="warn" if left_over else "good",
        )

    def hideEvent(self, event: QHideEvent) -> None:
        """End what the pages are asking."""
        for page in self._account_pages.values():
            page.close_tasks()
        for offered in self._offered.values():
            offered.close_tasks()
        if self.contacts is not None:
            self.contacts.tasks.close()
        super().hideEvent(event)
