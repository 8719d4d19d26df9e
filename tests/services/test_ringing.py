"""From the vendor's webhook to the card and the call log, over real HTTP."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

from screenpop.domain.calls import CallRef
from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.events import CallerId, CallRecorded, Direction
from screenpop.services.call_history import LogFilter
from screenpop.services.dial_correlation import DialTrace
from screenpop.services.events import CardPhase, MissedChanged, PopDismissed, UserNotice
from screenpop.simulator import Faults, ReleaseReason
from tests.builders import a_row, at
from tests.services.office import ANA, BEN, Office
from tests.waiting import eventually


async def test_a_known_caller_is_named_in_the_first_card(office: Office) -> None:
    await office.knows("Ana Example", ANA, "Example Ltd")
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    assert card.phase is CardPhase.RINGING
    assert (card.title, card.company) == ("Ana Example", "Example Ltd")
    assert card.number_text == "020 7946 0123"
    assert card.line_text


async def test_an_unknown_caller_shows_the_number_at_once(office: Office) -> None:
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    assert card.title == "020 7946 0123"
    assert card.is_lookup_pending


async def test_a_caller_known_to_the_phone_system_is_named_a_little_later(
    office: Office,
) -> None:
    from screenpop.simulator.people import Person

    office.cloud.seed_contacts(
        [
            Person(
                first_name="Priya",
                last_name="Example",
                number=ANA,
                company="Couriers",
                job_title="",
                email="priya@example.com",
            )
        ]
    )
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()

    def named() -> bool:
        card = office.app.screen_pop.recent()[0]
        return card.title == "Priya Example" and not card.is_lookup_pending

    await eventually(named, "the name")


async def test_a_withheld_caller_pops_and_says_so(office: Office) -> None:
    office.cloud.incoming_call("").ring()
    card = await office.popped()
    assert card.is_withheld
    assert card.number_text == ""


async def test_a_call_is_answered_ends_and_is_in_the_log(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.answer()
    call.hang_up()
    await eventually(lambda: office.all(PopDismissed), "the end")
    assert office.all(PopDismissed)[-1].card.phase is CardPhase.ENDED
    (entry,) = office.log()
    assert entry.outcome is CallOutcome.ANSWERED
    assert entry.direction is Direction.INBOUND
    assert not entry.is_live


async def test_the_record_brings_recording_summary_and_labels(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True, summary="Wants a quote.", labels=("vip",))

    async def has_record() -> bool:
        (entry,) = await office.logged(1)
        details = office.app.history.details_now(entry.ref)
        return bool(details and details.record and details.record.summary)

    await office.logged(1)
    await eventually(
        lambda: any(entry.has_recording for entry in office.log()), "the recording"
    )
    assert await has_record()
    (entry,) = office.log(text="quote")
    details = office.app.history.details_now(entry.ref)
    assert details is not None
    assert details.record is not None
    assert details.record.labels == ("vip",)
    assert [step.text.split(" (")[0] for step in details.timeline][:1] == ["Rang"]


async def test_a_missed_call_stays_until_somebody_calls_back(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")
    back = office.cloud.outgoing_call(ANA)
    back.ring()
    back.answer()
    await eventually(lambda: office.app.history.missed_count == 0, "called back")


async def test_a_missed_call_can_be_ticked_off_and_put_back(office: Office) -> None:
    call = office.cloud.incoming_call("")
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "a missed call")
    (entry,) = office.log(kind="missed")
    await office.app.history.mark_called_back(entry.ref)
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")
    await office.app.history.mark_open(entry.ref)
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")


async def test_an_answered_call_can_be_promised_a_call_back(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    (entry,) = await office.logged(1)
    await eventually(lambda: not office.log()[0].is_live, "the end")
    await office.app.history.promise_call_back(entry.ref)
    assert office.log()[0].needs_call_back
    await eventually(lambda: office.app.history.missed_count == 1, "the missed calls")


async def test_a_colleague_who_answers_takes_the_card_away(office: Office) -> None:
    call = office.cloud.incoming_call(ANA, extensions=("101", "102"))
    call.ring()
    await office.popped()
    call.answer("102")
    await eventually(
        lambda: any(
            gone.card.phase is CardPhase.ANSWERED_ELSEWHERE
            for gone in office.all(PopDismissed)
        ),
        "the card to go",
    )
    gone = office.all(PopDismissed)[-1]
    assert CardPhase.MISSED not in {one.card.phase for one in office.all(PopDismissed)}
    assert gone.card.answered_by
    assert gone.linger_seconds == 2
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")


async def test_a_call_for_a_colleague_alone_does_not_pop(office: Office) -> None:
    office.cloud.incoming_call(ANA, extensions=("102",)).ring()
    office.cloud.incoming_call(BEN).ring()
    card = await office.popped()
    assert card.number_e164 == BEN
    assert len(office.pops) == 1
    assert [entry.number_e164 for entry in office.log()] == [BEN]


async def test_two_calls_at_once_each_have_their_card(office: Office) -> None:
    office.cloud.incoming_call(ANA).ring()
    office.cloud.incoming_call(BEN).ring()
    await office.popped(2)
    assert {card.number_e164 for card in office.pops} == {ANA, BEN}


async def test_deliveries_that_come_twice_and_swapped_pop_once(office: Office) -> None:
    office.cloud.set_faults(Faults(duplicate=2, reorder=True))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record()
    office.cloud.wait_for_deliveries(12)
    await eventually(lambda: office.log() and not office.log()[0].is_live, "the end")
    assert len(office.pops) <= 1
    (entry,) = office.log()
    assert entry.outcome is CallOutcome.ANSWERED


async def test_a_call_of_which_only_the_ring_arrives_is_shown(office: Office) -> None:
    office.cloud.set_faults(Faults(drop_types=frozenset({"CALL_HANGUP"})))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.hang_up(ReleaseReason.NO_ANSWER)
    office.cloud.wait_for_deliveries(2)
    await office.app.tracker.settled()
    (entry,) = office.log()
    assert entry.is_live


async def test_a_ring_that_arrives_long_after_is_logged_not_popped(
    office: Office,
) -> None:
    late = datetime.now(UTC) - timedelta(minutes=10)
    office.post(_ring("late", late.timestamp()))
    office.post(_ring("fresh", datetime.now(UTC).timestamp()))
    card = await office.popped()
    assert card.ref.call_id == "fresh"
    assert {entry.ref.call_id for entry in office.log()} == {"late", "fresh"}


async def test_a_time_that_no_vendor_would_retry_for_does_not_hide_a_ring(
    office: Office,
) -> None:
    office.post(_ring("old-clock", 1_512_552_226))
    card = await office.popped()
    assert card.ref.call_id == "old-clock"


async def test_quiet_holds_cards_back_and_still_logs(office: Office) -> None:
    office.app.around.quiet.set_until(datetime.now(UTC) + timedelta(hours=1))
    office.cloud.incoming_call(ANA).ring()
    await office.logged(1)
    assert office.pops == []
    office.app.around.quiet.set_until(None)
    office.cloud.incoming_call(BEN).ring()
    assert (await office.popped()).number_e164 == BEN


async def test_a_note_is_kept_and_shown_at_the_next_call(office: Office) -> None:
    call = office.cloud.incoming_call(ANA)
    call.ring()
    card = await office.popped()
    office.app.screen_pop.set_note(card.ref, "Send the contract")
    call.answer()
    call.hang_up()
    await eventually(lambda: not office.log()[0].is_live, "the end")
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped(2)
    assert card.context.last_talk is not None
    assert card.context.last_talk.note == "Send the contract"
    assert card.context.call_count == 1


async def test_a_note_that_cannot_be_kept_is_said_to_be_lost(office: Office) -> None:
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    await eventually(
        lambda: not office.app.screen_pop.recent()[0].is_lookup_pending, "the look-up"
    )
    office.app.database.close()
    office.app.screen_pop.set_note(card.ref, "Send the contract")
    await eventually(
        lambda: any(note.key == "call-store" for note in office.all(UserNotice)),
        "a word about it",
    )


async def test_a_note_on_a_click_to_dial_is_found_at_the_call_to_the_party(
    office: Office,
) -> None:
    now = datetime.now(UTC)
    trace = DialTrace(
        dial_id="dial-1",
        account_id="acme",
        extension="101",
        number_e164=ANA,
        requested_at=now,
    )
    office.app.dial_book.note([trace])
    office.post(_ring("own-leg", now.timestamp()))
    card = await office.popped()
    office.app.screen_pop.set_note(card.ref, "Ask for the invoice")
    started = _event("far-leg", "STARTED", now.timestamp() + 2)
    data = started["data"]
    assert isinstance(data, dict)
    data |= {"originatorNumber": "101", "destinationNumber": ANA}
    office.post(started)
    await eventually(
        lambda: (
            [(e.ref.call_id, e.note) for e in office.log()]
            == [("far-leg", "Ask for the invoice")]
        ),
        "the note at the call that the log shows",
    )
    office.app.screen_pop.set_note(card.ref, "Invoice comes today")
    await eventually(lambda: office.log()[0].note == "Invoice comes today", "the note")
    assert len(office.pops) == 1


async def test_a_forgotten_caller_is_not_remembered_in_cards_either(
    office: Office,
) -> None:
    missed: list[MissedChanged] = []
    office.app.bus.subscribe(MissedChanged, missed.append)
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: missed and missed[-1].count == 1, "a missed call")
    await office.app.contacts.forget(ANA)
    assert office.app.screen_pop.recent() == ()
    await eventually(lambda: office.app.history.missed_count == 0, "the missed calls")
    await eventually(
        lambda: [told.count for told in missed][-1:] == [0], "the tray to hear of it"
    )
    assert office.log() == ()


async def test_the_pages_of_one_account_are_its_own(office: Office) -> None:
    rows = [
        a_row(f"{account_id}-{number}", account_id=account_id, started_at=at(number))
        for number in range(6)
        for account_id in ("acme", "other")
    ]
    await asyncio.wrap_future(office.app.call_log.commit(rows=rows))
    wanted = LogFilter(account_id="other")
    found = [
        entry.ref.call_id
        for offset in (0, 2, 4, 6)
        for entry in office.app.history.search_now(wanted, 2, offset)
    ]
    assert found == [f"other-{number}" for number in reversed(range(6))]


async def test_the_details_are_of_the_fullest_record(office: Office) -> None:
    facts = {"started_at": at(), "caller": CallerId(ANA), "callee": CallerId(BEN)}
    full = CallDetailRecord(**facts, summary="Asked for a quote.")  # type: ignore[arg-type]
    bare = CallDetailRecord(**facts)  # type: ignore[arg-type] # checked by the test
    events = [
        CallRecorded(
            account_id="acme",
            call_id="call-1",
            occurred_at=at(),
            received_at=at(second),
            record=record,
        )
        for second, record in ((1, full), (2, bare))
    ]
    log = office.app.call_log
    await asyncio.wrap_future(log.commit(events=events, rows=[a_row()]))
    details = office.app.history.details_now(CallRef("acme", "call-1"))
    assert details is not None
    assert details.record == full


async def test_several_people_of_one_number_are_offered_not_guessed(
    office: Office,
) -> None:
    await office.knows("Ana Example", ANA)
    await office.knows("Bob Example", ANA)
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    assert card.chosen is None
    assert len(card.matches) == 2
    second = card.matches[1].contact.name
    office.app.screen_pop.choose(card.ref, 1)
    shown = office.app.screen_pop.card(card.ref)
    assert shown is not None
    assert shown.title == second
    await eventually(lambda: office.log()[0].name == second, "the name in the log")


async def test_permuted_deliveries_of_a_call_give_one_log(office: Office) -> None:
    now = 1_760_000_000.0
    story = [_event("p", kind, now + at) for kind, at in _STORY]
    source = random.Random(7)  # noqa: S311 - shuffling
    seen = set()
    for number in range(12):
        shuffled = [*story, *source.choices(story, k=3)]
        source.shuffle(shuffled)
        for payload in shuffled:
            office.post(_renamed(payload, f"p{number}"))
    await office.logged(12)
    await office.app.tracker.settled()
    for entry in office.log():
        seen.add((entry.outcome, entry.started_at, entry.ring_seconds, entry.is_live))
    assert len(seen) == 1


_STORY = (("INCOMING", 0), ("ANSWERED", 7), ("HANGUP", 60))


def _ring(call_id: str, moment: float) -> dict[str, object]:
    return _event(call_id, "INCOMING", moment)


def _event(call_id: str, kind: str, moment: float) -> dict[str, object]:
    stamp = int(moment * 1000)
    return {
        "timestamp": stamp,
        "type": f"CALL_{kind}",
        "pbx_id": 1,
        "data": {
            "timestamp": stamp,
            "callId": call_id,
            "originatorNumber": ANA,
            "originatorName": "",
            "destinationNumber": "+442079460100",
            "destinationName": "",
            "type": kind,
            "userEmail": "me@example.com",
            "userExtension": 101,
        },
    }


def _renamed(payload: dict[str, object], call_id: str) -> dict[str, object]:
    data = payload["data"]
    assert isinstance(data, dict)
    return payload | {"data": data | {"callId": call_id}}


async def test_the_line_carries_the_name_that_the_phone_system_gives_it(
    office: Office,
) -> None:
    users = await office.app.accounts.users("acme")
    labelled = next(one for user in users for one in user.caller_ids if one.label)
    connection = office.app.connections.get("acme")
    await eventually(lambda: office.app.lines.knows(connection), "the lines")
    office.cloud.incoming_call(ANA, line=labelled.number).ring()
    card = await office.popped()
    assert card.line_text == labelled.label


async def test_a_colleague_is_called_by_name(office: Office) -> None:
    connection = office.app.connections.get("acme")
    await eventually(lambda: office.app.lines.knows(connection), "the lines")
    await eventually(
        lambda: office.app.lines.name_of("acme", "102"), "the colleague's name"
    )
    call = office.cloud.incoming_call(ANA, extensions=("101", "102"))
    call.ring()
    await office.popped()
    call.answer("102")
    await eventually(
        lambda: any(gone.card.answered_by for gone in office.all(PopDismissed)),
        "the answer",
    )
    name = office.app.lines.name_of("acme", "102")
    assert office.all(PopDismissed)[-1].card.answered_by == name
