"""What the dialer offers, asks and sends, without any window."""

from __future__ import annotations

import asyncio

import pytest

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import UsageError
from screenpop.providers.protocol import OwnedNumber
from screenpop.services.dialer import DialOrder
from screenpop.services.events import DialConfirmationNeeded, DialState
from screenpop.ui.dialer.texts import RowKind
from screenpop.ui.dialer.typing import TypedText
from screenpop.ui.dialer.view_model import NOTHING, DialerModel, DialerStage
from screenpop.ui.error_presenter import trouble_of
from tests.ui.dialing_desk import ANA, BO, FROM_CRM, Desk, Memory, PhoneLine


@pytest.fixture
async def line() -> PhoneLine:
    return PhoneLine()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def model(desk: Desk, line: PhoneLine, memory: Memory) -> DialerModel:
    model = DialerModel(desk, line, memory)
    model.open()
    return model


def _type(model: DialerModel, text: str) -> None:
    model.type(TypedText(text, len(text)))


def test_an_empty_box_offers_recent_and_missed_calls(model: DialerModel) -> None:
    assert model.rows_title == "Recent calls"
    assert [row.kind for row in model.rows] == [RowKind.MISSED, RowKind.RECENT]
    assert model.rows[1].title == "(202) 555-0163"
    assert not model.can_call


def test_a_typed_number_is_dialled_even_when_rows_are_offered(
    model: DialerModel,
) -> None:
    _type(model, "202 555 0142")

    order = model.call()

    assert order is not None
    assert (order.text, order.origin) == ("202 555 0142", DialOrigin.TYPED)


def test_a_name_chooses_the_first_who_has_it(model: DialerModel) -> None:
    _type(model, "ana")

    assert model.target == "Ana Rossi · (202) 555-0142"
    order = model.call()
    assert order is not None
    assert (order.text, order.name) == (ANA.number, "Ana Rossi")


def test_a_name_nobody_has_cannot_be_called(model: DialerModel) -> None:
    _type(model, "zoe")

    assert not model.can_call
    assert model.empty_text.startswith("Nobody of that name")


def test_arrows_choose_a_row_and_lead_back_to_the_typed_number(
    model: DialerModel,
) -> None:
    model.move(1)
    assert model.target == "Bo Lind · (202) 555-0117"
    model.move(99)
    assert model.selected == 1
    model.move(-99)
    assert model.selected == NOTHING


def test_several_numbers_in_a_pasted_text_are_offered_one_by_one(
    model: DialerModel,
) -> None:
    _type(model, "Office 202-555-0142, mobile 202-555-0117")

    assert model.rows_title == "Numbers in this text"
    assert not model.can_call
    model.move(1)
    order = model.call()
    assert order is not None
    assert order.text == "(202) 555-0142"


async def test_answers_of_slow_sources_are_added_below_and_not_chosen(
    desk: Desk, model: DialerModel
) -> None:
    desk.slow = (ANA, FROM_CRM)
    _type(model, "ana")

    await model.search_more()

    assert [row.title for row in model.rows] == ["Ana Rossi", "Anatol Weber"]
    assert model.selected == 0


async def test_a_slow_answer_to_an_earlier_text_is_dropped(
    desk: Desk, model: DialerModel
) -> None:
    desk.slow = (FROM_CRM,)
    _type(model, "anat")
    search = asyncio.ensure_future(model.search_more())
    await asyncio.sleep(0)
    _type(model, "zoe")
    await search

    assert model.rows == ()


async def test_a_second_enter_while_the_first_is_in_flight_sends_nothing(
    model: DialerModel, line: PhoneLine
) -> None:
    _type(model, "2025550142")
    order = model.call()
    assert order is not None
    line.gate.clear()
    sending = asyncio.ensure_future(model.send(order))
    await asyncio.sleep(0)

    assert model.call() is None
    assert model.confirm() is None
    assert model.sent_to == "2025550142"

    line.gate.set()
    await sending
    assert len(line.orders) == 1
    assert model.stage is DialerStage.UNDER_WAY


async def test_the_two_legs_are_told_one_after_the_other(
    model: DialerModel, line: PhoneLine
) -> None:
    _type(model, "ana")
    order = model.call()
    assert order is not None
    await model.send(order)

    model.progressed(
        line.progress(DialState.OWN_PHONE_RINGS, text="Your phone is ringing: pick up")
    )
    assert model.steps is not None
    assert model.steps.headline == "Your phone is ringing: pick up"
    assert (model.steps.own_phone, model.steps.party) == (1, 0)

    model.progressed(line.progress(DialState.CALLING))
    assert model.steps is not None
    assert model.steps.headline == "Calling Ana Rossi"
    assert (model.steps.own_phone, model.steps.party) == (2, 1)


