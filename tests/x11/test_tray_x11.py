"""The icon in a real tray."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect

from screenpop.ui.theme import Theme
from screenpop.ui.tray import Tray
from tests.requirements import require_program
from tests.ui.test_tray import TrayActionsTaken, account
from tests.x11.desk import pumped, xdotool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

pytestmark = pytest.mark.x11

_PANEL = """
panel_items = S
panel_position = bottom center horizontal
panel_size = 200 32
systray = 1
systray_padding = 2 2 2
"""


@pytest.fixture
def actions() -> TrayActionsTaken:
    return TrayActionsTaken()


@pytest.fixture
def tray(qapp: QApplication, actions: TrayActionsTaken) -> Iterator[Tray]:
    qapp.setStyleSheet("")  # as before the first window
    theme = Theme(qapp, "light")
    tray = Tray(theme, actions, look_ms=50)
    yield tray
    tray.stop()
    theme.deleteLater()


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A panel with nothing but a tray in it."""
    with running_panel(tmp_path) as process:
        yield process


@contextlib.contextmanager
def running_panel(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A panel while it runs."""
    config = tmp_path / "tint2rc"
    config.write_text(_PANEL, "utf-8")
    process = subprocess.Popen(
        [require_program("tint2"), "-c", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.terminate()
    process.wait()


def _icon_place(tray: Tray) -> tuple[int, int] | None:
    """The middle of our icon inside the panel, once it is there."""
    place = tray._icon.geometry() if tray._icon else QRect()
    # A pixel high until the panel has taken it in.
    if place.height() < 16 or place.y() < 700:
        return None
    return place.center().x(), place.center().y()


def test_the_icon_finds_a_tray_that_comes_after_it(
    tray: Tray, actions: TrayActionsTaken, request: pytest.FixtureRequest
) -> None:
    tray.set_account(account("acme"))
    tray.start()
    assert not tray.is_shown
    request.getfixturevalue("panel")
    pumped(lambda: tray.is_shown, "the tray to be found")
    assert not tray.is_looking
    pumped(lambda: _icon_place(tray), "the icon to be in the panel")
    place = _icon_place(tray)
    assert place is not None
    xdotool("mousemove", str(place[0]), str(place[1]), "click", "1")
    pumped(lambda: actions.asked == ["dialer"], "the dialer to be asked for")


def test_a_tray_that_dies_is_noticed_and_one_that_comes_back_has_the_icon(
    tray: Tray, actions: TrayActionsTaken, tmp_path: Path
) -> None:
    told: list[str] = []
    tray.tray_missing.connect(lambda: told.append("missing"))
    tray.tray_found.connect(lambda: told.append("found"))
    with running_panel(tmp_path):
        tray.start()
        pumped(lambda: tray.is_shown, "the tray to be found")
        pumped(lambda: _icon_place(tray), "the icon to be in the panel")
    pumped(lambda: not tray.is_shown, "the loss to be noticed")
    pumped(lambda: told == ["found", "missing"], "the window in place of the tray")
    with running_panel(tmp_path):
        tray._look.setInterval(50)
        pumped(lambda: told[2:] == ["found"], "the tray to be found again")
        pumped(lambda: _icon_place(tray), "the icon to be in the panel again")
        place = _icon_place(tray)
        assert place is not None
        xdotool("mousemove", str(place[0]), str(place[1]), "click", "1")
        pumped(lambda: actions.asked == ["dialer"], "the dialer to be asked for")
        tray.stop()


def test_a_right_click_opens_the_menu(
    tray: Tray, panel: subprocess.Popen[bytes]
) -> None:
    tray.start()
    pumped(lambda: tray.is_shown, "the tray to be found")
    pumped(lambda: _icon_place(tray), "the icon to be in the panel")
    place = _icon_place(tray)
    assert place is not None
    xdotool("mousemove", str(place[0]), str(place[1]), "click", "3")
    pumped(tray.menu.isVisible, "the menu to open")
    last = tray.menu.actionGeometry(tray.menu.actions()[-1])
    # It is as large as it has to be although its style and icons came just before.
    assert tray.menu.rect().contains(last)
    assert tray.menu.size() == tray.menu.sizeHint()
    tray.menu.hide()
