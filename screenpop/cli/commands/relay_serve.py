"""``screenpop relay serve``: the team's public receiver, without windows."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.config.relay_settings import RelayFolder
from screenpop.domain.errors import ConfigurationError, UsageError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.config.relay_settings import RelaySettings
    from screenpop.config.section_reader import SettingsProblem

_log = logging.getLogger(__name__)

_MOST_INSTANCES: Final = 9


def run(args: argparse.Namespace) -> int:
    """Run one instance until it is told to end."""
    try:
        # Before anything else, so that a missing part is told in words.
        import screenpop.relay.broker.nats_broker
        import screenpop.services.relay.web_server  # noqa: F401
    except ImportError:
        raise ConfigurationError(
            tr("This installation has no relay"),
            tr("Install it with the extra “relay”: pip install 'screenpop[relay]'."),
        ) from None
    if not 1 <= args.instance <= _MOST_INSTANCES:
        raise UsageError(tr("There is no such instance"), tr("It is 1, 2, and so on."))
    folder = RelayFolder(args.folder)
    loaded = folder.load()
    faults = [_fault(each) for each in loaded.problems if not each.is_warning]
    if faults:
        # A server must not run on half of what it was told.
        raise ConfigurationError(
            tr("relay.toml cannot be used as it is"), "; ".join(faults[:5])
        )
    settings = _of_instance(loaded.settings, args.instance)
    remarks = [str(each) for each in loaded.problems]
    if not settings.accounts:
        remarks.append(
            "no account is in relay.toml yet, so nothing is taken from anybody"
        )
    return asyncio.run(_run(settings, folder.secrets(), remarks))


def _fault(problem: SettingsProblem) -> str:
    """What is wrong without what would be used instead: nothing is."""
    wrong = problem.text.rpartition("; ")[0]
    return f"{problem.place}: {wrong or problem.text}"


def _of_instance(settings: RelaySettings, instance: int) -> RelaySettings:
    """Each instance of a machine has its own ports and its own spool."""
    step = instance - 1
    return replace(
        settings,
        port=settings.port + step if settings.port else 0,
        admin_port=settings.admin_port + step if settings.admin_port else 0,
        spool=settings.spool / str(instance),
    )


async def _run(
    settings: RelaySettings, given: Mapping[str, str], remarks: list[str]
) -> int:
    from screenpop.config.server_logs import ServerLogs
    from screenpop.services.relay.server import RelayServer

    secret_values = frozenset(
        value for name, value in given.items() if name.startswith("SCREENPOP_")
    )
    server: RelayServer | None = None
    logs = ServerLogs(
        level=settings.log_level,
        known_secrets=lambda: (
            secret_values | (server.secrets.known_values() if server else frozenset())
        ),
    )
    try:
        for remark in remarks:
            _log.warning("%s", remark)
        ending = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
        server = RelayServer(settings, given)
        await server.start()
        await ending.wait()
        await server.stop()
    finally:
        logs.stop()
    return 0