def test_an_emergency_number_is_asked_about_with_its_reason(
    model: DialerModel, line: PhoneLine
) -> None:
    _type(model, "911")

    assert model.call() is None
    assert model.stage is DialerStage.ASKING
    assert model.question is not None
    assert model.question.title == "Call 911?"
    assert "emergency" in model.question.reasons[0]

    order = model.confirm()
    assert order is not None
    assert order.is_confirmed
    assert line.orders == []


def test_no_to_the_question_leaves_the_number_in_the_box(model: DialerModel) -> None:
    _type(model, "911")
    model.call()
    model.cancel()

    assert (model.stage, model.text) == (DialerStage.EDITING, "911")


def test_a_link_is_asked_about(model: DialerModel) -> None:
    asked = DialConfirmationNeeded(
        "(202) 555-0142",
        "tel:+12025550142",
        origin="link",
        reasons=("A link asks to call this number.",),
    )

    assert model.ask(asked)
    assert model.stage is DialerStage.ASKING
    order = model.confirm()
    assert order is not None
    assert (order.origin, order.is_confirmed) == (DialOrigin.LINK, True)


def test_an_emergency_number_in_a_link_is_refused(model: DialerModel) -> None:
    model.ask(DialConfirmationNeeded("911", "tel:911", origin="link"))

    assert model.stage is DialerStage.EDITING
    assert "emergency" in model.hint.text
    assert model.confirm() is None


async def test_an_unclear_outcome_is_asked_and_never_sent_again(
    model: DialerModel, line: PhoneLine
) -> None:
    line.state = DialState.UNCLEAR
    _type(model, "2025550142")
    order = model.call()
    assert order is not None
    await model.send(order)

    assert model.question is not None
    assert model.question.title == "Did your phone ring?"
    assert model.call() is None

    await model.settle(did_ring=False)
    assert line.settled == [("dial-1", False)]
    assert model.hint.text == "Nothing was called."
    assert len(line.orders) == 1


async def test_a_refusal_is_shown_and_the_number_stays(
    model: DialerModel, line: PhoneLine
) -> None:
    line.error = UsageError("Acme does not know which phone is yours", "Choose it.")
    _type(model, "2025550142")
    order = model.call()
    assert order is not None
    with pytest.raises(UsageError) as caught:
        await model.send(order)
    model.failed(trouble_of(caught.value))

    assert model.hint.text == "Acme does not know which phone is yours"
    assert model.hint.advice == "Choose it."
    assert model.can_call


async def test_news_of_another_dial_changes_nothing(
    model: DialerModel, line: PhoneLine
) -> None:
    other = DialOrder(text="2025550117", origin=DialOrigin.COMMAND)
    model.progressed(line.progress(DialState.CALLING, other))

    assert model.stage is DialerStage.EDITING


async def test_the_last_caller_id_is_offered_again(
    desk: Desk, line: PhoneLine, memory: Memory
) -> None:
    desk.numbers = {"acme": (OwnedNumber("+12025550100", "Sales"),)}
    first = DialerModel(desk, line, memory)
    first.open()
    await first.line.load_caller_ids()
    first.line.choose_caller_id("+12025550100")

    second = DialerModel(desk, line, memory)
    second.open()
    await second.line.load_caller_ids()
    _type(second, "2025550142")
    order = second.call()

    assert order is not None
    assert order.caller_id == "+12025550100"


def test_only_several_accounts_are_a_choice(desk: Desk, model: DialerModel) -> None:
    assert model.line.accounts == ()
    desk.lines = (("acme", "Acme"), ("other", "Other"))
    assert len(model.line.accounts) == 2


def test_what_contacts_are_called_is_shown_as_plain_text(
    desk: Desk, model: DialerModel
) -> None:
    desk.recent = (
        type(BO)(
            name="B\u202eo\n<b>", company="", number_text="1", number="1", kind="recent"
        ),
    )
    model.refresh()

    assert model.rows[0].title == "Bo <b>"


def test_a_number_from_elsewhere_is_opened_as_people_read_it(
    model: DialerModel,
) -> None:
    model.open("+12025550142")
    assert model.text == "+1 202-555-0142"
