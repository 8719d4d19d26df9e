"""The windowed app on a real desktop, fed what the vendor's own document prints."""

from __future__ import annotations

import string
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.simulator import Faults
from tests.end2end.seen_desktop import SeenApp, tray_host, xdotool
from tests.end2end.voxloud_calls import webhook
from tests.requirements import require_program
from tests.waiting import until
from tests.x11.desk import typing_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.simulator import VendorCloud
    from tests.end2end.running_app import DeskHome

pytestmark = pytest.mark.x11

_FIXTURES = Path(__file__).parents[1] / "providers" / "voxloud" / "fixtures"
_CALL_ID = "9cb33f1b427c4d8983a064f0bd68be95"
_INCOMING = "Incoming call from Another User"
_BUTTONS = ("Open", "Copy", "Note", "Call back later", "Quiet")


def _example(name: str) -> bytes:
    """A payload as the document prints it, moments of years ago included."""
    return (_FIXTURES / f"{name}.json").read_bytes()


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[None]:
    with tray_host(tmp_path):
        yield


@pytest.fixture
def home(home: DeskHome, panel: None) -> DeskHome:
    """A home on a desktop that has a tray."""
    return home


def test_each_example_of_the_document_is_shown_or_logged(home: DeskHome) -> None:
    app = home.start().wait_for("live")
    seen, sender = SeenApp(app), app.sender()
    assert sender.post(_example("call_started_internal")) == 200
    seen.wait_for_card("Outgoing call to User2 User2")
    assert sender.post(_example("call_incoming_bare")) == 200
    seen.wait_for_card(_INCOMING)
    things = seen.within(_INCOMING)
    buttons = [each["name"] for each in things if each["role"] == "push button"]
    assert [name for name in buttons if name in _BUTTONS] == list(_BUTTONS)
    assert all(buttons)
    texts = " | ".join(each["name"] for each in things if each["role"] == "label")
    assert "+39 06 8765 4321" in texts
    assert "Another User" in texts
    for name in ("phone_call_bare", "fax_bare", "click_to_call_bare"):
        assert sender.post(_example(name)) == 200
    until(
        lambda: home.value("SELECT count(*) FROM calls") == 4, "the records in the log"
    )
    assert seen.cards() == [_INCOMING]
    rows = home.select(
        "SELECT kind, is_internal, outcome FROM calls WHERE call_id <> ?", _CALL_ID
    )
    assert sorted(rows) == [
        ("call", 1, "answered"),
        ("click_to_dial", 0, "answered"),
        ("fax", 0, "unknown"),
    ]
    assert app.terminate() == 0


def test_a_call_goes_its_way_in_the_documents_own_words(home: DeskHome) -> None:
    app = home.start().wait_for("live")
    seen, sender = SeenApp(app), app.sender()
    assert sender.post(_example("call_incoming")) == 200
    seen.wait_for_card(_INCOMING)
    assert sender.post(_example("call_answered")) == 200
    seen.wait_for_text("Talking")
    assert sender.post(_example("call_hangup")) == 200
    seen.wait_for_text("Call ended")
    assert sender.post(webhook("c-2", "INCOMING", "+442079460555")) == 200
    until(lambda: len(seen.cards()) == 2, "the second card")
    assert sender.post(webhook("c-2", "HANGUP", "+442079460555")) == 200
    until(lambda: seen.cards() in ([_INCOMING], []), "the missed call's card to go")
    assert home.pops() == {_CALL_ID: 1, "c-2": 1}
    assert app.terminate() == 0


