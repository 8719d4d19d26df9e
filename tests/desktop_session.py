"""Run a command inside a desktop session of its own.

    python -m tests.desktop_session -- COMMAND …

The session is real and disposable: an X server (Xvfb) on a free display, a D-Bus
session bus, the accessibility bus, a window manager (openbox), and gnome-keyring with
an unlocked login keychain, all in a fresh HOME and XDG_RUNTIME_DIR. The exit status is
the command's. Whatever the session or the command left running is ended by process id.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION_MARK = "SCREENPOP_TEST_SESSION"
"""Set for everything that runs inside a session."""

_SCREEN = "1280x800x24"
_KEYCHAIN_PASSWORD = "tests"
_A11Y_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_INHERITED = ("LANG", "LANGUAGE", "LC_ALL", "PATH", "TERM", "TMPDIR", "TZ")


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _die_with_parent() -> None:
    """Called in each service before it starts: none outlives a killed session."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class DesktopSession:
    """The services of one session; use `open_session`."""

    def __init__(self, folder: Path) -> None:
        self._log_path = folder / "session.log"
        self._log: IO[bytes] = self._log_path.open("wb")
        self._services: list[subprocess.Popen[bytes]] = []
        home, runtime = folder / "home", folder / "run"
        home.mkdir()
        runtime.mkdir(mode=0o700)
        self._environment = {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "GSETTINGS_BACKEND": "memory",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find the session."""
        return dict(self._environment)

    def start(self) -> None:
        """Bring up every service, each one ready before the next."""
        # The bus comes first and without DISPLAY: what it starts on demand, the
        # keychain's password dialog above all, must not wait for a person.
        self._start_bus()
        self._start_keychain()
        self._start_display()
        self._spawn(_A11Y_LAUNCHER, "--launch-immediately")
        until(lambda: self._owns("org.a11y.Bus"), "the accessibility bus")
        self._spawn("openbox", "--sm-disable")
        until(self._has_window_manager, "the window manager")

    def stop(self) -> None:
        """End every service, then whatever else descends from this process."""
        for service in reversed(self._services):
            service.terminate()
        for service in reversed(self._services):
            try:
                service.wait(timeout=5)
            except subprocess.TimeoutExpired:
                service.kill()
                service.wait()
        self._log.close()
        _end_children()

    def log_text(self) -> str:
        """What the services had to say."""
        return self._log_path.read_text("utf-8", errors="replace")

    def _start_bus(self) -> None:
        with _pipe() as (reader, writer):
            self._spawn(
                "dbus-daemon",
                "--session",
                "--nofork",
                "--nopidfile",
                f"--print-address={writer}",
                pass_fd=writer,
            )
            address = _first_line(reader, writer)
        self._environment["DBUS_SESSION_BUS_ADDRESS"] = address

    def _start_keychain(self) -> None:
        # One call that both starts the daemon and unlocks it: only so is the login
        # keychain created. It returns when the daemon, now in the background, is up.
        subprocess.run(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets"],
            input=_KEYCHAIN_PASSWORD.encode(),
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            check=True,
        )
        until(lambda: self._owns("org.freedesktop.secrets"), "the keychain")

    def _start_display(self) -> None:
        with _pipe() as (reader, writer):
            self._spawn(
                "Xvfb",
                "-displayfd",
                str(writer),
                "-screen",
                "0",
                _SCREEN,
                "-nolisten",
                "tcp",
                "-noreset",
                pass_fd=writer,
            )
            number = _first_line(reader, writer)
        self._environment |= {
            "DISPLAY": f":{number}",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "XDG_SESSION_TYPE": "x11",
        }

    def _spawn(self, *command: str, pass_fd: int | None = None) -> None:
        self._services.append(
            subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=() if pass_fd is None else (pass_fd,),
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this has no threads
            )
        )

    def _owns(self, name: str) -> bool:
        return "boolean true" in self._ask(
            "dbus-send",
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
            f"string:{name}",
        )

    def _has_window_manager(self) -> bool:
        return "window id" in self._ask("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

    def _ask(self, *command: str) -> str:
        done = subprocess.run(
            command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            check=False,
        )
        return done.stdout


@contextlib.contextmanager
def open_session() -> Iterator[DesktopSession]:
    """Bring a session up, and down again whatever happens."""
    # Daemons that detach become children of this process, so that it can end them.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    with tempfile.TemporaryDirectory(
        prefix="screenpop-session-", ignore_cleanup_errors=True
    ) as folder:
        session = DesktopSession(Path(folder))
        try:
            session.start()
            yield session
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(session.log_text())
            raise SystemExit(f"no desktop session: {error}") from error
        finally:
            session.stop()


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        os.close(reader)
        with contextlib.suppress(OSError):
            os.close(writer)


def _first_line(reader: int, writer: int) -> str:
    """Read what a service announces on its pipe; empty if it died first."""
    os.close(writer)
    with os.fdopen(os.dup(reader), encoding="utf-8") as announcements:
        line = announcements.readline().strip()
    if not line:
        raise OSError("a service ended before it was ready")
    return line


def _children() -> list[int]:
    """Return the ids of this process's children, adopted ones included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text("utf-8", errors="replace")
        except OSError:
            continue  # It has just ended.
        # The name in parentheses may itself contain anything.
        parent = text.rpartition(")")[2].split()[1]
        if int(parent) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def _end_children() -> None:
    """End and reap all children; theirs come to this process and go the same way."""

    def all_gone(end_signal: signal.Signals) -> bool:
        children = _children()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, end_signal)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        return not children

    try:
        until(lambda: all_gone(signal.SIGTERM), "children to end", seconds=3)
    except TimeoutError:
        until(lambda: all_gone(signal.SIGKILL), "killed children to go", seconds=3)


def _exit_on_signal(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    """Run the command that follows `--` and return its exit status."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.stderr.write("usage: python -m tests.desktop_session -- COMMAND …\n")
        return 2
    signal.signal(signal.SIGTERM, _exit_on_signal)
    with open_session() as session:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("WAYLAND_DISPLAY", "XAUTHORITY", "XDG_CURRENT_DESKTOP")
        }
        environment |= {**session.environment, SESSION_MARK: "1"}
        process = subprocess.Popen(command, env=environment)
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                process.terminate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
