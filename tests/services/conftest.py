"""A desk for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.simulator import create_cloud
from tests.services.office import Office, open_office, write_config

if TYPE_CHECKING:
    from screenpop.simulator.protocol import VendorCloud


@pytest.fixture
def cloud() -> Iterator[VendorCloud]:
    """A phone system on loopback."""
    with create_cloud("voxloud") as running:
        yield running


@pytest.fixture
async def office(tmp_path: Path, cloud: VendorCloud) -> AsyncIterator[Office]:
    """A running desk whose account is live."""
    desk = open_office(write_config(tmp_path / "home", cloud.base_url), cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        yield desk
    finally:
        await desk.app.stop()
