"""One call from a command line: its steps, its recording, its note; text messages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from screenpop.simulator import create_cloud, parse_faults
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from tests.cli.running_app import running_app, wait_for_app
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Home, Run

CALLER = "+12025550142"
NOTES = "/api/call_notes.php"


@pytest.fixture
def cloud() -> Iterator[PrimevoxCloud]:
    with create_cloud("primevox") as running:
        assert isinstance(running, PrimevoxCloud)
        yield running


@pytest.fixture
def call_id(home: Home, cloud: PrimevoxCloud) -> str:
    """A finished call with a recording, at the vendor alone."""
    home.write(
        home.config + 'did_map = "2025550100=101"\n' + "\n[listener]\nport = 0\n"
    )
    call = cloud.incoming_call(CALLER)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    return call.call_id


def _noted(cloud: PrimevoxCloud) -> list[tuple[str, str, str, str]]:
    names = ("callUuid", "callNotes", "callFlagged", "callSeverity")
    forms = [
        parse_qs(one.body.decode("ascii"), keep_blank_values=True)
        for one in cloud.requests
        if one.path == NOTES
    ]
    return [tuple(form[name][0] for name in names) for form in forms]  # type: ignore[misc]


def test_the_steps_of_a_call_as_the_vendor_tells_them(run: Run, call_id: str) -> None:
    shown = run("calls", "timeline", f"acme/{call_id}")
    assert (shown.status, shown.err) == (0, "")
    assert "Amelia Hart" in shown.out
    steps = run("calls", "timeline", f"acme/{call_id}", "--json").rows
    assert all(step["at"] and step["text"] for step in steps)


def test_a_recording_is_saved_or_its_fresh_link_told(
    run: Run, call_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "talk.wav"
    saved = run("calls", "recording", f"acme/{call_id}", "--save", str(file))
    assert saved.out == f"talk.wav: {file.stat().st_size} bytes.\n"
    assert file.read_bytes().startswith(b"RIFF")
    link = run("calls", "recording", f"acme/{call_id}", "--json").json
    assert "/recordings/" in link["url"]


def test_a_note_is_kept_and_sent_with_its_marks(
    run: Run, call_id: str, cloud: PrimevoxCloud
) -> None:
    call = f"acme/{call_id}"
    wrote = run("calls", "note", call, "Send the offer", "--follow-up")
    assert (wrote.status, wrote.err) == (0, "")
    assert wrote.out.splitlines()[-1] == "Kept here and sent to acme."
    assert run("calls", "note", call, "--severity", "3").status == 0
    run("calls", "note", call, "-", stdin="Send it today\n")
    assert _noted(cloud) == [
        (call_id, "Send the offer", "1", "0"),
        (call_id, "Send the offer", "1", "3"),
        (call_id, "Send it today", "1", "3"),
    ]
    shown = run("calls", "note", call, "--json").json
    assert (shown["text"], shown["follow_up"], shown["severity"], shown["stage"]) == (
        "Send it today",
        True,
        3,
        "sent",
    )


def test_a_note_that_cannot_be_sent_says_whether_it_waits_or_why_not(
    run: Run, call_id: str, cloud: PrimevoxCloud
) -> None:
    call = f"acme/{call_id}"
    cloud.set_faults(parse_faults(["server-error=503"]))
    waits = run("calls", "note", call, "Later")
    assert waits.status == 0
    assert "It is sent to acme as soon as that can be reached." in waits.out
    cloud.set_faults(parse_faults(["forbidden"]))
    refused = run("calls", "note", call, "Never")
    assert refused.status == 1
    assert "Kept here, but not taken by acme: " in refused.out
    assert run("calls", "note", call, "--json").json["text"] == "Never"


def test_a_running_app_sends_what_a_command_writes(
    run: Run, call_id: str, cloud: PrimevoxCloud
) -> None:
    with running_app():
        wait_for_app(lambda _: bool(run("calls", "--json").out))
        assert call_id in run("calls", "--ids").out
        wrote = run("calls", "note", "latest", "From a shell", "--severity", "1")
        assert wrote.out.endswith("Kept here and sent to acme.\n")
        assert run("calls", "--json").json["note"] == "From a shell"
    assert _noted(cloud) == [(call_id, "From a shell", "0", "1")]


def test_a_killed_app_leaves_a_note_for_the_next_one_to_send(
    run: Run, call_id: str, cloud: PrimevoxCloud
) -> None:
    app = subprocess.Popen([sys.executable, "-m", "screenpop", "--headless"])
    try:
        wait_for_app(lambda _: bool(run("calls", "--json").out))
        cloud.set_faults(parse_faults(["server-error=503", "only=call_notes"]))
        wrote = run("calls", "note", call_id, "Before the end", "--follow-up")
        assert "as soon as that can be reached" in wrote.out
    finally:
        app.kill()
        app.wait(timeout=20)
    cloud.set_faults(parse_faults([]))
    before = len(_noted(cloud))
    with running_app():
        until(lambda: len(_noted(cloud)) > before, "the note")
        until(
            lambda: run("calls", "note", call_id, "--json").json["stage"] == "sent",
            "the confirmation",
        )
    assert _noted(cloud)[before:] == [(call_id, "Before the end", "1", "0")]


def test_a_call_is_named_by_what_its_id_begins_with(run: Run, call_id: str) -> None:
    with running_app():
        wait_for_app(lambda _: bool(run("calls", "--json").out))
    assert run("calls", "timeline", call_id[:6]).status == 0
    unknown = run("calls", "timeline", "zzzzzz")
    assert unknown.status == 2
    assert "`screenpop calls --ids`" in unknown.err


def test_marks_are_for_phone_systems_that_take_them(
    run: Run, empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with create_cloud("voxloud") as cloud:
        empty_home.write(
            f'[[accounts]]\nid = "acme"\nvendor = "voxloud"\n'
            f'base_url = "{cloud.base_url}"\nextension = "101"\n'
        )
        refused = run("calls", "note", "acme/c-1", "--severity", "2")
        assert refused.status == 1
        assert "takes no follow-up flag" in refused.err
        kept = run("calls", "note", "acme/c-1", "Only here")
        assert kept.out == "Only here\nKept here.\n"
        assert cloud.requests == ()


def test_text_messages_are_listed_once_wherever_they_were_heard_of(
    run: Run, call_id: str, cloud: PrimevoxCloud, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"Name,Phone\nNora Whitfield,{CALLER}\n")
    assert run("contacts", "import", str(people)).status == 0
    with running_app():
        url = run("account", "url", "acme").out.strip()
        cloud.enter_callback_url(url)
        cloud.receive_text(CALLER, "See you at 5 & bring <the> papers")
        cloud.send_text(CALLER, "Agreed")
        cloud.wait_for_deliveries(2)
        rows = run("messages", "acme", "--json").rows
        cloud.stop()
        until(
            lambda: run("messages", "acme").out.count("Nora Whitfield") == 2,
            "what the webhooks told",
        )
        assert "only what came by webhook" in run("messages", "acme").err
    assert [(row["is_inbound"], row["name"], row["text"]) for row in rows] == [
        (False, "Nora Whitfield", "Agreed"),
        (True, "Nora Whitfield", "See you at 5 & bring <the> papers"),
    ]
    assert all(row["is_from_vendor"] for row in rows)
