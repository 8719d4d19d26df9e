"""Garbage is looked for between calls, and Python's own search waits."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.calls import CallRef
from screenpop.services.bus import Bus
from screenpop.services.events import CallLogChanged
from screenpop.ui.quiet_collector import QuietCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

CHANGE = CallLogChanged(CallRef("office", "1"))


class Knot:
    """Garbage that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


def a_knot() -> weakref.ref[Knot]:
    return weakref.ref(Knot())


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def collector(bus: Bus, qtbot: QtBot) -> Iterator[QuietCollector]:
    before = gc.get_threshold()
    collector = QuietCollector(bus, quiet_ms=0, started_ms=0)
    yield collector
    collector.stop()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


@pytest.mark.usefixtures("collector")
def test_garbage_goes_once_it_is_quiet_after_a_call(bus: Bus, qtbot: QtBot) -> None:
    knot = a_knot()
    bus.publish(CHANGE)
    assert knot() is not None
    qtbot.waitUntil(lambda: knot() is None)


@pytest.mark.usefixtures("collector")
def test_a_few_calls_at_once_set_off_no_search() -> None:
    knot = a_knot()
    kept = [[] for _ in range(5_000)]  # type: ignore[var-annotated]
    assert knot() is not None
    assert len(kept) == 5_000


@pytest.mark.usefixtures("collector")
def test_what_the_start_made_is_left_alone(qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)


def test_once_stopped_it_hears_of_no_more_calls(bus: Bus, qtbot: QtBot) -> None:
    collector = QuietCollector(bus, quiet_ms=0, started_ms=0)
    collector.stop()
    knot = a_knot()
    gc.disable()
    try:
        bus.publish(CHANGE)
        with qtbot.waitSignal(collector.destroyed):
            pass
        assert knot() is not None
    finally:
        gc.enable()