def test_the_cards_buttons_do_what_they_say_and_no_key_is_lost_meanwhile(
    home: DeskHome, tmp_path: Path
) -> None:
    app = home.start().wait_for("live")
    seen, sender = SeenApp(app), app.sender()
    text = 3 * (string.ascii_letters + string.digits)
    with typing_target(tmp_path) as target:
        typist = subprocess.Popen(
            [require_program("xdotool"), "type", "--delay", "25", text]
        )
        assert sender.post(_example("call_incoming_bare")) == 200
        seen.wait_for_card(_INCOMING)
        seen.press("Copy", _INCOMING)
        seen.press("Call back later", _INCOMING)
        until(
            lambda: home.value("SELECT count(*) FROM call_back_promises"),
            "the promise to be kept",
        )
        assert typist.wait() == 0
        until(lambda: len(target.text) >= len(text), "all keys to arrive")
        assert target.text == text
        xdotool("key", "ctrl+v")
        until(lambda: target.text != text, "the clipboard")
        assert target.text == f"{text}+390687654321"
        seen.press("Note", _INCOMING)
        until(lambda: "Note on this call" in seen.names("text"), "the note box")
        xdotool("type", "send the offer")
        xdotool("key", "Escape")
        until(lambda: not seen.cards(), "the card to hide")
        until(
            lambda: home.select("SELECT text FROM notes") == [("send the offer",)],
            "the note to be kept",
        )
        assert sender.post(webhook("c-2", "INCOMING", "+442079460555")) == 200
        seen.wait_for_card("Incoming call from 020 7946 0555")
        seen.press("Quiet")
        until(lambda: not seen.cards(), "the card to go")
        assert sender.post(webhook("c-3", "INCOMING", "+442079460556")) == 200
        until(
            lambda: home.value("SELECT count(*) FROM calls WHERE call_id = 'c-3'"),
            "the call to be in the log",
        )
        assert "quiet until" in seen.rest_on_tray_icon()
        assert seen.cards() == []
    log = home.run("calls", "--missed", "--json").rows
    assert [each["call_id"] for each in (row["ref"] for row in log)] == [_CALL_ID]
    assert app.terminate() == 0


def test_the_tray_says_when_calls_are_seen_only_after_they_end(
    home: DeskHome, cloud: VendorCloud
) -> None:
    cloud.set_faults(Faults(forbidden=True, only_path="webhook-subscriptions"))
    cloud.incoming_call("+442079460555").ring()
    app = home.start().wait_for("polling")
    seen = SeenApp(app)
    assert seen.rest_on_tray_icon() == "screenpop: calls are seen only after they end"
    assert app.terminate() == 0


def test_the_dialer_opens_from_the_tray_and_enter_calls_exactly_once(
    home: DeskHome, cloud: VendorCloud
) -> None:
    app = home.start().wait_for("live")
    seen = SeenApp(app)
    assert seen.rest_on_tray_icon() == "screenpop: listening on 1 account"
    seen.click_tray_icon()
    until(lambda: "Name or number" in seen.names("text"), "the dialer")
    until(lambda: _has_keyboard("Dial"), "the keyboard to be in it")
    xdotool("type", "--delay", "30", "02079460777")
    xdotool("key", "Return", "Return")
    cloud.wait_for_placed_calls(1, timeout=20)
    until(
        lambda: home.select("SELECT state FROM dials") == [("accepted",)],
        "the dial to be accepted",
    )
    seen.wait_for_text("Your phone is ringing: pick up")
    seen.wait_for_card("Outgoing call to 020 7946 0777")
    (call,) = cloud.placed_calls
    call.answer()
    seen.wait_for_text("Calling 020 7946 0777")
    call.answer()
    seen.wait_for_text("Talking")
    call.hang_up()
    seen.wait_for_text("Call ended")
    connects = [one for one in cloud.requests if one.path.endswith("/connect")]
    assert len(connects) == 1
    assert app.terminate() == 0


def test_quit_is_the_last_entry_of_the_trays_menu(home: DeskHome) -> None:
    app = home.start().wait_for("live")
    SeenApp(app).click_tray_icon(3)

    def has_ended() -> bool:
        # The menu takes the keyboard when it is there; nobody else cares for these.
        xdotool("key", "Up", "Return")
        return app.process.poll() is not None

    until(has_ended, "the app to end")
    assert app.process.returncode == 0
    assert app.stderr == ""


def _has_keyboard(title: str) -> bool:
    return xdotool("getactivewindow", "getwindowname").startswith(title)
