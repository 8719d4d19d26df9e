"""What was ever found to break a reader, and examples of all, are read each time."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.target import CORPUS, Target
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_FILE = 4096
MOST_FILES = 40
# Those that the United States and Ofcom keep free, and what is no number of anybody's.
RESERVED = re.compile(
    rb"1?20255501\d\d|(?:44|0)?(?:20)?79460\d{3}|(?:44|0)?7700900\d{3}"
)
DIGITS = re.compile(rb"\d{9,14}")
MOMENTS = re.compile(rb"1[67]\d{8}(?:\d{3})?|2[05]\d{10,13}|(\d)\1{8,}|0+\d*|10+")


def _inputs(target: Target) -> Iterator[tuple[str, bytes]]:
    for number, data in enumerate(target.seeds()):
        yield f"seed {number}", data
    if target.corpus.is_dir():
        for file in sorted(target.corpus.iterdir()):
            yield file.name, file.read_bytes()


@pytest.mark.parametrize("name", TARGETS)
def test_all_that_is_kept_is_read_without_harm(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Settings that are not as they should be are warned of, which is no harm.
    caplog.set_level(logging.CRITICAL, "screenpop.config")
    target = TARGETS[name]
    inputs = list(_inputs(target))
    assert inputs
    for told, data in inputs:
        for spoiled in (data, data[: len(data) // 2], b"", data + data, data[1:]):
            try:
                target.take(spoiled)
            except Exception as error:
                error.add_note(f"reading {told}")
                raise


def test_the_corpus_is_small_and_every_folder_has_a_reader() -> None:
    folders = {folder.name: folder for folder in CORPUS.iterdir()}
    assert folders.keys() <= TARGETS.keys()
    for folder in folders.values():
        files = list(folder.iterdir())
        assert 0 < len(files) <= MOST_FILES
        assert all(file.stat().st_size <= LARGEST_FILE for file in files)


def test_no_number_in_the_corpus_is_anybodys() -> None:
    for file in CORPUS.rglob("*"):
        if file.is_file():
            for digits in DIGITS.findall(file.read_bytes()):
                is_free = RESERVED.fullmatch(digits) or MOMENTS.fullmatch(digits)
                assert is_free, f"{file.name}: {digits!r}"
