"""The tray's coming and going is heard, and nobody else's."""

from __future__ import annotations

import pytest

from screenpop.desktop.tray_host import WATCHER, BusTrayHostWatch
from tests.desktop.fake_bus import BusService, serving
from tests.waiting import eventually


async def test_without_a_session_bus_there_is_nothing_to_hear() -> None:
    watch = BusTrayHostWatch()
    await watch.start(lambda: pytest.fail("nobody came"))
    await watch.stop()


@pytest.mark.keyring
async def test_the_tray_is_heard_to_come_and_to_go() -> None:
    told: list[None] = []
    watch = BusTrayHostWatch()
    await watch.start(lambda: told.append(None))
    with serving(BusService("org.example.Other")):
        with serving(BusService(WATCHER)):
            await eventually(lambda: len(told) == 1, "the tray to come")
        await eventually(lambda: len(told) == 2, "the tray to go")
    await watch.stop()
    assert len(told) == 2
