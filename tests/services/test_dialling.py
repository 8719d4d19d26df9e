"""Click-to-dial: once, with the intent on disk, and our own ring recognised."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screenpop.domain.contacts import Mark
from screenpop.domain.dialing import DialOrigin, Verdict
from screenpop.domain.errors import UsageError
from screenpop.domain.events import Direction
from screenpop.domain.numbers import read_number
from screenpop.services.dialer import DialOrder
from screenpop.services.events import CardPhase, DialProgress, DialState
from screenpop.simulator import Faults, VendorCloud
from screenpop.store.dials import DialState as StoredState
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually


def order(text: str = ANA, **more: object) -> DialOrder:
    return DialOrder(text=text, origin=DialOrigin.TYPED, **more)  # type: ignore[arg-type]


def connects(office: Office) -> int:
    return sum(request.path.endswith("/connect") for request in office.cloud.requests)


async def test_a_dial_rings_our_phone_and_is_accepted(office: Office) -> None:
    progress = await office.app.dialer.dial(order())
    assert progress.state in (DialState.ACCEPTED, DialState.OWN_PHONE_RINGS)
    assert connects(office) == 1
    assert len(office.cloud.placed_calls) == 1


async def test_our_own_ring_is_no_customer(office: Office) -> None:
    await office.app.dialer.dial(order())
    office.cloud.wait_for_placed_calls(1)
    card = await office.popped()
    assert card.phase is CardPhase.DIALLING
    assert card.direction is Direction.OUTBOUND
    assert card.number_e164 == ANA
    assert card.dial_id
    await eventually(
        lambda: DialState.OWN_PHONE_RINGS in _states(office), "our own phone ringing"
    )


async def test_both_legs_share_one_card_and_one_line_in_the_log(
    office: Office,
) -> None:
    await office.app.dialer.dial(order())
    (call,) = office.cloud.wait_for_placed_calls(1)
    call.answer()
    await eventually(lambda: DialState.CALLING in _states(office), "calling")
    call.answer()
    await eventually(lambda: DialState.CONNECTED in _states(office), "talking")
    call.hang_up()
    call.publish_record()
    await eventually(lambda: DialState.ENDED in _states(office), "the end")
    assert len(office.pops) == 1
    (entry,) = office.log()
    assert entry.direction is Direction.OUTBOUND
    assert entry.number_e164 == ANA
    assert office.app.history.missed_count == 0


async def test_another_caller_during_a_dial_is_a_customer(office: Office) -> None:
    await office.app.dialer.dial(order())
    office.cloud.incoming_call(BEN).ring()
    card = await office.popped(2)
    assert (card.phase, card.number_e164) == (CardPhase.RINGING, BEN)


async def test_the_dialled_party_calling_back_is_a_customer(office: Office) -> None:
    await office.app.dialer.dial(order())
    office.cloud.wait_for_placed_calls(1)
    await office.popped()
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped(2)
    assert card.phase is CardPhase.RINGING
    assert card.dial_id == ""


async def test_a_withheld_caller_during_a_dial_is_a_customer(office: Office) -> None:
    await office.app.dialer.dial(order())
    office.cloud.incoming_call("").ring()
    assert (await office.popped(2)).phase is CardPhase.RINGING


async def test_the_click_to_call_set_up_is_made_once_and_reused(
    office: Office,
) -> None:
    await office.app.dialer.dial(order(ANA))
    await office.app.dialer.dial(order(BEN))
    made = [
        request
        for request in office.cloud.requests
        if request.method == "POST" and request.path.endswith("/click-to-call")
    ]
    assert len(made) == 1
    assert connects(office) == 2


async def test_the_same_number_twice_in_a_row_is_refused(office: Office) -> None:
    first = asyncio.ensure_future(office.app.dialer.dial(order()))
    await asyncio.sleep(0)
    with pytest.raises(UsageError, match="being dialled already"):
        await office.app.dialer.dial(order())
    await first
    with pytest.raises(UsageError, match="being dialled already"):
        await office.app.dialer.dial(order())
    assert connects(office) == 1


async def test_a_lost_answer_is_unclear_and_never_repeated(office: Office) -> None:
    office.cloud.set_faults(Faults(lost_answer=True, only_path="/connect"))
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.UNCLEAR
    assert connects(office) == 1
    (dial,) = office.app.dials.recent()
    assert dial.state is StoredState.UNCLEAR
    await office.app.dialer.settle_unclear(dial.dial_id, did_ring=True)
    assert office.app.dials.recent()[0].state is StoredState.ACCEPTED


async def test_a_refused_key_fails_before_anything_is_dialled(office: Office) -> None:
    office.cloud.set_faults(Faults(unauthorized=True))
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.FAILED
    assert progress.advice
    assert office.cloud.placed_calls == ()


@pytest.mark.parametrize(
    "faults", [Faults(forbidden=True), Faults(quota=True), Faults(throttle=True)]
)
async def test_a_refusal_says_why_and_dials_nothing(
    office: Office, faults: Faults
) -> None:
    office.cloud.set_faults(faults)
    progress = await office.app.dialer.dial(order())
    assert progress.state is DialState.FAILED
    assert progress.text
    assert ANA not in progress.text + progress.advice
    assert office.cloud.placed_calls == ()


async def test_a_link_is_asked_about_and_never_dials_by_itself(
    office: Office,
) -> None:
    link = DialOrder(text="tel:+44-20-7946-0123", origin=DialOrigin.LINK)
    asked = office.app.dialer.request(link)
    assert asked.number_text == "020 7946 0123"
    with pytest.raises(UsageError, match="after you confirm"):
        await office.app.dialer.dial(link)
    assert connects(office) == 0


@pytest.mark.parametrize("text", ["", "call me", "tel:*21*1#", "anonymous", "101"])
async def test_what_is_no_full_number_is_refused_in_words(
    office: Office, text: str
) -> None:
    with pytest.raises(UsageError) as refused:
        await office.app.dialer.dial(order(text))
    assert refused.value.title
    assert connects(office) == 0


async def test_an_emergency_number_is_not_dialled_without_a_yes(
    office: Office,
) -> None:
    with pytest.raises(UsageError):
        await office.app.dialer.dial(order("999"))
    assert connects(office) == 0


async def test_a_dial_that_was_being_sent_when_the_app_died_is_asked_about(
    office: Office,
) -> None:
    from screenpop.store.dials import Dial
    from screenpop.store.dials import DialState as Stage

    now = datetime.now(UTC)
    dial = Dial(
        dial_id="d1",
        account_id="acme",
        extension="101",
        number_e164=ANA,
        number_raw=ANA,
        requested_at=now,
        state_at=now,
        source=DialOrigin.TYPED,
    )
    await asyncio.wrap_future(office.app.dials.record_intent(dial))
    await asyncio.wrap_future(office.app.dials.set_state("d1", Stage.SENDING, at=now))
    (progress,) = await office.app.dialer.restore()
    assert progress.state is DialState.UNCLEAR
    assert connects(office) == 0


async def test_a_call_made_on_the_desk_phone_is_shown_as_outgoing(
    office: Office,
) -> None:
    office.cloud.outgoing_call(BEN).ring()
    card = await office.popped()
    assert (card.phase, card.direction) == (CardPhase.DIALLING, Direction.OUTBOUND)
    assert card.number_e164 == BEN


def _states(office: Office) -> set[DialState]:
    return {progress.state for progress in office.all(DialProgress)}


async def test_suggestions_follow_the_calls_and_the_contacts(office: Office) -> None:
    desk = office.app.dial_desk
    assert desk.suggest("") == ()
    office.cloud.incoming_call(ANA).ring()
    await office.logged(1)
    assert [each.name for each in desk.suggest("")] == [""]
    await office.knows("Ana Example", ANA)
    assert [each.name for each in desk.suggest("")] == ["Ana Example"]
    assert desk.suggest("ana") == desk.suggest("020 7946 0123")


async def test_a_favourite_stands_first_until_it_is_taken_out_or_forgotten(
    office: Office,
) -> None:
    desk = office.app.dial_desk
    office.cloud.incoming_call(BEN).ring()
    await office.logged(1)
    await desk.set_favourite("020 7946 0123", "Ana as she was", is_wanted=True)
    await desk.set_favourite(BEN, "", is_wanted=True)
    shown = [(each.kind, each.name, each.number) for each in desk.suggest("")]
    assert shown == [("favourite", "Ana as she was", ANA), ("favourite", "", BEN)]
    await office.knows("Ana Example", ANA)
    office.app.note_contacts((read_number(ANA, "GB"),))
    assert desk.suggest("")[0].name == "Ana Example"
    assert desk.is_favourite("020 7946 0123")

    await desk.set_favourite(BEN, "", is_wanted=False)
    assert [each.kind for each in desk.suggest("")] == ["favourite", "recent"]
    await office.app.contacts.forget(ANA)
    assert [each.number for each in desk.suggest("")] == [BEN]
    with pytest.raises(UsageError, match="can be called"):
        await desk.set_favourite("no number", "", is_wanted=True)


OFFICE_RULES = f"""
[dialing]
premium = "refuse"
abroad = "ask"
countries = ["GB", "IT"]
blocked = ["{BEN}", "102"]
do_not_call = ["+442079460789"]
"""


@pytest.mark.parametrize(
    ("number", "verdict", "reason"),
    [
        (ANA, Verdict.ALLOW, ""),
        (BEN, Verdict.REFUSE, "blocked"),
        ("102", Verdict.REFUSE, "blocked"),
        ("+442079460789", Verdict.CONFIRM, "asked not to be called"),
        ("+449098790123", Verdict.REFUSE, "costs extra"),
        ("+390655501234", Verdict.CONFIRM, "abroad"),
        ("+12025550142", Verdict.REFUSE, "country"),
    ],
)
async def test_the_offices_rules_are_those_of_the_settings(
    tmp_path: Path, cloud: VendorCloud, number: str, verdict: Verdict, reason: str
) -> None:
    office = open_office(
        write_config(tmp_path, cloud.base_url, top=OFFICE_RULES), cloud
    )
    assert office.app.loaded.problems == ()
    preview = office.app.dialer.preview(number, DialOrigin.TYPED)
    assert preview.verdict is verdict
    assert reason in " ".join(preview.reasons)
    await office.app.stop()


async def test_a_rule_holds_as_soon_as_it_is_set(office: Office) -> None:
    dialer, paths = office.app.dialer, office.app.paths
    text = paths.config_file.read_text()
    paths.config_file.write_text(f'{text}\n[dialing]\nblocked = ["{ANA}"]\n')
    office.app.reload()
    assert dialer.preview(ANA, DialOrigin.TYPED).verdict is Verdict.REFUSE


async def test_a_colleague_is_no_emergency_service(office: Office) -> None:
    """101 is the police in Britain, and somebody's extension here."""
    await eventually(lambda: "101" in office.app.lines.extensions(), "the colleagues")
    preview = office.app.dialer.preview("101", DialOrigin.TYPED)
    assert preview.verdict is Verdict.ALLOW
    assert office.app.dialer.preview("999", DialOrigin.TYPED).verdict is Verdict.CONFIRM


