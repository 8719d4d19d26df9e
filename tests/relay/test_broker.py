"""The broker's connection against a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from screenpop.domain.errors import RelayConflict, RelayMissing, RelayUnavailable
from screenpop.relay.broker import (
    Broker,
    BrokerAddress,
    BrokerReader,
    BrokerRequest,
    BucketPlan,
    ConsumerPlan,
    Entry,
    StreamPlan,
)
from screenpop.relay.broker.link import Link
from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.relay.broker.streams import as_object
from screenpop.relay.names import DESKS_STREAM, DESKS_SUBJECTS, MOST_DESKS
from screenpop.services.relay.streams import ensure_streams
from tests.relay.nats_server import NatsServer
from tests.waiting import eventually

STREAM = StreamPlan(name="T", subjects=("t.*",), duplicate_window_seconds=60)


async def test_a_message_with_the_same_id_is_stored_once(broker: Broker) -> None:
    await broker.ensure_stream(STREAM)
    first = await broker.publish("t.a", b"1", message_id="m")
    again = await broker.publish("t.a", b"1", message_id="m")
    assert (first.seq, again.seq) == (1, 1)
    assert (first.is_duplicate, again.is_duplicate) == (False, True)


async def test_a_subject_of_no_stream_is_told(broker: Broker) -> None:
    with pytest.raises(RelayMissing):
        await broker.publish("nowhere.a", b"1")


async def test_a_reader_gets_what_it_has_not_acknowledged_again(
    broker: Broker,
) -> None:
    await broker.ensure_stream(STREAM)
    plan = ConsumerPlan(name="c", filter_subject="t.a", ack_wait_seconds=0.3)
    await broker.ensure_consumer("T", plan)
    await broker.publish("t.a", b"1", headers={"X": "y"})
    await broker.publish("t.b", b"not for us")
    await broker.publish("t.a", b"2")
    async with broker.reader("T", "c") as reader:
        assert await reader.fetch(10, 0.0) == ()
        got = [await reader.fetch(1, 5), await reader.fetch(1, 5)]
        one, two = got[0][0], got[1][0]
        assert (one.body, one.headers["X"], one.seq) == (b"1", "y", 1)
        assert (two.body, two.seq) == (b"2", 3)
        await reader.ack(one)
        (again,) = await reader.fetch(1, 5)
        assert (again.body, again.deliveries) == (b"2", 2)
        await reader.ack(again)
        # What a reader acknowledges is on its way; a busy broker looks at it later.
        async with asyncio.timeout(10):
            while (await broker.consumer_state("T", "c")).acked_seq != 3:
                pass
        await broker.remove_consumer("T", "c")
        with pytest.raises(RelayMissing):
            await _next_body(reader)


async def test_a_key_is_written_by_whoever_comes_first(broker: Broker) -> None:
    bucket = await broker.ensure_bucket(BucketPlan(name="B"))
    assert await bucket.get("k") is None
    first = await bucket.create("k", b"1")
    with pytest.raises(RelayConflict):
        await bucket.create("k", b"2")
    second = await bucket.update("k", b"2", first)
    with pytest.raises(RelayConflict):
        await bucket.update("k", b"3", first)
    with pytest.raises(RelayConflict):
        await bucket.delete("k", first)
    await bucket.delete("k", second)
    assert await bucket.get("k") is None
    await bucket.create("k", b"4")
    await bucket.put("j", b"5")
    found = {each.key: each.value for each in await bucket.entries()}
    assert found == {"k": b"4", "j": b"5"}


async def test_a_watch_hears_values_and_changes(broker: Broker) -> None:
    bucket = await broker.ensure_bucket(BucketPlan(name="B"))
    await bucket.put("old", b"1")
    heard: asyncio.Queue[Entry] = asyncio.Queue()
    watching = await bucket.watch(heard.put)
    async with asyncio.timeout(10):
        assert (await heard.get()).key == "old"
        await bucket.put("new", b"2")
        assert (await heard.get()).value == b"2"
        await bucket.delete("old")
        gone = await heard.get()
        assert (gone.key, gone.value) == ("old", None)
    await watching.stop()


async def test_requests_are_answered_by_one_of_a_group(broker: Broker) -> None:
    async def answerer(request: BrokerRequest) -> bytes:
        return b"re: " + request.body

    answering = await broker.answer("q.*", answerer, queue="relays")
    assert await broker.request("q.a", b"hi") == b"re: hi"
    await answering.stop()
    with pytest.raises(RelayUnavailable):
        await broker.request("q.a", b"hi", timeout_seconds=0.5)


async def test_everything_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    server.start()
    broker = connect(BrokerAddress(urls=(server.url,)))
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    changes: asyncio.Queue[Entry] = asyncio.Queue()

    async def hear(request: BrokerRequest) -> None:
        await heard.put(request.body)

    try:
        await broker.connected(10)
        await broker.ensure_stream(STREAM)
        await broker.ensure_consumer("T", ConsumerPlan(name="c"))
        bucket = await broker.ensure_bucket(BucketPlan(name="B"))
        await broker.listen("news", hear)
        watching = await bucket.watch(changes.put)
        await broker.publish("t.a", b"1")
        async with broker.reader("T", "c") as reader:
            (one,) = await reader.fetch(5, 30)
            await reader.ack(one)
            server.kill()
            with pytest.raises(RelayUnavailable):
                await broker.publish("t.a", b"lost", timeout_seconds=1)
            await eventually(lambda: not broker.state.is_connected, "the loss")
            waiting = asyncio.ensure_future(reader.fetch(5, 30))
            server.start()
            await broker.connected(20)
            await broker.publish("t.a", b"2")
            # What was on its way when it died may come, or come again.
            bodies = {message.body for message in await waiting}
            while b"2" not in bodies:
                bodies.add(await _next_body(reader))
            await broker.send("news", b"hello")
            await bucket.put("k", b"v")
            async with asyncio.timeout(10):
                assert await heard.get() == b"hello"
                assert (await changes.get()).key == "k"
        await watching.stop()
    finally:
        await broker.close()
        server.stop()


async def _next_body(reader: BrokerReader) -> bytes:
    while True:
        for message in await reader.fetch(1, 1):
            return message.body


async def test_a_web_socket_carries_the_same(shared_server: NatsServer) -> None:
    broker = connect(BrokerAddress(urls=(shared_server.web_url,)))
    try:
        await broker.connected(10)
        body = b"x" * 100_000

        async def answerer(request: BrokerRequest) -> bytes:
            return request.body

        await broker.answer("echo", answerer)
        assert await broker.request("echo", body) == body
    finally:
        await broker.close()


async def test_a_web_socket_that_breaks_with_words_unsent_is_noticed(
    tmp_path: Path,
) -> None:
    server = NatsServer(tmp_path / "broker")
    server.start()
    link = Link(BrokerAddress(urls=(server.web_url,)), lambda _: None)
    await link.open()
    server.kill()
    # The library sends what is left before it tells that the connection is gone.
    link._pending.append(b"PING\r\n")
    link._pending_data_size += 6
    async with asyncio.timeout(10):
        await link.gone.wait()
    await link.shut()


async def test_a_team_may_have_more_desks_than_a_broker_lets_read_unless_told(
    broker: NatsBroker,
) -> None:
    # As a relay made it that did not know of the limit.
    older = StreamPlan(name=DESKS_STREAM, subjects=(DESKS_SUBJECTS,))
    await broker.ensure_stream(older)
    await ensure_streams(broker, 1)
    info = await broker.api(f"STREAM.INFO.{DESKS_STREAM}")
    assert as_object(info["config"])["max_consumers"] == MOST_DESKS


async def test_a_server_that_is_killed_with_words_unsent_is_missed(
    tmp_path: Path,
) -> None:
    server = NatsServer(tmp_path)
    server.start()
    broker = connect(BrokerAddress(urls=(server.url,)))
    try:
        await broker.connected(10)
        link = broker._link
        assert link is not None
        assert link._transport is not None

        async def reset() -> None:
            raise ConnectionResetError

        # The end is read before what was still to be sent fails to be.
        link._transport.drain = reset  # type: ignore[method-assign]
        link._pending, link._pending_data_size = [b"PING\r\n"], 6
        server.kill()
        await eventually(lambda: not broker.state.is_connected, "the loss")
        server.start()
        await broker.connected(20)
    finally:
        await broker.close()
        server.stop()
