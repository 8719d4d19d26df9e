"""The catalogues, compiled as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import catalogues as compiler

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled form of every catalogue."""
    folder = tmp_path_factory.mktemp("languages")
    for source in compiler.FOLDER.glob("*.po"):
        compiler.compile_one(source, folder / f"{source.stem}.mo")
    return folder
