"""Further lists that a vendor keeps: groups, employees, prompts, flows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from screenpop.domain.links import openable
from screenpop.domain.plain_text import plain
from screenpop.providers.abilities import HistoryFilter
from screenpop.services.account_history import HistoryForm
from screenpop.ui.settings.history_narrowing import NarrowSheet, narrowing_text
from screenpop.ui.settings.tool_list import ToolList
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.rows import Row
from screenpop.ui.widgets.text import TextBlock, section_header
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import joined, reworded, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.providers.abilities import NamedThing
    from screenpop.ui.ports import OpenUrl
    from screenpop.ui.setup_ports import AccountToolsPort
    from screenpop.ui.theme.theme import Theme

_LONGEST_DETAIL = 2_000


class ListsTab(ToolList):
    """One list at a time; a chosen thing can be looked at with all that is told."""

    def __init__(
        self, theme: Theme, tools: AccountToolsPort, account_id: str, open_url: OpenUrl
    ) -> None:
        super().__init__(
            theme,
            tr("What is in the list"),
            tr(
                "What the phone system has besides calls. It can be changed there only."
            ),
            tr("There is nothing in this list."),
        )
        self._tools, self._account_id, self._open_url = tools, account_id, open_url
        names = tools.catalogue_names(account_id)
        self.which = Choice(
            theme, tuple((name, _title(reworded(name))) for name in names)
        )
        self.which.setMaximumWidth(theme.px(320))
        self.which.currentIndexChanged.connect(lambda _index: self.load())
        self.column.insertWidget(1, Labelled(theme, tr("List"), self.which))
        self._chosen: Mapping[str, str] = {}
        self.column.insertWidget(2, self._build_narrowed())
        self.add_button(tr("Read again"), self._read, icon="refresh")
        self.narrow_button = self.add_button(tr("Narrow…"), self._ask_narrowing)
        self.details_button = self.add_button(
            tr("Details…"), self._show_details, needs_choice=True
        )
        self.list.doubleClicked.connect(lambda _index: self._show_details())

    def load(self) -> None:
        """Ask the vendor for the whole list."""
        self.narrow({})

    def narrow(self, chosen: Mapping[str, str]) -> None:
        """Show only what fits; nothing chosen for all."""
        self._chosen = chosen
        form = self._form()
        text = narrowing_text(form, HistoryFilter(), chosen)
        self.narrowed.setText(tr("Only: {what}", what=text) if text else "")
        self._narrowed_line.setVisible(bool(text))
        self.narrow_button.setVisible(bool(form.choices))
        self._read()

    def _read(self) -> None:
        name = self.which.key
        if name:
            self.run(
                self._tools.catalogue(self._account_id, name, self._chosen), self._show
            )

    def _form(self) -> HistoryForm:
        return HistoryForm(
            choices=self._tools.catalogue_choices(self._account_id, self.which.key)
        )

    def _ask_narrowing(self) -> None:
        sheet = NarrowSheet(
            self.theme,
            self,
            self._form(),
            HistoryFilter(),
            self._chosen,
            lambda _only, chosen: self.narrow(chosen),
            title=tr("Which of them?"),
        )
        sheet.open()

    def _build_narrowed(self) -> QWidget:
        self._narrowed_line = QWidget()
        row = QHBoxLayout(self._narrowed_line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.theme.px(8))
        self.narrowed = TextBlock(self.theme, tone="accent")
        row.addWidget(self.narrowed, 1)
        row.addWidget(TextButton(self.theme, tr("Show all"), self.load))
        self._narrowed_line.hide()
        return self._narrowed_line

    def _show(self, things: tuple[NamedThing, ...]) -> None:
        self.show_rows(
            tuple(
                Row(
                    key=f"{place}:{thing.thing_id}",
                    title=plain(thing.name, 120) or plain(thing.thing_id, 60),
                    details=joined(*map(_detail, thing.details)),
                    icon="info",
                )
                for place, thing in enumerate(things)
            )
        )

    def _show_details(self) -> None:
        row = self.list.chosen
        if row is None:
            return
        thing_id = row.key.partition(":")[2]
        self.run(
            self._tools.catalogue_item(self._account_id, self.which.key, thing_id),
            self._open_sheet,
        )

    def _open_sheet(self, thing: NamedThing) -> None:
        sheet = Sheet(self.theme, self, plain(thing.name, 120) or tr("Details"))
        sheet.setMinimumWidth(self.theme.px(420))
        for name, text in ((tr("id"), thing.thing_id), *thing.details):
            sheet.body.addWidget(
                section_header(self.theme, _title(plain(reworded(name), 60)))
            )
            sheet.body.addWidget(self._value(text))
        close = sheet.add_button(tr("Close"), sheet.accept, "primary")
        close.setDefault(True)
        sheet.open()
        close.setFocus()

    def _value(self, text: str) -> QWidget:
        """A text to copy; an address can be opened, if it may be."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.theme.px(8))
        block = TextBlock(self.theme, plain(text, _LONGEST_DETAIL))
        block.allow_copy()
        row.addWidget(block, 1)
        address = openable(text)
        if address:
            link = TextButton(
                self.theme, tr("Open"), partial(self._open_url, address), icon="open"
            )
            row.addWidget(link)
        return holder


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]


def _detail(detail: tuple[str, str]) -> str:
    """A detail for the row; an address tells nobody anything there."""
    name, text = detail
    if openable(text):
        return ""
    return tr("{name}: {text}", name=plain(reworded(name), 40), text=plain(text, 80))
