"""Whatever state the file is in: new, damaged, older, newer, not ours to write."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import StoreCorrupt, StoreError, StoreFull, StoreTooNew
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from screenpop.store.migrations import STEPS, migrate
from tests.builders import a_delivery

if TYPE_CHECKING:
    from collections.abc import Sequence


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_only_the_user_can_read_the_files(path: Path) -> None:
    previous = os.umask(0)
    try:
        with Database(path) as database:
            Journal(database).append(a_delivery()).result()
            modes = {each.name: mode_of(each) for each in path.parent.iterdir()}
    finally:
        os.umask(previous)
    assert modes == {
        "screenpop.db": 0o600,
        "screenpop.db-wal": 0o600,
        "screenpop.db-shm": 0o600,
    }
    assert mode_of(path.parent) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_a_file_open_to_others_is_closed_to_them(path: Path) -> None:
    Database(path).close()
    path.chmod(0o644)
    Database(path).close()
    assert mode_of(path) == 0o600


def test_a_sound_file_is_not_recovered(path: Path) -> None:
    Database(path).close()
    with Database(path) as database:
        assert database.recovered_from is None


def test_a_file_that_is_no_database_is_kept_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is not a database. " * 400)
    with Database(path) as database:
        aside = database.recovered_from
        assert aside is not None
        assert aside.name.startswith("screenpop.db.corrupt-")
        assert aside.read_bytes().startswith(b"This is not a database. ")
        assert Journal(database).append(a_delivery()).result() == 1


def test_only_the_app_itself_takes_a_damaged_file_away(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is not a database. " * 400)
    with pytest.raises(StoreCorrupt):
        Database(path, moves_corrupt_aside=False)
    assert [each.name for each in path.parent.iterdir()] == ["screenpop.db"]


def test_damage_met_at_work_is_cured_by_the_next_start(path: Path) -> None:
    with Database(path) as database:
        for _ in range(50):
            Journal(database).append(a_delivery(body=b"x" * 3_000)).result()
    damage_pages(path)
    with Database(path) as database:
        assert database.recovered_from is None
        with pytest.raises(StoreCorrupt):
            Journal(database).pending()
    with Database(path) as database:
        assert database.recovered_from is not None
        assert Journal(database).pending() == []
    with Database(path) as database:
        assert database.recovered_from is None


def test_a_suspicion_that_was_wrong_is_dropped(path: Path) -> None:
    with Database(path) as database:
        Journal(database).append(a_delivery()).result()
    suspicion = path.with_name("screenpop.db.suspect")
    suspicion.touch()
    with Database(path) as database:
        assert database.recovered_from is None
        assert len(Journal(database).pending()) == 1
    assert not suspicion.exists()


def damage_pages(path: Path) -> None:
    """Overwrite the pages that hold the deliveries' bodies."""
    pages = path.read_bytes()
    with path.open("r+b") as file:
        for start in range(0, len(pages), 4096):
            if b"x" * 100 in pages[start : start + 4096]:
                file.seek(start)
                file.write(b"\xa5" * 4096)


def test_a_newer_database_is_refused_and_left_as_it_is(path: Path) -> None:
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=999")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match="999") as refusal:
        Database(path)
    assert "Update screenpop" in refusal.value.advice
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_reported() -> None:
    """As an ordinary user, for whom modes count."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from screenpop.domain.errors import StoreFull\n"
        "from screenpop.store.database import Database\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: Database(Path(sys.argv[1]) / 'screenpop.db')\n"
        "except StoreFull as error: print(error.title, '|', error.advice)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        found = subprocess.run(
            [sys.executable, "-c", script, folder],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        Path(folder).chmod(0o755)
    assert "cannot be used" in found.stdout, found.stderr
    assert "writable" in found.stdout


def test_a_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(StoreFull):
        Database(tmp_path / "home" / "screenpop.db")


# --- migrations -----------------------------------------------------------------------


def _add_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE added (word TEXT)")


def _fail_half_way(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (word TEXT)")
    raise RuntimeError("the step fails")


def migrated(path: Path, steps: Sequence[object]) -> tuple[int, Path | None]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        copy = migrate(connection, path, steps)  # type: ignore[arg-type]
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()
    return version, copy


def test_a_new_database_has_every_step_and_no_copy(path: Path) -> None:
    Database(path).close()
    assert migrated(path, STEPS) == (len(STEPS), None)
    assert [each.name for each in path.parent.iterdir()] == ["screenpop.db"]


def test_the_database_is_copied_before_it_is_changed(path: Path) -> None:
    with Database(path) as database:
        Journal(database).append(a_delivery()).result()
    version, copy = migrated(path, [*STEPS, _add_table])
    assert version == len(STEPS) + 1
    assert copy is not None
    assert mode_of(copy) == 0o600
    with Database(copy) as old:
        assert len(Journal(old).pending()) == 1


def test_a_step_that_fails_leaves_no_trace(path: Path) -> None:
    with Database(path) as database:
        Journal(database).append(a_delivery()).result()
    with pytest.raises(RuntimeError):
        migrated(path, [*STEPS, _add_table, _fail_half_way])
    connection = sqlite3.connect(path)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert version == len(STEPS) + 1
    assert ("added" in tables, "half" in tables) == (True, False)


def test_eight_first_starts_at_once_make_one_database(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from screenpop.store.database import Database\n"
        "from screenpop.store.journal import Journal\n"
        "from tests.builders import a_delivery\n"
        "with Database(Path(sys.argv[1])) as database:\n"
        "    Journal(database).append(a_delivery()).result()\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert errors == [""] * 8
    with Database(path) as database:
        assert len(Journal(database).pending()) == 8
        assert database.recovered_from is None


def test_errors_carry_advice_and_no_values(path: Path) -> None:
    with Database(path) as database:
        wrong = database.submit(
            lambda c: c.execute("SELECT 'secret words' FROM nowhere")
        )
        with pytest.raises(StoreError) as raised:
            wrong.result()
    assert raised.value.advice
    assert "secret" not in str(raised.value)
