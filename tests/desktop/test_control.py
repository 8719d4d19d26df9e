"""Handing something over to the running app."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.control_client import ask
from screenpop.desktop.control_message import (
    LONGEST_REQUEST_BYTES,
    ControlRequest,
    decode_answer,
    decode_request,
    encode_request,
)
from screenpop.desktop.instance import InstanceLock
from screenpop.desktop.peer import is_own_peer
from screenpop.desktop.pipe import pipe_name
from screenpop.domain.errors import InstanceError, PayloadError
from tests.desktop.conftest import App
from tests.waiting import until

if TYPE_CHECKING:
    from screenpop.desktop.control_message import ControlAnswer

# Holds the lock and listens until it is killed.
RUN = """
import asyncio, pathlib, sys
from screenpop.desktop.control import ControlServer
from screenpop.desktop.instance import InstanceLock
folder = pathlib.Path(sys.argv[1])
async def dispatch(verb, args):
    return {"verb": verb}
async def main():
    assert InstanceLock(folder / "app.lock").acquire()
    await ControlServer(folder / "app.sock", dispatch).start()
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def asked(app: App, verb: str, **args: object) -> ControlAnswer:
    return ask(app.socket_file, app.lock_file, verb, args)


def raw(app: App, data: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(app.socket_file))
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        received = bytearray()
        while piece := client.recv(65_536):
            received += piece
    return bytes(received)


def send_without_end(client: socket.socket) -> None:
    while True:
        client.sendall(b"x" * 65_536)


def test_a_request_is_carried_out_and_answered(app: App) -> None:
    answer = asked(app, "dial", number="+12025550123", name="Zoë ☎")
    assert answer.is_ok
    assert answer.result == {"dialed": "+12025550123"}
    assert app.asked == [("dial", {"number": "+12025550123", "name": "Zoë ☎"})]


def test_an_unknown_verb_is_answered_with_what_to_do(app: App) -> None:
    answer = asked(app, "juggle")
    assert not answer.is_ok
    assert answer.error_kind == "UsageError"
    assert answer.title == "screenpop cannot juggle"
    assert answer.advice == "Update it."
    assert asked(app, "dial").is_ok


@pytest.mark.expects_log("A request on the control channel failed")
@pytest.mark.parametrize("verb", ["break", "odd"])
def test_a_fault_is_answered_without_its_details(app: App, verb: str) -> None:
    answer = asked(app, verb)
    assert answer.error_kind == "Fault"
    assert "2025550123" not in repr(answer)
    assert asked(app, "dial").is_ok


def test_an_endless_answer_is_not_sent(app: App) -> None:
    assert asked(app, "flood").error_kind == "PayloadError"


@pytest.mark.parametrize(
    "line",
    [
        b"rubbish",
        b"\xff\xfe\x00",
        b"\0\0\0",
        b"[]",
        b"null",
        b'"dial"',
        b"{}",
        b'{"v":1}',
        b'{"v":1,"verb":7}',
        b'{"v":1,"verb":"dial","args":[]}',
        b'{"v":1,"verb":"dial","args":{"n":"\\ud800"}}',
        b'{"v":2,"verb":"dial"}',
        b'{"v":true,"verb":[]}',
        b"[" * 60_000,
        b"1" * 50_000,
        b"GET / HTTP/1.1\r",
        b"",
    ],
    ids=lambda line: repr(line[:30]),
)
def test_rubbish_is_answered_with_an_error(app: App, line: bytes) -> None:
    answer = decode_answer(raw(app, line + b"\n"))
    assert answer.error_kind == "PayloadError"
    assert answer.title
    assert app.asked == []
    assert asked(app, "dial").is_ok


def test_another_version_is_told_what_to_do(app: App) -> None:
    answer = decode_answer(raw(app, b'{"v":2,"id":"a","verb":"dial","args":{}}\n'))
    assert "Another version" in answer.title
    assert "start it again" in answer.advice


def test_the_longest_request_passes_and_a_longer_one_is_refused(app: App) -> None:
    empty = len(encode_request(ControlRequest(1, "dial", {"number": ""})))
    for size in (LONGEST_REQUEST_BYTES, LONGEST_REQUEST_BYTES + 1):
        number = "1" * (size - empty)
        line = encode_request(ControlRequest(1, "dial", {"number": number}))
        assert len(line) == size
        answer = decode_answer(raw(app, line))
        assert answer.is_ok == (size == LONGEST_REQUEST_BYTES)
    with pytest.raises(InstanceError, match="too long"):
        asked(app, "dial", number="1" * LONGEST_REQUEST_BYTES)


def test_a_flood_without_an_end_is_cut_off(app: App) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(app.socket_file))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_without_end(client)
    assert asked(app, "dial").is_ok


def test_a_client_that_hangs_up_early_does_no_harm(app: App) -> None:
    assert raw(app, b'{"v":1,"verb"') == b""
    assert raw(app, b"") == b""
    assert asked(app, "dial").is_ok


def test_silent_clients_do_not_keep_others_waiting(app: App) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(app.socket_file))
        assert asked(app, "dial").is_ok


def test_many_hand_over_at_once(app: App) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(lambda number: asked(app, "dial", number=number), range(100))
        assert [answer.result["dialed"] for answer in answers] == list(range(100))


def test_stop_ends_what_is_under_way_and_removes_the_socket(app: App) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asked, app, "wait")
        until(lambda: app.asked, "the app was asked")
        app.stop()
        with pytest.raises(InstanceError, match="does not answer"):
            waiting.result(10)
    assert not app.socket_file.exists()
    with pytest.raises(InstanceError, match="not running"):
        asked(app, "dial")


