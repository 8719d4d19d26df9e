"""What holds for every test: its own home, no network, no unexpected log line."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.desktop_session import SESSION_MARK
from tests.guards import LOG_GUARD, NETWORK_GUARD
from tests.requirements import require_program, require_session, require_x11

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from PySide6.QtWidgets import QApplication

# Qt draws to memory unless the run asks for the X server of the desktop session.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Shared machines are slow at times; that is not what these tests are about.
hypothesis.settings.register_profile("screenpop", deadline=None)
hypothesis.settings.load_profile("screenpop")

_KEPT = re.compile(
    r"PATH|PATHEXT|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|CI|USER|LOGNAME|LD_LIBRARY_PATH"
    r"|SYSTEMROOT|WINDIR|COMSPEC|COVERAGE_\w+|PYTEST_\w+|PYTHON\w+|QT_QPA_PLATFORM"
    rf"|{SESSION_MARK}"
)
_KEPT_FOR_KEYRING = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
_KEPT_FOR_X11 = (
    *_KEPT_FOR_KEYRING,
    "DISPLAY",
    "GSETTINGS_BACKEND",
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON",
    "XDG_SESSION_TYPE",
)
_REFUSING_KEYRING = "keyring.backends.fail.Keyring"
_real_environment = dict(os.environ)
TESTS_TO_OUTLIVE = 20


# --- collecting and ordering --------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--soak`."""
    parser.addoption("--soak", action="store_true", help="run the long tests too")


def pytest_configure(config: pytest.Config) -> None:
    """Isolate what lives longer than one test, the QApplication above all."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        # The processes that do run tests must inherit the desktop session.
        return
    folder = Path(tempfile.mkdtemp(prefix="screenpop-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    keep = _KEPT_FOR_X11 if os.environ["QT_QPA_PLATFORM"] == "xcb" else ()
    _replace_environment(_clean_environment(folder, folder, keep))
    NETWORK_GUARD.install()


def pytest_unconfigure() -> None:
    """Give back what `pytest_configure` took."""
    NETWORK_GUARD.uninstall()
    _replace_environment(_real_environment)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Mark what uses Qt widgets; leave the long tests out unless asked for."""
    for item in items:
        if {"qapp", "qtbot"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("gui")
    if not config.getoption("--soak"):
        long = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_collection_finish() -> None:
    """Take what exists by now out of the collector's sight: each test collects."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Turn the markers into needs."""
    if item.get_closest_marker("x11"):
        require_x11()
    if item.get_closest_marker("keyring"):
        require_session()
    if item.get_closest_marker("chromium"):
        require_program("chromium", "chromium-browser", "google-chrome")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Let a report travel between processes whatever text a test failed with."""
    report = yield
    text = str(report.longrepr or "")
    if not _is_sendable(text):
        report.longrepr = _sendable(text)
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    return report


def _is_sendable(text: str) -> bool:
    return _sendable(text) == text


def _sendable(text: str) -> str:
    """The text with what UTF-8 cannot hold replaced: halves of surrogate pairs."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


# --- isolation ----------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _guards(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test for a log line or a connection that it did not announce.

    Everything else is torn down before this, and the collector has run, so that the
    exception of a task nobody kept, or a file left open, is still this test's.
    """
    markers = request.node.iter_markers("expects_log")
    LOG_GUARD.start(expected=[marker.args[0] for marker in markers])
    NETWORK_GUARD.attempts.clear()
    yield
    _collect()
    complaints = LOG_GUARD.stop() + NETWORK_GUARD.complaints()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


_survivors_of = count(1)


def _delete_what_is_to_go() -> None:
    """Delete widgets that were told to: outside an event loop of Qt's nobody does.

    Each style sheet that a later test sets would be worked out for them as well.
    """
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        going = core.QEvent.Type.DeferredDelete
        core.QCoreApplication.sendPostedEvents(None, going)


def _collect() -> None:
    """Run the collector, over little: what has outlived some tests stays for good.

    Modules loaded on the way and the reports of thousands of tests would otherwise
    be gone through again after each.
    """
    _delete_what_is_to_go()
    gc.collect()
    if next(_survivors_of) % TESTS_TO_OUTLIVE == 0:
        gc.freeze()


@pytest.fixture(autouse=True)
def _isolation(
    request: pytest.FixtureRequest, tmp_path: Path, _guards: None
) -> Iterator[None]:
    """Give the test a home, a run-time folder and an environment of its own."""
    keep: tuple[str, ...] = ()
    if request.node.get_closest_marker("keyring"):
        keep += _KEPT_FOR_KEYRING
    if request.node.get_closest_marker("x11"):
        keep += _KEPT_FOR_X11
    # Outside tmp_path: socket paths may not be longer than about 100 characters.
    runtime = Path(tempfile.mkdtemp(prefix="sp-"))
    before = dict(os.environ)
    environment = _clean_environment(tmp_path / ".home", runtime, keep)
    if request.node.get_closest_marker("keyring"):
        del environment["PYTHON_KEYRING_BACKEND"]
    _replace_environment(environment)
    _forget_keyring()
    yield
    _replace_environment(before)
    _forget_keyring()
    shutil.rmtree(runtime, ignore_errors=True)


def _clean_environment(
    home: Path, runtime: Path, keep: tuple[str, ...]
) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    environment = {
        name: value
        for name, value in _real_environment.items()
        if _KEPT.fullmatch(name.upper())
    }
    environment |= {
        "APPDATA": str(home / "AppData" / "Roaming"),
        "HOME": str(home),
        # Whatever language the developer speaks; what else a locale says stays.
        "LC_MESSAGES": "C.UTF-8",
        "LOCALAPPDATA": str(home / "AppData" / "Local"),
        "PYTHON_KEYRING_BACKEND": _REFUSING_KEYRING,
        "SCREENPOP_HOME": str(home / "screenpop"),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
    }
    environment.setdefault("LANG", environment.pop("LC_ALL", "C.UTF-8"))
    environment.pop("LC_ALL", None)
    kept = {name: _real_environment[name] for name in keep if name in _real_environment}
    return environment | kept


def _replace_environment(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


def _forget_keyring() -> None:
    """Make keyring choose its backend anew, as the environment says now."""
    if "keyring" in sys.modules:
        sys.modules["keyring"].core._keyring_backend = None


# --- for tests to use ----------------------------------------------------------------


@pytest.fixture
def expects_log() -> Callable[[str], None]:
    """Announce a log line from within a test: `expects_log("regex")`."""
    return LOG_GUARD.expect


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """The plain asyncio loop that coroutine tests and their fixtures run on."""
    return asyncio.get_running_loop()


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The one QApplication, which does not end when its last window closes."""
    qapp.setQuitOnLastWindowClosed(False)
    return qapp
