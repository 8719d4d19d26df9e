"""A desk on the simulated PrimeVOX: rings by webhook, the rest by the call list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.events import Direction
from screenpop.providers.abilities import CallNote, SupportsCallNotes, SupportsTimeline
from screenpop.services.dialer import DialOrder
from screenpop.services.events import CardPhase, DialState, PopDismissed, SourceState
from screenpop.simulator import Faults, ReleaseReason, create_cloud
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.services.call_history import LogEntry


@pytest.fixture
def cloud() -> Iterator[PrimevoxCloud]:
    with create_cloud("primevox") as running:
        assert isinstance(running, PrimevoxCloud)
        yield running


def open_desk(home: Path, cloud: PrimevoxCloud, *options: str) -> Office:
    paths = write_config(home, cloud.base_url, account="\n".join(options))
    text = paths.config_file.read_text()
    paths.config_file.write_text(text.replace('"voxloud"', '"primevox"'))
    return open_office(paths, cloud)


async def _running(desk: Office, cloud: PrimevoxCloud) -> AsyncIterator[Office]:
    await desk.app.start()
    try:
        await desk.is_live()
        cloud.enter_callback_url(desk.hook_url())
        yield desk
    finally:
        await desk.app.stop()


@pytest.fixture
async def office(tmp_path: Path, cloud: PrimevoxCloud) -> AsyncIterator[Office]:
    """A desk for everybody's numbers."""
    async for desk in _running(open_desk(tmp_path / "home", cloud), cloud):
        yield desk


@pytest.fixture
async def mapped(tmp_path: Path, cloud: PrimevoxCloud) -> AsyncIterator[Office]:
    """A desk that knows whose number is whose."""
    option = 'did_map = "2025550100=101,2025550101=102"'
    async for desk in _running(open_desk(tmp_path / "home", cloud, option), cloud):
        yield desk


def _look(office: Office) -> None:
    """Poll now instead of in some seconds."""
    office.app.monitor.wake("acme")


async def _outcome(office: Office, outcome: CallOutcome) -> LogEntry:
    await eventually(lambda: _first(office).outcome is outcome, f"{outcome}")
    return _first(office)


def _first(office: Office) -> LogEntry:
    return office.log()[0]


def _dials(office: Office) -> int:
    return sum(one.path.endswith("/c2c_v2.php") for one in office.cloud.requests)


# --- ringing --------------------------------------------------------------------------


async def test_a_known_caller_is_named_on_the_card(office: Office) -> None:
    await office.knows("Ana Example", ANA, "Example Ltd")
    office.cloud.incoming_call(ANA, caller_name="A EXAMPLE").ring()
    card = await office.popped()
    assert card.phase is CardPhase.RINGING
    assert (card.title, card.company) == ("Ana Example", "Example Ltd")
    assert card.number_e164 == ANA
    assert "Main office" in card.line_text


async def test_a_withheld_caller_pops_and_says_so(office: Office) -> None:
    office.cloud.incoming_call("").ring()
    assert (await office.popped()).is_withheld


async def test_a_ring_that_comes_twice_pops_once(office: Office) -> None:
    office.cloud.set_faults(Faults(duplicate=2))
    office.cloud.incoming_call(ANA).ring()
    await office.popped()
    office.cloud.wait_for_deliveries(3)
    await office.app.tracker.settled()
    assert len(office.pops) == 1
    assert len(office.log()) == 1


async def test_an_unknown_event_is_kept_and_disturbs_nothing(office: Office) -> None:
    office.cloud.set_faults(Faults(unknown_event_type=True, extra_fields=True))
    office.cloud.incoming_call(ANA).ring()
    assert (await office.popped()).number_e164 == ANA
    office.cloud.wait_for_deliveries(2)
    assert len(office.pops) == 1


