"""The X server dies under the running app: it ends, and nothing is lost or repeated."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.end2end.voxloud_calls import webhook
from tests.requirements import require_program
from tests.waiting import until

if TYPE_CHECKING:
    from tests.end2end.running_app import DeskHome

pytestmark = pytest.mark.x11


@pytest.fixture
def display() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """An X server of the test's own, and its name."""
    reader, writer = os.pipe()
    words = ["-displayfd", str(writer), "-screen", "0", "1280x800x24", "-noreset"]
    server = subprocess.Popen(
        [require_program("Xvfb"), *words, "-nolisten", "tcp"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as told:
        number = told.readline().strip()
    yield f":{number}", server
    server.kill()
    server.wait()


def test_an_x_server_that_dies_ends_the_app_and_costs_no_acknowledged_call(
    home: DeskHome, display: tuple[str, subprocess.Popen[bytes]]
) -> None:
    name, server = display
    home.environment |= {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
    app = home.start().wait_for_listener()
    ring = webhook("c-1", "INCOMING", "+442079460555")
    assert app.sender().post(ring) == 200
    until(lambda: home.pops()["c-1"], "the card")
    server.kill()
    status = app.process.wait(timeout=20)
    assert status == 1
    assert "Traceback" not in app.stderr
    del home.environment["DISPLAY"]
    app = home.start("--headless").wait_for_listener()
    assert app.sender().post(ring) == 200
    assert app.sender().post(webhook("c-2", "INCOMING", "+442079460556")) == 200
    until(lambda: home.pops()["c-2"], "the next card")
    assert app.terminate() == 0
    assert home.pops() == {"c-1": 1, "c-2": 1}
    assert home.value("SELECT count(*) FROM deliveries WHERE source = 'webhook'") == 3
    assert home.run("replay", "--dry-run", "--json").json["differences"] == []
