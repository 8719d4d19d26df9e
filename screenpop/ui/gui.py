"""Run the app with its windows: tray first, everything else after it."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError, ScreenpopError
from screenpop.services.own_program import RESTART
from screenpop.ui.lean_qt import import_qt
from screenpop.wording import tr

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from screenpop.config.paths import Paths
    from screenpop.config.secrets import SecretStore
    from screenpop.services.application import Application
    from screenpop.ui.desk import Desk

Companion = Callable[["Application", "Desk"], Coroutine[None, None, None]]
"""Something that runs beside the app: the demo's story, a self-test."""

_log = logging.getLogger(__name__)

TURN_SECONDS: Final = 0.0005
"""How long a thread keeps the interpreter while another waits for it.

Python's own 5 ms are longer than a card takes: the loop that is to show one would wait
for the listener and the writer of the database to finish with what came after it.
"""

_PROBES: Final = 500
# As many as qasync would have: prompts and slow disks may hold several.
_MOST_THREADS: Final = 10


def run_app(
    paths: Paths,
    *,
    is_login_start: bool = False,
    secrets: SecretStore | None = None,
    companion: Companion | None = None,
) -> int:
    """Run until somebody asks to quit.

    Args:
        paths: Where this installation keeps its files.
        is_login_start: Show no window by itself.
        secrets: Another place for secrets than the keychain.
        companion: Runs beside the app; the app ends when it does.

    Returns:
        The exit status; `RESTART` when it is to be started again.
    """
    # A search for garbage takes 10 ms, and imports would set off several.
    gc.disable()
    import_qt()
    from screenpop.ui.desk import Desk
    from screenpop.ui.languages import speak_early
    from screenpop.ui.qt_app import qt_app
    from screenpop.ui.theme.theme import Theme

    app = qt_app()
    refuse_leaking_qt()
    speak_early(app, paths)
    app.setQuitOnLastWindowClosed(False)
    desk = Desk(app, Theme(app))
    desk.tray.start()
    # One turn, so that the icon is painted now and not after all that is imported next.
    app.processEvents()
    gc.enable()
    from screenpop.ui.event_loop import DisplayGone, Loop
    from screenpop.ui.lean_memory import share_one_heap

    share_one_heap()
    sys.setswitchinterval(TURN_SECONDS)
    loop = Loop(app)
    loop.set_default_executor(_threads())
    living = _live(paths, desk, secrets, companion, is_login_start=is_login_start)
    with loop:
        try:
            return int(loop.run_until_complete(living))
        except DisplayGone:
            # Qt has said so. Nobody can look at anything, and nothing is in the air:
            # what is on disk is taken up by the next start.
            return 1


def _threads() -> ThreadPoolExecutor:
    """For what blocks; made one by one, where qasync's own starts ten at once."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="work")


async def _live(
    paths: Paths,
    desk: Desk,
    secrets: SecretStore | None,
    companion: Companion | None,
    *,
    is_login_start: bool,
) -> int:
    from screenpop.config.logs import Logs
    from screenpop.services.application import Application
    from screenpop.ui.qt_messages import QtMessages
    from screenpop.ui.quiet_collector import QuietCollector

    store = secrets or _keychain()
    with (
        Logs(paths.log_dir, known_secrets=store.known_values) as logs,
        QtMessages(),
    ):
        try:
            services = Application(paths, secrets=store)
        except ScreenpopError as error:
            _log.error("screenpop cannot start: %s", error.title)
            # A tray icon that answers nothing would say that it runs.
            desk.close()
            raise
        logs.set_level(services.settings.logging.level)
        _speak(services.settings.language)
        _end_on_signals(services)
        desk.attach(services)
        collector = QuietCollector(services.bus)
        try:
            await services.start()
            if not services.settings.accounts and not is_login_start:
                desk.open_window("welcome")
            elif services.loaded.presets and not is_login_start:
                desk.open_window("keys")
            await _until_quit(services, companion, desk)
        finally:
            collector.stop()
            desk.close()
            await desk.leave()
            await services.stop()
    return RESTART if services.is_restart_wanted else 0


async def _until_quit(
    services: Application, companion: Companion | None, desk: Desk
) -> None:
    import asyncio

    if companion is None:
        await services.quit_requested.wait()
        return
    beside = asyncio.get_running_loop().create_task(companion(services, desk))
    quitting = asyncio.get_running_loop().create_task(services.quit_requested.wait())
    await asyncio.wait((beside, quitting), return_when=asyncio.FIRST_COMPLETED)
    for task in (beside, quitting):
        task.cancel()
    await asyncio.gather(beside, quitting, return_exceptions=True)
    if not beside.cancelled() and beside.exception() is not None:
        await beside


def _keychain() -> SecretStore:
    import os

    from screenpop.config.secrets_child import ChildSecretStore
    from screenpop.services.own_program import own_command

    return ChildSecretStore(own_command("keychain-worker"), environment=os.environ)


def _speak(setting: str) -> None:
    """Use the language in force, should an administrator have locked another."""
    from screenpop.ui.languages import speak
    from screenpop.ui.qt_app import qt_app

    speak(qt_app(), setting)


def _end_on_signals(services: Application) -> None:
    import asyncio

    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, services.request_quit)
    else:
        signal.signal(signal.SIGINT, lambda *_: services.request_quit())


def refuse_leaking_qt() -> None:
    """Stop before a Qt binding that loses references kills the process in mid-call.

    PySide6 6.12.0 drops one reference of None at each call without a result; on Python
    before 3.12 the process then dies after some thousand calls.

    Raises:
        ConfigurationError: This is such a binding.
    """
    if sys.version_info >= (3, 12):
        return
    from PySide6.QtCore import QObject

    probe = QObject()
    before = sys.getrefcount(None)
    for _ in range(_PROBES):
        probe.setObjectName("x")
    if before - sys.getrefcount(None) > _PROBES // 2:
        raise ConfigurationError(
            tr("This PySide6 does not work with this Python"),
            tr("Install PySide6-Essentials 6.11.3, or Python 3.12 or newer."),
        )
