"""The card as a screen reader finds it, over the accessibility bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from screenpop.services.events import CardPhase
from screenpop.ui.popup.controller import CardStack
from screenpop.ui.popup.screens import QtScreens
from screenpop.ui.popup.stack_layout import StackSettings
from screenpop.ui.theme import Theme
from tests.ui.card_actions_taken import ActionsTaken
from tests.ui.card_samples import ANA, BO, DISPOSITIONS, NOW, REF, known, ringing
from tests.x11.desk import announcements, pumped, read_accessible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

pytestmark = pytest.mark.x11

_NAME = "Incoming call from Ana Petrauskienė"


@pytest.fixture
def actions() -> ActionsTaken:
    return ActionsTaken()


@pytest.fixture
def stack(qapp: QApplication, actions: ActionsTaken) -> Iterator[CardStack]:
    theme = Theme(qapp, "light")
    stack = CardStack(
        theme, actions, StackSettings(), QtScreens(qapp), clock=lambda: NOW
    )
    yield stack
    stack.close()
    theme.deleteLater()


def _showing(role: str) -> list[dict[str, Any]]:
    tree = read_accessible("tree")
    return [thing for thing in tree if thing["role"] == role and thing["is_showing"]]


def test_the_card_is_an_alert_with_the_name_of_the_caller(stack: CardStack) -> None:
    stack.show(known())
    assert [alert["name"] for alert in _showing("alert")] == [_NAME]


def test_a_withheld_number_and_an_outgoing_call_say_so(stack: CardStack) -> None:
    stack.show(ringing("a", number_text="", number_e164="", is_withheld=True))
    stack.show(ringing("b"))
    assert {alert["name"] for alert in _showing("alert")} == {
        "Incoming call from a withheld number",
        "Incoming call from +44 20 7946 0123",
    }


def test_every_control_that_shows_has_a_name_and_can_be_pressed(
    stack: CardStack,
) -> None:
    stack.show(known(matches=(ANA, BO)))
    stack.cards[0].toggle_people()
    buttons = [
        thing
        for thing in read_accessible("tree")
        if thing["is_showing"] and thing["role"] in ("push button", "check box")
    ]
    names = [button["name"] for button in buttons]
    for name in ("Open", "Copy", "Note", "Call back later", "Quiet", "1 more person"):
        assert name in names
    for name in ("Hide card", "Keep this card", "None of these"):
        assert name in names
    assert all(names)
    assert all(button["actions"] for button in buttons)


def test_a_button_can_be_pressed_by_its_name(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.show(known())
    assert read_accessible("press", "Copy", _NAME) == {"pressed": True}
    pumped(lambda: actions.copied, "the number to be copied")
    assert actions.copied == ["+442079460123"]


def test_what_a_call_came_to_and_a_waiting_call_can_be_pressed_by_name(
    stack: CardStack, actions: ActionsTaken
) -> None:
    stack.change_settings(StackSettings(max_cards=1))
    asked = known(phase=CardPhase.WRAP_UP, dispositions=DISPOSITIONS)
    stack.wrap_up(asked, 60)
    stack.show(ringing("waits", caller_name="Ingrid Solberg"))
    assert read_accessible("press", "Thinks about it") == {"pressed": True}
    pumped(lambda: actions.disposed, "the answer")
    assert actions.disposed == [(REF, "Thinks about it")]
    read_accessible("press", "Ingrid Solberg · Sales UK")
    pumped(lambda: stack.cards[0].face.title.text() == "Ingrid Solberg", "her card")
    assert [alert["name"] for alert in _showing("alert")] == [
        "Incoming call from Ingrid Solberg"
    ]


def test_all_that_is_written_on_the_card_can_be_read(stack: CardStack) -> None:
    stack.show(known())
    texts = [label["name"] for label in _showing("label")]
    assert "Sales UK" in texts
    assert "Ringing 0:07" in texts
    assert "UAB Rytas · buyer · +44 20 7946 0123 (mobile)" in texts
    assert "Last: 12 Nov, Jonas: waiting for the invoice" in texts


def test_a_call_is_announced_once_with_its_name_however_often_it_is_updated(
    stack: CardStack, tmp_path: Path
) -> None:
    with announcements(tmp_path) as heard:
        stack.show(ringing())
        stack.update(known())
        stack.update(known(note="again"))
        stack.dismiss(known(), 0.0)
        pumped(lambda: not stack.cards, "the card to go")
        stack.recall_last()
        stack.show(ringing("other", line_text="Support"))
        stack.update(ringing("other", line_text="Support", is_lookup_pending=False))
        pumped(lambda: len(heard()) >= 2, "both calls to be announced")
        assert heard() == [
            f"{_NAME}, UAB Rytas, on Sales UK",
            "Incoming call from +44 20 7946 0123, on Support",
        ]


def test_calls_that_wait_in_the_row_are_announced_once_too(
    stack: CardStack, tmp_path: Path
) -> None:
    callers = [f"Caller {number}" for number in range(6)]
    with announcements(tmp_path) as heard:
        for name in callers:
            stack.show(ringing(name, caller_name=name, is_lookup_pending=False))
        pumped(lambda: len(heard()) >= len(callers), "every call to be announced")
        row = stack.row
        assert row is not None
        first = row.lines[0]
        first.click()
        stack.update(ringing(callers[-1], caller_name=callers[-1]))
        stack.show(ringing("last", caller_name="Last", is_lookup_pending=False))
        pumped(lambda: any("Last" in said for said in heard()), "the last call")
        said = [text.removeprefix("Incoming call from ") for text in heard()]
        assert [text.split(",")[0] for text in said] == [*callers, "Last"]
