"""A team that grows: from a hundred desks to five thousand, one broker and one relay.

Not measured unless asked for: it takes minutes. Every desk is enrolled as the relay
does it, comes with a statement of its own, and has its question open all the time.
Two kinds of messages are sent at each size: copies straight to desks, which is the
broker alone, and webhooks, which go all the way.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from screenpop.relay.broker.nats_broker import connect
from screenpop.relay.names import desk_subject
from tests.bench.desks import allow_many_files
from tests.bench.figures import Bound, Row, Target, percentile
from tests.bench.relay_load import deliver_all, ringing
from tests.bench.stage import python
from tests.relay.many_desks import device_of, enrol, extension_of
from tests.relay.nats_server import free_port
from tests.relay.relay_process import RelayProcess
from tests.relay.team_server import TeamServer
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stage import Program, Stage

SIZES: Final = (100, 500, 1_000, 2_000, 5_000)
COPIES_A_SECOND, COPIES = 50, 400
WEBHOOKS_A_SECOND, WEBHOOKS = 140, 1_120
"""The rate of a company of 10,000 agents in its busy hour, for eight seconds."""

KIB_A_CONSUMER, KIB_A_CONNECTION = 42, 24
SLACK = 1.5
_PAGE_BYTES = 4096
_SETTLE_SECONDS = 3.0
_COLLECTIONS = 3
_MOST_REPORTS = 20
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class _Team:
    """What runs."""

    server: TeamServer
    relay: RelayProcess
    desks: Program
    folder: Path
    profile_port: int


@dataclass
class _Size:
    """What was seen at one size.

    Attributes:
        consumers_kib: The broker's memory with all consumers and no new connection.
        broker_kib: With all desks there.
        rested_kib: The same once its collector has been through.
    """

    count: int
    consumers_kib: float = 0.0
    broker_kib: float = 0.0
    rested_kib: float = 0.0
    relay_kib: float = 0.0
    copies: list[float] = field(default_factory=list)
    roads: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    broker_cpu: float = 0.0
    relay_cpu: float = 0.0
    enrol_seconds: float = 0.0


def measure(stage: Stage, rounds: int) -> list[Row]:
    """One team that grows; further rounds begin anew."""
    rows: dict[str, Row] = {}
    for _ in range(rounds):
        with _running(stage) as team:
            start = _rested_kib(team)
            before = 0
            sizes: list[_Size] = []
            for count in SIZES:
                sizes.append(_grown(team, before, count))
                before = count
            for row in _rows(start, sizes):
                known = rows.setdefault(row.what, row)
                if known is not row:
                    known.program += row.program
    return list(rows.values())


@contextmanager
def _running(stage: Stage) -> Iterator[_Team]:
    allow_many_files()
    with TemporaryDirectory(prefix="sp-desks-") as name:
        folder = Path(name)
        server = TeamServer(folder / "nats", jetstream="  sync_interval: always\n")
        server.nats.more(f"prof_port: {(port := free_port())}\n")
        server.nats.start()
        relay = RelayProcess(folder / "relay", server.nats, server.keys.relay)
        command = python("-m", "tests.bench.desks", str(server.nats.port))
        try:
            relay.start()
            until(lambda: relay.is_owner, "the duties", seconds=30)
            with stage.running(*command) as desks:
                desks.fact("ready")
                yield _Team(server, relay, desks, folder, port)
        finally:
            relay.stop()
            # The soft way it first writes down how far each consumer is.
            server.nats.kill()


def _grown(team: _Team, before: int, count: int) -> _Size:
    seen = _Size(count)
    began = time.monotonic()
    passes = asyncio.run(_enrolled(team, before, count))
    seen.enrol_seconds = time.monotonic() - began
    known = lambda: team.relay.readiness().get("devices") == count  # noqa: E731
    until(known, f"{count} desks in the registry", seconds=120)
    _settle()
    broker, relay = team.server.nats.pid, team.relay.pid
    seen.consumers_kib = _rested_kib(team)
    file = team.folder / "passes.json"
    file.write_text(json.dumps(passes), "utf-8")
    team.desks.tell(f"enter {file}")
    # One at a time: 5,000 signatures take the broker a while.
    assert team.desks.fact("entered") == count
    _settle()
    asyncio.run(_send_copies(team, count))
    used = _cpu_seconds(broker), _cpu_seconds(relay)
    began = time.monotonic()
    bodies = [
        ringing(f"road@{{}}@{number}-{count}", _extension(number, count))
        for number in range(WEBHOOKS)
    ]
    _, seen.answers = deliver_all(team.relay, bodies, WEBHOOKS_A_SECOND)
    elapsed = time.monotonic() - began
    seen.broker_cpu = (_cpu_seconds(broker) - used[0]) / elapsed
    seen.relay_cpu = (_cpu_seconds(relay) - used[1]) / elapsed
    _hear_all(team, seen)
    seen.broker_kib, seen.relay_kib = _resident_kib(broker), _resident_kib(relay)
    seen.rested_kib = _rested_kib(team)
    return seen


def _hear_all(team: _Team, seen: _Size) -> None:
    """Gather what the desks heard, until they heard everything."""
    for _ in range(_MOST_REPORTS):
        _settle()
        team.desks.tell("report")
        took = team.desks.fact("took")
        seen.copies += took.get("copy", [])
        seen.roads += took.get("road", [])
        if len(seen.copies) == COPIES and len(seen.roads) == WEBHOOKS:
            return
    raise RuntimeError(
        f"{len(seen.copies)} copies and {len(seen.roads)} calls came of "
        f"{COPIES} and {WEBHOOKS}"
    )


def _settle() -> None:
    """Let what was begun come to its end, with the processors left alone."""
    threading.Event().wait(_SETTLE_SECONDS)


def _extension(number: int, count: int) -> str:
    """Another desk each time, spread over all of them."""
    return extension_of(number * 7919 % count)


async def _enrolled(team: _Team, before: int, count: int) -> list[list[str]]:
    broker = connect(team.server.relay_address())
    await broker.connected(20)
    try:
        numbers = range(before, count)
        passes = await enrol(broker, team.server.secrets, numbers)
    finally:
        await broker.close()
    return [each.to_json() for each in passes]


async def _send_copies(team: _Team, count: int) -> None:
    """Publish straight to desks at a steady rate."""
    broker = connect(team.server.relay_address())
    await broker.connected(20)
    loop = asyncio.get_running_loop()
    first, all_begun = loop.time(), asyncio.Event()
    sending: list[asyncio.Task[None]] = []

    async def send(number: int) -> None:
        subject = desk_subject(device_of(number * 7919 % count))
        body = f"copy@{time.monotonic_ns()}@".encode()
        await broker.publish(subject, body)

    def begin(number: int) -> None:
        sending.append(loop.create_task(send(number)))
        if len(sending) == COPIES:
            all_begun.set()

    try:
        for number in range(COPIES):
            loop.call_at(first + number / COPIES_A_SECOND, begin, number)
        await all_begun.wait()
        await asyncio.gather(*sending)
    finally:
        await broker.close()


def _rows(start: float, sizes: list[_Size]) -> Iterator[Row]:
    for seen in sizes:
        at = f"{seen.count:,} desks"
        figures = (
            ("broker alone, publish to desk, p50", "ms", percentile(seen.copies, 0.5)),
            ("broker alone, publish to desk, p99", "ms", percentile(seen.copies, 0.99)),
            ("webhook to desk, p50", "ms", percentile(seen.roads, 0.5)),
            ("webhook to desk, p99", "ms", percentile(seen.roads, 0.99)),
            ("vendor's answer, p50", "ms", percentile(seen.answers, 0.5) * 1000),
            ("vendor's answer, p99", "ms", percentile(seen.answers, 0.99) * 1000),
            ("broker's memory", "MiB", seen.broker_kib / 1024),
            ("broker's memory at rest", "MiB", seen.rested_kib / 1024),
            ("relay's memory", "MiB", seen.relay_kib / 1024),
            ("broker's processor, 1 for one", "", seen.broker_cpu),
            ("relay's processor, 1 for one", "", seen.relay_cpu),
            ("enrolled in", "s", seen.enrol_seconds),
        )
        for what, unit, figure in figures:
            is_answer = what == "vendor's answer, p99"
            row = Row(f"{at}: {what}", unit, _ANSWER if is_answer else None)
            row.add(None, figure)
            yield row
    consumers, connections, known = 0.0, 0.0, start
    for seen in sizes:
        consumers += max(0.0, seen.consumers_kib - known)
        connections += max(0.0, seen.rested_kib - seen.consumers_kib)
        known = seen.rested_kib
    count = sizes[-1].count
    for what, each, target in (
        ("durable consumer", consumers / count, KIB_A_CONSUMER),
        ("connection", connections / count, KIB_A_CONNECTION),
    ):
        row = Row(
            f"broker's memory for each {what}",
            "KiB",
            Target(Bound.AT_MOST, target * SLACK),
        )
        row.add(None, each)
        yield row


_ANSWER: Final = Target(Bound.AT_MOST, 50)


def _resident_kib(pid: int) -> float:
    pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    return int(pages) * _PAGE_BYTES / 1024


def _rested_kib(team: _Team) -> float:
    """The broker's memory without what its collector has not gone through yet.

    Go's does so by itself two minutes after the last time; asking for a profile has it
    done now. Stacks shrink by half each time.
    """
    for _ in range(_COLLECTIONS):
        url = f"http://127.0.0.1:{team.profile_port}/debug/pprof/heap?gc=1"
        with urllib.request.urlopen(url, timeout=60) as profile:
            profile.read()
        _settle()
    return _resident_kib(team.server.nats.pid)


def _cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