async def test_a_text_message_pops_nothing(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.receive_text(ANA, "See you at 5")
    office.cloud.wait_for_deliveries(1)
    office.cloud.incoming_call(BEN).ring()
    assert (await office.popped()).number_e164 == BEN
    assert len(office.log()) == 1


async def test_only_our_numbers_pop_where_it_is_said_whose_is_whose(
    mapped: Office,
) -> None:
    first, second, campaign = mapped.cloud.lines
    mapped.cloud.incoming_call(ANA, line=second, extensions=("102",)).ring()
    mapped.cloud.incoming_call(BEN, line=first).ring()
    assert (await mapped.popped()).number_e164 == BEN
    mapped.cloud.incoming_call(ANA, line=campaign).ring()
    await mapped.popped(2)
    assert {card.number_e164 for card in mapped.pops} == {ANA, BEN}
    assert len(mapped.log()) == 2


# --- the end and what the call list adds ----------------------------------------------


async def test_an_answered_call_ends_and_gets_its_record_at_the_next_poll(
    office: Office,
) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.answer()
    call.hang_up()
    await eventually(lambda: office.all(PopDismissed), "the end")
    assert office.all(PopDismissed)[-1].card.phase is CardPhase.ENDED
    assert _first(office).outcome is CallOutcome.ANSWERED
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")
    call.publish_record(recorded=True, transcription="Twelve city bikes.")
    _look(office)
    await eventually(lambda: _first(office).has_recording, "the recording")
    entry = _first(office)
    details = office.app.history.details_now(entry.ref)
    assert details is not None
    assert details.record is not None
    assert details.record.transcription == "Twelve city bikes."
    assert entry.direction is Direction.INBOUND
    assert entry.answered_by == "Amelia Hart"
    assert entry.number_e164 == ANA


async def test_a_missed_call_is_missed_at_once_and_stays_so(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")
    _look(office)
    await _outcome(office, CallOutcome.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")
    assert len(office.log()) == 1


async def test_a_missed_call_without_any_webhook_is_seen_by_one_poll(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.enter_callback_url("")
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    _look(office)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")
    assert office.pops == []


async def test_webhooks_do_not_keep_the_list_from_being_asked_for(
    office: Office, cloud: PrimevoxCloud
) -> None:
    """Nobody can tell whether the portal was set up: so polls go on beside it."""
    from screenpop.providers.protocol import SupportsCallPolling
    from screenpop.services.call_sources import recheck_seconds

    connection = office.app.connections.get("acme")
    poller = connection.ability(SupportsCallPolling)
    assert office.state() is SourceState.WAITING
    assert recheck_seconds(connection, poller) == poller.poll_interval_seconds == 15


async def test_a_colleagues_answer_takes_the_card_away_at_the_next_poll(
    office: Office,
) -> None:
    call = office.cloud.incoming_call(ANA, extensions=("101", "102"))
    call.ring()
    await office.popped()
    call.answer("102")
    _look(office)
    await eventually(lambda: office.all(PopDismissed), "the colleague's answer")
    gone = office.all(PopDismissed)[-1].card
    assert gone.phase is CardPhase.ANSWERED_ELSEWHERE
    assert gone.answered_by == "Rui Costa"
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")


async def test_our_own_answer_is_seen_at_the_next_poll(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.answer()
    _look(office)

    def is_connected() -> bool:
        return office.app.screen_pop.recent()[0].phase is CardPhase.CONNECTED

    await eventually(is_connected, "the answer")


async def test_a_mapped_call_that_nobody_took_ends_at_the_next_poll(
    mapped: Office,
) -> None:
    call = mapped.cloud.incoming_call(ANA)
    call.ring()
    await mapped.popped()
    call.hang_up()
    _look(mapped)
    await eventually(lambda: mapped.app.history.missed_count == 1, "a missed call")
    gone = await eventually(lambda: mapped.all(PopDismissed), "the card to go")
    assert gone[-1].card.phase is CardPhase.MISSED


async def test_a_gap_is_repaired_from_the_call_list(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.stop()
    _look(office)
    await eventually(
        lambda: office.state() is SourceState.RECONNECTING, "a dead phone system"
    )
    with cloud.lock:
        call = cloud.incoming_call(ANA)
        call.ring()
        call.hang_up(ReleaseReason.NO_ANSWER)
    cloud.start()
    _look(office)
    await office.is_live()
    await eventually(lambda: office.app.history.missed_count == 1, "the missed call")


async def test_our_outgoing_calls_are_logged_and_a_colleagues_are_not(
    office: Office,
) -> None:
    other = office.cloud.outgoing_call(BEN, extension="103")
    mine = office.cloud.outgoing_call(ANA)
    for call in (other, mine):
        call.ring()
        call.answer()
        call.hang_up()
    _look(office)
    (entry,) = await office.logged(1)
    assert entry.ref.call_id == mine.call_id
    assert entry.direction is Direction.OUTBOUND
    assert entry.number_e164 == ANA
    assert entry.outcome is CallOutcome.ANSWERED


# --- dialling, notes, steps -----------------------------------------------------------


async def test_a_dial_is_sent_once_and_accepted(office: Office) -> None:
    progress = await office.app.dialer.dial(
        DialOrder(text=ANA, origin=DialOrigin.TYPED)
    )
    assert progress.state is DialState.ACCEPTED
    assert _dials(office) == 1
    (call,) = office.cloud.wait_for_placed_calls(1)
    call.answer()
    call.answer()
    call.hang_up()
    _look(office)
    (entry,) = await office.logged(1)
    assert entry.direction is Direction.OUTBOUND
    assert entry.number_e164 == ANA
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")


async def test_a_lost_answer_to_a_dial_is_unclear_and_never_repeated(
    office: Office,
) -> None:
    office.cloud.set_faults(Faults(lost_answer=True, only_path="c2c_v2"))
    progress = await office.app.dialer.dial(
        DialOrder(text=ANA, origin=DialOrigin.TYPED)
    )
    assert progress.state is DialState.UNCLEAR
    assert _dials(office) == 1


async def test_a_note_goes_to_the_call_and_comes_back_with_it(
    office: Office, cloud: PrimevoxCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    _look(office)
    await eventually(office.log, "the call")
    notes = office.app.connections.get("acme").ability(SupportsCallNotes)
    await notes.write_note(call.call_id, CallNote("Send the contract", True, 2))
    _look(office)

    def noted() -> bool:
        details = office.app.history.details_now(_first(office).ref)
        record = details.record if details else None
        return bool(record and record.description == "Send the contract")

    await eventually(noted, "the note")
    details = office.app.history.details_now(_first(office).ref)
    assert details is not None
    assert details.record is not None
    assert details.record.labels == ("follow up", "severity 2")


async def test_the_steps_of_a_call_can_be_read(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.BUSY)
    steps = office.app.connections.get("acme").ability(SupportsTimeline)
    told = [entry.text for entry in await steps.timeline(call.call_id)]
    assert "Extension was busy: 101, Amelia Hart" in told
