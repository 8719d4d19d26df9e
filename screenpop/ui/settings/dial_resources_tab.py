"""The click-to-dial set-ups that the vendor keeps for an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.ui.settings.state_texts import dial_resource_texts
from screenpop.ui.settings.tool_list import ToolList
from screenpop.ui.widgets.rows import Row
from screenpop.ui.widgets.window import confirm
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import DialResource
    from screenpop.ui.setup_ports import AccountToolsPort
    from screenpop.ui.theme.theme import Theme


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
