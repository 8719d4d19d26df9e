"""The database locked by another program, or damaged: told, and got over."""

from __future__ import annotations

import asyncio
import sqlite3
import urllib.error
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from screenpop.services.events import UserNotice
from tests.end2end.voxloud_calls import webhook
from tests.services.office import ANA, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.simulator import VendorCloud


def _post(office: Office, call_id: str) -> int:
    try:
        return office.post(webhook(call_id, "INCOMING", ANA))
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.expects_log("Webhooks are not stored and will be sent again: StoreBusy")
async def test_a_database_that_another_program_holds_is_told_and_found_free_again(
    office: Office,
) -> None:
    database = office.app.database
    database._busy_seconds = 0.05
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert await asyncio.to_thread(_post, office, "c-1") == 503
        await eventually(lambda: office.all(UserNotice), "the notice")
    assert await asyncio.to_thread(_post, office, "c-1") == 200
    assert (await office.popped()).number_e164 == ANA
    (notice,) = office.all(UserNotice)
    assert notice.title == "Another program holds the database"
    assert notice.advice == "Close it and try again."


async def test_a_damaged_database_is_told_kept_aside_and_done_without(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    paths = write_config(tmp_path / "home", cloud.base_url)
    paths.database_file.write_bytes(b"This was a database once. " * 400)
    office = open_office(paths, cloud)
    try:
        await office.app.start()
        await office.is_live()
        assert await asyncio.to_thread(_post, office, "c-1") == 200
        assert (await office.popped()).number_e164 == ANA
    finally:
        await office.app.stop()
    (aside,) = paths.data_dir.glob("screenpop.db.corrupt-*")
    assert aside.read_bytes().startswith(b"This was a database once. ")
    assert any(aside.name in str(note) for note in office.all(UserNotice))
