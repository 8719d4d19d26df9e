"""The note on a card: how long it is, where it is, and what the call is marked with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest

from screenpop.domain.calls import CallRef
from screenpop.services.note_progress import NoteProgress, NoteStage
from screenpop.ui.note_state import NoteSheet, state_of
from screenpop.ui.popup.view_model import ActionKind
from tests.ui.card_samples import known

if TYPE_CHECKING:
    from screenpop.ui.popup.card import Card
    from screenpop.ui.popup.controller import CardStack
    from screenpop.ui.widgets.note_foot import NoteFoot
    from tests.ui.card_actions_taken import ActionsTaken

REF = known().ref
SHEET = NoteSheet(ref=REF, taker="Office", longest=20)


def progress(stage: NoteStage, problem: str = "") -> NoteProgress:
    return NoteProgress(ref=REF, stage=stage, account_label="Office", problem=problem)


@pytest.fixture
def card(stack: CardStack, actions: ActionsTaken) -> Card:
    """A card whose account takes notes, with the note open."""
    actions.sheet = SHEET
    stack.show(known())
    (shown,) = stack.cards
    shown.open_note()
    return shown


def foot_of(card: Card) -> NoteFoot:
    assert card.foot is not None
    return card.foot


def boxes(card: Card) -> list[QRect]:
    parts = [card.face, card.note, foot_of(card)]
    return [QRect(one.pos(), one.size()) for one in parts]


def test_the_parts_of_an_open_note_stand_clear_of_each_other(
    card: Card, stack: CardStack, actions: ActionsTaken
) -> None:
    for problem in ("", "The key may not do this, says the vendor at some length"):
        sheet = replace(SHEET, progress=progress(NoteStage.REFUSED, problem))
        actions.sheet = sheet if problem else SHEET
        stack.notes_changed()
        assert all(card.rect().contains(box) for box in boxes(card))
        face, note, foot = boxes(card)
        assert not face.intersects(note)
        assert not note.intersects(foot)
        assert not face.intersects(foot)


def test_marks_are_passed_on_with_mouse_and_keyboard(
    card: Card, actions: ActionsTaken
) -> None:
    foot = foot_of(card)
    foot.follow_up.click()
    button = foot.severities.button(3)
    assert button is not None
    button.click()
    QTest.keyClick(button, Qt.Key.Key_Right)
    assert actions.marked == [(REF, True, 0), (REF, True, 3), (REF, True, 4)]


def test_a_vendor_without_notes_is_offered_no_marks(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    (card,) = stack.cards
    card.open_note()
    assert not foot_of(card).follow_up.isVisible()
    actions.sheet = NoteSheet(ref=REF, kept="Call at five")
    card.note.setPlainText("Call at five")
    stack.notes_changed()
    assert foot_of(card).state.text() == "Saved here"


def test_what_is_too_long_is_said_while_it_is_written(card: Card) -> None:
    QTest.keyClicks(card.note, "a" * 20)
    assert foot_of(card).counter.text() == "20 of 20"
    QTest.keyClicks(card.note, "b")
    assert foot_of(card).counter.text() == "21 of 20"
    assert (
        foot_of(card).state.text()
        == "Too long for Office: kept here as a whole, not sent"
    )


def test_a_refused_note_can_be_sent_again(
    card: Card, stack: CardStack, actions: ActionsTaken
) -> None:
    actions.sheet = replace(SHEET, progress=progress(NoteStage.REFUSED, "No right"))
    stack.notes_changed()
    assert foot_of(card).state.text() == "Saved here. Not taken by Office: No right"
    foot_of(card).repeat.click()
    assert actions.repeated == [REF]


def test_the_next_call_on_the_card_has_no_open_note(
    card: Card, stack: CardStack
) -> None:
    foot = foot_of(card)
    stack.hide_all()
    stack.show(known(ref=CallRef("acme", "another")))
    (again,) = stack.cards
    assert not again.note.isVisible()
    assert not foot.isVisible()


def test_a_card_without_a_note_builds_nothing_for_it(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    (card,) = stack.cards
    stack.notes_changed()
    assert card.foot is None
    card.face.action_row.button_of(ActionKind.NOTE).click()  # type: ignore[union-attr]
    assert card.foot is not None


@pytest.mark.parametrize(
    ("stage", "typed", "text", "tone"),
    [
        (None, "", "", "good"),
        (None, "Not yet", "", ""),
        (NoteStage.WAITING, "Kept", "Saved here, waiting to be sent to Office", "soft"),
        (NoteStage.SENT, "Kept", "Saved here and sent to Office", "good"),
        (NoteStage.SENT, "Kept and more", "", ""),
    ],
)
def test_the_state_is_that_of_what_is_written(
    stage: NoteStage | None, typed: str, text: str, tone: str
) -> None:
    kept = "Kept" if stage else ""
    sheet = replace(SHEET, kept=kept, progress=progress(stage) if stage else None)
    state = state_of(sheet, typed)
    assert (state.text, state.tone) == (text, tone)
