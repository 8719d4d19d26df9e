"""The stack: no call is dropped, nothing runs away, and nothing stays too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from screenpop.domain.calls import CallRef
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.services.events import CardPhase, DialState, EarlierCall
from screenpop.ui.popup.card_parts import NOBODY
from screenpop.ui.popup.controller import RECENT_CARDS, CardStack
from screenpop.ui.popup.placement import Corner, Rect, ScreenArea
from screenpop.ui.popup.pool import PREBUILT
from screenpop.ui.popup.stack_layout import StackSettings
from tests.ui.card_samples import ANA, BO, CEM, NOW, REF, dialled, known, ringing
from tests.ui.popup.conftest import MAIN, SIDE, Clock, PretendScreens

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from screenpop.ui.popup.card import Card
    from tests.ui.card_actions_taken import ActionsTaken


def titles(stack: CardStack) -> list[str]:
    return [card.face.title.text() for card in stack.cards]


def area(card: Card) -> tuple[int, int, int, int]:
    box = card.geometry()
    return box.x(), box.y(), box.width(), box.height()


# --- showing ------------------------------------------------------------------------


def test_a_call_gets_a_card_in_the_corner(stack: CardStack) -> None:
    stack.show(ringing())
    (card,) = stack.cards
    assert card.isVisible()
    assert card.geometry().right() < MAIN.work.right
    assert card.geometry().top() == 16


def test_the_same_ring_again_changes_its_card_and_adds_none(stack: CardStack) -> None:
    stack.show(ringing())
    (card,) = stack.cards
    where = area(card)
    stack.show(known())
    assert stack.cards == (card,)
    assert area(card) == where
    assert titles(stack) == ["Ana Petrauskienė"]


def test_a_second_call_takes_nothing_from_the_first(stack: CardStack) -> None:
    stack.show(known("first"))
    where = area(stack.cards[0])
    stack.show(ringing("second"))
    assert area(stack.cards[0]) == where
    assert stack.cards[1].geometry().top() > stack.cards[0].geometry().bottom()


def test_calls_beyond_the_cap_wait_in_a_row_and_none_is_dropped(
    qtbot: QtBot, stack: CardStack
) -> None:
    for number in range(7):
        stack.show(ringing(f"call-{number}", caller_name=f"Caller {number}"))
    assert titles(stack) == [f"Caller {number}" for number in range(4)]
    assert stack.row is not None
    assert stack.row.heading.text() == "+3 more calling"
    assert [one.text() for one in stack.row.lines if one.isVisible()] == [
        "Caller 4 · Sales UK",
        "Caller 5 · Sales UK",
        "Caller 6 · Sales UK",
    ]
    stack.dismiss(known("call-1", phase=CardPhase.ENDED), 0.0)
    qtbot.waitUntil(lambda: "Caller 4" in titles(stack))
    assert stack.row.heading.text() == "+2 more calling"
    stack.dismiss(ringing("call-6", phase=CardPhase.MISSED), 0.0)
    stack.dismiss(ringing("call-5", phase=CardPhase.MISSED), 0.0)
    assert stack.row is None


def test_a_waiting_call_that_is_pressed_changes_places_with_the_newest_card(
    stack: CardStack,
) -> None:
    for number in range(6):
        stack.show(ringing(f"call-{number}", caller_name=f"Caller {number}"))
    assert stack.row is not None
    before = [area(card) for card in stack.cards[:3]]
    stack.row.lines[1].click()
    assert titles(stack) == ["Caller 0", "Caller 1", "Caller 2", "Caller 5"]
    assert [area(card) for card in stack.cards[:3]] == before
    assert [one.text() for one in stack.row.lines if one.isVisible()] == [
        "Caller 4 · Sales UK",
        "Caller 3 · Sales UK",
    ]


def test_where_the_screen_is_too_small_calls_wait_in_the_row_and_cover_none(
    stack: CardStack, screens: PretendScreens
) -> None:
    small = Rect(0, 0, 800, 420)
    screens.there = [ScreenArea("small", small, small, True)]
    for number in range(5):
        stack.show(ringing(f"call-{number}", caller_name=f"Caller {number}"))
    assert stack.row is not None
    windows = [*stack.cards, stack.row]
    assert len(stack.cards) == 3
    for place, window in enumerate(windows):
        assert small.contains(window.x(), window.geometry().bottom())
        for other in windows[:place]:
            assert not window.geometry().intersects(other.geometry())


def test_very_many_waiting_calls_are_counted(stack: CardStack) -> None:
    for number in range(30):
        stack.show(ringing(f"call-{number}", caller_name=f"Caller {number}"))
    assert stack.row is not None
    assert stack.row.heading.text() == "+26 more calling"
    assert stack.row.lines[-1].text() == "and 21 more"


def test_cards_come_from_the_pool_and_go_back(qtbot: QtBot, stack: CardStack) -> None:
    stack.pool.fill_now()
    assert stack.pool.free_count == PREBUILT
    stack.show(ringing())
    (first,) = stack.cards
    stack.hide_all()
    qtbot.waitUntil(lambda: stack.pool.free_count >= PREBUILT)
    stack.show(ringing("next"))
    stack.show(ringing("after"))
    assert len({first, *stack.cards}) <= 3


# --- going --------------------------------------------------------------------------


def test_a_ringing_card_never_goes_by_itself(stack: CardStack) -> None:
    stack.show(ringing())
    seen = [stack._calls[0].is_going]
    for phase in (CardPhase.CONNECTED, CardPhase.RINGING):
        stack.update(known(phase=phase))
        seen.append(stack._calls[0].is_going)
    assert seen == [False, True, False]


def test_an_answered_card_goes_after_the_time_that_was_set(
    qtbot: QtBot, stack: CardStack
) -> None:
    stack.show(ringing())
    stack.update(known(phase=CardPhase.CONNECTED))
    qtbot.waitUntil(lambda: not stack.cards)


def test_a_card_answered_elsewhere_says_by_whom_before_it_goes(
    qtbot: QtBot, stack: CardStack
) -> None:
    stack.show(ringing())
    facts = known(phase=CardPhase.ANSWERED_ELSEWHERE, answered_by="Bo")
    stack.dismiss(facts, 0.05)
    assert stack.cards[0].face.state.text() == "Answered by Bo"
    qtbot.waitUntil(lambda: not stack.cards)


def test_a_card_under_the_pointer_stays_until_the_pointer_leaves(
    qtbot: QtBot, stack: CardStack
) -> None:
    stack.show(ringing())
    (card,) = stack.cards
    card._set_hovered(True)
    stack.dismiss(known(phase=CardPhase.ENDED), 0.0)
    qtbot.waitUntil(lambda: stack._calls[0].is_overdue)
    assert stack.cards == (card,)
    card._set_hovered(False)
    qtbot.waitUntil(lambda: not stack.cards)


def test_a_pinned_card_stays_until_it_is_unpinned(
    qtbot: QtBot, stack: CardStack
) -> None:
    stack.show(ringing())
    (card,) = stack.cards
    card.face.pin.click()
    stack.dismiss(known(phase=CardPhase.ENDED), 0.0)
    qtbot.waitUntil(lambda: stack._calls[0].is_overdue)
    assert stack.cards == (card,)
    card.face.pin.click()
    qtbot.waitUntil(lambda: not stack.cards)


def test_a_card_somebody_types_in_stays_and_its_note_is_kept(
    qtbot: QtBot, stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    (card,) = stack.cards
    card.open_note()
    QTest.keyClicks(card.note, "wants a call")
    stack.dismiss(known(phase=CardPhase.ENDED), 0.0)
    qtbot.waitUntil(lambda: stack._calls[0].is_overdue)
    assert stack.cards == (card,)
    stack.hide_all()
    assert actions.notes == [(REF, "wants a call")]


def test_the_close_button_hides_the_card_only(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    stack.cards[0].face.close_button.click()
    assert stack.cards == ()
    assert actions == type(actions)(spoken=actions.spoken)


def test_an_update_of_a_hidden_card_does_not_bring_it_back(stack: CardStack) -> None:
    stack.show(known())
    stack.cards[0].face.close_button.click()
    stack.update(known(phase=CardPhase.CONNECTED))
    assert stack.cards == ()


# --- under the pointer --------------------------------------------------------------


def test_no_card_moves_while_the_pointer_is_on_one(
    qtbot: QtBot, stack: CardStack
) -> None:
    for number in range(3):
        stack.show(ringing(f"call-{number}"))
    first, second, third = stack.cards
    where = [area(second), area(third)]
    third._set_hovered(True)
    stack.dismiss(known("call-0", phase=CardPhase.ENDED), 0.0)
    qtbot.waitUntil(lambda: first not in stack.cards)
    stack.show(ringing("new"))
    assert [area(second), area(third)] == where
    assert area(stack.cards[-1])[1] > area(third)[1]
    third._set_hovered(False)
    assert area(second)[1] == 16


def test_closing_a_card_leaves_its_place_free_for_a_moment(
    qtbot: QtBot, stack: CardStack
) -> None:
    stack.show(ringing("first"))
    stack.show(ringing("second"))
    first, second = stack.cards
    where = area(second)
    first.face.close_button.click()
    assert area(second) == where
    qtbot.waitUntil(lambda: area(second)[1] == 16)


# --- screens ------------------------------------------------------------------------


def test_a_stack_moves_to_a_screen_that_exists_when_its_own_is_unplugged(
    stack: CardStack, screens: PretendScreens
) -> None:
    screens.pointer_at = (2000, 100)
    stack.show(ringing())
    assert area(stack.cards[0])[0] >= SIDE.work.x
    screens.there = [MAIN]
    screens.changed.emit()
    assert stack.cards[0].geometry().right() < MAIN.work.right


def test_later_cards_stand_with_the_first_wherever_the_pointer_is(
    stack: CardStack, screens: PretendScreens
) -> None:
    stack.show(ringing("first"))
    screens.pointer_at = (2000, 100)
    stack.show(ringing("second"))
    assert area(stack.cards[1])[0] == area(stack.cards[0])[0]


def test_without_a_screen_the_call_is_kept(
    stack: CardStack, screens: PretendScreens
) -> None:
    screens.there = []
    stack.show(ringing())
    screens.there = [SIDE]
    screens.changed.emit()
    assert area(stack.cards[0])[0] >= SIDE.work.x


def test_opening_the_note_in_a_lower_corner_keeps_the_buttons_in_place(
    stack: CardStack,
) -> None:
    stack.change_settings(StackSettings(corner=Corner.BOTTOM_RIGHT))
    stack.show(known())
    (card,) = stack.cards
    button = card.face.action_row.buttons[2]
    before = button.mapToGlobal(button.rect().topLeft())
    button.click()
    assert card.note.isVisible()
    assert button.mapToGlobal(button.rect().topLeft()) == before
    assert card.geometry().bottom() < MAIN.work.bottom


# --- time ---------------------------------------------------------------------------


def test_the_timer_runs_only_while_a_running_time_is_visible(
    qtbot: QtBot, stack: CardStack
) -> None:
    seen = [stack.is_ticking]
    stack.show(ringing())
    seen.append(stack.is_ticking)
    stack.update(known(phase=CardPhase.MISSED))
    seen.append(stack.is_ticking)
    stack.show(ringing("other"))
    seen.append(stack.is_ticking)
    stack.hide_all()
    seen.append(stack.is_ticking)
    assert seen == [False, True, False, True, False]


def test_the_running_time_is_kept_up(stack: CardStack, clock: Clock) -> None:
    stack.show(ringing())
    clock.now += timedelta(seconds=5)
    stack._tick.timeout.emit()
    assert stack.cards[0].face.state.text() == "Ringing 0:12"


# --- recalling ----------------------------------------------------------------------


def test_the_last_hidden_card_comes_back_and_stays(stack: CardStack) -> None:
    stack.show(known("one"))
    stack.hide_all()
    stack.update(known("one", phase=CardPhase.ENDED))
    assert stack.recall_last()
    assert stack.cards[0].face.state.text() == "Call ended"
    assert not stack._calls[0].is_going


def test_there_is_nothing_to_recall_at_first(stack: CardStack) -> None:
    assert not stack.recall_last()
    assert not stack.recall(REF)


def test_the_last_ten_cards_can_be_recalled(stack: CardStack) -> None:
    for number in range(RECENT_CARDS + 3):
        stack.show(ringing(f"call-{number}"))
    recent = [card.ref.call_id for card in stack.recent()]
    assert recent[0] == "call-12"
    assert len(recent) == RECENT_CARDS


# --- what is asked for ----------------------------------------------------------------


def test_buttons_ask_for_what_they_say(stack: CardStack, actions: ActionsTaken) -> None:
    stack.show(known())
    row = stack.cards[0].face.action_row
    for button in (row.buttons[0], row.buttons[1], row.buttons[3]):
        button.click()
    assert actions.opened == [REF]
    assert actions.copied == ["+442079460123"]
    assert actions.later == [REF]
    row.buttons[4].click()
    assert actions.quieted == [60]
    assert stack.cards == ()


def test_an_unknown_caller_can_be_created_or_searched(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(ringing(is_lookup_pending=False))
    create, search, _more = stack.cards[0].face.identity_row.buttons
    create.click()
    search.click()
    assert actions.created == [REF]
    assert actions.searched == ["+442079460123"]


def test_choosing_a_person_is_passed_on(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known(chosen=None, matches=(ANA, BO)))
    stack.cards[0].face.identity_row.buttons[0].click()
    rows = stack.cards[0].people.rows
    stack.cards[0].person_chosen.emit(rows[1].index)
    assert actions.choices == [(REF, 1)]


def test_a_question_is_answered_with_yes_or_no(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known(chosen=CEM, matches=(CEM,)))
    yes, no, _more = stack.cards[0].face.identity_row.buttons
    yes.click()
    no.click()
    assert actions.choices == [(REF, 0), (REF, NOBODY)]


def test_what_was_said_of_a_caller_can_be_taken_back(
    stack: CardStack, actions: ActionsTaken
) -> None:
    chosen = replace(ANA, chosen_at=NOW, is_joined=True)
    stack.show(known(chosen=chosen, matches=(chosen,)))
    card = stack.cards[0]
    card.face.identity_row.buttons[0].click()
    QTest.keyClick(card, Qt.Key.Key_P)
    QTest.keyClick(card, Qt.Key.Key_2)
    assert actions.taken_back == [REF]
    assert actions.parted == [REF]
    card.people_joined.emit(0, 2)
    assert actions.joined == [(REF, 0, 2)]


def test_earlier_calls_are_listed_on_the_card_and_shown_in_the_log(
    stack: CardStack, actions: ActionsTaken
) -> None:
    past = CallRef("acme", "past")
    actions.past = (
        EarlierCall(
            ref=past,
            at=NOW - timedelta(days=2),
            direction=Direction.INBOUND,
            outcome=CallOutcome.ANSWERED,
            by="Jonas",
            note="waiting for the invoice",
            talk_seconds=312,
        ),
        EarlierCall(
            ref=None,
            at=NOW - timedelta(days=3),
            direction=Direction.OUTBOUND,
            outcome=CallOutcome.ANSWERED,
            by="Dana",
        ),
        EarlierCall(
            ref=CallRef("acme", "missed"),
            at=NOW - timedelta(days=400),
            direction=Direction.INBOUND,
            outcome=CallOutcome.NO_ANSWER,
        ),
    )
    stack.show(known())
    card = stack.cards[0]
    QTest.keyClick(card, Qt.Key.Key_H)
    assert card.more is not None
    assert [row.details for row in card.more.rows] == [
        "talked 5:12 · Jonas · waiting for the invoice",
        "we called · talked · Dana",
        "missed",
    ]
    QTest.keyClick(card, Qt.Key.Key_1)
    # A colleague's call is in no log of ours.
    QTest.keyClick(card, Qt.Key.Key_2)
    assert actions.calls_shown == [past]
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert not card.more.isVisible()


def test_a_caller_is_marked_and_unmarked_on_the_card(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    card = stack.cards[0]
    for key in (Qt.Key.Key_2, Qt.Key.Key_3):
        QTest.keyClick(card, Qt.Key.Key_P)
        QTest.keyClick(card, key)
    stack.update(known(mark="spam"))
    card.face.identity_row.buttons[0].click()
    assert actions.numbers_marked == [(REF, "spam"), (REF, "private"), (REF, "")]


def test_a_card_used_again_asks_for_its_present_call(
    stack: CardStack, actions: ActionsTaken
) -> None:
    for number in range(5):
        stack.show(known(f"call-{number}"))
        stack.cards[0].face.action_row.buttons[0].click()
        stack.hide_all()
    assert [ref.call_id for ref in actions.opened] == [
        f"call-{number}" for number in range(5)
    ]


# --- dialling -------------------------------------------------------------------------


def test_a_dial_has_a_card_before_its_call_and_the_same_one_after(
    stack: CardStack,
) -> None:
    text = "Your phone is ringing: pick up"
    stack.show_dial(dialled(DialState.OWN_PHONE_RINGS, text))
    (card,) = stack.cards
    assert card.face.context.text() == text
    stack.show(
        known(direction=Direction.OUTBOUND, dial_id="d1", phase=CardPhase.DIALLING)
    )
    stack.show_dial(dialled(DialState.CALLING, "Calling Ana Petrauskienė …"))
    assert stack.cards == (card,)
    assert card.face.context.text() == "Calling Ana Petrauskienė …"
    assert card.accessibleName() == "Outgoing call to Ana Petrauskienė"


@pytest.mark.parametrize("state", [DialState.INTENDED, DialState.ENDED])
def test_a_dial_of_which_nothing_is_to_be_told_has_no_card(
    stack: CardStack, state: DialState
) -> None:
    stack.show_dial(dialled(state, ""))
    assert stack.cards == ()


def test_a_failed_dial_says_so_and_goes(qtbot: QtBot, stack: CardStack) -> None:
    stack.show_dial(dialled(DialState.SENDING, "Dialling …"))
    stack.show_dial(dialled(DialState.FAILED, "The line is busy", "Try again later"))
    assert stack.cards[0].face.state.text() == "Not dialled"
    assert stack.cards[0].face.reason.text() == "Try again later"
    qtbot.waitUntil(lambda: not stack.cards)


def test_a_new_card_takes_the_place_that_the_last_one_left(
    qtbot: QtBot, stack: CardStack
) -> None:
    for number in range(3):
        stack.show(ringing(f"call-{number}"))
    first, _, third = stack.cards
    where = area(third)
    first._set_hovered(True)
    stack.dismiss(known("call-2", phase=CardPhase.ENDED), 0.0)
    qtbot.waitUntil(lambda: third not in stack.cards)
    stack.show(ringing("new"))
    assert area(stack.cards[-1]) == where


def test_a_country_is_named_on_the_card(stack: CardStack) -> None:
    stack.show(ringing(place="GB"))
    assert stack.cards[0].face.detail.text() == "United Kingdom"
