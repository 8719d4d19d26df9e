"""What the relay counts, and how Prometheus reads it.

The text format is https://prometheus.io/docs/instrumenting/exposition_formats/ in its
version 0.0.4. No label ever holds a number, a name or a secret.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1.0, 2.5)

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Counter:
    """Something that only grows, by label."""

    name: str
    says: str
    values: dict[Labels, float] = field(default_factory=dict)

    def add(self, amount: float = 1.0, /, **labels: str) -> None:
        """Count."""
        key = tuple(labels.items())
        self.values[key] = self.values.get(key, 0.0) + amount

    def total(self) -> float:
        """All labels together."""
        return sum(self.values.values())

    def by(self, label: str) -> dict[str, float]:
        """Each value of one label with its count."""
        found: dict[str, float] = {}
        for labels, value in self.values.items():
            key = dict(labels).get(label, "")
            found[key] = found.get(key, 0.0) + value
        return found

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        values = self.values or {(): 0.0}
        return _lines(self.name, self.says, "counter", values)


@dataclass(slots=True)
class Gauge:
    """Something that goes up and down, looked up when it is read."""

    name: str
    says: str
    read: Callable[[], dict[Labels, float]]

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        return _lines(self.name, self.says, "gauge", self.read())


@dataclass(slots=True)
class Histogram:
    """Durations in seconds."""

    name: str
    says: str
    buckets: list[int] = field(default_factory=lambda: [0] * (len(_SECONDS) + 1))
    seconds: float = 0.0

    def note(self, seconds: float) -> None:
        """One more."""
        self.buckets[bisect_left(_SECONDS, seconds)] += 1
        self.seconds += seconds

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        lines = [f"# HELP {self.name} {self.says}", f"# TYPE {self.name} histogram"]
        count = 0
        for limit, some in zip((*_SECONDS, "+Inf"), self.buckets, strict=True):
            count += some
            lines.append(f'{self.name}_bucket{{le="{limit}"}} {count}')
        lines.append(f"{self.name}_sum {self.seconds:.6f}")
        lines.append(f"{self.name}_count {count}")
        return lines


class RelayMeters:
    """Everything one relay instance counts."""

    def __init__(self) -> None:
        self.requests = Counter(
            "screenpop_relay_requests_total",
            "Requests at the public port, by what became of them.",
        )
        self.deliveries = Counter(
            "screenpop_relay_deliveries_total",
            "Deliveries by account and by where they were kept.",
        )
        self.duplicates = Counter(
            "screenpop_relay_duplicates_total",
            "Deliveries that the broker knew already.",
        )
        self.drained = Counter(
            "screenpop_relay_drained_total",
            "Deliveries that went from the spool to the broker.",
        )
        self.routed = Counter(
            "screenpop_relay_routed_total", "Deliveries that were routed."
        )
        self.copies = Counter(
            "screenpop_relay_copies_total", "Copies that were put out for desks."
        )
        self.unread = Counter(
            "screenpop_relay_unread_total",
            "Messages of the broker that are no deliveries of this version.",
        )
        self.for_nobody = Counter(
            "screenpop_relay_calls_for_nobody_total",
            "Calls that name no extension and whose line is nobody's, by account.",
        )
        self.answers = Histogram(
            "screenpop_relay_answer_seconds",
            "From the last byte of a delivery to the answer.",
        )
        self.gauges: list[Gauge] = []

    def gauge(
        self, name: str, says: str, read: Callable[[], float | dict[Labels, float]]
    ) -> None:
        """Have something looked up whenever the metrics are read."""

        def values() -> dict[Labels, float]:
            value = read()
            return value if isinstance(value, dict) else {(): value}

        self.gauges.append(Gauge(name, says, values))

    def text(self) -> str:
        """Everything, as Prometheus reads it."""
        meters: tuple[Counter | Gauge | Histogram, ...] = (
            self.requests,
            self.deliveries,
            self.duplicates,
            self.drained,
            self.routed,
            self.copies,
            self.unread,
            self.for_nobody,
            self.answers,
            *self.gauges,
        )
        lines = [line for meter in meters for line in meter.lines()]
        return "\n".join(lines) + "\n"


def _lines(name: str, says: str, kind: str, values: dict[Labels, float]) -> list[str]:
    lines = [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
    for labels, value in values.items():
        pairs = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels)
        lines.append(f"{name}{{{pairs}}} {value:g}" if pairs else f"{name} {value:g}")
    return lines


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
