"""A desktop for the program in a clean Debian, and how a user finds the program there.

The display, its window manager and its tray are this machine's. Bus, keychain and
accessibility are those of the Debian, as is the reader of what is on the screen.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from linux.clean_debian import CleanDebian, PackageFault
from screenpop.desktop.desktop_entry import read_entry

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.desktop_session import open_session  # noqa: E402 - found by the line above

PATIENCE_SECONDS: Final = 60
PROGRAM: Final = "/usr/lib/screenpop/screenpop"
# What is read with: not part of what the program needs.
READER_PACKAGES: Final = ("at-spi2-core", "gir1.2-atspi-2.0", "python3-gi")

_RUNTIME: Final = "/tmp/agent"  # noqa: S108 - of the Debian, where only one user is
_READER: Final = ("tests/x11/read_accessible.py", "tests/waiting.py")
_PANEL: Final = """
panel_items = S
panel_position = bottom center horizontal
panel_size = 200 32
systray = 1
systray_padding = 2 2 2
"""


@contextlib.contextmanager
def display() -> Iterator[Mapping[str, str]]:
    """A display with a window manager and a tray; gives what finds it."""
    with open_session() as session, tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **session.environment}
        config = Path(folder, "tint2rc")
        config.write_text(_PANEL, "utf-8")
        panel = subprocess.Popen(
            ["tint2", "-c", str(config)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield environment
        finally:
            panel.terminate()
            panel.wait()


class OnDisplay:
    """The program of a Debian on a display; use `session`."""

    def __init__(self, debian: CleanDebian, screen: Mapping[str, str]) -> None:
        self._debian = debian
        self._screen = screen
        self._environment = {
            "DISPLAY": screen["DISPLAY"],
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "XDG_RUNTIME_DIR": _RUNTIME,
        }
        self._started: list[subprocess.Popen[str]] = []
        for file in _READER:
            target = debian.root / "opt" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, target)

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        """Log in, without starting the program; end all that was started after."""
        self.run("mkdir", "-m", "700", "-p", _RUNTIME)
        try:
            self._start_services()
            yield
        finally:
            for process in reversed(self._started):
                process.terminate()
                process.wait()

    def start_from_entry(self, entry: Path) -> bool:
        """Do what a desktop does with an entry: in its menu, or at login.

        Returns:
            Whether it starts anything: a desktop passes over an entry whose program is
            not there.
        """
        fields = read_entry(entry.read_text("utf-8"))
        program = fields.get("TryExec", "")
        found = self.run("sh", "-c", f"command -v {program or 'false'}")
        if fields.get("Hidden") == "true" or (program and found.returncode != 0):
            return False
        self._start(*shlex.split(fields["Exec"]))
        return True

    def run(
        self, *command: str, stdin: str | None = None, check: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the user on this desktop; errors and output are one text."""
        done = subprocess.run(
            self._debian.command(*command, as_user=True),
            env=self._debian.environment(as_user=True, **self._environment),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        if check and done.returncode != 0:
            print(done.stdout)
            raise PackageFault(f"“{' '.join(command)}” failed")
        return done

    def status(self) -> subprocess.CompletedProcess[str]:
        """What the running program says of itself."""
        return self.run("screenpop", "status", "--json")

    def is_running(self) -> bool:
        """Whether there is a process of it."""
        return self._process_id() is not None

    def has_tray_icon(self) -> bool:
        """Whether the tray holds its icon."""
        in_panel = False
        for line in self._tool("xwininfo", "-root", "-tree").splitlines():
            in_panel = in_panel or '"tint2"' in line
            if in_panel and '"screenpop"' in line and " 28x28+" in line:
                return True
        return False

    def texts(self) -> list[str]:
        """All names and texts that a screen reader finds on the screen."""
        process = self._process_id()
        if process is None:
            return []
        reader = ("/usr/bin/python3", "-W", "ignore", f"/opt/{_READER[0]}")
        done = self.run(*reader, str(process), "tree")
        if done.returncode != 0:
            return []
        things: list[dict[str, Any]] = json.loads(done.stdout)
        return [
            str(thing.get(key) or "")
            for thing in things
            if thing.get("is_showing")
            for key in ("name", "text")
        ]

    def sees(self, text: str) -> bool:
        """Whether a text is on the screen."""
        return any(text in each for each in self.texts())

    def windows(self) -> list[str]:
        """The numbers of its windows that are on the display."""
        named = ("xdotool", "search", "--onlyvisible", "--class", "screenpop")
        windows = self._tool(*named).split()
        # The icon in the tray is one, too.
        return [
            each
            for each in windows
            if "28x28" not in self._tool("xwininfo", "-id", each).replace(" ", "")
            and "Width: 28" not in self._tool("xwininfo", "-id", each)
        ]

    def close_windows(self) -> None:
        """Close what is open with the keyboard."""
        self._tool("xdotool", "key", "Escape")
        self.wait_for(lambda: not self.windows(), "the window to close")

    def open_dialer(self) -> None:
        """By the command that a key of the desktop may be bound to."""
        self.run("screenpop", "search", check=True)
        self.wait_for(lambda: bool(self.windows()), "the dialer")

    def picture(self, path: Path) -> None:
        """Save what is on the display."""
        self._tool("import", "-window", "root", str(path))

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is so.

        Raises:
            PackageFault: It does not come.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise PackageFault(f"waited in vain for {what}")
            time.sleep(0.3)

    def _start_services(self) -> None:
        bus = self._start(
            "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"
        )
        assert bus.stdout is not None  # noqa: S101 - it is a pipe
        self._environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        keychain = ("gnome-keyring-daemon", "--unlock", "--components=secrets")
        self.run(*keychain, stdin="tests", check=True)
        self._start("/usr/libexec/at-spi-bus-launcher", "--launch-immediately")

    def _start(self, *command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._debian.command(*command, as_user=True),
            env=self._debian.environment(as_user=True, **self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._started.append(process)
        return process

    def _process_id(self) -> int | None:
        """Of the first one: helpers come after it."""
        place = str(self._debian.root) + PROGRAM
        found = []
        for link in Path("/proc").glob("[0-9]*/exe"):
            with contextlib.suppress(OSError):
                # An upgrade has taken its name away.
                if str(link.readlink()).removesuffix(" (deleted)") == place:
                    found.append(int(link.parent.name))
        return min(found, default=None)

    def _tool(self, *command: str) -> str:
        done = subprocess.run(
            command,
            env=dict(self._screen),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        return done.stdout
