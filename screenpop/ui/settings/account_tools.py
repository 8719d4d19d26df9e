"""The tabs of an account: webhooks, click-to-dial set-ups, the vendor's history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit

from screenpop.providers.protocol import HistoryPage, HistoryQuery
from screenpop.ui.settings.state_texts import (
    dial_resource_texts,
    history_texts,
    outcome_text,
    shown_address,
    subscription_texts,
)
from screenpop.ui.settings.tool_list import ToolList
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled, SearchField
from screenpop.ui.widgets.rows import Row
from screenpop.ui.widgets.window import confirm
from screenpop.ui.wording import tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.providers.protocol import (
        DialResource,
        Subscription,
        SubscriptionOutcome,
    )
    from screenpop.ui.ports import AccountToolsPort
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
        self.column.insertLayout(1, self._build_address())
        self.add_button(tr("Set right"), self._ensure, icon="check")
        self.switch_button = self.add_button(
            tr("Switch on"), self._switch, needs_choice=True
        )
        self.add_button(
            tr("Delete…"), self._ask_delete, kind="danger", needs_choice=True
        )
        self.end_buttons()
        self.list.selectionModel().selectionChanged.connect(self._name_switch)

    def load(self) -> None:
        """Ask the vendor what is registered."""
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

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._url)
        self.message.say(
            tr("Copied. Whoever knows it can show calls here: keep it secret."),
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
        self._name_switch()

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


class DialResourcesTab(ToolList):
    """The click-to-dial set-ups kept at the vendor."""

    def __init__(self, theme: Theme, tools: AccountToolsPort, account_id: str) -> None:
        super().__init__(
            theme,
            tr("Click-to-dial set-ups"),
            tr("screenpop makes one when you first call, and uses it again."),
            tr("There are none yet."),
        )
        self._tools, self._account_id = tools, account_id
        self.add_button(tr("Read again"), self.load, icon="refresh")
        self.add_button(
            tr("Delete…"), self._ask_delete, kind="danger", needs_choice=True
        )
        self.end_buttons()

    def load(self) -> None:
        """Ask the vendor."""
        self.run(self._tools.dial_resources(self._account_id), self._show)

    def _show(self, resources: tuple[DialResource, ...]) -> None:
        rows = []
        for one in resources:
            title, details = dial_resource_texts(one)
            rows.append(Row(one.resource_id, title, details, "phone-out", "text_faint"))
        self.show_rows(tuple(rows))

    def _ask_delete(self) -> None:
        row = self.list.chosen
        if row is None:
            return
        confirm(
            self.theme,
            self,
            tr("Delete “{name}”?", name=row.title),
            tr("If it is yours, screenpop makes a new one with your next call."),
            tr("Delete"),
            lambda: self.run(
                self._tools.delete_dial_resource(self._account_id, row.key),
                lambda _none: self.load(),
            ),
        )


class HistoryTab(ToolList):
    """The vendor's own call history, page by page."""

    def __init__(
        self,
        theme: Theme,
        tools: AccountToolsPort,
        account_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(
            theme,
            tr("Calls at the phone system"),
            tr("What the phone system itself has booked."),
            tr("The phone system has no such calls."),
        )
        self._tools, self._account_id, self._clock = tools, account_id, clock
        self._query = HistoryQuery()
        self.number = SearchField(theme, tr("Number; empty for all calls"))
        self.number.returnPressed.connect(self.load)
        search = TextButton(theme, tr("Search"), self.load)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.number, 1)
        row.addWidget(search)
        self.column.insertLayout(1, row)
        self.newer_button = self.add_button(tr("Newer"), lambda: self._turn(-1))
        self.older_button = self.add_button(tr("Older"), lambda: self._turn(1))
        self.add_button(tr("Export…"), self._export)
        self.end_buttons()

    def load(self) -> None:
        """Ask for the first page."""
        self._ask(HistoryQuery(number=self.number.text().strip()))

    def _turn(self, step: int) -> None:
        self._ask(replace(self._query, page=max(0, self._query.page + step)))

    def _ask(self, query: HistoryQuery) -> None:
        self._query = query
        self.run(self._tools.history(self._account_id, query), self._show)

    def _show(self, page: HistoryPage) -> None:
        now = self._clock()
        rows = []
        for number, record in enumerate(page.records):
            title, details, end = history_texts(record, now)
            key = f"{page.page}:{number}:{record.record_id}"
            rows.append(Row(key, title, details, "phone", "text_faint", end))
        self.show_rows(tuple(rows))
        self.list.scrollToTop()
        self.newer_button.setEnabled(page.page > 0)
        self.older_button.setEnabled(page.has_next)

    def _export(self) -> None:
        dialog = QFileDialog(self, tr("Export the phone system's history"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("CSV files (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("history.csv")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Write the vendor's CSV to this file and say so."""

        def told(size: int) -> None:
            self.message.say(
                tr_count(
                    "{count} byte written to {name}",
                    "{count} bytes written to {name}",
                    size,
                    name=path.name,
                ),
                tone="good",
            )

        self.run(self._tools.export_history(self._account_id, self._query, path), told)
