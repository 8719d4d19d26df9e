"""Commands that do what hotkeys do, for desktops that hold keys themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.cli.main import main
from screenpop.services.hotkeys import HotkeyAction, HotkeyPressed
from screenpop.simulator import create_cloud
from tests.services.office import open_office, write_config

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("words", "action"),
    [
        (["focus-card"], HotkeyAction.FOCUS_CARD),
        (["search"], HotkeyAction.SEARCH),
        (["dial", "--selection"], HotkeyAction.DIAL_SELECTION),
    ],
)
async def test_a_command_does_what_the_hotkey_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    action: HotkeyAction,
) -> None:
    import asyncio

    home = tmp_path / "home"
    monkeypatch.setenv("SCREENPOP_HOME", str(home))
    with create_cloud("voxloud") as cloud:
        desk = open_office(write_config(home, cloud.base_url), cloud)
        pressed: list[HotkeyAction] = []
        desk.app.bus.subscribe(HotkeyPressed, lambda e: pressed.append(e.action))
        await desk.app.start()
        try:
            # Without windows there is nothing to be done.
            assert await asyncio.to_thread(main, words) == 2
            desk.app.has_windows = True
            assert await asyncio.to_thread(main, words) == 0
            assert pressed == [action]
        finally:
            await desk.app.stop()


def test_without_a_running_app_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENPOP_HOME", str(tmp_path / "home"))
    assert main(["focus-card"]) == 1
    assert "does not run" in capsys.readouterr().err.replace(
        "not running", "does not run"
    )
