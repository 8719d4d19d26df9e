"""A desk on the simulated Tele2: its event stream, cards, the log, dials, gaps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.events import Direction
from screenpop.domain.privacy import Secret
from screenpop.providers.abilities import SupportsLostCallers, SupportsRecordings
from screenpop.services.accounts import AccountDraft
from screenpop.services.dialer import DialOrder
from screenpop.services.events import (
    CardPhase,
    DialProgress,
    DialState,
    PopDismissed,
    SourceState,
)
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.tele2.options import NumberForm, Tele2Options
from screenpop.simulator.tele2.registrations import Webhook
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

AMELIA, RUI = "1741000000000101", "1741000000000102"
Open = Callable[..., Awaitable[Office]]


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[Open]:
    """``await open_desk(Tele2Options(…), account='source = "poll"')``."""
    async with AsyncExitStack() as stack:

        async def start(
            options: Tele2Options | None = None,
            *,
            extension: str = AMELIA,
            faults: Faults | None = None,
            state: SourceState = SourceState.LIVE,
            before: Callable[[Tele2Cloud], None] = lambda _: None,
            **parts: str,
        ) -> Office:
            cloud = stack.enter_context(Tele2Cloud(options=options))
            before(cloud)
            if faults is not None:
                cloud.set_faults(faults)
            paths = write_config(tmp_path, cloud.base_url, **parts)
            text = paths.config_file.read_text()
            text = text.replace('vendor = "voxloud"', 'vendor = "tele2"')
            text = text.replace('extension = "101"', f'extension = "{extension}"')
            paths.config_file.write_text(text)
            desk = open_office(paths, cloud)
            await desk.app.start()
            stack.push_async_callback(desk.app.stop)
            await eventually(lambda: desk.state() is state, f"the state {state}")
            return desk

        yield start


@pytest.fixture
async def office(open_desk: Open) -> Office:
    return await open_desk()


def tele2(office: Office) -> Tele2Cloud:
    assert isinstance(office.cloud, Tele2Cloud)
    return office.cloud


def asked(office: Office, end: str) -> int:
    return sum(request.path.endswith(end) for request in office.cloud.requests)


def order(text: str = ANA) -> DialOrder:
    return DialOrder(text=text, origin=DialOrigin.TYPED)


def _phase(office: Office) -> CardPhase:
    return office.app.screen_pop.recent()[0].phase


READINGS = {
    "national numbers": (Tele2Options(), AMELIA),
    "numbers with plus": (Tele2Options(number_form=NumberForm.PLUS), AMELIA),
    "bare digits": (Tele2Options(number_form=NumberForm.DIGITS), AMELIA),
    "the end is timed": (Tele2Options(completed_has_end=True), AMELIA),
    "a silent stream": (Tele2Options(auth_reply=None), AMELIA),
    "version 2": (Tele2Options(event_version="v2"), AMELIA),
    "set by number": (Tele2Options(), "020 7946 0111"),
    "everyone's": (Tele2Options(), ""),
}


@pytest.mark.parametrize("reading", READINGS)
async def test_a_call_rings_is_answered_and_logged(
    open_desk: Open, reading: str
) -> None:
    options, extension = READINGS[reading]
    office = await open_desk(options, extension=extension)
    await office.knows("Ana Example", ANA)
    call = office.cloud.incoming_call(ANA)
    call.ring()
    card = await office.popped()
    assert (card.phase, card.title) == (CardPhase.RINGING, "Ana Example")
    assert card.line_text == "020 7946 0100"
    call.answer()
    await eventually(lambda: _phase(office) is CardPhase.CONNECTED, "the answer")
    call.hang_up()
    await eventually(lambda: not office.log()[0].is_live, "the end")
    (entry,) = office.log()
    assert entry.direction is Direction.INBOUND
    assert entry.outcome is CallOutcome.ANSWERED
    assert entry.number_e164 == ANA
    call.publish_record(recorded=True)
    await eventually(lambda: office.log()[0].has_recording, "the recording")
    connection = office.app.connections.get("acme")
    found = await connection.ability(SupportsRecordings).recording(call.call_id)
    assert found.url


async def test_no_public_address_and_no_webhook_is_needed(office: Office) -> None:
    assert len(tele2(office).streams) == 1
    assert tele2(office).webhooks == ()


async def test_a_colleagues_call_neither_pops_nor_is_logged(office: Office) -> None:
    office.cloud.incoming_call(BEN, extensions=(RUI,)).ring()
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    assert card.number_e164 == ANA
    assert [entry.number_e164 for entry in office.log()] == [ANA]


async def test_a_colleague_who_answers_takes_the_card_away(office: Office) -> None:
    call = office.cloud.incoming_call(ANA, extensions=(AMELIA, RUI))
    call.ring()
    await office.popped()
    call.answer(RUI)
    await eventually(
        lambda: any(
            gone.card.phase is CardPhase.ANSWERED_ELSEWHERE
            for gone in office.all(PopDismissed)
        ),
        "the card to go",
    )
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")


async def test_a_call_that_is_handed_over_rings_here(office: Office) -> None:
    cloud = tele2(office)
    call = cloud.incoming_call(ANA, extensions=(RUI,))
    call.ring()
    call.answer()
    call.transfer(cloud.company.employee(AMELIA))
    card = await office.popped()
    assert (card.phase, card.number_e164) == (CardPhase.RINGING, ANA)
    call.hang_up()
    await eventually(lambda: not office.log()[0].is_live, "the end")
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")


@pytest.mark.parametrize("named", [True, False])
async def test_a_missed_call_is_missed_here_and_lost_at_tele2(
    open_desk: Open, named: bool
) -> None:
    office = await open_desk(Tele2Options(names_unanswered=named))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")
    connection = office.app.connections.get("acme")
    (lost,) = await connection.ability(SupportsLostCallers).list_lost_callers()
    assert lost.number == "07700900123" or lost.attempts == 1


async def test_a_withheld_caller_pops_and_says_so(office: Office) -> None:
    office.cloud.incoming_call("").ring()
    assert (await office.popped()).is_withheld


async def test_events_that_come_several_times_pop_once(office: Office) -> None:
    office.cloud.set_faults(Faults(duplicate=2))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    assert len(office.pops) <= 1
    assert office.log()[0].outcome is CallOutcome.ANSWERED


async def test_an_answer_that_got_lost_is_told_by_the_end(office: Office) -> None:
    office.cloud.set_faults(Faults(drop_types=frozenset({"CallConnected"})))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    assert office.log()[0].outcome is CallOutcome.ANSWERED


# --- gaps -----------------------------------------------------------------------------


async def test_what_happened_before_the_start_is_read_and_does_not_pop(
    open_desk: Open,
) -> None:
    def before(cloud: Tele2Cloud) -> None:
        call = cloud.incoming_call(ANA)
        call.ring()
        call.hang_up(ReleaseReason.NO_ANSWER)

    office = await open_desk(before=before)
    await office.logged(1)
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")
    assert office.pops == []


async def test_a_broken_stream_is_opened_again_and_the_gap_filled(
    office: Office,
) -> None:
    cloud = tele2(office)
    during = cloud.incoming_call(ANA)
    during.ring()
    await office.popped()
    cloud.break_streams()
    during.answer()
    during.hang_up()
    unseen = cloud.incoming_call(BEN)
    unseen.ring()
    unseen.hang_up(ReleaseReason.NO_ANSWER)
    await office.logged(2)
    await eventually(
        lambda: not any(entry.is_live for entry in office.log()), "both ends"
    )
    await eventually(lambda: office.app.history.missed_count == 1, "the missed call")
    assert asked(office, "/session_keys/create") >= 2, "each key opens one stream"
    await office.is_live()
    cloud.incoming_call(BEN).ring()
    assert (await office.popped(2)).number_e164 == BEN


async def test_a_cloud_that_is_gone_and_comes_back_is_found_again(
    office: Office,
) -> None:
    office.cloud.stop()
    await eventually(
        lambda: office.state() is SourceState.RECONNECTING, "the loss to show"
    )
    office.cloud.start()
    office.app.monitor.wake()
    await office.is_live()


async def test_a_long_life_of_a_stream_makes_the_next_wait_short(
    office: Office,
) -> None:
    """Streams are closed now and then: that must not add up to a long silence."""
    cloud = tele2(office)
    for count in range(2, 6):
        cloud.incoming_call(ANA if count % 2 else BEN).ring()
        await office.popped(count - 1)
        cloud.break_streams()
        await eventually(
            lambda: asked(office, "/session_keys/create") >= count,  # noqa: B023
            "the next stream",
            seconds=5.0,
        )
        await eventually(lambda: len(cloud.streams) == 1, "to be signed in")


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        (Faults(unauthorized=True), SourceState.NEEDS_KEY),
        (Faults(forbidden=True), SourceState.REFUSED),
        (Faults(server_error=503), SourceState.RECONNECTING),
        (Faults(half_answer=True), SourceState.RECONNECTING),
        (Faults(html_instead_of_json=True), SourceState.RECONNECTING),
        (Faults(server_error=503, only_path="/api/ws"), SourceState.RECONNECTING),
    ],
    ids=str,
)
async def test_each_trouble_has_its_state_and_recovers(
    open_desk: Open, faults: Faults, state: SourceState
) -> None:
    office = await open_desk(faults=faults, state=state)
    told = office.app.monitor.state("acme")
    assert told is not None
    assert told.headline
    key = office.cloud.credentials["api_key"]
    assert key not in told.headline + told.advice
    office.cloud.set_faults(Faults())
    office.app.monitor.wake()
    await office.is_live()


async def test_a_key_that_may_not_read_history_still_sees_calls_live(
    open_desk: Open,
) -> None:
    def before(cloud: Tele2Cloud) -> None:
        cloud.forbidden_paths = frozenset({"/api/v2"})

    office = await open_desk(before=before)
    office.cloud.incoming_call(ANA).ring()
    assert (await office.popped()).number_e164 == ANA


# --- the other ways -------------------------------------------------------------------


async def test_by_webhook_the_same_call_pops_and_ends(open_desk: Open) -> None:
    office = await open_desk(account='source = "webhook"')
    assert len(tele2(office).webhooks) == 10
    assert tele2(office).streams == ()
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.answer()
    call.hang_up()
    await eventually(lambda: not office.log()[0].is_live, "the end")
    kept = office.app._secrets
    assert isinstance(kept, MemorySecretStore)
    assert ("acme", "webhook_ids") in kept._secrets
    assert await office.app.accounts.remove("acme") == ""
    assert tele2(office).webhooks == ()
    assert kept._secrets == {}


async def test_by_polling_calls_are_seen_after_they_end(open_desk: Open) -> None:
    office = await open_desk(account='source = "poll"', state=SourceState.POLLING)
    told = office.app.monitor.state("acme")
    assert told is not None
    assert "event stream" in told.advice
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    office.app.monitor.wake()
    await office.logged(1)
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")
    assert office.pops == []


async def test_from_webhooks_to_the_stream_nothing_is_left_behind(
    open_desk: Open,
) -> None:
    office = await open_desk(account='source = "webhook"')
    await office.app.accounts.set_option("acme", "source", "stream")
    await eventually(lambda: len(tele2(office).streams) == 1, "the stream")
    await eventually(lambda: tele2(office).webhooks == (), "no webhooks")
    office.cloud.incoming_call(ANA).ring()
    await office.popped()


# --- dialling -------------------------------------------------------------------------


def _states(office: Office) -> set[DialState]:
    return {progress.state for progress in office.all(DialProgress)}


@pytest.mark.parametrize("extension", [AMELIA, "020 7946 0111"])
async def test_a_dial_is_followed_to_its_end(open_desk: Open, extension: str) -> None:
    office = await open_desk(extension=extension)
    await office.app.dialer.dial(order())
    assert asked(office, "/dial") == 1
    (call,) = office.cloud.wait_for_placed_calls(1)
    card = await office.popped()
    assert (card.phase, card.number_e164) == (CardPhase.DIALLING, ANA)
    assert card.dial_id, "the call is known to be the one that was asked for"
    call.answer()
    await eventually(lambda: DialState.CONNECTED in _states(office), "talking")
    call.hang_up()
    await eventually(lambda: DialState.ENDED in _states(office), "the end")
    assert len(office.pops) == 1
    (entry,) = office.log()
    assert (entry.direction, entry.number_e164) == (Direction.OUTBOUND, ANA)


async def test_a_lost_answer_to_a_dial_is_unclear_and_never_repeated(
    office: Office,
) -> None:
    office.cloud.set_faults(Faults(lost_answer=True, only_path="/dial"))
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.UNCLEAR
    assert asked(office, "/dial") == 1


async def test_a_refused_dial_says_why(office: Office) -> None:
    tele2(office).forbidden_paths = frozenset({"/api/v2/dial"})
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.FAILED
    assert "add this method to the key" in progress.advice


# --- setting up -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "region"), [(NumberForm.PLUS, "GB"), (NumberForm.NATIONAL, "")]
)
async def test_an_account_is_tried_and_its_country_found_where_numbers_tell_it(
    open_desk: Open, form: NumberForm, region: str
) -> None:
    office = await open_desk(Tele2Options(number_form=form))
    draft = AccountDraft(
        account_id="second",
        vendor="tele2",
        fields={"base_url": office.cloud.base_url, "extension": "+442079460112"},
        secrets={"api_key": Secret(office.cloud.credentials["api_key"])},
    )
    trial = await office.app.accounts.try_out(draft)
    assert trial.region == region
    named = {user.name: user.extension for user in trial.users}
    wanted = "+442079460112" if region else RUI
    assert named["Rui Costa"] == wanted


async def test_no_room_for_webhooks_is_a_refusal_with_advice(open_desk: Open) -> None:
    def before(cloud: Tele2Cloud) -> None:
        for number in range(18):
            made = Webhook(number, "CallStarted", "https://crm.example.com/")
            cloud._registrations._webhooks[number] = made

    office = await open_desk(
        account='source = "webhook"', before=before, state=SourceState.REFUSED
    )
    told = office.app.monitor.state("acme")
    assert told is not None
    assert "20 at most" in told.headline
    assert "event stream" in told.advice


@pytest.mark.expects_log("takes no further webhook.*this computer has 6 of 20")
async def test_too_little_room_for_all_webhooks_is_told_on_the_account(
    open_desk: Open,
) -> None:
    def before(cloud: Tele2Cloud) -> None:
        for number in range(14):
            made = Webhook(number, "CallStarted", "https://crm.example.com/")
            cloud._registrations._webhooks[number] = made

    office = await open_desk(account='source = "webhook"', before=before)
    told = office.app.monitor.state("acme")
    assert told is not None
    assert told.advice.startswith("The phone system has no room for webhooks about")
    assert "VoicemailDeleted" in told.advice
    assert "CallStarted" not in told.advice
    assert office.app.accounts.most_subscriptions("acme") == 20
