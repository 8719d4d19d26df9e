"""A real listener on a free port, with an intake that remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.privacy import Secret
from screenpop.listener import HookRoute, Limits, ListenerThread, digest_of
from tests.listener.senders import TOKEN, RecordingIntake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def intake() -> RecordingIntake:
    return RecordingIntake()


@pytest.fixture
def listen(intake: RecordingIntake) -> Iterator[Callable[..., ListenerThread]]:
    """Start a listener with these limits; it ends with the test."""
    started: list[ListenerThread] = []

    def start(limits: Limits | None = None) -> ListenerThread:
        listener = ListenerThread(
            "127.0.0.1",
            0,
            intake=intake,
            allowed_hosts=["pop.example.com"],
            limits=limits,
        )
        listener.set_routes(
            [HookRoute(account_id="acme", digest=digest_of(Secret(TOKEN)))]
        )
        listener.start()
        started.append(listener)
        return listener

    yield start
    for listener in started:
        listener.stop()


@pytest.fixture
def listener(listen: Callable[..., ListenerThread]) -> ListenerThread:
    return listen()


@pytest.fixture
def port(listener: ListenerThread) -> int:
    return listener.port
