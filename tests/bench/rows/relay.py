"""A team's relay under a steady load: one instance, one broker, three desks a call.

Not measured unless asked for: it needs the broker's program, and the load takes the
better part of a processor itself.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.figures import Bound, Row, Target, percentile
from tests.bench.relay_load import deliver, join_desks
from tests.relay.nats_server import NatsServer
from tests.relay.relay_process import RelayProcess
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stage import Stage

RATE, HIGH_RATE = 500, 2_050
SECONDS = 8.0
DESKS = 3
_PAGE_BYTES = 4096


@dataclass(frozen=True)
class _Broker:
    """A way to run the broker."""

    says: str
    jetstream: str


_SYNCED = _Broker("each synced", "  sync_interval: always\n")
_USUAL = _Broker("synced now and then", "")


def measure(stage: Stage, rounds: int) -> list[Row]:
    """The answers at one rate, and how much is taken at four times that."""
    del stage
    rows: list[Row] = []
    for broker in (_SYNCED, _USUAL):
        half = Row(f"relay's answer at {RATE}/s, {broker.says}, p50", "ms")
        slow = Row(
            f"relay's answer at {RATE}/s, {broker.says}, p99",
            "ms",
            Target(Bound.AT_MOST, 50),
        )
        taken = Row(
            f"taken a second, {broker.says}", "/s", Target(Bound.AT_LEAST, 2_000)
        )
        behind = Row(f"until all copies were out, {broker.says}", "s")
        memory = Row(f"relay's memory, {broker.says}", "MiB")
        for number in range(rounds):
            with _running(broker) as relay:
                _, took = deliver(relay, f"warm{number}", RATE, 1.0)
                _, took = deliver(relay, f"steady{number}", RATE, SECONDS)
                half.add(None, percentile(took, 0.5) * 1000)
                slow.add(None, percentile(took, 0.99) * 1000)
                rate, _ = deliver(relay, f"high{number}", HIGH_RATE, SECONDS)
                taken.add(None, rate)
                behind.add(None, _seconds_behind(relay))
                memory.add(None, _resident_mib(relay))
        rows += [half, slow, taken, behind, memory]
    return rows


@contextmanager
def _running(broker: _Broker) -> Iterator[RelayProcess]:
    with TemporaryDirectory(prefix="sp-relay-") as name:
        folder = Path(name)
        nats = NatsServer(folder / "nats", jetstream=broker.jetstream)
        nats.start()
        relay = RelayProcess(folder / "relay", nats)
        try:
            relay.start()
            until(lambda: relay.is_owner, "the duties", seconds=20)
            join_desks(nats.url, DESKS)
            until(lambda: relay.readiness().get("devices") == DESKS, "the desks")
            yield relay
        finally:
            relay.stop()
            nats.stop()


def _seconds_behind(relay: RelayProcess) -> float:
    began = time.monotonic()
    until(lambda: _is_done(relay.readiness()), "the copies", seconds=120)
    return time.monotonic() - began


def _is_done(facts: dict[str, object]) -> bool:
    return facts.get("behind") == 0 and facts.get("spooled") == 0


def _resident_mib(relay: RelayProcess) -> float:
    pages = Path(f"/proc/{relay.pid}/statm").read_text("ascii").split()[1]
    return int(pages) * _PAGE_BYTES / 2**20
