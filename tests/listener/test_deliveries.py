"""What a phone system sends arrives whole, and only what it sends."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.delivery import DeliveryAnswer, DeliverySource
from screenpop.domain.errors import StoreBusy, StoreFull
from screenpop.domain.privacy import Secret
from screenpop.listener import HookRoute, Limits, digest_of
from tests.listener.senders import (
    BODY,
    PATH,
    TOKEN,
    Answer,
    chunked,
    connect,
    exchange,
    read_all,
    request,
)
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.listener import ListenerThread
    from tests.listener.senders import RecordingIntake


def test_a_delivery_reaches_the_intake_byte_for_byte(
    port: int, intake: RecordingIntake
) -> None:
    body = b'{"n":"\xc3\xa9","bad":"\xff\x00"}'
    before = datetime.now(UTC)
    answer = exchange(
        port,
        request(
            port,
            "Content-Type: application/json; charset=utf-8",
            "Authorization: Basic abc",
            "X-Mango-Security-Token: shared",
            "Cookie: a=b",
            "User-Agent: PBX/1.0",
            target=f"{PATH}/mango/callringing?a=1&b=%2F",
            body=body,
        ),
    )
    assert answer.status == 200
    [delivery] = intake.deliveries
    assert delivery.account_id == "acme"
    assert delivery.source is DeliverySource.WEBHOOK
    assert delivery.body == body
    assert delivery.content_type == "application/json; charset=utf-8"
    assert delivery.method == "POST"
    assert delivery.path == "/mango/callringing"
    assert delivery.query == "a=1&b=%2F"
    assert delivery.header("x-mango-security-token") == "shared"
    assert delivery.header("authorization") == "Basic abc"
    assert delivery.header("user-agent") == "PBX/1.0"
    assert delivery.header("cookie") is None
    assert before <= delivery.received_at <= datetime.now(UTC)


def test_the_token_is_nowhere_in_a_delivery(port: int, intake: RecordingIntake) -> None:
    exchange(port, request(port, target=f"{PATH}/x?y=1"))
    assert TOKEN not in repr(intake.deliveries)


def test_the_vendor_gets_what_the_provider_answers(
    port: int, intake: RecordingIntake
) -> None:
    intake.answer = DeliveryAnswer(202, b'{"challenge":"x"}', "application/json")
    answer = exchange(port, request(port))
    assert answer.status == 202
    assert answer.body == b'{"challenge":"x"}'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == "17"
    assert answer.headers["connection"] == "close"


def test_no_content_has_no_length(port: int, intake: RecordingIntake) -> None:
    intake.answer = DeliveryAnswer(204)
    answer = exchange(port, request(port))
    assert answer.status == 204
    assert "content-length" not in answer.headers


def test_an_answer_cannot_smuggle_headers_in(
    port: int, intake: RecordingIntake
) -> None:
    intake.answer = DeliveryAnswer(200, b"x", "text/plain\r\nX-Evil: 1")
    assert "x-evil" not in exchange(port, request(port)).headers


def test_a_body_in_chunks_is_put_together(port: int, intake: RecordingIntake) -> None:
    assert exchange(port, chunked(port, b"{", b'"a":', b"1}")).status == 200
    assert intake.deliveries[0].body == b'{"a":1}'


def test_a_request_may_arrive_in_any_pieces(port: int, intake: RecordingIntake) -> None:
    whole = chunked(port, b'{"a":', b"1}")
    for cut in range(1, len(whole), 7):
        with connect(port) as sender:
            sender.sendall(whole[:cut])
            sender.sendall(whole[cut:])
            assert Answer(read_all(sender)).status == 200
    assert {delivery.body for delivery in intake.deliveries} == {b'{"a":1}'}


def test_a_sender_that_asks_first_is_told_to_go_on(
    port: int, intake: RecordingIntake
) -> None:
    with connect(port) as sender:
        whole = request(port, "Expect: 100-continue")
        sender.sendall(whole[: -len(BODY)])
        assert sender.recv(100).startswith(b"HTTP/1.1 100 ")
        sender.sendall(BODY)
        assert Answer(read_all(sender)).status == 200
    assert len(intake.deliveries) == 1


def test_a_sender_that_has_ended_its_half_still_gets_the_answer(
    port: int, intake: RecordingIntake
) -> None:
    with connect(port) as sender:
        sender.sendall(request(port))
        sender.shutdown(1)
        assert Answer(read_all(sender)).status == 200
    assert len(intake.deliveries) == 1


def test_one_connection_carries_one_request(port: int, intake: RecordingIntake) -> None:
    answer = exchange(port, request(port) + request(port))
    assert answer.raw.count(b"HTTP/1.1") == 1
    assert len(intake.deliveries) == 1


def test_an_old_sender_without_keep_alive_is_understood(
    port: int, intake: RecordingIntake
) -> None:
    old = request(port).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    assert exchange(port, old).status == 200
    assert len(intake.deliveries) == 1


def test_a_vendor_that_calls_back_by_get_says_all_in_the_address(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    listener.set_routes(
        [
            HookRoute(
                account_id="acme",
                digest=digest_of(Secret(TOKEN)),
                methods=frozenset({"GET"}),
            )
        ]
    )
    target = f"{PATH}?caller=%2B12025550123"
    port = listener.port
    assert exchange(port, request(port, method="GET", target=target, body=b"")).status
    assert [found.query for found in intake.deliveries] == ["caller=%2B12025550123"]
    assert intake.deliveries[0].method == "GET"


@pytest.mark.expects_log("Webhooks are not stored and will be sent again: StoreFull")
def test_what_is_not_on_disk_is_asked_for_again(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    """The log line comes once, not once per delivery."""
    port = listener.port
    intake.error = StoreFull("The disk is full")
    for _ in range(3):
        answer = exchange(port, request(port))
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"
    intake.error = None
    assert exchange(port, request(port)).status == 200
    assert listener.stats().accepted == 1
    assert listener.stats().refused == {"not_stored": 3}


@pytest.mark.expects_log(r"The intake failed with RuntimeError\n(?s:.*)in accept")
def test_a_fault_of_ours_is_never_a_success_and_quotes_nobody(
    port: int, intake: RecordingIntake, caplog: pytest.LogCaptureFixture
) -> None:
    intake.error = RuntimeError("caller +12025550123")
    assert exchange(port, request(port)).status == 503
    assert "2025550123" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.expects_log("the journal takes too long")
def test_a_journal_that_hangs_is_not_a_success(
    listen: Callable[..., ListenerThread], intake: RecordingIntake
) -> None:
    listener = listen(Limits(deadline_seconds=0.3, drain_seconds=0.1))
    intake.gate = listener.submit(_closed_gate()).result(5)
    assert exchange(listener.port, request(listener.port)).status == 503
    until(lambda: listener.stats().in_flight == 0, "the intake is let go")
    assert intake.deliveries == []


@pytest.mark.expects_log("StoreBusy")
def test_no_log_line_holds_the_token(
    port: int, intake: RecordingIntake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    intake.error = StoreBusy("The database is in use")
    exchange(port, request(port))
    exchange(port, request(port, "Origin: http://evil.example"))
    exchange(port, request(port, "Content-Length: 5"))
    exchange(port, request(port, target="/hooks/acme/" + TOKEN[:-1]))
    assert "Refused a request" in caplog.text
    assert TOKEN[:-1] not in caplog.text


def test_a_hundred_senders_at_once_are_all_served(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    port = listener.port
    barrier = threading.Barrier(100, timeout=30)

    def send(_: int) -> int:
        barrier.wait()
        return exchange(port, request(port)).status

    with ThreadPoolExecutor(100) as pool:
        assert set(pool.map(send, range(100))) == {200}
    assert len(intake.deliveries) == 100
    assert {delivery.body for delivery in intake.deliveries} == {BODY}


def test_the_intake_works_on_the_listeners_thread(
    port: int, intake: RecordingIntake
) -> None:
    exchange(port, request(port))
    assert intake.threads == {"listener"}


def test_the_counters_tell_what_happened(listener: ListenerThread) -> None:
    port = listener.port
    assert listener.stats().answer_p50_ms is None
    for _ in range(3):
        exchange(port, request(port))
    exchange(port, request(port, target="/favicon.ico"))
    exchange(port, request(port, "Origin: null"))
    until(lambda: not listener.stats().open_connections, "all connections are closed")
    stats = listener.stats()
    assert (stats.accepted, stats.ignored, stats.in_flight) == (3, 1, 0)
    assert stats.refused == {"browser": 1}
    assert stats.answer_p50_ms is not None
    assert stats.answer_p99_ms is not None
    assert stats.answer_p50_ms <= stats.answer_p99_ms


async def _closed_gate() -> asyncio.Event:
    return asyncio.Event()
