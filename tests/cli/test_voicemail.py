"""Messages and callers to call back, from a command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.simulator import (
    Faults,
    ReleaseReason,
    VendorCloud,
    create_cloud,
)
from tests.cli.conftest import HOOK_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Home, Run

ANA, BEN = "+442079460123", "+442079460456"
AtHome = Callable[..., list[VendorCloud]]


@pytest.fixture
def at_home(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtHome]:
    """``at_home("tele2", "mango_voice")``: an account, named so, at each vendor."""
    with ExitStack() as stack:

        def settle(*vendors: str) -> list[VendorCloud]:
            clouds = [stack.enter_context(create_cloud(each)) for each in vendors]
            text = 'region = "GB"\n'
            for cloud in clouds:
                name = cloud.vendor
                text += (
                    f'[[accounts]]\nid = "{name}"\nvendor = "{name}"\n'
                    f'base_url = "{cloud.base_url}"\nextension = "{cloud.extension}"\n'
                )
                secrets = {"hook_token": HOOK_TOKEN, **cloud.credentials}
                for key, value in secrets.items():
                    variable = f"SCREENPOP_SECRET_{name}_{key}".upper()
                    monkeypatch.setenv(variable, value)
            empty_home.write(text)
            return clouds

        yield settle


def leave(cloud: VendorCloud, caller: str = ANA, text: str = "") -> None:
    call = cloud.incoming_call(caller)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    call.publish_record(voicemail=True, transcription=text)


def test_messages_of_all_accounts_are_listed_newest_first(
    run: Run, at_home: AtHome
) -> None:
    for cloud in at_home("tele2", "mango_voice"):
        leave(cloud)
    rows = run("voicemail", "list", "--json").rows
    assert {row["ref"]["account_id"] for row in rows} == {"tele2", "mango_voice"}
    assert [row["number_e164"] for row in rows] == [ANA, ANA]
    assert rows[0]["left_at"] >= rows[1]["left_at"]
    shown = run("voicemail", "list").out
    assert "020 7946 0123" in shown
    assert "new" in shown


def test_a_message_is_shown_saved_marked_and_deleted(
    run: Run, at_home: AtHome, tmp_path: Path
) -> None:
    (cloud,) = at_home("mango_voice")
    leave(cloud, text="Please call me back.")
    (row,) = run("voicemail", "list", "--json").rows
    message = row["ref"]["voicemail_id"]
    shown = run("voicemail", "show", message).out
    assert "state: not heard yet" in shown
    assert shown.endswith("Please call me back.\n")

    saved = run("voicemail", "save", message, str(tmp_path / "kept.wav"))
    size = (tmp_path / "kept.wav").stat().st_size
    assert saved.out == f"kept.wav: {size} bytes.\n"
    assert (tmp_path / "kept.wav").read_bytes().startswith(b"RIFF")

    assert run("voicemail", "heard", message).status == 0
    assert run("voicemail", "show", message, "--json").json["is_heard"] is True
    refused = run("voicemail", "delete", message)
    assert (refused.status, "needs --yes" in refused.err) == (2, True)
    assert run("voicemail", "delete", message, "--yes").out == "Deleted.\n"
    assert run("voicemail", "list").out == "No messages.\n"
    gone = run("voicemail", "show", message)
    assert (gone.status, gone.out) == (1, "")


def test_messages_are_narrowed_by_the_vendors_filters(
    run: Run, at_home: AtHome
) -> None:
    (cloud,) = at_home("tele2")
    leave(cloud)
    leave(cloud, BEN)
    found = run("voicemail", "list", "--caller", "020 7946 0456", "--json").rows
    assert [row["number_e164"] for row in found] == [BEN]
    assert len(run("voicemail", "list", "--since", "1h", "--json").rows) == 2
    assert run("voicemail", "list", "--until", "2020-01-01", "--json").rows == []
    asked = [each.query for each in cloud.requests if "voicemails" in each.path]
    assert any("source=02079460456" in query for query in asked)
    assert any("date_from=" in query for query in asked)


def test_what_cannot_be_done_is_said(run: Run, at_home: AtHome) -> None:
    tele2, _ = at_home("tele2", "mango_voice")
    unclear = run("voicemail", "show", "1")
    assert (unclear.status, "--account: tele2" in unclear.err) == (2, True)
    refused = run("voicemail", "delete", "1", "--account", "tele2", "--yes")
    assert (refused.status, "does not offer this" in refused.err) == (1, True)
    tele2.set_faults(Faults(server_error=503))
    listed = run("voicemail", "list")
    assert listed.status == 1
    assert listed.err.startswith("screenpop: tele2: ")
    assert "No messages" not in listed.out, "nobody knows"


def test_who_waits_for_a_call_back_is_listed_and_narrowed(
    run: Run, at_home: AtHome
) -> None:
    (cloud,) = at_home("tele2")
    assert run("calls", "lost").out == "Nobody waits for a call back.\n"
    for caller in (ANA, BEN, BEN):
        call = cloud.incoming_call(caller)
        call.ring()
        call.hang_up(ReleaseReason.NO_ANSWER)
    rows = run("calls", "lost", "--json").rows
    waiting = {row["number_e164"]: row["attempts"] for row in rows}
    assert waiting == {ANA: 1, BEN: 2}
    assert "020 7946 0456" in run("calls", "lost").out
    line = cloud.lines[0]
    assert len(run("calls", "lost", "--line", line, "--json").rows) == 2
    assert run("calls", "lost", "--line", "+442079460999", "--json").rows == []


def test_without_such_an_account_both_say_so(run: Run, at_home: AtHome) -> None:
    at_home("voxloud")
    assert "keeps messages" in run("voicemail", "list").err
    assert run("calls", "lost").status == 2
