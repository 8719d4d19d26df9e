"""The running app as a person and a screen reader find it on the X server."""

from __future__ import annotations

import contextlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.requirements import require, require_program
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end2end.running_app import AppProcess

_READER = Path(__file__).parents[1] / "x11" / "read_accessible.py"
_SYSTEM_PYTHON = "/usr/bin/python3"
_TRIES = 5
_PANEL = """
panel_items = S
panel_position = bottom center horizontal
panel_size = 200 32
systray = 1
systray_padding = 2 2 2
"""


def run(*command: str) -> str:
    """Run a desktop tool and return what it wrote."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def xdotool(*arguments: str) -> str:
    """Use keyboard or pointer as a user's hand would."""
    return run(require_program("xdotool"), *arguments)


@contextlib.contextmanager
def tray_host(folder: Path) -> Iterator[None]:
    """A panel with nothing but a tray in it."""
    config = folder / "tint2rc"
    config.write_text(_PANEL, "utf-8")
    panel = subprocess.Popen(
        [require_program("tint2"), "-c", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        panel.terminate()
        panel.wait()


class SeenApp:
    """One running app with its windows."""

    def __init__(self, app: AppProcess) -> None:
        require(Path("/usr/lib/python3/dist-packages/gi").exists(), "python3-gi")
        self._id = str(app.process.pid)

    def showing(self) -> list[dict[str, Any]]:
        """All that a screen reader finds on the screen, parents first."""
        return [thing for thing in self._read("tree") if thing["is_showing"]]

    def names(self, role: str) -> list[str]:
        """The names of what shows in that role."""
        return [str(each["name"]) for each in self.showing() if each["role"] == role]

    def cards(self) -> list[str]:
        """The names of the cards, the oldest first."""
        return self.names("alert")

    def wait_for_card(self, name: str) -> None:
        """Wait until the one card bears that name."""
        until(lambda: self.cards() == [name], f"the card “{name}” and no other")

    def wait_for_text(self, beginning: str) -> None:
        """Wait until a text that begins so is on the screen."""
        until(
            lambda: any(text.startswith(beginning) for text in self.names("label")),
            f"“{beginning}”",
        )

    def within(self, name: str) -> list[dict[str, Any]]:
        """What shows inside the window of that name."""
        found: list[dict[str, Any]] = []
        is_inside = False
        for thing in self.showing():
            if thing["depth"] == 1:
                is_inside = thing["name"] == name
            if is_inside:
                found.append(thing)
        return found

    def press(self, name: str, within: str = "") -> None:
        """Press the button that bears that text."""
        answer = self._read("press", name, *([within] if within else []))
        assert answer == {"pressed": True}, f"no button “{name}” in “{within}”"

    def tray_icon(self) -> tuple[int, int]:
        """Where its icon is inside the panel's window, once it is there."""
        place = until(self._find_icon, "the icon in the tray", seconds=30)
        assert place is not None
        return place

    def _find_icon(self) -> tuple[int, int] | None:
        is_in_panel = False
        for line in run(require_program("xwininfo"), "-root", "-tree").splitlines():
            is_in_panel = is_in_panel or '"tint2"' in line
            if is_in_panel and '"screenpop"' in line and " 28x28+" in line:
                x, y = line.rsplit("+", 2)[1:]
                return int(x) + 14, int(y) + 14
        return None

    def rest_on_tray_icon(self) -> str:
        """Let the pointer rest on the icon and read what appears."""
        x, y = self.tray_icon()
        for _ in range(_TRIES):
            xdotool("mousemove", "600", "300")
            xdotool("mousemove", str(x), str(y))
            xdotool("mousemove_relative", "--", "1", "0")
            with contextlib.suppress(TimeoutError):
                (text,) = until(lambda: self.names("tool tip"), "it", seconds=4)
                xdotool("mousemove", "600", "300")
                return text
        raise TimeoutError("waited for the tool tip of the icon in the tray")

    def click_tray_icon(self, button: int = 1) -> None:
        """Click the icon with the real pointer."""
        x, y = self.tray_icon()
        xdotool("mousemove", str(x), str(y), "click", str(button))

    def _read(self, *command: str) -> Any:
        arguments = (str(_READER), self._id, *command)
        return json.loads(run(_SYSTEM_PYTHON, "-W", "ignore", *arguments))
