"""Run the app without windows or tray, on plain asyncio."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

from screenpop.config.logs import Logs
from screenpop.config.secrets import KeychainSecretStore
from screenpop.services.application import Application
from screenpop.services.own_program import RESTART

if TYPE_CHECKING:
    from screenpop.config.paths import Paths


def run_headless(paths: Paths) -> int:
    """Take calls in and log them until asked to end; returns the exit status."""
    return asyncio.run(_live(paths))


async def _live(paths: Paths) -> int:
    secrets = KeychainSecretStore(environment=os.environ)
    with Logs(paths.log_dir, known_secrets=secrets.known_values) as logs:
        application = Application(paths, secrets=secrets)
        logs.set_level(application.settings.logging.level)
        if sys.platform != "win32":
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, application.request_quit)
        try:
            await application.start()
            await application.quit_requested.wait()
        finally:
            await application.stop()
    return RESTART if application.is_restart_wanted else 0
