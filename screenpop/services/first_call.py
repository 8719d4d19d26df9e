"""The test call after setting an account up: does a real call reach the card?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from screenpop.domain.dialing import DialOrigin, Verdict
from screenpop.domain.errors import UsageError
from screenpop.services.call_tracker import CallChanged
from screenpop.services.dialer import DialOrder
from screenpop.services.events import AccountStateChanged, DialProgress
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.calls import Call
    from screenpop.services.application import Application
    from screenpop.services.events import AccountState


class FirstCall:
    """Watches one account while its user tries it."""

    def __init__(self, application: Application, account_id: str) -> None:
        self._app = application
        self.account_id = account_id

    @property
    def can_dial(self) -> bool:
        """Whether the account can start calls."""
        accounts = self._app.views.dial_accounts()
        return any(one.account_id == self.account_id for one in accounts)

    def state(self) -> AccountState | None:
        """How the account is doing; None before it began to connect."""
        return self._app.monitor.state(self.account_id)

    def watch(
        self,
        arrived: Callable[[Call], None],
        progressed: Callable[[DialProgress], None],
        changed: Callable[[AccountState], None],
    ) -> Callable[[], None]:
        """Have these told of calls, dials and states; returns the undo."""

        def call_changed(change: CallChanged) -> None:
            if change.call.ref.account_id == self.account_id:
                arrived(change.call)

        def state_changed(event: AccountStateChanged) -> None:
            if event.state.account_id == self.account_id:
                changed(event.state)

        undo = (
            self._app.bus.subscribe(CallChanged, call_changed),
            self._app.bus.subscribe(DialProgress, progressed),
            self._app.bus.subscribe(AccountStateChanged, state_changed),
        )

        def end() -> None:
            for one in undo:
                one()

        return end

    async def dial(self, text: str) -> DialProgress:
        """Call a number of the user's own; it is sent at most once.

        Raises:
            UsageError: It is no number to try with, or may not be called.
            NotOffered: The account cannot start calls.
        """
        preview = self._app.dialer.preview(text, DialOrigin.TYPED, self.account_id)
        if preview.verdict is not Verdict.ALLOW:
            reasons = " ".join(preview.reasons)
            raise UsageError(
                reasons or tr("This is no number to try with"),
                tr("Give a number of your own, such as your mobile's."),
            )
        order = DialOrder(
            text=text, origin=DialOrigin.TYPED, account_id=self.account_id
        )
        return await self._app.dialer.dial(order)
