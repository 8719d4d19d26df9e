"""The doctor on settings, keychain, database and logs."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError, SecretError
from screenpop.services.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from screenpop.config.section_reader import SettingsProblem
    from screenpop.services.findings import Surroundings
    from screenpop.store.database import Database

_SCARCE_BYTES: Final = 500 * 2**20
_TOO_LITTLE_BYTES: Final = 50 * 2**20
_SHOWN_PROBLEMS: Final = 5


async def check_settings(home: Surroundings) -> list[Finding]:
    """What is wrong in ``config.toml``, and what was kept aside."""
    area = "settings"
    file = home.file.path.name
    found = [_of_settings(problem, file) for problem in home.loaded.problems]
    found += [
        warn(
            area,
            f"A settings file that could not be read was kept as {kept.name}",
            f"Take over into {file} what you need of it, then delete it.",
        )
        for kept in home.file.kept_aside_files()
    ]
    settings = home.loaded.settings
    if not settings.accounts:
        advice = "`screenpop account add VENDOR` adds one."
        found.append(warn(area, "No account is set up", advice))
    if not settings.region:
        found.append(
            warn(
                area,
                "No region is set",
                f'Set region = "IT" (or yours) in {file}, so that numbers without a '
                "country code are read rightly.",
            )
        )
    return found or [ok(area, f"{file} is in order")]


def _of_settings(problem: SettingsProblem, file: str) -> Finding:
    if not problem.source:
        title = f"{problem.place}: {problem.text}"
        return warn("settings", title, f"Mend it in {file}.")
    return warn(
        "policy",
        f"{problem.source}: {problem.place}: {problem.text}",
        "An administrator has to mend it; `screenpop doctor --policy` says what holds.",
    )


async def check_policy(home: Surroundings) -> list[Finding]:
    """Whether there is a policy, and how much of it is locked."""
    if any(problem.source for problem in home.loaded.problems):
        return []  # told with the settings
    policy = await asyncio.to_thread(home.file.read_policy)
    if policy is None or not policy.layers:
        return []
    names = ", ".join(layer.name for layer in policy.layers)
    locks = f"{len(policy.locks)} locked" if policy.locks else "nothing is locked"
    return [ok("policy", f"{names}: in order, {locks}")]


async def check_keychain(home: Surroundings) -> list[Finding]:
    """Whether the keychain opens; a server may do without."""
    try:
        name = await home.secrets.check()
    except SecretError as error:
        if await _needs_no_keychain(home):
            title = f"{error.title}; all keys come from the environment"
            return [warn("keychain", title, error.advice)]
        return [fail("keychain", error.title, error.advice)]
    return [ok("keychain", f"The keychain opens ({name})")]


async def _needs_no_keychain(home: Surroundings) -> bool:
    connections = home.connections.all()
    for connection in connections:
        manifest = connection.manifest
        for name in manifest.secret_names() if manifest else ():
            try:
                await home.secrets.get(connection.account_id, name)
            except SecretError:
                return False
    return bool(connections)


async def check_database(home: Surroundings) -> list[Finding]:
    """Whether the database opens and is whole, and what waits in it."""
    return await asyncio.to_thread(lambda: list(_database_findings(home)))


def _database_findings(home: Surroundings) -> Iterator[Finding]:
    path = home.paths.database_file
    for aside in sorted(path.parent.glob(f"{path.name}.corrupt-*")):
        if not aside.name.endswith(("-wal", "-shm")):
            yield warn(
                "database",
                f"A damaged database was kept as {aside.name}",
                "Its call log may still be read by somebody who knows how; delete it "
                "when you do not need it.",
            )
    yield from _free_space(path.parent)
    if not path.exists():
        yield ok("database", "There is no database yet")
        return
    from screenpop.store.database import Database

    try:
        with Database(path, moves_corrupt_aside=False) as database:
            yield _integrity(database)
            yield from _journal_findings(database, is_app_running=bool(home.app))
    except ScreenpopError as error:
        yield fail("database", error.title, error.advice)


def _free_space(folder: Path) -> Iterator[Finding]:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield warn(
            "disk",
            f"The free space cannot be told: {error.strerror}",
            "See that the folder of the database can be reached.",
        )
        return
    title = f"{free // 2**20} MiB are free where the database is"
    advice = "Free some space: deliveries that cannot be stored are lost."
    if free < _TOO_LITTLE_BYTES:
        yield fail("disk", title, advice)
    elif free < _SCARCE_BYTES:
        yield warn("disk", title, advice)
    else:
        yield ok("disk", title)


def _integrity(database: Database) -> Finding:
    (version,) = database.read(lambda c: c.execute("PRAGMA user_version").fetchone())
    (verdict,) = database.read(lambda c: c.execute("PRAGMA quick_check(1)").fetchone())
    if verdict != "ok":
        return fail(
            "database",
            "The database is damaged",
            "Restart screenpop: it keeps the damaged file aside and starts a new one.",
        )
    return ok("database", f"The database is whole (version {version})")


def _journal_findings(database: Database, *, is_app_running: bool) -> Iterator[Finding]:
    from screenpop.store.journal import Journal

    journal = Journal(database)
    for intake in journal.by_account():
        area = f"deliveries {intake.account_id}"
        last = intake.last_received_at.astimezone().strftime("%Y-%m-%d %H:%M")
        yield ok(area, f"{intake.deliveries} are kept, the last one of {last}")
        if intake.pending and not is_app_running:
            yield warn(
                area, f"{intake.pending} wait to be read", "Start screenpop: it does."
            )
        if intake.unreadable:
            fields = dict.fromkeys(
                problem.problem
                for problem in journal.problems()
                if problem.account_id == intake.account_id
            )
            shown = "; ".join(list(fields)[:_SHOWN_PROBLEMS])
            yield warn(
                area,
                f"{intake.unreadable} could not be read in full: {shown}",
                "Send a bundle (`screenpop doctor --bundle FILE`) to whoever looks "
                "after screenpop.",
            )


async def check_logs(home: Surroundings) -> list[Finding]:
    """Whether logs can be written, and whether the program died lately."""
    return await asyncio.to_thread(lambda: list(_log_findings(home)))


def _log_findings(home: Surroundings) -> Iterator[Finding]:
    folder = home.paths.log_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        yield ok("logs", "The log can be written")
    except OSError as error:
        yield fail(
            "logs",
            f"The folder of the log cannot be written: {error.strerror}",
            f"Make {folder} writable for you.",
        )
    for crash in (folder / "screenpop-crash-last.log", folder / "screenpop-crash.log"):
        # The second is empty unless nobody has started since.
        if crash.is_file() and crash.stat().st_size:
            died = datetime.fromtimestamp(crash.stat().st_mtime, UTC).astimezone()
            yield warn(
                "logs",
                f"The program died of a fault on {died:%Y-%m-%d at %H:%M}",
                "Send a bundle (`screenpop doctor --bundle FILE`) to whoever looks "
                f"after screenpop, then delete {crash.name}.",
            )
