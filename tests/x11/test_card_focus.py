"""The card and the keyboard, on a real X server with a window manager."""

from __future__ import annotations

import string
import subprocess
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from screenpop.services.events import CardPhase
from screenpop.ui.popup.card_parts import ActionKind
from screenpop.ui.popup.controller import CardStack
from screenpop.ui.popup.screens import QtScreens
from screenpop.ui.popup.stack_layout import StackSettings
from screenpop.ui.theme import Theme
from tests.requirements import require_program
from tests.ui.card_actions_taken import ActionsTaken
from tests.ui.card_samples import DISPOSITIONS, NOW, known, ringing
from tests.x11.desk import click, pump, pumped, typing_target, xdotool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.x11


@pytest.fixture
def actions() -> ActionsTaken:
    return ActionsTaken()


@pytest.fixture
def stack(qapp: QApplication, actions: ActionsTaken) -> Iterator[CardStack]:
    theme = Theme(qapp, "light")
    stack = CardStack(
        theme, actions, StackSettings(), QtScreens(qapp), clock=lambda: NOW
    )
    stack.pool.fill_now()
    xdotool("mousemove", "5", "5")
    yield stack
    stack.close()
    theme.deleteLater()


def test_typing_into_another_window_loses_no_key_while_fifty_cards_pop(
    stack: CardStack, tmp_path: Path
) -> None:
    text = string.ascii_letters + string.digits
    text *= 5
    command = [require_program("xdotool"), "type", "--delay", "6", text]
    with typing_target(tmp_path) as target, subprocess.Popen(command) as typist:
        for number in range(50):
            stack.show(ringing(f"call-{number}"))
            pump()
            stack.update(known(f"call-{number}"))
            pump()
            assert QApplication.focusWindow() is None
            stack.dismiss(known(f"call-{number}"), 0.0)
            pumped(lambda: not stack.cards, "the card to go")
        assert typist.wait() == 0
        pumped(lambda: len(target.text) >= len(text), "everything to be typed")
        assert target.text == text


def test_asked_for_again_the_keyboard_goes_to_the_next_card_and_to_the_row(
    stack: CardStack, tmp_path: Path
) -> None:
    stack.change_settings(StackSettings(max_cards=2))
    with typing_target(tmp_path) as target:
        for name in ("first", "second", "third", "fourth"):
            stack.show(known(name))
        first, second = stack.cards
        order = [second, first, stack.row, second, first, stack.row]
        assert [next_with_keyboard(stack) for _ in order] == order
        xdotool("key", "2")
        pumped(lambda: not is_gone(stack, "fourth"), "the waiting call to have a card")
        xdotool("key", "Escape")
        pumped(lambda: QApplication.focusWindow() is None, "the keyboard to be let go")
        xdotool("type", "back")
        pumped(lambda: target.text == "back", "the other window to be typed into")


def next_with_keyboard(stack: CardStack) -> QWidget | None:
    """Ask for the keyboard once more; the window that has it then."""
    before = QApplication.activeWindow()
    stack.focus_card()
    pumped(lambda: QApplication.activeWindow() not in (before, None), "the next")
    return QApplication.activeWindow()


def is_gone(stack: CardStack, call_id: str) -> bool:
    return call_id not in [card.view.key.call_id for card in stack.cards if card.view]


def test_no_key_is_lost_while_five_calls_ring_fold_and_ask(
    stack: CardStack, tmp_path: Path
) -> None:
    """All that a card does by itself: come, wait in the row, fold, ask, list, go."""
    stack.change_settings(StackSettings(is_slim_once_answered=True))
    text = string.ascii_letters * 4
    command = [require_program("xdotool"), "type", "--delay", "8", text]
    names = [f"call-{number}" for number in range(5)]
    with typing_target(tmp_path) as target, subprocess.Popen(command) as typist:
        for name in names:
            stack.show(known(name))
            pump()
        assert stack.row is not None
        for name in names[:4]:
            talking = known(name, phase=CardPhase.CONNECTED)
            stack.update(talking)
            pump()
            over = replace(talking, phase=CardPhase.WRAP_UP, dispositions=DISPOSITIONS)
            stack.wrap_up(over, 60)
            pump()
            card = stack.cards[0]
            assert card.is_asking
            stack.show(talking)
            card.act(ActionKind.LATER)
            pump()
            assert QApplication.focusWindow() is None
            stack.dismiss(replace(over, phase=CardPhase.ENDED), 0.0)
            pumped(partial(is_gone, stack, name), "the card to go")
        assert typist.wait() == 0
        pumped(lambda: len(target.text) >= len(text), "everything to be typed")
        assert target.text == text


