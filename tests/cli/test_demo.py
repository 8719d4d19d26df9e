"""The demo as a newcomer starts it, here on a display that is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from screenpop.cli.commands.demo import _opens_windows

PNG = b"\x89PNG"


@pytest.mark.skipif(sys.platform != "linux", reason="a display is always there")
def test_a_display_that_is_gone_costs_the_demo_its_windows_only(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-m", "screenpop", "demo"],
        cwd=tmp_path,
        env={**kept, "DISPLAY": ":4242"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The display cannot be used")
    assert "  card: Nora Whitfield, on Main office\n" in done.stdout
    assert "Missed calls to call back: 3" in done.stdout
    assert (tmp_path / "screenpop-demo.png").read_bytes().startswith(PNG)


def test_a_display_that_is_there_is_used() -> None:
    assert _opens_windows()