async def test_a_number_that_was_marked_is_asked_about_before_it_is_dialled(
    office: Office,
) -> None:
    marks = office.app.callers.marks
    await marks.mark(read_number(ANA, "GB"), Mark.DO_NOT_CALL)
    preview = office.app.dialer.preview(ANA, DialOrigin.MISSED)
    assert preview.verdict is Verdict.CONFIRM
    assert preview.reasons == ("They asked not to be called on this number.",)
    with pytest.raises(UsageError, match="confirm"):
        await office.app.dialer.dial(order())
    assert connects(office) == 0
    await marks.clear(read_number(ANA, "GB"))
    assert office.app.dialer.preview(ANA, DialOrigin.MISSED).verdict is Verdict.ALLOW


def _days(*, has_today: bool) -> str:
    today = datetime.now().astimezone().weekday()
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    # Yesterday is no neighbour of tomorrow: a test at midnight must not fail.
    return days[today if has_today else (today + 3) % 7]


@pytest.mark.parametrize(
    ("has_today", "verdict"), [(True, Verdict.ALLOW), (False, Verdict.REFUSE)]
)
async def test_calls_are_made_in_the_hours_of_the_settings(
    tmp_path: Path, cloud: VendorCloud, has_today: bool, verdict: Verdict
) -> None:
    hours = f'hours = ["{_days(has_today=has_today)}"]'
    rules = f'[dialing]\n{hours}\noutside_hours = "refuse"\n'
    office = open_office(write_config(tmp_path, cloud.base_url, top=rules), cloud)
    assert office.app.loaded.problems == ()
    preview = office.app.dialer.preview(ANA, DialOrigin.TYPED)
    assert preview.verdict is verdict
    await office.app.stop()
