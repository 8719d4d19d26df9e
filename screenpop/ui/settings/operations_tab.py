"""What the phone system does for us, and what its vendor does not offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.services.operations import Offer
from screenpop.ui.settings.tool_list import ToolList
from screenpop.ui.widgets.rows import Row
from screenpop.ui.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.services.operations import Operation
    from screenpop.ui.setup_ports import AccountToolsPort
    from screenpop.ui.theme.theme import Theme

_OFFERS: Final = {
    Offer.WORKS: ("check", "good", marked("Works")),
    Offer.OFF: ("later", "warn", marked("Switched off")),
    Offer.MISSING: ("close", "text_faint", marked("Not offered")),
    Offer.RELAYED: ("check", "good", marked("By the relay")),
}


class OperationsTab(ToolList):
    """Every operation there is; nothing is asked for to know them."""

    def __init__(self, theme: Theme, tools: AccountToolsPort, account_id: str) -> None:
        super().__init__(
            theme,
            tr("What works"),
            tr(
                "What a phone system could do for you, and whether this one does. "
                "What its vendor documents no way to do is not offered."
            ),
            "",
        )
        self._tools, self._account_id = tools, account_id

    def load(self) -> None:
        """Show how things are as the account is set now."""
        operations = self._tools.operations(self._account_id)
        self.show_rows(tuple(map(_row, operations)))


def _row(operation: Operation) -> Row:
    icon, role, text = _OFFERS[operation.offer]
    return Row(
        key=operation.key,
        title=operation.text,
        details=operation.note,
        icon=icon,
        role=role,
        end=tr_marked(text),
    )
