"""A simulated Voxloud with a client and a receiver, for each test its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.simulator.clock import ManualClock
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from tests.simulator.loopback import Client, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[VoxloudCloud]:
    with VoxloudCloud(clock=clock) as running:
        yield running


@pytest.fixture
def client(cloud: VoxloudCloud) -> Client:
    return Client(cloud)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running
