"""Coroutines of windows: kept, told about when they fail, ended with the window."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import StoreBusy
from screenpop.ui.error_presenter import Trouble, trouble_of
from screenpop.ui.memory import FileMemory
from screenpop.ui.tasks import Tasks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def troubles() -> list[Trouble]:
    return []


@pytest.fixture
def tasks(troubles: list[Trouble]) -> Tasks:
    return Tasks(troubles.append)


async def _answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def _fail() -> None:
    raise StoreBusy("The database is busy", "Try again.")


async def test_a_result_is_handed_over(tasks: Tasks) -> None:
    got: list[int] = []
    tasks.start(_answer(3), got.append, finally_=lambda: got.append(0))
    await tasks.idle()
    assert got == [3, 0]


async def test_an_error_becomes_a_title_and_advice(
    tasks: Tasks, troubles: list[Trouble]
) -> None:
    tasks.start(_fail())
    await tasks.idle()
    assert troubles == [Trouble("The database is busy", "Try again.")]


async def test_only_the_latest_of_a_slot_answers(tasks: Tasks) -> None:
    got: list[int] = []
    for number in range(5):
        tasks.start(_answer(number), got.append, slot="search")
    await tasks.idle()
    assert got == [4]


async def test_closing_ends_everything_but_what_must_be_finished(
    tasks: Tasks,
) -> None:
    got: list[int] = []
    tasks.start(_answer(1), got.append)
    tasks.start(_answer(2), got.append, outlives_window=True)
    tasks.close()
    await tasks.idle()
    assert got == [2]

    tasks.start(_answer(3), got.append)
    tasks.reopen()
    tasks.start(_answer(4), got.append)
    await tasks.idle()
    assert got == [2, 4]


@pytest.mark.expects_log("unexpected error in a window")
async def test_a_fault_of_ours_is_logged_and_told_without_a_traceback(
    tasks: Tasks, troubles: list[Trouble]
) -> None:
    async def blunder() -> None:
        raise ZeroDivisionError("secret details")

    tasks.start(blunder())
    await tasks.idle()
    assert troubles[0].title == "Something went wrong in screenpop"
    assert "secret details" not in troubles[0].text


def test_a_file_error_says_what_the_system_says() -> None:
    trouble = trouble_of(PermissionError(13, "Permission denied", "/some/where"))
    assert trouble.text == "The file could not be used. Permission denied."


def test_memory_outlives_the_program(qapp: object, tmp_path: Path) -> None:
    FileMemory(tmp_path / "windows.ini").remember("dialer/account", "acme")
    again = FileMemory(tmp_path / "windows.ini")
    assert again.recall("dialer/account") == "acme"
    assert again.recall("nothing") == ""
