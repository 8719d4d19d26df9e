"""The end of adding an account: it waits for a call, makes one, offers contacts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from screenpop.domain.calls import Call, CallRef, CallState
from screenpop.domain.errors import UsageError
from screenpop.domain.events import CallerId, Direction
from screenpop.services.events import DialProgress, DialState, SourceState
from screenpop.ui.settings.first_call import FirstCallSheet
from screenpop.ui.theme import Theme
from tests.ui.phone_accounts import NOW, state
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from screenpop.services.events import AccountState


@dataclass
class TriedAccount:
    """An account that is tried; the test plays the phone system."""

    can_dial: bool = True
    dialled: list[str] = field(default_factory=list)
    is_watched: bool = False
    error: Exception | None = None

    def state(self) -> AccountState:
        return state()

    def watch(
        self,
        arrived: Callable[[Call], None],
        progressed: Callable[[DialProgress], None],
        changed: Callable[[AccountState], None],
    ) -> Callable[[], None]:
        self.arrived, self.progressed, self.changed = arrived, progressed, changed
        self.is_watched = True

        def end() -> None:
            self.is_watched = False

        return end

    async def dial(self, text: str) -> DialProgress:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.dialled.append(text)
        return DialProgress(
            dial_id="1",
            state=DialState.OWN_PHONE_RINGS,
            number_text=text,
            text="Your phone is ringing: pick up",
        )


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


async def test_it_waits_for_a_call_and_says_when_one_came(theme: Theme) -> None:
    account = TriedAccount()
    sheet = FirstCallSheet(theme, None, account)
    sheet.show()
    assert "Calls arrive at once" in sheet.state.text
    assert "Waiting" in sheet.arrived.text
    call = Call(
        ref=CallRef("acme", "1"),
        direction=Direction.OUTBOUND,
        state=CallState.ALERTING,
        remote=CallerId("+442079460123"),
        started_at=NOW,
        first_heard_at=NOW,
        last_heard_at=NOW,
    )
    account.arrived(call)
    assert "Waiting" in sheet.arrived.text
    account.arrived(replace(call, direction=Direction.INBOUND))
    assert "it works" in sheet.arrived.text
    account.changed(state(SourceState.NEEDS_KEY, "The key is missing"))
    assert "The key is missing" in sheet.state.text
    sheet.done_button.click()
    assert not account.is_watched


async def test_it_calls_a_number_of_ones_own_and_says_what_is_wrong_with_one(
    theme: Theme,
) -> None:
    account, imported = TriedAccount(), []
    sheet = FirstCallSheet(theme, None, account, lambda: imported.append(True))
    sheet.show()
    sheet.dial_button.click()
    assert account.dialled == []
    account.error = UsageError("This is an emergency number")
    sheet.number.setText("999")
    sheet.dial_button.click()
    await shown(lambda: "emergency" in sheet.message.text, "the refusal")
    account.error = None
    sheet.number.setText("+44 7700 900123")
    await shown(sheet.dial_button.isEnabled, "the button")
    sheet.dial_button.click()
    await shown(lambda: "pick up" in sheet.message.text, "the progress")
    assert account.dialled == ["+44 7700 900123"]
    sheet.import_button.click()
    assert imported == [True]


async def test_enter_calls_from_the_field_and_presses_the_button_with_the_focus(
    theme: Theme,
) -> None:
    account = TriedAccount()
    sheet = FirstCallSheet(theme, None, account)
    sheet.show()
    sheet.activateWindow()
    sheet.number.setFocus()
    QTest.keyClicks(sheet.number, "+44 7700 900123")
    QTest.keyClick(sheet.number, Qt.Key.Key_Return)
    await shown(lambda: account.dialled == ["+44 7700 900123"], "the call")
    await shown(sheet.dial_button.isEnabled, "the button")
    sheet.dial_button.setFocus()
    QTest.keyClick(sheet.dial_button, Qt.Key.Key_Return)
    await shown(lambda: len(account.dialled) == 2, "the second call")
    assert sheet.isVisible()
    sheet.done_button.setFocus()
    QTest.keyClick(sheet.done_button, Qt.Key.Key_Return)
    assert not sheet.isVisible()
