"""A database of each test's own, in a real file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.store.call_log import CallLog
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database
from screenpop.store.dials import Dials
from screenpop.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "screenpop.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with Database(path) as opened:
        yield opened


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database)


@pytest.fixture
def call_log(database: Database) -> CallLog:
    return CallLog(database)


@pytest.fixture
def dials(database: Database) -> Dials:
    return Dials(database)


@pytest.fixture
def contacts(database: Database) -> LocalContacts:
    return LocalContacts(database)
