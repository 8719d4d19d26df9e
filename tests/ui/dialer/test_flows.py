"""The dialer lets the phone system speak: what is offered, asked and sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from screenpop.domain.dialing import FlowSpeech
from screenpop.providers.abilities import NamedThing
from screenpop.services.events import DialConfirmationNeeded, DialState
from screenpop.ui.dialer.flow_choice import OTHER_FLOW, SOUND
from screenpop.ui.dialer.pane import DialerPane
from screenpop.ui.dialer.view_model import DialerModel
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import Desk, Memory, PhoneLine
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

REMINDER = NamedThing(
    "220", "Reminder", (("variable", "Name"), ("variable", "otp"), ("made", "2026"))
)
SURVEY = NamedThing("221", "Survey")


@pytest.fixture
async def line() -> PhoneLine:
    return PhoneLine()


@pytest.fixture
def desk() -> Desk:
    return Desk(speaking={"acme": (REMINDER, SURVEY)})


@pytest.fixture
def pane(qapp: QApplication, desk: Desk, line: PhoneLine) -> Iterator[DialerPane]:
    pane = DialerPane(Theme(qapp, "light"), Memory(), DialerModel(desk, line, Memory()))
    yield pane
    pane.close()
    pane.deleteLater()
    QApplication.processEvents()


def texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


async def with_flows(pane: DialerPane, number: str = "2025550142") -> None:
    pane.open_with()
    await shown(lambda: pane.flow_panel.who.count() == 5, "the flows")
    QTest.keyClicks(pane.box, number)


async def test_a_flow_is_chosen_filled_in_and_sent_once(
    pane: DialerPane, line: PhoneLine
) -> None:
    await with_flows(pane)
    panel = pane.flow_panel
    panel.who.choose("flow:220")
    assert [one.accessibleName() for one in panel.lines()] == ["Name", "otp"]
    QTest.keyClicks(panel.lines()[1], "4711")
    panel.add_button.click()
    added = panel.lines()[-2:]
    QTest.keyClicks(added[1], "ten o'clock")
    assert not pane.call_button.isEnabled()
    assert "Give each value its name." in texts(pane)
    QTest.keyClicks(added[0], "time")
    line.gate.clear()
    pane.call_button.click()
    pane.call_button.click()
    assert "Your phone" not in texts(pane)
    line.gate.set()
    await shown(lambda: line.orders, "the order")
    (order,) = line.orders
    assert order.speech == FlowSpeech(
        flow_id="220",
        title="Reminder",
        variables=(("otp", "4711"), ("time", "ten o'clock")),
    )


async def test_the_next_call_is_the_users_own_again(
    pane: DialerPane, line: PhoneLine
) -> None:
    await with_flows(pane)
    pane.flow_panel.who.choose("flow:221")
    pane.call_button.click()
    await shown(lambda: line.orders, "the order")
    pane.show_progress(line.progress(DialState.ENDED))
    pane.open_with()
    assert pane.flow_panel.who.key == ""
    QTest.keyClicks(pane.box, "2025550117")
    pane.call_button.click()
    await shown(lambda: len(line.orders) == 2, "the second order")
    assert line.orders[1].speech is None


@pytest.mark.parametrize(
    ("key", "speech"),
    [
        (OTHER_FLOW, FlowSpeech(flow_id="900")),
        (SOUND, FlowSpeech(audio_id="900")),
    ],
)
async def test_what_is_not_listed_is_named_by_its_id(
    pane: DialerPane, line: PhoneLine, key: str, speech: FlowSpeech
) -> None:
    await with_flows(pane)
    pane.flow_panel.who.choose(key)
    assert not pane.call_button.isEnabled()
    QTest.keyClicks(pane.flow_panel.named, "900")
    pane.call_button.click()
    await shown(lambda: line.orders, "the order")
    assert line.orders[0].speech == speech


async def test_where_only_people_speak_there_is_nothing_to_choose(
    pane: DialerPane, desk: Desk
) -> None:
    desk.speaking = {}
    pane.open_with()
    assert not pane.flow_panel.isVisible()


async def test_no_machine_calls_an_emergency_number(pane: DialerPane) -> None:
    await with_flows(pane, "911")
    assert pane.call_button.isEnabled()
    pane.flow_panel.who.choose("flow:221")
    assert not pane.call_button.isEnabled()
    assert "no machine calls it" in texts(pane)


async def test_who_is_asked_sees_what_would_be_said(
    pane: DialerPane, line: PhoneLine
) -> None:
    speech = FlowSpeech(flow_id="220", variables=(("otp", "4711"),))
    pane.ask(
        DialConfirmationNeeded(
            "(202) 555-0142", "2025550142", origin="link", speech=speech
        )
    )
    said = texts(pane)
    assert "Have the phone system call (202) 555-0142?" in said
    assert "The flow 220 speaks." in said
    assert "otp: 4711" in said
    pane._say_yes()
    await shown(lambda: line.orders, "the order")
    assert (line.orders[0].speech, line.orders[0].is_confirmed) == (speech, True)


async def test_an_unclear_flow_is_not_asked_about_our_own_phone(
    pane: DialerPane, line: PhoneLine
) -> None:
    line.state = DialState.UNCLEAR
    await with_flows(pane)
    pane.flow_panel.who.choose("flow:221")
    pane.call_button.click()
    await shown(lambda: "Was (202) 555-0142 called?" in texts(pane), "the question")
    assert "Did your phone ring?" not in texts(pane)
