"""Which account calls and which number is shown to the other party. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.plain_text import plain
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import OwnedNumber
    from screenpop.ui.ports import DialDeskPort, MemoryPort

_ACCOUNT_KEY: Final = "dialer/account"
_CALLER_ID_KEY: Final = "dialer/caller_id/"


class LineChoice:
    """The account and the caller ID of the next call; remembers the last choice."""

    def __init__(self, desk: DialDeskPort, memory: MemoryPort) -> None:
        self._desk = desk
        self._memory = memory
        self._offered: tuple[OwnedNumber, ...] = ()
        self.account_id = ""
        self.caller_id = ""

    @property
    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Id and label of each account; empty when there is nothing to choose."""
        accounts = self._desk.accounts()
        return accounts if len(accounts) > 1 else ()

    @property
    def caller_ids(self) -> tuple[tuple[str, str], ...]:
        """Number and text of each caller ID; empty when there is nothing to choose."""
        if not self._offered:
            return ()
        shown = tuple(
            (
                own.number,
                joined(self._desk.format_partial(own.number), plain(own.label)),
            )
            for own in self._offered
        )
        return (("", tr("My usual number")), *shown)

    def refresh(self) -> None:
        """Have an account that exists: the chosen, the last used, else the first."""
        ids = [account_id for account_id, _label in self._desk.accounts()]
        if self.account_id not in ids:
            last = self._memory.recall(_ACCOUNT_KEY)
            self.account_id = last if last in ids else next(iter(ids), "")
            self._offered, self.caller_id = (), ""

    def choose_account(self, account_id: str) -> None:
        """Call with this account from now on."""
        self.account_id = account_id
        self._memory.remember(_ACCOUNT_KEY, account_id)
        self._offered, self.caller_id = (), ""

    def choose_caller_id(self, number: str) -> None:
        """Show this number from now on; "" for the user's usual one."""
        self.caller_id = number
        self._memory.remember(_CALLER_ID_KEY + self.account_id, number)

    async def load_caller_ids(self) -> None:
        """Ask which numbers may be shown."""
        account_id = self.account_id
        if not account_id:
            return
        offered = await self._desk.caller_ids(account_id)
        if account_id != self.account_id:
            return
        self._offered = offered
        last = self._memory.recall(_CALLER_ID_KEY + account_id)
        self.caller_id = last if last in {own.number for own in offered} else ""
