"""What happens when the computer wakes up, or finds itself on another network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from screenpop.domain.calls import CallState
from screenpop.services import call_monitor, resume
from screenpop.services.events import AccountStateChanged, DigestReady, SourceState
from screenpop.services.resume import ResumeWatch
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.tele2.cloud import Tele2Cloud
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

NO_EVENTS = Faults(
    drop_types=frozenset(
        ("CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP", "PHONE_CALL")
    )
)


@pytest.fixture(autouse=True)
def _soon_is_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_monitor, "SOON_SECONDS", 0.01)
    monkeypatch.setattr(resume, "SETTLING_SECONDS", 0.01)


def sleep(office: Office, seconds: float = 3600.0) -> None:
    """Let the computer have slept; it does something again now."""
    watch = office.app.resume
    before = watch._asleep()
    watch._asleep = lambda: before + seconds
    assert watch.look()


async def _summed_up(office: Office) -> None:
    await eventually(lambda: not office.app.digest.is_collecting, "the summing up")


async def test_calls_slept_through_are_summed_up_and_none_pops(office: Office) -> None:
    await _summed_up(office)
    office.cloud.set_faults(NO_EVENTS)
    for number in (ANA, BEN, ANA):
        call = office.cloud.incoming_call(number)
        call.ring()
        call.hang_up(ReleaseReason.NO_ANSWER)
    office.told.clear()
    sleep(office)
    await eventually(lambda: office.all(DigestReady), "the digest")
    assert office.all(DigestReady)[0].missed == 3
    assert office.pops == []
    states = [event.state for event in office.all(AccountStateChanged)]
    assert [each.state for each in states] == [
        SourceState.RECONNECTING,
        SourceState.LIVE,
    ]
    assert states[0].headline == "The computer was asleep"


async def test_a_call_that_rang_before_the_sleep_does_not_ring_on(
    office: Office,
) -> None:
    office.cloud.incoming_call(ANA).ring()
    await office.popped()
    began = office.app.clock()
    later = began + timedelta(hours=1)
    office.app.tracker._clock = lambda: later
    sleep(office)
    await eventually(lambda: not office.app.tracker.open_calls(), "the end")
    shown = office.app.screen_pop._shown.values()
    assert [each.facts.call.state for each in shown] == [CallState.ENDED]


async def test_a_moment_of_sleep_or_none_changes_nothing(office: Office) -> None:
    office.told.clear()
    assert not office.app.resume.look()
    before = office.app.resume._asleep()
    office.app.resume._asleep = lambda: before + 1.0
    assert not office.app.resume.look()
    assert office.state() is SourceState.LIVE
    assert office.told == []


@pytest.fixture
async def streaming(tmp_path: Path) -> AsyncIterator[Office]:
    """A desk that hears of calls over a stream."""
    with Tele2Cloud() as cloud:
        paths = write_config(tmp_path, cloud.base_url)
        text = paths.config_file.read_text()
        text = text.replace('vendor = "voxloud"', 'vendor = "tele2"')
        text = text.replace('extension = "101"', 'extension = "1741000000000101"')
        paths.config_file.write_text(text)
        desk = open_office(paths, cloud)
        await desk.app.start()
        await desk.is_live()
        yield desk
        await desk.app.stop()


def _streams_opened(office: Office) -> int:
    paths = (request.path for request in office.cloud.requests)
    return sum(path.endswith("/session_keys/create") for path in paths)


async def test_a_stream_is_opened_anew_after_a_sleep_and_calls_ring_again(
    streaming: Office,
) -> None:
    cloud = streaming.cloud
    assert isinstance(cloud, Tele2Cloud)
    sleep(streaming)
    assert streaming.state() is SourceState.RECONNECTING
    await streaming.is_live()
    assert _streams_opened(streaming) == 2
    await eventually(lambda: len(cloud.streams) == 1, "one stream")
    cloud.incoming_call(ANA).ring()
    assert (await streaming.popped()).number_e164 == ANA


class Bell:
    """Stands for what the system rings; the test rings it."""

    def __init__(self, *, is_of_network: bool) -> None:
        self.is_of_network = is_of_network
        self._here, self._there = socket.socketpair()

    def ring(self) -> None:
        self._there.send(b"!")

    def fileno(self) -> int:
        return self._here.fileno()

    def take(self) -> bool:
        return bool(self._here.recv(100))

    def close(self) -> None:
        self._here.close()
        self._there.close()


async def test_the_systems_word_is_enough_to_notice_a_sleep() -> None:
    bell = Bell(is_of_network=False)
    asleep = [0.0]
    told: list[float] = []
    watch = ResumeWatch(
        resumed=told.append,
        moved=lambda: told.append(-1),
        asleep=lambda: asleep[0],
        alarms=lambda: (bell,),
    )
    watch.start()
    asleep[0] = 60.0
    bell.ring()
    await eventually(lambda: told, "the resume")
    watch.stop()
    watch.stop()
    assert told == [60.0]


async def test_a_changed_network_is_told_once_it_has_settled(
    streaming: Office,
) -> None:
    bell, clock = Bell(is_of_network=True), Bell(is_of_network=False)
    app = streaming.app
    app.resume.stop()
    with closing(bell), closing(clock):
        app.resume._open = lambda: (bell, clock)
        app.resume.start()
        clock.ring()
        bell.ring()
        await asyncio.sleep(0)
        bell.ring()
        await eventually(lambda: _streams_opened(streaming) == 2, "another stream")
        await streaming.is_live()
        headlines = [each.state.headline for each in streaming.all(AccountStateChanged)]
        assert headlines.count("The network changed") == 1
        app.resume.stop()
