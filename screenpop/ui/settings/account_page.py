"""One account: how it is doing, whose phone it is, and what the vendor keeps for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.services.operations import Offer
from screenpop.ui.plain_label import button_text
from screenpop.ui.settings.dial_resources_tab import DialResourcesTab
from screenpop.ui.settings.form import scrolled
from screenpop.ui.settings.history_tab import HistoryTab
from screenpop.ui.settings.kept_fields import LockNote
from screenpop.ui.settings.lists_tab import ListsTab
from screenpop.ui.settings.operations_tab import OperationsTab
from screenpop.ui.settings.options_tab import OptionsTab
from screenpop.ui.settings.state_texts import (
    caller_id_choices,
    last_event_text,
    state_tone,
    user_choices,
)
from screenpop.ui.settings.view_model import CALLER_ID
from screenpop.ui.settings.webhooks_tab import WebhooksTab
from screenpop.ui.tasks import Tasks
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled, secret_field
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.tabs import Tabs
from screenpop.ui.widgets.text import TextBlock, heading
from screenpop.ui.widgets.window import Sheet, confirm
from screenpop.ui.widgets.wrapping import WrappedRow
from screenpop.ui.wording import joined, reworded, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.providers.manifest import AccountField, ProviderManifest
    from screenpop.providers.protocol import Identity, LineHolder
    from screenpop.services.events import AccountState
    from screenpop.ui.ports import OpenUrl, VendorCallsPort
    from screenpop.ui.setup_ports import AccountsPort, AccountToolsPort
    from screenpop.ui.theme.theme import Theme


@frozen
class AccountSource:
    """Where a page has its knowledge from.

    Attributes:
        vendor_of: The manifest of an account's vendor; None when that is not known.
        option_of: One of an account's settings by its key ("extension"); "" when unset.
        open_url: Opens an address in the browser.
        recordings: Whom to ask for recordings of the vendor's calls; None for nobody.
        lock_of: Who locked a setting, as a sentence; "" when the user may change it.
        preset_of: Who set an account up, as a sentence; "" for the user.
    """

    accounts: AccountsPort
    tools: AccountToolsPort
    vendor_of: Callable[[str], ProviderManifest | None]
    option_of: Callable[[str, str], str]
    clock: Callable[[], datetime]
    open_url: OpenUrl
    recordings: VendorCallsPort | None = None
    lock_of: Callable[[str], str] = lambda _place: ""
    preset_of: Callable[[str], str] = lambda _place: ""


class AccountPage(QWidget):
    """`removed` when the account is gone, with what could not be tidied up."""

    removed = Signal(str, str)

    def __init__(
        self, theme: Theme, source: AccountSource, state: AccountState
    ) -> None:
        super().__init__()
        self._theme = theme
        self._source = source
        self._id = state.account_id
        self._users: tuple[LineHolder, ...] = ()
        self.message = InlineMessage(theme, is_closable=True)
        self.tasks = Tasks(self.message.show_trouble)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self._title = heading(theme, state.label, title=True)
        column.addWidget(self._title)
        self.state = InlineMessage(theme)
        column.addWidget(self.state)
        column.addLayout(self._build_buttons())
        self.lock_note = LockNote(theme)
        column.addWidget(self.lock_note)
        self.preset_note = TextBlock(theme, size=TextSize.CAPTION, tone="soft")
        column.addWidget(self.preset_note)
        column.addWidget(self.message)
        self._tabs = self._build_tabs()
        self._loaded: set[int] = set()
        self._tabs.currentChanged.connect(self._tab_shown)
        column.addWidget(self._tabs, 1)
        self.show_state(state)

    def load(self) -> None:
        """Ask the vendor for what the first tab shows."""
        self._tab_shown(self._tabs.currentIndex())

    def close_tasks(self) -> None:
        """End what runs: the page goes away."""
        for tasks in self._all_tasks():
            tasks.close()

    def show_state(self, state: AccountState) -> None:
        """The account is doing differently."""
        self._title.setText(state.label)
        place = f"accounts.{self._id}"
        self.lock_note.show_lock(self.remove_button, self._source.lock_of(place))
        self.preset_note.setText(self._source.preset_of(place))
        is_told = self.lock_note.isHidden() and bool(self.preset_note.text())
        self.preset_note.setVisible(is_told)
        advice = joined_sentences(
            state.advice, last_event_text(state, self._source.clock())
        )
        self.state.say(state.headline, advice, tone=state_tone(state.state))

    def connected(self) -> None:
        """It has its keys now: ask the vendor, and what the first tab shows."""
        self._loaded.clear()
        self.load()
        self._check()

    # --- building --------------------------------------------------------------------

    def _build_tabs(self) -> Tabs:
        """One tab for each thing; what the vendor has not is not to be seen."""
        theme, source, tools = self._theme, self._source, self._source.tools
        self.webhooks = WebhooksTab(
            theme, tools, self._id, source.accounts.hook_url(self._id)
        )
        self.history = HistoryTab(
            theme,
            tools,
            self._id,
            source.clock,
            source.recordings,
            source.open_url,
        )
        self.resources = DialResourcesTab(theme, tools, self._id)
        self.lists = ListsTab(theme, tools, self._id, source.open_url)
        self.options = OptionsTab(theme, source, self._id)
        self.operations = OperationsTab(theme, tools, self._id)
        self._tools = (
            self.webhooks,
            self.history,
            self.resources,
            self.lists,
            self.options,
            self.operations,
        )
        tabs = Tabs(theme)
        tabs.setDocumentMode(True)
        tabs.addTab(self._build_phone(), tr("Your phone"))
        texts = (
            tr("Webhooks"),
            tr("Call history"),
            tr("Click-to-dial"),
            tr("Lists"),
            tr("Options"),
            tr("What works"),
        )
        for widget, text in zip(self._tools, texts, strict=True):
            # The steps to take at the vendor are many lines where text is large.
            is_long = widget is self.webhooks
            tabs.addTab(scrolled(widget) if is_long else widget, text)
        offered = {
            one.key
            for one in tools.operations(self._id)
            if one.offer not in (Offer.MISSING, Offer.RELAYED)
        }
        for place, key in enumerate(
            ("webhook", "call_history", "dial_resources", "catalogues"), 1
        ):
            tabs.setTabVisible(place, key in offered)
        return tabs

    def _build_buttons(self) -> WrappedRow:
        theme = self._theme
        row = WrappedRow(theme)
        self.check_button = TextButton(
            theme, tr("Check again"), self._check, icon="refresh"
        )
        row.add(self.check_button)
        vendor = self._source.vendor_of(self._id)
        secrets = (
            [one for one in vendor.fields if one.kind == "secret"] if vendor else []
        )
        if secrets:
            self.key_button = self._build_key_button(secrets)
            row.add(self.key_button)
        self.remove_button = TextButton(
            theme, tr("Remove…"), self._ask_remove, kind="danger", icon="trash"
        )
        row.end_with(self.remove_button)
        return row

    def _build_key_button(self, secrets: list[AccountField]) -> TextButton:
        first = secrets[0]
        label = reworded(first.label)
        if len(secrets) == 1:
            return TextButton(
                self._theme,
                tr("Replace {what}…", what=label),
                partial(self._ask_secret, first.key, label),
                icon="key",
            )
        # Some vendors have five: a button for each would not fit beside the others.
        button = TextButton(self._theme, tr("Replace a key"), icon="key")
        menu = QMenu(button)
        for one in secrets:
            label = reworded(one.label)
            action = menu.addAction(button_text(tr("{what}…", what=label)))
            ask = partial(self._ask_secret, one.key, label)
            action.triggered.connect(lambda _on=False, ask=ask: ask())
        button.setMenu(menu)
        return button

    def _build_phone(self) -> QWidget:
        theme = self._theme
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, theme.px(12), 0, 0)
        column.setSpacing(theme.px(12))
        self.user = Choice(theme)
        self.user.currentIndexChanged.connect(self._user_chosen)
        column.addWidget(
            Labelled(
                theme,
                tr("Which phone is yours?"),
                self.user,
                help_text=tr("Its calls pop here, and it rings first when you call."),
            )
        )
        self._user_lock = LockNote(theme)
        column.addWidget(self._user_lock)
        self.caller_id = Choice(theme)
        self.caller_id.currentIndexChanged.connect(self._caller_id_chosen)
        self._caller_id_field = Labelled(theme, tr("Number they see"), self.caller_id)
        self._caller_id_field.hide()
        column.addWidget(self._caller_id_field)
        self.phone_hint = TextBlock(theme, tone="faint")
        column.addWidget(self.phone_hint)
        column.addStretch(1)
        return page

    # --- whose phone -----------------------------------------------------------------

    def _show_users(self, users: tuple[LineHolder, ...]) -> None:
        self._users = users
        extension = self._source.option_of(self._id, "extension")
        choices = user_choices(users)
        if extension and extension not in {key for key, _text in choices}:
            choices = ((extension, extension), *choices)
        everybody = ("", tr("Everybody's calls pop here"))
        self.user.offer((*choices, everybody), extension)
        if not extension:
            self.user.setCurrentIndex(len(choices))
        place = f"accounts.{self._id}.extension"
        self._user_lock.show_lock(self.user, self._source.lock_of(place))
        self._show_caller_ids()

    def _show_caller_ids(self) -> None:
        user = next((u for u in self._users if u.extension == self.user.key), None)
        choices = caller_id_choices(user)
        chosen = self._source.option_of(self._id, CALLER_ID)
        self.caller_id.offer(choices, chosen)
        vendor = self._source.vendor_of(self._id)
        has_field = vendor is not None and any(
            one.key == CALLER_ID for one in vendor.fields
        )
        self._caller_id_field.setVisible(has_field and len(choices) > 1)
        who = self._source.lock_of(f"accounts.{self._id}.{CALLER_ID}")
        self.caller_id.setEnabled(not who)

    def _user_chosen(self) -> None:
        self._keep("extension", self.user.key)
        self._show_caller_ids()

    def _caller_id_chosen(self) -> None:
        self._keep(CALLER_ID, self.caller_id.key)

    def _keep(self, key: str, value: str) -> None:
        accounts = self._source.accounts
        self.tasks.start(
            accounts.set_extension(self._id, value)
            if key == "extension"
            else accounts.set_option(self._id, key, value),
            lambda _none: self.message.say(tr("Saved"), tone="good"),
            outlives_window=True,
        )

    # --- what the buttons do ---------------------------------------------------------

    def _check(self) -> None:
        self.check_button.setEnabled(False)
        self.tasks.start(
            self._source.accounts.check(self._id),
            self._checked,
            finally_=lambda: self.check_button.setEnabled(True),
            slot="check",
        )

    def _checked(self, identity: Identity) -> None:
        who = joined(identity.name, identity.email)
        skew = identity.clock_skew_seconds
        advice = ""
        if skew is not None and abs(skew) > 30:
            advice = tr(
                "This computer's clock is {count} seconds off: set it right.",
                count=round(abs(skew)),
            )
        self.message.say(
            tr("The phone system answers: {who}.", who=who)
            if who
            else tr("The phone system accepts the key."),
            advice,
            tone="warn" if advice else "good",
        )

    def _ask_secret(self, name: str, label: str) -> None:
        sheet = Sheet(self._theme, self, tr("Replace {what}", what=label))
        sheet.setMinimumWidth(self._theme.px(400))
        field = secret_field()
        sheet.body.addWidget(Labelled(self._theme, label, field))
        sheet.add_button(tr("Cancel"), sheet.reject)

        def replace() -> None:
            text = field.text().strip()
            if not text:
                sheet.message.say(tr("{label} is missing.", label=label), tone="bad")
                return
            save.setEnabled(False)
            sheet.tasks.start(
                self._source.accounts.set_secret(self._id, name, Secret(text)),
                lambda _none: replaced(),
                finally_=lambda: save.setEnabled(True),
            )

        def replaced() -> None:
            sheet.accept()
            self._check()

        save = sheet.add_button(tr("Replace"), replace, "primary")
        save.setDefault(True)
        field.setFocus()
        sheet.open()

    def _ask_remove(self) -> None:
        confirm(
            self._theme,
            self,
            tr("Remove “{name}”?", name=self._title.text()),
            tr(
                "Its key is deleted from your keychain, and its registrations from "
                "the phone system. The call log stays."
            ),
            tr("Remove"),
            self._remove,
        )

    def _remove(self) -> None:
        self.setEnabled(False)
        self.tasks.start(
            self._source.accounts.remove(self._id),
            lambda left_over: self.removed.emit(self._id, left_over),
            finally_=lambda: self.setEnabled(True),
            slot="remove",
            outlives_window=True,
        )

    # --- tabs ------------------------------------------------------------------------

    def _tab_shown(self, tab: int) -> None:
        for tasks in self._all_tasks():
            tasks.reopen()
        if tab in self._loaded:
            return
        self._loaded.add(tab)
        if tab == 0:
            self._show_users(())
            self.tasks.start(
                self._source.tools.users(self._id),
                self._show_users,
                failed=lambda trouble: self.phone_hint.setText(trouble.text),
                slot="users",
            )
        else:
            self._tools[tab - 1].load()

    def _all_tasks(self) -> tuple[Tasks, ...]:
        return (self.tasks, *(one.tasks for one in self._tools))


def joined_sentences(*sentences: str) -> str:
    """Sentences one after the other."""
    return " ".join(text for text in sentences if text)
