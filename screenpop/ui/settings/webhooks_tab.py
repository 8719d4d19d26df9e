"""How an account's phone system tells of calls: our address, and who registered it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from screenpop.domain.plain_text import plain
from screenpop.services.operations import Offer
from screenpop.ui.settings.state_texts import (
    outcome_text,
    shown_address,
    subscription_texts,
)
from screenpop.ui.settings.tool_list import ToolList
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled
from screenpop.ui.widgets.rows import Row
from screenpop.ui.widgets.text import TextBlock, section_header
from screenpop.ui.widgets.window import confirm
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import Subscription, SubscriptionOutcome
    from screenpop.ui.setup_ports import AccountToolsPort
    from screenpop.ui.theme.theme import Theme


class WebhooksTab(ToolList):
    """The callback URL, and the registrations at the vendor."""

    def __init__(
        self, theme: Theme, tools: AccountToolsPort, account_id: str, hook_url: str
    ) -> None:
        super().__init__(
            theme,
            tr("Registrations"),
            tr("The phone system calls this address whenever your phone rings."),
            tr("Nothing is registered at the phone system."),
        )
        self._tools, self._account_id, self._url = tools, account_id, hook_url
        self._known: dict[str, Subscription] = {}
        self._has_registrations = any(
            one.key == "webhook_subscription" and one.offer is Offer.WORKS
            for one in tools.operations(account_id)
        )
        self.column.insertLayout(1, self._build_address())
        self.column.insertLayout(2, self._build_steps())
        self.room = TextBlock(theme, tone="faint")
        self.room.hide()
        self.column.insertWidget(self.column.count() - 1, self.room)
        self.set_right_button = self.add_button(
            tr("Set right"), self._ensure, icon="check"
        )
        self.switch_button = self.add_button(
            tr("Switch on"), self._switch, needs_choice=True
        )
        self.add_button(
            tr("Delete…"), self._ask_delete, kind="danger", needs_choice=True
        )
        if not self._has_registrations:
            self.hide_list()
        self.list.selectionModel().selectionChanged.connect(self._name_switch)

    def load(self) -> None:
        """Ask the vendor what is registered, if it can be asked."""
        if not self._has_registrations:
            return
        self.run(self._tools.subscriptions(self._account_id), self._show)

    def _build_address(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(8))
        self.address = QLineEdit(shown_address(self._url))
        self.address.setReadOnly(True)
        self.address.setPlaceholderText(
            tr("Known once the app listens and the keychain is open")
        )
        self.address.setCursorPosition(0)
        row.addWidget(Labelled(self.theme, tr("Callback address"), self.address), 1)
        copy = TextButton(self.theme, tr("Copy address"), self._copy, icon="copy")
        copy.setEnabled(bool(self._url))
        self.copy_button = copy
        row.addWidget(copy)
        row.setAlignment(copy, Qt.AlignmentFlag.AlignBottom)
        return row

    def _build_steps(self) -> QVBoxLayout:
        """What somebody enters at the vendor by hand, ready to copy."""
        column = QVBoxLayout()
        column.setSpacing(self.theme.px(8))
        steps = self._tools.live_setup(self._account_id)
        if steps:
            column.addSpacing(self.theme.px(4))
            column.addWidget(
                section_header(self.theme, tr("To be entered at the phone system"))
            )
        for number, step in enumerate(steps, 1):
            row = QHBoxLayout()
            row.setSpacing(self.theme.px(8))
            text = tr("{number}. {text}", number=number, text=plain(step.text, 400))
            row.addWidget(TextBlock(self.theme, text), 1)
            if step.value:
                copy = TextButton(
                    self.theme,
                    tr("Copy"),
                    partial(self._copy_value, step.value, is_secret=step.is_secret),
                    icon="copy",
                )
                copy.setAccessibleName(
                    tr("Copy what step {number} needs", number=number)
                )
                row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
            column.addLayout(row)
        return column

    def _copy(self) -> None:
        self._copy_value(self._url)

    def _copy_value(self, value: str, *, is_secret: bool = False) -> None:
        QGuiApplication.clipboard().setText(value)
        is_secret = is_secret or (bool(self._url) and self._url in value)
        self.message.say(
            tr("Copied. Whoever knows it can show calls here: keep it secret.")
            if is_secret
            else tr("Copied."),
            tone="good",
        )

    def _show(self, subscriptions: tuple[Subscription, ...]) -> None:
        self._known = {one.subscription_id: one for one in subscriptions}
        rows = []
        for one in subscriptions:
            title, details = subscription_texts(one, self._url)
            is_well = one.is_enabled and not one.failed_count
            rows.append(
                Row(
                    key=one.subscription_id,
                    title=title,
                    details=details,
                    icon="check" if is_well else "alert",
                    role="good" if is_well else "warn",
                )
            )
        self.show_rows(tuple(rows))
        self._show_room(len(rows))
        self._name_switch()

    def _show_room(self, count: int) -> None:
        """How many there may be, where the vendor has a limit."""
        most = self._tools.most_subscriptions(self._account_id)
        if most is None:
            return
        self.room.setText(
            tr(
                "{count} known here. The account may have {most}, those of other "
                "computers and programs among them.",
                count=count,
                most=most,
            )
        )
        self.room.show()

    def _ensure(self) -> None:
        def told(outcomes: tuple[SubscriptionOutcome, ...]) -> None:
            self.load()
            self.message.say(outcome_text(outcomes), tone="good")

        self.run(self._tools.ensure_subscriptions(self._account_id), told)

    def _chosen(self) -> Subscription | None:
        row = self.list.chosen
        return self._known.get(row.key) if row else None

    def _name_switch(self) -> None:
        one = self._chosen()
        is_on = one is not None and one.is_enabled
        self.switch_button.show_text(tr("Switch off") if is_on else tr("Switch on"))

    def _switch(self) -> None:
        one = self._chosen()
        if one is None:
            return
        self.run(
            self._tools.set_subscription_enabled(
                self._account_id, one.subscription_id, not one.is_enabled
            ),
            lambda _none: self.load(),
        )

    def _ask_delete(self) -> None:
        one = self._chosen()
        if one is None:
            return
        confirm(
            self.theme,
            self,
            tr("Delete this registration?"),
            tr("The phone system stops telling its address about calls."),
            tr("Delete"),
            lambda: self.run(
                self._tools.delete_subscription(self._account_id, one.subscription_id),
                lambda _none: self.load(),
            ),
        )
