"""Dialer, call log and settings as a screen reader finds them, over the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from screenpop.providers.abilities import Sound
from screenpop.simulator.sounds import beep
from screenpop.ui.call_log.view_model import CallLogModel
from screenpop.ui.call_log.window import CallLogActions, CallLogWindow
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.dialer.pane import DialerPane
from screenpop.ui.dialer.view_model import DialerModel
from screenpop.ui.settings.account_page import AccountSource
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from screenpop.ui.voicemail.view_model import VoicemailModel
from screenpop.ui.voicemail.window import VoicemailActions, VoicemailWindow
from tests.desktop.hand_device import HandDevice
from tests.ui.dialing_desk import Desk, Memory, PhoneLine
from tests.ui.left_messages import LeftMessages, message
from tests.ui.past_calls import NOW, PastCalls, entry, missed
from tests.ui.phone_accounts import (
    MANIFEST,
    KeptSettings,
    People,
    PhoneAccounts,
    VendorTools,
    state,
)
from tests.ui.pumping import shown
from tests.x11.desk import read_accessible, xdotool
from tests.x11.gallery_around import settings_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication, QWidget

pytestmark = pytest.mark.x11

_CONTROLS = ("push button", "check box", "text", "combo box", "table", "list")


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


def _showing() -> list[dict[str, Any]]:
    return [thing for thing in read_accessible("tree") if thing["is_showing"]]


def _names(role: str) -> list[str]:
    return [str(thing["name"]) for thing in _showing() if thing["role"] == role]


def _unnamed() -> list[dict[str, Any]]:
    """Controls without a name, and whatever is told in marked-up words."""
    return [
        thing
        for thing in _showing()
        if (thing["role"] in _CONTROLS and not thing["name"])
        or thing["description"].startswith("<")
    ]


async def _gone(window: QWidget) -> None:
    window.close()
    await shown(lambda: not window.isVisible(), "the window to go")
    window.deleteLater()


async def test_a_number_is_dialled_without_looking(theme: Theme) -> None:
    line = PhoneLine()
    pane = DialerPane(theme, Memory(), DialerModel(Desk(), line, Memory()))
    pane.open_with("2025550142")
    await shown(pane.isActiveWindow, "the dialer in front")

    assert "Name or number" in _names("text")
    assert "Call" in _names("push button")
    assert read_accessible("press", "Call") == {"pressed": True}
    await shown(lambda: line.orders, "the order")

    assert line.orders[0].text == "2025550142"
    await _gone(pane)


async def test_typing_and_a_double_enter_on_the_real_keyboard_call_once(
    theme: Theme,
) -> None:
    line = PhoneLine()
    line.gate.clear()
    pane = DialerPane(theme, Memory(), DialerModel(Desk(), line, Memory()))
    pane.open_with()
    await shown(pane.isActiveWindow, "the dialer in front")
    xdotool("type", "2025550142")
    await shown(lambda: pane.box.text() == "(202) 555-0142", "the number")
    xdotool("key", "Return", "Return")
    await shown(lambda: line.orders, "the order")
    line.gate.set()
    await pane.tasks.idle()

    assert len(line.orders) == 1
    await _gone(pane)


async def test_recent_calls_are_list_items_that_say_what_they_are(
    theme: Theme,
) -> None:
    pane = DialerPane(theme, Memory(), DialerModel(Desk(), PhoneLine(), Memory()))
    pane.open_with()
    await shown(pane.isActiveWindow, "the dialer in front")

    assert "Bo Lind, (202) 555-0117, Missed" in _names("list item")
    await _gone(pane)


async def test_the_call_log_reads_calls_and_ticks_one_off(theme: Theme) -> None:
    past = PastCalls((entry(0), missed(1)))
    model = CallLogModel(past, lambda: NOW)
    actions = CallLogActions(lambda _n: None, lambda _n, _w: None, lambda _u: None)
    window = CallLogWindow(theme, Memory(), model, actions)
    window.open_with()
    await shown(window.work_list.isVisible, "the work list")

    cells = _names("table cell")
    assert any(cell.startswith("Ana Rossi, Example Bakery") for cell in cells)
    assert "Search names, numbers and notes" in _names("text")
    assert _names("frame") == ["Call log"]
    assert read_accessible("press", "Done") == {"pressed": True}
    await shown(lambda: not past.entries[1].needs_call_back, "the tick")
    await window.tasks.idle()
    await _gone(window)


async def test_every_control_of_the_settings_has_a_name(theme: Theme) -> None:
    accounts = PhoneAccounts(state())
    source = AccountSource(
        accounts=accounts,
        tools=VendorTools(),
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=lambda _url: None,
    )
    contacts = ContactsPage(theme, People())
    window = SettingsWindow(theme, Memory(), KeptSettings(), source, contacts)
    for account_id in ("", "acme"):
        window.open_at(account_id)
        await shown(window.isActiveWindow, "the settings in front")
        await shown(lambda: len(_showing()) > 10, "the page")
        assert _unnamed() == []
    await _gone(window)


async def test_a_line_is_changed_through_the_bus_alone(theme: Theme) -> None:
    window = settings_window(theme)
    window.open_page("lines")
    await shown(window.isActiveWindow, "the settings in front")
    sales = "Sales UK, +442079460100, Teal, Chime, “Good morning, Example Sales”"
    await shown(lambda: sales in _names("list item"), "the lines")
    assert read_accessible("press", "Change…") == {"pressed": True}
    await shown(lambda: "Name on the card" in _names("text"), "the fields")
    assert _unnamed() == []
    assert read_accessible("press", "Cancel", "Change a line") == {"pressed": True}
    await shown(lambda: "Name on the card" not in _names("text"), "the page")
    await _gone(window)


async def test_a_message_is_played_through_the_bus_alone(theme: Theme) -> None:
    left = LeftMessages(message(0), message(1))
    left.sound = Sound(beep(2), "audio/wav")
    model = VoicemailModel(left, lambda: NOW)
    actions = VoicemailActions(
        lambda _: None, lambda _: True, lambda _: True, HandDevice
    )
    window = VoicemailWindow(theme, Memory(), model, actions)
    window.open()
    await shown(window.isActiveWindow, "the messages in front")
    newest = "Ana Rossi, New, 0:23, Example Bakery, (202) 555-0142, today, 14:18"
    await shown(lambda: newest in _names("list item"), "the messages")
    assert read_accessible("press", "Listen") == {"pressed": True}
    await shown(window.player.isVisible, "the bar that plays")
    assert "Position in seconds" in _names("slider")
    assert _unnamed() == []
    assert read_accessible("press", "Pause") == {"pressed": True}
    await window.tasks.idle()
    await _gone(window)
