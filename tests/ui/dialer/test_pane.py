"""The dialer's window, used by keyboard, with coroutines that really run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from screenpop.providers.protocol import OwnedNumber
from screenpop.services.events import DialConfirmationNeeded, DialState
from screenpop.ui.dialer.pane import DialerPane
from screenpop.ui.dialer.view_model import DialerModel
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import FROM_CRM, Desk, Memory, PhoneLine
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
async def line() -> PhoneLine:
    return PhoneLine()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def pane(qapp: QApplication, desk: Desk, line: PhoneLine) -> Iterator[DialerPane]:
    pane = DialerPane(Theme(qapp, "light"), Memory(), DialerModel(desk, line, Memory()))
    yield pane
    pane.close()
    pane.deleteLater()
    QApplication.processEvents()


def _texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


async def test_typing_groups_the_digits_and_enter_calls_once(
    pane: DialerPane, line: PhoneLine
) -> None:
    pane.open_with()
    line.gate.clear()
    QTest.keyClicks(pane.box, "2025550142")
    assert pane.box.text() == "(202) 555-0142"

    QTest.keyClick(pane.box, Qt.Key.Key_Return)
    QTest.keyClick(pane.box, Qt.Key.Key_Return)
    pane.call_button.click()
    line.gate.set()
    await shown(lambda: "Your phone rings first" in _texts(pane), "the progress")

    assert [order.text for order in line.orders] == ["(202) 555-0142"]


async def test_a_name_an_arrow_and_enter_call_a_contact(
    pane: DialerPane, desk: Desk, line: PhoneLine
) -> None:
    desk.slow = (FROM_CRM,)
    pane.open_with()
    QTest.keyClicks(pane.box, "ana")
    await shown(lambda: len(pane.list.rows_model.rows) == 2, "the slower source")

    QTest.keyClick(pane.box, Qt.Key.Key_Down)
    QTest.keyClick(pane.box, Qt.Key.Key_Return)
    await shown(lambda: line.orders, "the order")

    assert line.orders[0].name == "Anatol Weber"


async def test_one_click_on_a_row_calls_nobody(
    pane: DialerPane, line: PhoneLine
) -> None:
    pane.open_with()
    index = pane.list.rows_model.index(0)
    spot = pane.list.visualRect(index).center()
    QTest.mouseClick(pane.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert line.orders == []
    assert "To Bo Lind" in _texts(pane)
    # However little room there is, the number that is dialled stays in sight.
    assert pane._target.shown_text().endswith("(202) 555-0117")
    assert pane.call_button.isEnabled()


async def test_no_stray_enter_answers_the_question_of_a_link(
    pane: DialerPane, line: PhoneLine
) -> None:
    pane.ask(
        DialConfirmationNeeded(
            "(202) 555-0142",
            "tel:+12025550142",
            origin="link",
            reasons=("A link asks to call this number.",),
        )
    )
    assert "A link asks to call" in _texts(pane)
    focus = pane.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Return)
    QTest.keyClick(focus, Qt.Key.Key_Space)
    assert line.orders == []

    # A question that nobody wanted leaves no window behind.
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    assert not pane.isVisible()
    assert line.orders == []


async def test_a_no_to_a_link_leaves_a_dialer_that_was_open(pane: DialerPane) -> None:
    pane.open_with()
    pane.ask(
        DialConfirmationNeeded(
            "(202) 555-0142",
            "tel:+12025550142",
            origin="link",
            reasons=("A link asks to call this number.",),
        )
    )
    focus = pane.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    assert pane.isVisible()
    assert "A link asks" not in _texts(pane)


async def test_an_unclear_outcome_asks_whether_the_phone_rang(
    pane: DialerPane, line: PhoneLine
) -> None:
    line.state = DialState.UNCLEAR
    pane.open_with("2025550142")
    QTest.keyClick(pane.box, Qt.Key.Key_Return)
    await shown(lambda: "Did your phone ring?" in _texts(pane), "the question")

    yes = next(child for child in pane.findChildren(QWidget) if _name(child) == "Yes")
    QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
    await shown(lambda: line.settled, "the answer")
    await shown(lambda: "the call was started" in _texts(pane), "the thanks")


async def test_caller_ids_are_offered_when_there_are_some(
    pane: DialerPane, desk: Desk
) -> None:
    desk.numbers = {"acme": (OwnedNumber("+12025550100", "Sales"),)}
    pane.open_with()
    await shown(pane.caller_id.isVisible, "the caller IDs")

    assert pane.caller_id.itemText(0) == "My usual number"
    assert "Sales" in pane.caller_id.itemText(1)
    assert not pane.account.isVisible()


async def test_esc_closes_and_a_call_in_flight_is_still_told(
    pane: DialerPane, line: PhoneLine
) -> None:
    pane.open_with("2025550142")
    line.gate.clear()
    QTest.keyClick(pane.box, Qt.Key.Key_Return)
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    assert not pane.isVisible()
    line.gate.set()
    await pane.tasks.idle()

    assert len(line.orders) == 1


async def test_the_pane_stays_on_the_screen_of_the_tray_icon(pane: DialerPane) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    pane.open_with()
    icon = QRect(room.right() - 20, room.bottom() - 20, 24, 24)
    pane.place_near(icon, QRect())

    assert room.contains(pane.geometry())


@pytest.mark.parametrize("is_right", [True, False])
async def test_the_pane_stands_where_no_card_covers_it(
    pane: DialerPane, is_right: bool
) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    pane.open_with()
    pane.resize(340, 300)
    card = QRect(0, 0, 300, 150)
    corner = room.bottomRight() if is_right else room.bottomLeft()
    card.moveBottomRight(corner) if is_right else card.moveBottomLeft(corner)
    icon = QRect(corner.x() - 12, room.bottom() - 20, 24, 24)
    pane.place_near(icon, card)

    assert room.contains(pane.geometry())
    assert not pane.frameGeometry().intersects(card)


async def test_a_screen_reader_finds_box_list_and_button_by_name(
    pane: DialerPane,
) -> None:
    pane.open_with()

    assert _name(pane.box) == "Name or number"
    assert _name(pane.list) == "Whom to call"
    assert _name(pane.call_button) == "Call"
    rows = QAccessible.queryAccessibleInterface(pane.list)
    assert rows.child(0).text(QAccessible.Text.Name) == (
        "Bo Lind, (202) 555-0117, Missed"
    )


def _name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


async def test_a_number_is_kept_at_hand_and_taken_out_by_the_keyboard(
    pane: DialerPane, desk: Desk
) -> None:
    pane.open_with()
    QTest.keyClicks(pane.box, "2025550142")
    pane.star.animateClick()
    await shown(lambda: desk.kept, "the favourite")
    QTest.keyClick(pane.box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(pane.box, Qt.Key.Key_Delete)
    assert "Favourites and recent calls" in _texts(pane)
    QTest.keyClick(pane.box, Qt.Key.Key_Down)
    assert pane.star.text() == "Kept"
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(pane.box, Qt.Key.Key_D, control)
    await shown(lambda: not desk.kept, "nobody kept")
    assert "Favourites" not in _texts(pane)
