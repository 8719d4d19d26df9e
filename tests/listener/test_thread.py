"""Starting and stopping the listener."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import ListenerError
from screenpop.listener import Limits, ListenerThread
from tests.listener.senders import Answer, connect, exchange, read_all, request
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.listener.senders import RecordingIntake


def test_importing_the_listener_loads_no_event_loop_and_no_parser() -> None:
    # A tool that watches the tests may have loaded some before.
    program = (
        "import sys; before = set(sys.modules); import screenpop.listener; "
        "heavy = {'asyncio', 'h11', 'socket', 'ssl'}; "
        "print(heavy & (set(sys.modules) - before))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "set()"


def test_a_port_in_use_is_told_and_no_other_is_tried(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    second = ListenerThread("127.0.0.1", listener.port, intake=intake)
    with pytest.raises(ListenerError, match="in use by another program") as caught:
        second.start()
    assert str(listener.port) in caught.value.title
    assert "config.toml" in caught.value.advice
    assert not second.is_running
    second.stop()


def test_an_address_of_another_computer_is_told(intake: RecordingIntake) -> None:
    with pytest.raises(ListenerError, match="not an address of this computer"):
        ListenerThread("elsewhere.invalid", 0, intake=intake).start()


def test_a_port_that_does_not_exist_is_told(intake: RecordingIntake) -> None:
    with pytest.raises(ListenerError, match="There is no port 70000"):
        ListenerThread("127.0.0.1", 70_000, intake=intake).start()


def test_the_port_is_free_again_after_stop(
    listen: Callable[..., ListenerThread], intake: RecordingIntake
) -> None:
    first = listen()
    exchange(first.port, request(first.port))
    first.stop()
    assert not first.is_running
    again = ListenerThread("127.0.0.1", first.port, intake=intake)
    assert again.start() == first.port
    assert exchange(first.port, request(first.port, body=b"")).status == 200
    again.stop()


def test_a_stopped_listener_starts_again(listener: ListenerThread) -> None:
    listener.stop()
    listener.stop()
    port = listener.start()
    assert exchange(port, request(port)).status == 200


def test_starting_twice_is_refused(listener: ListenerThread) -> None:
    with pytest.raises(ListenerError, match="running already"):
        listener.start()


def test_stop_lets_a_delivery_be_stored_and_answered(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    gate = intake.gate = listener.submit(_gate()).result(5)
    with connect(listener.port) as sender:
        sender.sendall(request(listener.port))
        assert intake.has_begun.wait(5)
        opened = listener.submit(_open_when_closing(gate, listener.port))
        listener.stop()
        opened.result(5)
        assert Answer(read_all(sender)).status == 200
    assert len(intake.deliveries) == 1


def test_stop_does_not_wait_for_silent_or_hanging_senders(
    listen: Callable[..., ListenerThread], intake: RecordingIntake
) -> None:
    listener = listen(Limits(stop_seconds=0.2))
    intake.gate = listener.submit(_gate()).result(5)
    with connect(listener.port) as silent, connect(listener.port) as hanging:
        hanging.sendall(request(listener.port))
        assert intake.has_begun.wait(5)
        listener.stop()
        assert silent.recv(1) == b""
        assert hanging.recv(1) == b""
    assert not listener.is_running
    until(
        lambda: all(thread.name != "listener" for thread in threading.enumerate()),
        "the thread to end",
    )


def test_stop_cares_for_connections_that_are_only_just_there(
    listen: Callable[..., ListenerThread],
) -> None:
    """A socket left open would be a warning, and so fail this test."""
    for _ in range(20):
        listener = listen()
        senders = [connect(listener.port) for _ in range(5)]
        listener.stop()
        for sender in senders:
            sender.close()


def test_work_can_be_put_on_the_listeners_loop(listener: ListenerThread) -> None:
    assert listener.submit(_thread_name()).result(5) == "listener"
    listener.stop()
    with pytest.raises(ListenerError, match="not running"):
        listener.submit(_thread_name())


def test_it_listens_on_ipv6_when_asked(intake: RecordingIntake) -> None:
    listener = ListenerThread("::1", 0, intake=intake)
    try:
        port = listener.start()
    except ListenerError:
        pytest.skip("this machine has no IPv6")
    with socket.create_connection(("::1", port), timeout=5) as sender:
        sender.sendall(request(port, host=f"[::1]:{port}"))
        assert Answer(read_all(sender)).status == 200
    listener.stop()


def test_counters_can_be_read_while_it_works(listener: ListenerThread) -> None:
    done = threading.Event()

    def send() -> None:
        for _ in range(50):
            exchange(listener.port, request(listener.port))
        done.set()

    thread = threading.Thread(target=send)
    thread.start()
    until(lambda: listener.stats().accepted >= 0 and done.is_set(), "all are sent")
    thread.join()
    assert listener.stats().accepted == 50


async def _gate() -> asyncio.Event:
    return asyncio.Event()


async def _thread_name() -> str:
    return threading.current_thread().name


async def _open_when_closing(gate: asyncio.Event, port: int) -> None:
    """Open the gate once the listener takes no more connections."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            break
        writer.close()
        await asyncio.sleep(0)
    gate.set()
