"""What a card does once its call is answered or over: fold, ask, and promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from screenpop.domain.events import Direction
from screenpop.domain.line_look import LineLook
from screenpop.services.events import CardPhase
from screenpop.ui.popup.card_parts import ActionKind
from screenpop.ui.popup.controller import CardStack
from screenpop.ui.popup.due_times import due_choices, due_rows, due_text
from screenpop.ui.popup.stack_layout import StackSettings
from tests.ui.card_samples import DISPOSITIONS, NOW, REF, known, ringing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from screenpop.ui.popup.card import Card
    from screenpop.ui.theme import Theme
    from tests.ui.card_actions_taken import ActionsTaken
    from tests.ui.popup.conftest import Clock, PretendScreens

ASKED = known(phase=CardPhase.WRAP_UP, dispositions=DISPOSITIONS)
TALKING = known(phase=CardPhase.CONNECTED)


def asks(card: Card) -> bool:
    return card.is_asking


# --- said aloud --------------------------------------------------------------------


def test_who_calls_is_said_once_and_whom_we_call_is_not(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(ringing())
    stack.update(known(phase=CardPhase.RINGING))
    stack.update(TALKING)
    (said,) = actions.spoken
    assert said.startswith("Incoming call from Ana")
    other = replace(REF, call_id="ours")
    stack.show(replace(ringing(), ref=other, direction=Direction.OUTBOUND))
    assert actions.spoken == [said]


# --- what a call came to ------------------------------------------------------------


def test_a_card_that_had_gone_comes_back_to_ask_and_says_nothing_twice(
    qtbot: QtBot, stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(TALKING)
    stack.hide_all()
    stack.wrap_up(ASKED, 60)
    (card,) = stack.cards
    assert asks(card)
    assert card.face.state.text() == "Wrap-up 0:07"
    assert not stack._calls[0].is_announcement_due
    assert card.wrap_up is not None
    card.wrap_up.chips[2].click()
    assert actions.disposed == [(REF, "Complaint settled")]
    stack.update(replace(ASKED, phase=CardPhase.ENDED, disposition=DISPOSITIONS[2]))
    assert not asks(card)
    assert card.face.context.text() == "This call came to: Complaint settled"
    assert stack._calls[0].is_going


def test_a_question_that_timed_out_is_asked_again_when_the_card_is_brought_back(
    qtbot: QtBot, stack: CardStack
) -> None:
    stack.show(TALKING)
    stack.wrap_up(ASKED, 0.01)
    qtbot.waitUntil(lambda: not stack.cards)
    stack.recall_last()
    (card,) = stack.cards
    assert asks(card)
    assert not stack._calls[0].is_going


def test_the_keyboard_answers_with_the_chip_s_number(
    qtbot: QtBot, stack: CardStack, actions: ActionsTaken
) -> None:
    stack.wrap_up(ASKED, 0)
    (card,) = stack.cards
    assert not stack._calls[0].is_going
    QTest.keyClick(card, Qt.Key.Key_2)
    QTest.keyClick(card, Qt.Key.Key_9)
    assert actions.disposed == [(REF, "Thinks about it")]


def test_thirty_long_dispositions_need_no_more_room_than_five_rows(
    card: Card, stack: CardStack
) -> None:
    many = tuple(f"A rather long disposition, number {n}" for n in range(30))
    stack.wrap_up(replace(ASKED, dispositions=many), 60)
    asking = stack.cards[0].wrap_up
    assert asking is not None
    assert len(asking.chips) == 30
    assert asking.height() < 200
    assert all(chip.geometry().right() < asking.width() for chip in asking.chips)


def test_asking_moves_no_card_while_the_pointer_is_on_another(
    stack: CardStack,
) -> None:
    stack.show(TALKING)
    stack.show(ringing("other"))
    first, other = stack.cards
    other.is_hovered = True
    before = other.geometry()
    stack.wrap_up(ASKED, 60)
    assert not asks(first)
    assert other.geometry() == before
    other.is_hovered = False
    other.attention_changed.emit()
    assert asks(first)


# --- slim ---------------------------------------------------------------------------


@pytest.fixture
def slim(
    theme: Theme, actions: ActionsTaken, screens: PretendScreens, clock: Clock
) -> Iterator[CardStack]:
    settings = StackSettings(is_slim_once_answered=True)
    stack = CardStack(theme, actions, settings, screens, clock)
    yield stack
    stack.close()


def test_an_answered_card_folds_and_the_others_stay_where_their_edge_is(
    slim: CardStack,
) -> None:
    slim.show(known())
    (card,) = slim.cards
    whole, bottom = card.height(), card.geometry().bottom()
    slim.update(TALKING)
    assert card.height() < whole / 2
    assert card.geometry().bottom() == bottom
    assert card.face.title.isVisible()
    assert not card.face.action_row.isVisible()
    card.face.unfolded.emit()
    slim.update(replace(TALKING, line_text="Support"))
    assert card.height() == whole


def test_a_card_under_the_pointer_does_not_fold(slim: CardStack) -> None:
    slim.show(known())
    (card,) = slim.cards
    card.is_hovered = True
    slim.update(TALKING)
    assert not card.face.is_slim
    card.is_hovered = False
    card.attention_changed.emit()
    assert card.face.is_slim


def test_a_slim_card_takes_notes_and_keys(
    slim: CardStack, actions: ActionsTaken
) -> None:
    slim.show(TALKING)
    (card,) = slim.cards
    card.act(ActionKind.NOTE)
    assert card.note.isVisible()
    assert not card.note.geometry().intersects(card.face.geometry())
    QTest.keyClick(card, Qt.Key.Key_C)
    assert actions.copied == ["+442079460123"]


# --- calling back later -------------------------------------------------------------


def test_call_back_later_is_kept_at_once_and_then_asks_when(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(TALKING)
    (card,) = stack.cards
    card.act(ActionKind.LATER)
    assert actions.later == [REF]
    assert card.more is not None
    assert card.more.rows[0].name == "In 15 minutes"
    QTest.keyClick(card, Qt.Key.Key_2)
    ((ref, due),) = actions.promised
    assert ref == REF
    assert due - NOW.astimezone() < timedelta(hours=1)
    assert not card.is_more_open
    assert card.face.reason.text().startswith("To be called back: ")


def test_at_no_set_time_closes_the_question(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(TALKING)
    (card,) = stack.cards
    card.act(ActionKind.LATER)
    QTest.keyClick(card, Qt.Key.Key_0)
    assert not card.is_more_open
    assert actions.promised == []


def test_on_a_friday_the_next_morning_is_monday_s() -> None:
    friday = datetime(2026, 11, 13, 16, 40, tzinfo=UTC)
    moments = due_choices(friday)
    rows = due_rows(moments, friday)
    assert [row.name for row in rows][2:] == ["Next working day", "At no set time"]
    assert moments[-1].weekday() == 0
    assert moments[-1].astimezone().hour == 9
    thursday = friday - timedelta(days=1)
    assert due_text(friday, thursday).startswith("tomorrow, ")


# --- the line -----------------------------------------------------------------------


def test_a_greeting_has_its_place_from_the_first_paint_on(stack: CardStack) -> None:
    look = LineLook("teal", "Good morning, Example Ltd", "chime")
    stack.show(ringing(look=look))
    (card,) = stack.cards
    box, title = card.geometry(), card.face.title.geometry()
    assert card.face.greeting is not None
    assert card.face.greeting.text() == "Say: “Good morning, Example Ltd”"
    stack.update(known(look=look))
    stack.update(replace(TALKING, look=look))
    assert (card.geometry(), card.face.title.geometry()) == (box, title)
    stack.update(replace(TALKING, phase=CardPhase.ENDED))
    stack.hide_all()
    stack.show(ringing("next"))
    assert stack.cards[0].height() < box.height()


def test_a_line_is_heard_once_for_each_ring_and_never_for_a_card_brought_back(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(ringing(look=LineLook(sound="low")))
    stack.update(known(look=LineLook(sound="low")))
    stack.show(known("quiet one"))
    assert actions.rung == ["low"]
    stack.update(replace(TALKING, look=LineLook(sound="low")))
    stack.hide_all()
    stack.recall_last()
    assert actions.rung == ["low"]
