"""A desk on the simulated MobTexting: flow steps, cards, the log, dials and gaps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screenpop.domain.call_fold import derive
from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.dialing import DialOrigin, FlowSpeech, Verdict
from screenpop.domain.errors import UsageError
from screenpop.domain.events import CallerId, CallRecorded, Direction
from screenpop.providers.abilities import SupportsRecordings
from screenpop.services.dial_correlation import DialBook, DialTrace
from screenpop.services.dialer import DialOrder
from screenpop.services.events import (
    CardPhase,
    DialProgress,
    DialState,
    PopDismissed,
    SourceState,
)
from screenpop.simulator import Faults, ReleaseReason, create_cloud
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from screenpop.simulator.mobtexting.options import FlowSteps, MobTextingOptions
from screenpop.simulator.people import PastCall, Person
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

ACCOUNT = 'outbound_number = "+442079460100"'


@pytest.fixture
def cloud() -> Iterator[MobTextingCloud]:
    with create_cloud("mobtexting") as running:
        assert isinstance(running, MobTextingCloud)
        yield running


def open_desk(home: Path, cloud: MobTextingCloud, more: str = "") -> Office:
    paths = write_config(home, cloud.base_url, account=f"{ACCOUNT}\n{more}")
    text = paths.config_file.read_text()
    text = text.replace('vendor = "voxloud"', 'vendor = "mobtexting"')
    text = text.replace('extension = "101"', f'extension = "{cloud.extension}"')
    paths.config_file.write_text(text)
    return open_office(paths, cloud)


@pytest.fixture
async def office(tmp_path: Path, cloud: MobTextingCloud) -> AsyncIterator[Office]:
    desk = open_desk(tmp_path / "home", cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        yield desk
    finally:
        await desk.app.stop()


def sim(office: Office) -> MobTextingCloud:
    assert isinstance(office.cloud, MobTextingCloud)
    return office.cloud


def clicks(office: Office) -> int:
    return sum(one.path.endswith("/voice/c2c") for one in office.cloud.requests)


async def test_one_webhook_with_a_secret_and_one_subscription_are_made(
    office: Office,
) -> None:
    (webhook,) = sim(office).webhooks
    (subscription,) = sim(office).subscriptions
    assert webhook.uri == office.hook_url()
    assert webhook.secret == office.cloud.credentials["webhook_secret"]
    assert (subscription.event, subscription.webhook_id) == (
        "voice:message:out",
        webhook.webhook_id,
    )


async def test_a_step_of_the_flow_rings_and_another_ends_the_call(
    office: Office,
) -> None:
    await office.knows("Ana Example", ANA, "Example Ltd")
    call = office.cloud.incoming_call(ANA)
    call.ring()
    card = await office.popped()
    assert (card.phase, card.title) == (CardPhase.RINGING, "Ana Example")
    assert card.line_text == "020 7946 0100"
    call.answer()
    call.hang_up()
    await eventually(lambda: office.all(PopDismissed), "the end")
    (entry,) = office.log()
    assert (entry.direction, entry.outcome) == (
        Direction.INBOUND,
        CallOutcome.ANSWERED,
    )


async def test_a_caller_known_to_the_vendor_alone_is_named(office: Office) -> None:
    office.cloud.seed_contacts(
        [Person(first_name="Priya", last_name="Example", number=BEN)]
    )
    office.cloud.incoming_call(BEN).ring()
    assert (await office.popped()).title == "Priya Example"


async def test_a_missed_call_of_nobody_known_stays(office: Office) -> None:
    call = office.cloud.incoming_call("")
    call.ring()
    assert (await office.popped()).is_withheld
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")


async def test_duplicates_in_the_wrong_order_make_one_call(office: Office) -> None:
    office.cloud.set_faults(Faults(duplicate=2, reorder=True, extra_fields=True))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    office.cloud.wait_for_deliveries(6)
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    await office.app.tracker.settled()
    assert len(office.log()) == 1
    assert len(office.pops) <= 1


async def test_a_delivery_without_the_secret_is_refused_and_shows_nothing(
    office: Office,
) -> None:
    import urllib.error

    with pytest.raises(urllib.error.HTTPError) as caught:
        office.post({"id": "x", "from": ANA, "to": BEN, "bridge": BEN})
    assert caught.value.code == 401
    caught.value.close()
    await office.app.tracker.settled()
    assert (office.pops, office.log()) == ([], ())


async def test_what_an_earlier_run_left_is_checked_like_the_rest(
    tmp_path: Path, cloud: MobTextingCloud
) -> None:
    desk = open_desk(tmp_path / "home", cloud)
    forged = {"id": "x", "from": ANA, "to": BEN, "bridge": BEN}
    delivery = Delivery(
        account_id="acme",
        source=DeliverySource.WEBHOOK,
        received_at=datetime.now(UTC),
        body=json.dumps(forged).encode(),
        content_type="application/json",
    )
    await asyncio.wrap_future(desk.app.journal.append(delivery))
    await desk.app.start()
    try:
        await desk.is_live()
        await eventually(lambda: not desk.app.journal.pending(), "the old delivery")
        assert (desk.pops, desk.log()) == ([], ())
    finally:
        await desk.app.stop()


async def test_a_dial_is_sent_once_and_its_report_is_recognised(
    office: Office,
) -> None:
    order = DialOrder(text=ANA, origin=DialOrigin.TYPED)
    progress = await office.app.dialer.dial(order)
    assert progress.state is DialState.ACCEPTED
    (call,) = office.cloud.wait_for_placed_calls(1)
    call.answer()
    call.answer()
    call.hang_up()
    await eventually(
        lambda: office.all(DialProgress)[-1].state is DialState.ENDED, "the end"
    )
    (entry,) = office.log()
    assert (entry.direction, entry.number_e164) == (Direction.OUTBOUND, ANA)
    assert entry.outcome is CallOutcome.ANSWERED
    assert clicks(office) == 1
    assert office.pops == []


async def test_the_report_and_the_log_entry_of_a_dial_are_one_call(
    office: Office,
) -> None:
    call = office.cloud.outgoing_call(ANA)
    call.ring()
    call.answer()
    call.hang_up(ReleaseReason.BUSY)
    await office.logged(1)
    seen = len(office.cloud.requests)
    office.app.monitor.wake()
    await eventually(
        lambda: any(
            one.path.endswith("/voice/calls") for one in office.cloud.requests[seen:]
        ),
        "a look into the log",
    )
    await office.is_live()
    await office.app.tracker.settled()
    (entry,) = office.log()
    assert entry.outcome is CallOutcome.BUSY


async def test_a_lost_answer_is_unclear_and_never_repeated(office: Office) -> None:
    office.cloud.set_faults(Faults(lost_answer=True, only_path="/voice/c2c"))
    order = DialOrder(text=ANA, origin=DialOrigin.TYPED)
    assert (await office.app.dialer.dial(order)).state is DialState.UNCLEAR
    assert clicks(office) == 1


REMINDER = FlowSpeech(
    flow_id="220", title="Reminder", variables=(("Name", "Ana"), ("otp", "4711"))
)


def let_speak(text: str = ANA, speech: FlowSpeech = REMINDER) -> DialOrder:
    return DialOrder(text=text, origin=DialOrigin.TYPED, speech=speech)


async def test_a_flow_speaks_with_its_variables_and_rings_no_phone_of_ours(
    office: Office,
) -> None:
    progress = await office.app.dialer.dial(let_speak())
    assert progress.state is DialState.ACCEPTED
    assert progress.is_flow
    assert "the phone system speaks" in progress.text
    (asked,) = (one for one in office.cloud.requests if one.path.endswith("/c2c"))
    body = json.loads(asked.body)
    assert (body["to"], body["attempts"]) == ("flow:220", "0")
    assert (body["variables[Name]"], body["variables[otp]"]) == ("Ana", "4711")
    (call,) = office.cloud.wait_for_placed_calls(1)
    call.answer()
    call.hang_up()
    await eventually(
        lambda: office.all(DialProgress)[-1].state is DialState.ENDED, "the end"
    )
    assert clicks(office) == 1
    assert office.pops == []


async def test_who_calls_back_while_a_flow_speaks_is_a_caller(office: Office) -> None:
    """No phone of ours rings for a flow, so that none may be taken for our own."""
    await office.app.dialer.dial(let_speak())
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    assert (card.phase, card.number_e164) == (CardPhase.RINGING, ANA)


async def test_a_flow_whose_answer_is_lost_is_asked_about_and_never_repeated(
    office: Office,
) -> None:
    office.cloud.set_faults(Faults(lost_answer=True, only_path="/voice/c2c"))
    progress = await office.app.dialer.dial(let_speak())
    assert (progress.state, progress.is_flow) == (DialState.UNCLEAR, True)
    with pytest.raises(UsageError, match="being dialled already"):
        await office.app.dialer.dial(let_speak())
    assert clicks(office) == 1


async def test_a_recorded_sound_is_played(office: Office) -> None:
    speech = FlowSpeech(audio_id="welcome-1")
    progress = await office.app.dialer.dial(let_speak(speech=speech))
    assert progress.state is DialState.ACCEPTED
    (asked,) = (one for one in office.cloud.requests if one.path.endswith("/send"))
    assert json.loads(asked.body)["audio"] == "welcome-1"


async def test_no_machine_calls_an_emergency_number_not_even_confirmed(
    office: Office,
) -> None:
    order = replace(let_speak("999"), is_confirmed=True)
    with pytest.raises(UsageError, match="not dialled from here"):
        await office.app.dialer.dial(order)
    preview = office.app.dialer.preview("999", DialOrigin.TYPED, is_automatic=True)
    assert preview.verdict is Verdict.REFUSE


async def test_the_flows_of_the_account_are_offered(
    tmp_path: Path, cloud: MobTextingCloud
) -> None:
    desk = open_desk(tmp_path, cloud, 'flows = "220 Reminder (Name, otp); 221 Survey"')
    await desk.app.connections.apply(desk.app.settings)
    try:
        assert desk.app.dial_desk.can_speak("acme")
        flows = await desk.app.dial_desk.flows("acme")
        assert [flow.name for flow in flows] == ["Reminder", "Survey"]
    finally:
        await desk.app.stop()


async def test_no_credit_left_fails_and_says_why(office: Office) -> None:
    office.cloud.set_faults(Faults(quota=True))
    order = DialOrder(text=ANA, origin=DialOrigin.TYPED)
    progress = await office.app.dialer.dial(order)
    assert progress.state is DialState.FAILED
    assert "credits" in progress.advice


async def test_calls_of_the_days_before_the_first_start_are_in_the_log(
    tmp_path: Path, cloud: MobTextingCloud
) -> None:
    cloud.seed_history(
        [
            PastCall(number=ANA, minutes_ago=60 * hours, was_answered=hours % 2 == 0)
            for hours in range(1, 41)
        ]
    )
    desk = open_desk(tmp_path, cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        await desk.logged(40)
        assert desk.pops == []
        # Somebody talked to her later than the 39 hours ago.
        assert desk.app.history.missed_count == 1
    finally:
        await desk.app.stop()


async def test_calls_that_no_webhook_told_of_are_found_in_the_log(
    office: Office,
) -> None:
    office.cloud.set_faults(Faults(drop_types=frozenset({"flow:ringing", "flow:over"})))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    office.app.monitor.wake()
    (entry,) = await office.logged(1)
    assert entry.outcome is CallOutcome.NO_ANSWER
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")
    assert office.pops == []


async def test_the_account_is_live_once_a_flow_step_has_told_of_a_call(
    tmp_path: Path, cloud: MobTextingCloud
) -> None:
    """A report of an ended call does not prove that calls are seen as they ring."""
    desk = open_desk(tmp_path / "home", cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        call = cloud.outgoing_call(ANA)
        call.ring()
        call.answer()
        call.hang_up()
        await desk.logged(1)
        waiting = desk.app.monitor.state("acme")
        assert waiting is not None
        assert waiting.state is SourceState.WAITING
        assert waiting.headline == "Waiting for the first call from MobTexting"
        cloud.incoming_call(BEN).ring()
        await eventually(lambda: desk.state() is SourceState.LIVE, "a live account")
    finally:
        await desk.app.stop()
    again = open_desk(tmp_path / "home", cloud)
    await again.app.start()
    try:
        await again.is_live()
        assert again.state() is SourceState.LIVE
    finally:
        await again.app.stop()


async def test_without_flow_steps_calls_are_seen_after_they_end(
    tmp_path: Path,
) -> None:
    options = MobTextingOptions(flow_steps=FlowSteps.NONE, has_older_log_pages=True)
    with MobTextingCloud(options=options) as cloud:
        desk = open_desk(tmp_path, cloud)
        await desk.app.start()
        try:
            await desk.is_live()
            call = cloud.incoming_call(ANA)
            call.ring()
            call.answer()
            call.hang_up()
            desk.app.monitor.wake()
            (entry,) = await desk.logged(1)
            assert entry.outcome is CallOutcome.ANSWERED
        finally:
            await desk.app.stop()


async def test_a_wrong_time_zone_keeps_no_card_away(tmp_path: Path) -> None:
    options = MobTextingOptions(utc_offset_minutes=-8 * 60)
    with MobTextingCloud(options=options) as cloud:
        desk = open_desk(tmp_path, cloud)
        await desk.app.start()
        try:
            await desk.is_live()
            cloud.incoming_call(ANA).ring()
            card = await desk.popped()
            assert card.phase is CardPhase.RINGING
        finally:
            await desk.app.stop()


async def test_a_recording_is_linked_anew_when_it_is_wanted(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    provider = office.app.connections.get("acme").ability(SupportsRecordings)
    first, second = [await provider.recording(call.call_id) for _ in range(2)]
    assert first.url != second.url
    assert first.expires_at is not None
    assert first.expires_at > datetime.now(UTC) + timedelta(minutes=50)


async def test_removing_the_account_removes_webhook_and_subscription(
    office: Office,
) -> None:
    assert await office.app.accounts.remove("acme") == ""
    assert (sim(office).webhooks, sim(office).subscriptions) == ((), ())


def test_a_record_heard_of_after_a_long_talk_belongs_to_its_dial() -> None:
    dialled_at = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    book = DialBook("GB")
    book.note(
        [
            DialTrace(
                dial_id="dial",
                account_id="acme",
                extension="442079460150",
                number_e164=ANA,
                requested_at=dialled_at,
            )
        ]
    )

    def linked(started_after: float) -> bool:
        started_at = dialled_at + timedelta(seconds=started_after)
        record = CallDetailRecord(
            direction=Direction.OUTBOUND,
            started_at=started_at,
            caller=CallerId("+442079460150"),
            callee=CallerId(ANA),
            duration_seconds=900,
        )
        event = CallRecorded(
            account_id="acme",
            call_id=f"call-{started_after}",
            occurred_at=started_at,
            received_at=started_at + timedelta(minutes=16),
            record=record,
        )
        call = derive([event], own_extension="", now=event.received_at)
        assert call is not None
        return book.link(call) is not None

    assert linked(3)
    assert not linked(-60)
    assert not linked(120)