def test_a_click_on_note_lets_the_user_type_and_escape_gives_the_keyboard_back(
    stack: CardStack, actions: ActionsTaken, tmp_path: Path
) -> None:
    with typing_target(tmp_path) as target:
        xdotool("type", "before ")
        stack.show(known())
        card = stack.cards[0]
        note_button = card.face.action_row.buttons[2]
        pumped(note_button.isVisible, "the card")
        click(note_button)
        pumped(card.note.hasFocus, "the note box to have the keyboard")
        xdotool("type", "call after six")
        pumped(lambda: card.note.toPlainText() == "call after six", "the note")
        xdotool("key", "Escape")
        pumped(lambda: not stack.cards, "the card to hide")
        assert actions.notes == [(known().ref, "call after six")]
        xdotool("type", "after")
        pumped(lambda: target.text == "before after", "typing to go on where it was")


def test_a_click_on_the_card_leaves_the_keyboard_where_it_is(
    stack: CardStack, actions: ActionsTaken, tmp_path: Path
) -> None:
    with typing_target(tmp_path) as target:
        stack.show(known())
        card = stack.cards[0]
        pumped(card.face.action_row.buttons[1].isVisible, "the card")
        click(card.face.title)
        click(card.face.action_row.buttons[1])
        pumped(lambda: actions.copied, "the number to be copied")
        xdotool("type", "still here")
        pumped(lambda: target.text == "still here", "the keys to arrive")


def test_a_card_focused_on_purpose_takes_keys_and_hides_on_escape(
    stack: CardStack, actions: ActionsTaken, tmp_path: Path
) -> None:
    with typing_target(tmp_path) as target:
        stack.show(known())
        pumped(stack.cards[0].isVisible, "the card")
        stack.focus_card()
        pumped(lambda: QApplication.focusWindow() is not None, "the keyboard")
        xdotool("key", "o")
        pumped(lambda: actions.opened, "the record to open")
        xdotool("key", "Escape")
        pumped(lambda: not stack.cards, "the card to hide")
        xdotool("type", "back")
        pumped(lambda: target.text == "back", "the keyboard to be back")


def test_a_card_that_comes_up_under_a_resting_pointer_goes_when_its_time_is_up(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    pumped(stack.cards[0].isVisible, "the card")
    button = stack.cards[0].face.action_row.buttons[0]
    place = button.mapToGlobal(button.rect().center())
    stack.hide_all()
    xdotool("mousemove", str(place.x()), str(place.y()))
    stack.show(known("second"))
    pumped(stack.cards[0].isVisible, "the card under the pointer")
    xdotool("click", "1")
    assert actions.opened == []
    stack.dismiss(known("second"), 0.0)
    pumped(lambda: not stack.cards, "the card to go")


def test_a_card_that_is_pointed_at_stays(stack: CardStack) -> None:
    stack.show(known())
    card = stack.cards[0]
    pumped(card.isVisible, "the card")
    xdotool("mousemove", str(card.x() + 60), str(card.y() + 60))
    xdotool("mousemove_relative", "5", "5")
    pumped(lambda: card.is_hovered, "the pointer to be on the card")
    xdotool("mousemove", "5", "5")
    pumped(lambda: not card.is_hovered, "the pointer to have left")


def test_a_card_stays_above_a_window_that_comes_to_the_front(
    stack: CardStack, tmp_path: Path
) -> None:
    stack.show(known())
    card = stack.cards[0]
    pumped(card.isVisible, "the card")
    with typing_target(tmp_path) as target:
        area = card.geometry()
        window = target.window_id
        xdotool("windowmove", window, str(area.x()), str(area.y() - 40))
        xdotool("windowraise", window)
        xdotool("mousemove", str(area.center().x()), str(area.center().y()))
        pumped(lambda: card.is_hovered, "the pointer to be on the card")
