"""What commands work with: paths, settings, the database, secrets, the running app."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from screenpop.domain.errors import InstanceError, ScreenpopError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from screenpop.config.paths import Paths
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import LoadedSettings, SettingsFile
    from screenpop.services.connections import Connections
    from screenpop.store.database import Database


def settings_file(paths: Paths) -> SettingsFile:
    """The user's settings file."""
    from screenpop.config.settings_file import SettingsFile

    return SettingsFile.of(paths)


def load_settings(paths: Paths) -> LoadedSettings:
    """The settings, the system's region filled in; problems go to standard error."""
    from dataclasses import replace

    from screenpop.cli.output import warn
    from screenpop.config.settings import system_region

    loaded = settings_file(paths).load()
    for problem in loaded.problems:
        warn(f"screenpop: {problem.place}: {problem.text}")
    return replace(loaded, settings=loaded.settings.with_region(system_region()))


async def open_readers(settings: Settings) -> Connections:
    """Every account, ready to read kept deliveries exactly as the running app does.

    Raises:
        SecretError: The keychain keeps back what an adapter needs for that.
    """
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.services.connections import Connections

    connections = Connections(KeychainSecretStore(environment=os.environ))
    connections.adopt(settings)
    await connections.prepare()
    return connections


@contextmanager
def open_database(paths: Paths) -> Iterator[Database]:
    """The database, beside the running app if there is one."""
    from screenpop.store.database import Database

    paths.ensure()
    database = Database(paths.database_file, moves_corrupt_aside=False)
    try:
        yield database
    finally:
        database.close()


def ask_app(
    paths: Paths, verb: str, args: Mapping[str, object], timeout_seconds: float = 10.0
) -> Mapping[str, Any]:
    """Ask the running app.

    Raises:
        InstanceError: It does not run, or does not answer.
    """
    from screenpop.desktop.control_client import ask

    answer = ask(
        paths.socket_file,
        paths.lock_file,
        verb,
        args,
        timeout_seconds=timeout_seconds,
    )
    if not answer.is_ok:
        kind = UsageError if answer.error_kind == "UsageError" else ScreenpopError
        raise kind(answer.title, answer.advice)
    return answer.result


def tell_app(paths: Paths, verb: str, args: Mapping[str, object] | None = None) -> bool:
    """Tell the running app, if it runs; whether it did."""
    try:
        ask_app(paths, verb, args or {})
    except InstanceError:
        return False
    return True
