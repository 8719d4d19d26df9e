"""A simulated phone system, a home with an account there, and no process left over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from screenpop.simulator import VendorCloud, create_cloud
from tests.end2end.running_app import DeskHome, make_home


@pytest.fixture
def cloud() -> Iterator[VendorCloud]:
    """A phone system of a made-up company on this machine."""
    with create_cloud("voxloud") as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, cloud: VendorCloud) -> Iterator[DeskHome]:
    """A home whose account is at the simulated phone system."""
    desk = make_home(tmp_path / "home", cloud)
    yield desk
    for app in desk.apps:
        if app.process.poll() is None:
            app.kill()
    assert desk.errors() == []
