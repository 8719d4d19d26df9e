"""Secrets and full numbers are nowhere they must not be, whatever has happened."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from screenpop.simulator import Faults, create_cloud
from tests.end2end.running_app import DeskHome, make_home
from tests.end2end.voxloud_calls import webhook
from tests.waiting import until

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud
    from screenpop.simulator.voxloud.cloud import VoxloudCloud

API_KEY = "SEKRET-key/with+odd=signs&%C3%A9-4711"
HOOK_TOKEN = "SEKRET-hook-0123456789-abcdefghijklmnopqrs"
WORD = "SEKRET"
CALLER = "+447700900471"
CALLED = "+447700900582"
REFUSED = "+447700900693"
LINE = "+442079460100"
DIGITS = re.compile("|".join(number[-9:] for number in (CALLER, CALLED, REFUSED, LINE)))
"""As they are written with and without the country's code."""


@pytest.fixture
def cloud() -> Iterator[VendorCloud]:
    """A phone system whose key can be recognised anywhere."""
    cloud = create_cloud("voxloud")
    cast("VoxloudCloud", cloud)._api_key = API_KEY
    with cloud:
        yield cloud


@pytest.fixture
def home(tmp_path: Path, cloud: VendorCloud) -> Iterator[DeskHome]:
    """A home that logs all it can."""
    desk = make_home(tmp_path / "home", cloud, account='[logging]\nlevel = "debug"')
    desk.environment["SCREENPOP_SECRET_ACME_HOOK_TOKEN"] = HOOK_TOKEN
    yield desk
    for app in desk.apps:
        if app.process.poll() is None:
            app.kill()


class ArgumentWatch:
    """Notes the arguments of every process that a process of the test's starts.

    What the test itself starts has the arguments that a user would type.
    """

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> ArgumentWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            for child in _children(os.getpid()):
                self._note_below(child)

    def _note_below(self, process: int) -> None:
        for child in _children(process):
            with suppress(OSError):
                words = Path(f"/proc/{child}/cmdline").read_bytes()
                self.seen.add(words.replace(b"\0", b" ").decode("utf-8", "replace"))
            self._note_below(child)


def _children(process: int) -> list[int]:
    found: list[int] = []
    # A process may be gone between two looks at it.
    with suppress(OSError):
        for tasks in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):
                found += map(int, (tasks / "children").read_text("ascii").split())
    return found


def _hook(body: bytes, home: DeskHome) -> int:
    from tests.end2end.running_app import Sender

    port = int(home.ask("status")["listener"]["port"])
    return Sender(port, f"/hooks/acme/{HOOK_TOKEN}").post(body)


def _live_through_everything(home: DeskHome, cloud: VendorCloud) -> list[str]:
    """Calls, dials, wrong keys, outages; gives all that commands wrote on stderr."""
    said = []

    def run(*words: str) -> None:
        said.append(home.run(*words).err)

    app = home.start(watched=False).wait_for("live")
    call = cloud.incoming_call(CALLER, caller_name=f"Nora {CALLER}")
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True, summary=f"Call back at {CALLED}")
    run("dial", CALLED, "--yes")
    run("dial", f"tel:{REFUSED}")
    cloud.set_faults(Faults(server_error=500))
    run("dial", REFUSED, "--yes")
    run("lookup", REFUSED)
    cloud.set_faults(Faults(unauthorized=True))
    run("account", "check", "acme")
    run("dial", "+447700900694", "--yes")
    cloud.set_faults(Faults(html_instead_of_json=True))
    run("account", "check", "acme")
    home.ask("reload")
    cloud.set_faults(Faults())
    until(home.all_read, "everything to be read")
    for file in home.paths.data_dir.glob(f"{home.paths.database_file.name}*"):
        assert WORD.encode() not in file.read_bytes(), file
    # What a vendor, or somebody who knows the address, might send.
    for body in (
        f'{{"key": "{API_KEY}", "number": "{CALLER}"'.encode(),
        webhook("c-9", "INCOMING", CALLER, userExtension=[API_KEY]),
        webhook("c-10", "INCOMING", CALLER, originatorName=HOOK_TOKEN),
    ):
        assert _hook(body, home) == 200
    contacts = home.paths.data_dir / "people.csv"
    contacts.write_text(f"Name,Phone\nNora,{CALLER}\n" * 500, "utf-8")
    run("contacts", "import", str(contacts), "--yes")
    contacts.unlink()
    run("lookup", CALLER)
    run("status")
    run("doctor", "--patience", "5", "--bundle", str(home.paths.cache_dir / "b.zip"))
    run("replay", "--dry-run")
    until(home.all_read, "everything to be read")
    assert app.terminate() == 0
    cloud.stop()
    app = home.start("--headless", watched=False)
    app.wait_for("reconnecting")
    # It leaves a trace of what it was at.
    app.process.send_signal(signal.SIGABRT)
    app.process.wait(timeout=20)
    said.append(app.stderr)
    return said


def _texts(home: DeskHome) -> Iterator[tuple[str, str]]:
    """Every file but the database and the user's own settings, bundles opened."""
    kept_apart = (home.paths.database_file.name, home.paths.config_file.name)
    for file in home.paths.data_dir.rglob("*"):
        if not file.is_file() or file.name.startswith(kept_apart):
            continue
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as bundle:
                for name in bundle.namelist():
                    yield f"{file.name}/{name}", bundle.read(name).decode()
        else:
            yield file.name, file.read_text("utf-8", errors="replace")


def test_no_secret_and_no_full_number_is_where_it_must_not_be(
    home: DeskHome, cloud: VendorCloud
) -> None:
    with ArgumentWatch() as arguments:
        said = _live_through_everything(home, cloud)
    assert sys.platform != "linux" or arguments.seen
    states = [state for (state,) in home.select("SELECT state FROM dials")]
    assert sorted(states) == ["accepted", "failed", "failed"]
    texts = dict(_texts(home))
    assert any(name.startswith("b.zip/") for name in texts)
    assert len(home.log_lines()) > 20
    assert {line["level"] for line in home.log_lines()} >= {"debug", "info"}
    said_elsewhere = [("stderr", each) for each in said]
    said_elsewhere += [("arguments", each) for each in arguments.seen]
    for name, text in (*texts.items(), *said_elsewhere):
        assert WORD not in text, name
        found = DIGITS.search(re.sub(r"[ ().-]", "", text))
        assert found is None, f"{name}: {found}"
    assert WORD not in home.paths.config_file.read_text("utf-8")
