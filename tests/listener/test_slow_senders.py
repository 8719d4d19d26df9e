"""Senders that are slow, silent or many do not keep the others out."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.listener import Limits
from tests.listener.senders import (
    Answer,
    chunked,
    connect,
    drip,
    exchange,
    read_all,
    request,
)
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.listener import ListenerThread
    from tests.listener.senders import RecordingIntake

# Short, so that the tests are: what is tested is that the deadline holds at all.
QUICK = Limits(deadline_seconds=0.4, drain_seconds=0.1)


def test_a_head_that_drips_in_is_cut_off(
    listen: Callable[..., ListenerThread], intake: RecordingIntake
) -> None:
    listener = listen(QUICK)
    with connect(listener.port) as sender:
        said = drip(sender, request(listener.port) * 5, pause_seconds=0.01)
    assert Answer(said).status == 408
    assert intake.deliveries == []
    assert listener.stats().refused == {"too_slow": 1}


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_drips_in_is_cut_off(
    listen: Callable[..., ListenerThread], intake: RecordingIntake, is_chunked: bool
) -> None:
    listener = listen(QUICK)
    body = b"x" * 1_000
    whole = (chunked if is_chunked else lambda port, body: request(port, body=body))(
        listener.port, body
    )
    start = whole.index(b"\r\n\r\n") + 4
    with connect(listener.port) as sender:
        sender.sendall(whole[:start])
        assert Answer(drip(sender, whole[start:], pause_seconds=0.01)).status == 408
    assert intake.deliveries == []


def test_a_silent_connection_is_closed(listen: Callable[..., ListenerThread]) -> None:
    listener = listen(QUICK)
    with connect(listener.port) as sender:
        assert read_all(sender) == b""


def test_a_sender_that_never_reads_is_dropped(
    listen: Callable[..., ListenerThread],
) -> None:
    listener = listen(QUICK)
    with connect(listener.port) as sender:
        sender.sendall(request(listener.port))
        until(
            lambda: (now := listener.stats()).accepted and not now.open_connections,
            "the connection is gone though its sender stays",
        )


def test_a_sender_that_goes_away_leaves_nothing_behind(
    listener: ListenerThread,
) -> None:
    for piece in (b"", b"POST /", request(listener.port)[:-3]):
        with connect(listener.port) as sender:
            sender.sendall(piece)
            # Reset instead of a polite end.
            sender.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0"
            )
    # It came last, so the others have been met when it is answered.
    assert exchange(listener.port, request(listener.port)).status == 200
    until(lambda: not listener.stats().open_connections, "all are closed")


def test_three_hundred_idle_connections_do_not_keep_a_delivery_out(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connect(listener.port))
        assert exchange(listener.port, request(listener.port)).status == 200
        assert len(intake.deliveries) == 1
        limit = Limits().connections
        until(lambda: listener.stats().open_connections <= limit, "there is room again")
        assert listener.stats().evicted >= 300 - limit


def test_those_who_wait_longest_with_half_a_request_go_first(
    listen: Callable[..., ListenerThread],
) -> None:
    listener = listen(Limits(connections=2, burst_connections=2))
    port = listener.port
    with connect(port) as oldest, connect(port) as second, ExitStack() as stack:
        oldest.sendall(b"POST /")
        second.sendall(b"POST /")
        until(lambda: listener.stats().open_connections == 2, "both are in")
        stack.enter_context(connect(port))
        assert oldest.recv(1) == b""
        second.sendall(request(port).removeprefix(b"POST /"))
        assert Answer(read_all(second)).status == 200


def test_senders_of_slow_bodies_make_room_too(
    listen: Callable[..., ListenerThread],
) -> None:
    listener = listen(Limits(connections=4, burst_connections=4))
    port = listener.port
    with ExitStack() as stack:
        for _ in range(4):
            sender = stack.enter_context(connect(port))
            sender.sendall(request(port)[:-1])
        until(lambda: listener.stats().open_connections == 4, "all are in")
        assert exchange(port, request(port)).status == 200


def test_a_delivery_that_is_being_stored_is_never_pushed_out(
    listen: Callable[..., ListenerThread], intake: RecordingIntake
) -> None:
    listener = listen(Limits(connections=1, burst_connections=1))
    port = listener.port
    gate = intake.gate = listener.submit(_gate()).result(5)
    with connect(port) as sender:
        sender.sendall(request(port))
        assert intake.has_begun.wait(5)
        refused = exchange(port, b"")
        assert refused.status == 503
        assert refused.headers["retry-after"] == "5"
        listener.submit(_open(gate)).result(5)
        assert Answer(read_all(sender)).status == 200
    assert len(intake.deliveries) == 1


async def _gate() -> asyncio.Event:
    return asyncio.Event()


async def _open(gate: asyncio.Event) -> None:
    gate.set()