def test_an_app_that_takes_too_long_is_not_waited_for(app: App) -> None:
    with pytest.raises(InstanceError, match="does not answer") as caught:
        ask(app.socket_file, app.lock_file, "wait", {}, timeout_seconds=0.1)
    assert "before you try again" in caught.value.advice


def test_without_a_running_app_the_client_says_so_at_once(runtime: Path) -> None:
    with pytest.raises(InstanceError, match="not running") as caught:
        ask(runtime / "app.sock", runtime / "app.lock", "dial", {})
    assert caught.value.advice == "Start it with: screenpop"


def test_an_app_that_is_just_starting_is_waited_for(runtime: Path) -> None:
    """It has the lock already; its socket comes when somebody has asked in vain."""
    starting = App(runtime)
    assert starting.lock.acquire()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(asked, starting, "dial", number="1")
        threading.Timer(0.1, starting.start).start()
        assert answer.result(10).is_ok
    starting.stop()


def test_an_app_that_never_gets_ready_is_given_up(runtime: Path) -> None:
    lock = InstanceLock(runtime / "app.lock")
    assert lock.acquire()
    with pytest.raises(InstanceError, match="does not answer"):
        ask(runtime / "app.sock", runtime / "app.lock", "dial", {})
    lock.release()


def test_the_socket_of_a_killed_app_is_replaced(runtime: Path) -> None:
    command = [sys.executable, "-c", RUN, str(runtime)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        path, lock_file = runtime / "app.sock", runtime / "app.lock"
        assert ask(path, lock_file, "dial", {}).result == {"verb": "dial"}
        process.kill()
    assert path.is_socket()
    with pytest.raises(InstanceError, match="not running"):
        ask(path, lock_file, "dial", {})
    again = App(runtime)
    again.start()
    assert asked(again, "dial").is_ok
    again.stop()


def test_a_file_in_the_place_of_the_socket_is_left_alone_and_told(
    runtime: Path,
) -> None:
    (runtime / "app.sock").write_text("precious")
    app = App(runtime)
    with pytest.raises(InstanceError, match="cannot listen"):
        app.start()
    app.stop()
    assert (runtime / "app.sock").read_text() == "precious"


def test_a_path_that_is_too_long_is_told(runtime: Path) -> None:
    folder = runtime / ("x" * 100)
    folder.mkdir()
    app = App(folder)
    with pytest.raises(InstanceError, match="the path is too long"):
        app.start()
    app.stop()


def test_the_socket_is_for_its_owner_alone(app: App) -> None:
    assert app.socket_file.stat().st_mode & 0o777 == 0o600


def test_both_ends_know_whose_the_other_is(app: App) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert is_own_peer(ours)


@pytest.fixture
def stranger(runtime: Path) -> list[str]:
    """Run a Python program as another user: `[*stranger, program, argument]`."""
    python = Path("/usr/bin/python3")
    if os.geteuid() != 0 or not python.exists():
        pytest.skip("only root can act as another user")
    runtime.chmod(0o755)
    return [str(python), "-c"]


@pytest.mark.expects_log("Another user knocked at the control channel")
def test_another_user_is_not_served(app: App, stranger: list[str]) -> None:
    """Even where the rights of files would let them."""
    app.socket_file.chmod(0o666)
    program = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        """s.sendall(b'{"v":1,"verb":"dial","args":{}}\\n'); print(s.recv(10))"""
    )
    out = subprocess.run(
        [*stranger, program, str(app.socket_file)],
        user=65_534,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "dialed" not in out.stdout
    assert app.asked == []


def test_an_app_of_another_user_gets_no_request(
    runtime: Path, stranger: list[str]
) -> None:
    """Somebody took the place of our socket, to read what we dial."""
    runtime.chmod(0o777)
    program = (
        "import os, socket, sys; s = socket.socket(socket.AF_UNIX);"
        "s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777); s.listen();"
        "print('ready', flush=True); print(s.accept()[0].recv(1000))"
    )
    command = [*stranger, program, str(runtime / "app.sock")]
    with subprocess.Popen(
        command, user=65_534, stdout=subprocess.PIPE, text=True
    ) as squatter:
        assert squatter.stdout is not None
        assert squatter.stdout.readline() == "ready\n"
        with pytest.raises(InstanceError, match="Another user answers"):
            ask(runtime / "app.sock", runtime / "app.lock", "dial", {"number": "1"})
        assert squatter.stdout.readline() == "b''\n"


def test_the_client_loads_no_event_loop(app: App) -> None:
    # A tool that watches the tests may have loaded some before.
    program = (
        "import sys, pathlib; before = set(sys.modules);"
        "from screenpop.desktop.control_client import ask;"
        "folder = pathlib.Path(sys.argv[1]);"
        "print(ask(folder / 'app.sock', folder / 'app.lock', 'dial', {}).is_ok);"
        "heavy = {'asyncio', 'dataclasses', 'PySide6'};"
        "print(heavy & (set(sys.modules) - before))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program, str(app.socket_file.parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.split("\n")[:2] == ["True", "set()"]


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"error":"x"}', b'{"result":1}'])
def test_an_answer_that_makes_no_sense_is_none(line: bytes) -> None:
    with pytest.raises(PayloadError):
        decode_answer(line)


def test_an_id_of_any_kind_is_no_trouble() -> None:
    for given, taken in ((7, 7), ("a" * 99, "a" * 64), ([1], None), (True, None)):
        message = {"v": 1, "id": given, "verb": "x"}
        assert decode_request(json.dumps(message).encode()).request_id == taken


def test_two_homes_have_two_pipes() -> None:
    one, two = (pipe_name(Path(f"/home/{name}/app.sock")) for name in "ab")
    assert one.startswith("\\\\.\\pipe\\screenpop-")
    assert one != two
