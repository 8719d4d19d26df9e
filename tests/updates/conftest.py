"""The publisher and the installation of each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.updates.workshop import Served, Workshop, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    served = Served()
    with serving(served):
        yield Workshop(tmp_path, served)
