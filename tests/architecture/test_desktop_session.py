"""The desktop session holds what the tests inside it rely on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest

from tests.requirements import require_session

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ROOT = Path(__file__).parents[2]
READ_LABELS = """
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi
desktop = Atspi.get_desktop(0)
for index in range(desktop.get_child_count()):
    application = desktop.get_child_at_index(index)
    for place in range(application.get_child_count()):
        print(application.get_child_at_index(place).get_name())
"""


@pytest.mark.keyring
def test_the_keychain_is_real_and_open() -> None:
    assert type(keyring.get_keyring()).__module__ == "keyring.backends.SecretService"
    keyring.set_password("screenpop-tests", "session", "kept")
    assert keyring.get_password("screenpop-tests", "session") == "kept"
    keyring.delete_password("screenpop-tests", "session")


@pytest.mark.x11
def test_a_screen_reader_sees_our_windows(qtbot: QtBot) -> None:
    # Here and not above: offscreen runs must not load widgets for collecting.
    from PySide6.QtWidgets import QLabel

    window = QLabel("Incoming call from nobody")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    with subprocess.Popen(
        ["/usr/bin/python3", "-c", READ_LABELS], stdout=subprocess.PIPE, text=True
    ) as reader:
        qtbot.waitUntil(lambda: reader.poll() is not None, timeout=10_000)
        assert reader.stdout is not None
        assert "Incoming call from nobody" in reader.stdout.read()


@pytest.mark.keyring
def test_nothing_of_a_session_outlives_it(tmp_path: Path) -> None:
    require_session()
    left_behind = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {left_behind}; disown; exit 7"
    done = subprocess.run(
        [sys.executable, "-m", "tests.desktop_session", "--", "bash", "-c", script],
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 7
    assert not Path(f"/proc/{left_behind.read_text().strip()}").exists()
