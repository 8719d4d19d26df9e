"""What the X11 tests do to the desktop: type, click, and read it as others see it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.requirements import require, require_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget

_HERE = Path(__file__).parent
_SYSTEM_PYTHON = "/usr/bin/python3"
_PAUSE_MS = 10
_PROBE = "probe"


def pump() -> None:
    """Let our own windows handle what has arrived."""
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()


def pumped(ask: Callable[[], object], what: str, *, seconds: float = 10.0) -> None:
    """Wait for an effect while our own windows live.

    Raises:
        TimeoutError: It did not come in time.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    deadline = time.monotonic() + seconds
    while not ask():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        # Unlike asking in between, this answers a screen reader's calls at once.
        loop = QEventLoop()
        QTimer.singleShot(_PAUSE_MS, loop.quit)
        loop.exec()


def run_pumped(*command: str) -> str:
    """Run a program to its end while our own windows live; return what it wrote."""
    # A file takes any length; a pipe that nobody reads meanwhile holds 64 KiB.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as written:
        process = subprocess.Popen(command, stdout=written)
        pumped(lambda: process.poll() is not None, " ".join(command), seconds=60)
        written.seek(0)
        output = written.read()
    assert process.returncode == 0, output
    return output


def xdotool(*arguments: str) -> str:
    """Use keyboard or pointer, or ask about windows, as a user's hand would."""
    return run_pumped(require_program("xdotool"), *arguments).strip()


def click(widget: QWidget) -> None:
    """Click into the middle of a widget with the real pointer."""
    middle = widget.mapToGlobal(widget.rect().center())
    xdotool("mousemove", str(middle.x()), str(middle.y()), "click", "1")


class TypingTarget:
    """Another program's window that has the keyboard."""

    def __init__(self, file: Path, window_id: str) -> None:
        self._file = file
        self.window_id = window_id

    @property
    def text(self) -> str:
        """What has been typed into it."""
        return self._file.read_text("utf-8") if self._file.exists() else ""


@contextlib.contextmanager
def typing_target(folder: Path) -> Iterator[TypingTarget]:
    """Show the other program's window, with the keyboard in it."""
    file = folder / "typed.txt"
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "typing_target.py"), str(file)],
        stdout=subprocess.PIPE,
        text=True,
        # Under coverage it would not hear that it is to end.
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")},
    )
    try:
        assert process.stdout is not None
        ready, window_id = process.stdout.readline().split()
        assert ready == "ready"
        yield TypingTarget(file, window_id)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextlib.contextmanager
def announcements(folder: Path) -> Iterator[Callable[[], list[str]]]:
    """Hear what this process announces; gives a function that returns all so far."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
    from PySide6.QtWidgets import QWidget

    file = folder / "heard.txt"
    # Never shown: it would take the keyboard from what the test is about.
    probe = QWidget()

    def heard() -> list[str]:
        lines = file.read_text("utf-8").splitlines()
        return [text for text in map(json.loads, lines) if text != _PROBE]

    def is_heard() -> bool:
        # The bus passes nothing on until it has told us that somebody listens.
        event = QAccessibleAnnouncementEvent(probe, _PROBE)
        QAccessible.updateAccessibility(event)
        return _PROBE in file.read_text("utf-8")

    command = [_SYSTEM_PYTHON, "-W", "ignore", str(_HERE / "read_accessible.py")]
    with file.open("w") as output:
        listener = subprocess.Popen(
            [*command, str(os.getpid()), "listen"], stdout=output
        )
    try:
        pumped(is_heard, "the listener to hear")
        yield heard
    finally:
        listener.terminate()
        listener.wait()
        probe.deleteLater()


def read_accessible(*command: str) -> Any:
    """What a screen reader finds in this process, or does to it."""
    require(Path("/usr/lib/python3/dist-packages/gi").exists(), "python3-gi")
    script = str(_HERE / "read_accessible.py")
    arguments = ("-W", "ignore", script, str(os.getpid()), *command)
    return json.loads(run_pumped(_SYSTEM_PYTHON, *arguments))
