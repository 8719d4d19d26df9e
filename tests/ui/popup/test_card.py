"""The card: what arrives later moves nothing, and nothing on it is done by accident."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton

from screenpop.services.events import CallCard, CardPhase
from screenpop.ui.buttons import ActionButton
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.drawer import PersonButton
from screenpop.ui.popup.view_model import NOBODY, ActionKind, card_view
from screenpop.ui.theme import Theme
from tests.ui.card_samples import ANA, BO, CEM, NOW, known, ringing, stories

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def paint(card: Card, facts: CallCard) -> None:
    card.show_view(card_view(facts, NOW))
    card.show()
    card.grab()


def press(card: Card, kind: ActionKind) -> None:
    button = card.face.action_row.button_of(kind)
    assert button is not None
    button.click()


def lines(card: Card) -> dict[str, QRect]:
    """Where the upper left corner and the height of every line and button is."""
    face = card.face
    named = {
        "line": face.line,
        "state": face.state,
        "title": face.title,
        "detail": face.detail,
        "context": face.context,
        "reason": face.reason,
        "pin": face.pin,
        "close": face.close_button,
    }
    named |= {
        button.text(): button
        for button in face.action_row.buttons[:4]
        if button.isVisible()
    }
    return {
        name: QRect(widget.mapTo(card, QPoint(0, 0)), widget.size())
        for name, widget in named.items()
    }


def test_nothing_moves_when_name_company_and_history_arrive(card: Card) -> None:
    paint(card, ringing())
    before, size = lines(card), card.size()
    paint(card, known())
    after = lines(card)
    assert card.size() == size
    for name in ("title", "detail", "line", "state", "pin", "close"):
        assert after[name] == before[name]
    # These two only become narrower at their far end, for what stands there now.
    for name in ("context", "reason"):
        assert after[name].topLeft() == before[name].topLeft()
        assert after[name].height() == before[name].height()
    for name in ("Open", "Copy", "Note", "Call back later"):
        assert after[name] == before[name]


def test_buttons_stay_where_they_are_through_the_whole_call(card: Card) -> None:
    paint(card, ringing())
    before = lines(card)
    for phase in CardPhase:
        paint(card, known(phase=phase))
        assert {name: lines(card)[name] for name in ("Open", "Copy", "Note")} == {
            name: before[name] for name in ("Open", "Copy", "Note")
        }


@pytest.mark.parametrize("story", stories())
def test_no_text_leaves_the_card_or_covers_another(card: Card, story: str) -> None:
    facts, progress = stories()[story]
    card.show_view(card_view(facts, NOW, progress=progress))
    card.show()
    labels = [one for one in card.findChildren(QLabel) if one.text()]
    boxes = [QRect(one.mapTo(card, QPoint(0, 0)), one.size()) for one in labels]
    for at, box in enumerate(boxes):
        assert card.rect().contains(box)
        assert not any(box.intersects(other) for other in boxes[at + 1 :])


def test_the_text_on_the_labels_is_the_callers_text(card: Card) -> None:
    name = '<img src="file:///etc/passwd"><b>Bank</b> &Co'
    paint(card, ringing(caller_name=name, is_lookup_pending=False))
    assert card.face.title.text() == name
    assert card.face.title.textFormat() is Qt.TextFormat.PlainText


def test_nothing_on_a_ringing_card_is_a_default_button(card: Card) -> None:
    paint(card, known())
    buttons = card.findChildren(QPushButton)
    assert not any(button.isDefault() or button.autoDefault() for button in buttons)


def test_every_control_has_a_name(card: Card) -> None:
    paint(card, known(matches=(ANA, BO)))
    card.toggle_people()
    card.open_note()
    for control in [*card.findChildren(QAbstractButton), card.note, card]:
        if control.isVisible():
            assert control.accessibleName()


def test_the_window_refuses_the_focus(card: Card) -> None:
    flags = card.windowFlags()
    assert flags & Qt.WindowType.WindowDoesNotAcceptFocus
    assert flags & Qt.WindowType.WindowStaysOnTopHint
    assert card.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_a_button_that_has_just_become_another_ignores_the_click(
    qtbot: QtBot, card: Card
) -> None:
    asked: list[ActionKind] = []
    card.acted.connect(asked.append)
    paint(card, known())
    last = card.face.action_row.buttons[4]
    assert last.text() == "Quiet"
    card.show_view(card_view(known(phase=CardPhase.MISSED), NOW))
    assert last.text() == "Call back"
    QTest.mouseClick(last, Qt.MouseButton.LeftButton)
    assert asked == []

    def clicked_again() -> bool:
        QTest.mouseClick(last, Qt.MouseButton.LeftButton)
        return asked == [ActionKind.CALL_BACK]

    qtbot.waitUntil(clicked_again)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (Qt.Key.Key_O, ActionKind.OPEN),
        (Qt.Key.Key_C, ActionKind.COPY),
        (Qt.Key.Key_L, ActionKind.LATER),
    ],
)
def test_keys_of_a_focused_card(
    qtbot: QtBot, card: Card, key: Qt.Key, kind: ActionKind
) -> None:
    paint(card, known())
    with qtbot.waitSignal(card.acted) as asked:
        QTest.keyClick(card, key)
    assert asked.args == [kind]


def test_a_key_for_what_is_not_offered_does_nothing(qtbot: QtBot, card: Card) -> None:
    paint(card, known(record_url=""))
    asked: list[ActionKind] = []
    card.acted.connect(asked.append)
    for key in (Qt.Key.Key_O, Qt.Key.Key_D, Qt.Key.Key_7, Qt.Key.Key_Return):
        QTest.keyClick(card, key)
    assert asked == []


@pytest.mark.parametrize(
    ("key", "index"), [(Qt.Key.Key_1, 0), (Qt.Key.Key_3, 2), (Qt.Key.Key_0, NOBODY)]
)
def test_number_keys_choose_a_person(
    qtbot: QtBot, card: Card, key: Qt.Key, index: int
) -> None:
    paint(card, known(chosen=None, matches=(ANA, BO, CEM)))
    with qtbot.waitSignal(card.person_chosen) as asked:
        QTest.keyClick(card, key)
    assert asked.args == [index]


def test_the_chooser_lists_everybody_and_none_of_these(card: Card) -> None:
    paint(card, known(chosen=None, matches=(ANA, BO, CEM)))
    small = card.wanted_size().height()
    card.toggle_people()
    rows = card.people.findChildren(PersonButton)
    assert [row.accessibleName() for row in rows] == [
        "Ana Petrauskienė",
        "Bo Lindqvist",
        "Cem Aydan",
        "None of these",
        "Two of these are one person",
    ]
    assert card.wanted_size().height() > small


def test_a_note_is_reported_when_the_typing_pauses(qtbot: QtBot, card: Card) -> None:
    paint(card, known())
    card.open_note()
    with qtbot.waitSignal(card.note_written) as written:
        QTest.keyClicks(card.note, "call after six")
    assert written.args == ["call after six"]


def test_a_note_is_reported_when_the_card_hides(qtbot: QtBot, card: Card) -> None:
    paint(card, known())
    card.open_note()
    QTest.keyClicks(card.note, "half a no")
    with qtbot.waitSignal(card.note_written) as written:
        card.hide()
    assert written.args == ["half a no"]


def test_an_update_does_not_overwrite_what_is_being_typed(
    qtbot: QtBot, card: Card
) -> None:
    paint(card, known())
    card.open_note()
    QTest.keyClicks(card.note, "mine")
    card.show_view(card_view(known(note="from elsewhere"), NOW))
    assert card.note.toPlainText() == "mine"


def test_a_note_from_elsewhere_is_shown_and_not_reported_back(
    qtbot: QtBot, card: Card
) -> None:
    written: list[str] = []
    card.note_written.connect(written.append)
    paint(card, known(note="from elsewhere"))
    assert card.note.toPlainText() == "from elsewhere"
    card.hide()
    assert written == []


def test_a_card_used_again_shows_nothing_of_the_call_before(
    qtbot: QtBot, card: Card
) -> None:
    paint(card, known("first", matches=(ANA, BO)))
    card.open_note()
    QTest.keyClicks(card.note, "about the first")
    card.toggle_people()
    card.face.pin.setChecked(True)
    card.hide()
    paint(card, ringing("second"))
    assert card.note.toPlainText() == ""
    assert not card.note.isVisible()
    assert not card.people.isVisible()
    assert not card.face.pin.isChecked()
    assert card.face.missed.text() == ""


def test_drawers_open_above_the_face_in_a_lower_corner(card: Card) -> None:
    paint(card, known())
    card.set_upward(True)
    card.open_note()
    card.resize(card.wanted_size())
    assert card.face.geometry().bottom() == card.rect().bottom()
    assert card.note.geometry().bottom() < card.face.geometry().top()


def test_a_mirrored_card_keeps_everything_inside(qtbot: QtBot, theme: Theme) -> None:
    card = Card(theme)
    qtbot.addWidget(card)
    card.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    paint(card, known())
    assert card.face.title.geometry().left() < card.face.line.geometry().left()
    assert card.face.close_button.geometry().left() < card.width() // 2


def test_the_pointer_makes_a_card_busy(qtbot: QtBot, card: Card) -> None:
    paint(card, known())
    seen = [card.is_busy]
    with qtbot.waitSignal(card.attention_changed):
        card._set_hovered(True)
    seen.append(card.is_busy)
    with qtbot.waitSignal(card.attention_changed):
        QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    seen.append(card.is_busy)
    assert seen == [False, True, False]


def test_a_card_takes_on_the_colours_of_a_new_scheme(card: Card, theme: Theme) -> None:
    paint(card, known())
    middle = QPoint(card.width() // 2, card.height() - 4)
    assert card.grab().toImage().pixelColor(middle).name() == theme.colors.surface
    theme.set_choice("dark")
    assert card.grab().toImage().pixelColor(middle).name() == theme.colors.surface


@pytest.mark.parametrize("family", ["DejaVu Sans", "Noto Sans"])
@pytest.mark.parametrize("text_scale", [1.0, 1.5, 2.0])
def test_the_buttons_texts_are_whole_in_wide_fonts_and_large_sizes(
    qapp: QApplication, qtbot: QtBot, family: str, text_scale: float
) -> None:
    usual = qapp.font()
    qapp.setFont(QFont(family, 10))
    theme = Theme(qapp, "light", text_scale=text_scale)
    qapp.setFont(usual)
    for facts in (known(matches=(ANA, BO, CEM)), ringing(is_lookup_pending=False)):
        card = Card(theme)
        qtbot.addWidget(card)
        paint(card, facts)
        shown = [
            (button.shown_text(), button.accessibleName())
            for button in card.findChildren(ActionButton)
            if button.isVisible()
        ]
        assert [text for text, _ in shown] == [name for _, name in shown]
    theme.deleteLater()


def test_copying_is_confirmed_where_the_reason_stands(qtbot: QtBot, card: Card) -> None:
    paint(card, known())
    reason = card.face.reason.text()
    press(card, ActionKind.COPY)
    assert card.face.reason.text() == "Number copied"
    paint(card, known())
    assert card.face.reason.text() == "Number copied"
    qtbot.waitUntil(lambda: card.face.reason.text() == reason)


def test_what_was_done_for_one_call_is_not_said_of_the_next(card: Card) -> None:
    paint(card, known())
    press(card, ActionKind.LATER)
    assert "call back" in card.face.reason.text()
    paint(card, ringing("next"))
    assert card.face.reason.text() == "Looking up…"


def test_the_open_list_of_people_is_answered_by_keys(card: Card) -> None:
    paint(card, known(matches=(ANA, BO, CEM), chosen=None))
    chosen: list[int] = []
    card.person_chosen.connect(chosen.append)
    card.toggle_people()
    assert not card.windowHandle().flags() & Qt.WindowType.WindowDoesNotAcceptFocus
    QTest.keyClick(card, Qt.Key.Key_2)
    assert chosen == [1]


def test_whoever_is_listed_keeps_place_and_key_while_more_people_come(
    card: Card,
) -> None:
    """A press that was meant for one must not choose another, nor be remembered."""
    pending = known(matches=(ANA, BO), chosen=None, is_lookup_pending=True)
    paint(card, pending)
    card.toggle_people()
    card.resize(card.wanted_size())
    places = row_places(card)
    late = replace(CEM, contact=replace(CEM.contact, source="crm"))
    paint(card, known(matches=(late, ANA, BO), chosen=None))
    card.resize(card.wanted_size())
    now = row_places(card)
    waiting = places.pop("Looking up…")
    assert now[CEM.contact.name] == waiting
    assert {name: now[name] for name in places} == places
    chosen: list[int] = []
    card.person_chosen.connect(chosen.append)
    QTest.keyClick(card, Qt.Key.Key_2)
    assert chosen == [2]


def test_the_place_of_somebody_who_turns_out_to_be_another_stays_empty(
    card: Card,
) -> None:
    paint(card, known(matches=(ANA, BO, CEM), chosen=None))
    card.toggle_people()
    merged = replace(ANA, merged=(BO.contact.key,))
    paint(card, known(matches=(CEM, merged), chosen=None))
    assert [(row.key, row.index) for row in card.people.rows] == [("1", 1), ("3", 0)]


def test_joining_goes_on_when_more_people_come(card: Card) -> None:
    paint(card, known(matches=(ANA, BO), chosen=None))
    joined: list[tuple[int, int]] = []
    card.people_joined.connect(lambda *both: joined.append(both))
    card.toggle_people()
    QTest.keyClick(card, Qt.Key.Key_S)
    QTest.keyClick(card, Qt.Key.Key_1)
    paint(card, known(matches=(CEM, ANA, BO), chosen=None))
    QTest.keyClick(card, Qt.Key.Key_2)
    assert joined == [(1, 2)]


def test_of_many_people_five_are_listed_and_the_rest_is_searched(card: Card) -> None:
    many = tuple(
        replace(ANA, contact=replace(ANA.contact, source_id=str(at), name=f"P {at}"))
        for at in range(9)
    )
    paint(card, known(matches=many, chosen=None))
    acted: list[ActionKind] = []
    card.acted.connect(acted.append)
    card.toggle_people()
    assert len(card.people.rows) == 5
    rows = {row.accessibleName(): row for row in card.findChildren(PersonButton)}
    rows["4 more: search…"].click()
    assert acted == [ActionKind.SEARCH]


def test_options_and_choose_stand_still_when_the_lookup_ends(card: Card) -> None:
    facts = known(matches=(ANA, BO), chosen=None, is_lookup_pending=True)
    paint(card, facts)
    row = card.face.identity_row
    before = [button.geometry() for button in row.buttons if button.isVisible()]
    paint(card, replace(facts, is_lookup_pending=False))
    after = [button.geometry() for button in row.buttons if button.isVisible()]
    assert len(before) == 2
    assert after == before


def row_places(card: Card) -> dict[str, QRect]:
    return {
        row.accessibleName(): row.geometry()
        for row in card.people.findChildren(PersonButton)
        if row.isVisibleTo(card)
    }


def test_two_entries_are_said_to_be_one_person(card: Card) -> None:
    paint(card, known(matches=(ANA, BO, CEM), chosen=None))
    joined: list[tuple[int, int]] = []
    chosen: list[int] = []
    card.people_joined.connect(lambda *both: joined.append(both))
    card.person_chosen.connect(chosen.append)
    card.toggle_people()
    assert "Two of these are one person" in row_names(card)
    QTest.keyClick(card, Qt.Key.Key_S)
    QTest.keyClick(card, Qt.Key.Key_3)
    assert row_names(card)[-1] == "Stop"
    # The same one once more is no second one.
    QTest.keyClick(card, Qt.Key.Key_3)
    assert joined == []
    QTest.keyClick(card, Qt.Key.Key_2)
    assert joined == [(2, 1)]
    assert chosen == []


def test_esc_leaves_what_is_half_said_before_it_hides_the_card(
    qtbot: QtBot, card: Card
) -> None:
    paint(card, known(matches=(ANA, BO, CEM), chosen=None))
    card.toggle_people()
    QTest.keyClick(card, Qt.Key.Key_S)
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert "None of these" in row_names(card)
    with qtbot.waitSignal(card.closed):
        QTest.keyClick(card, Qt.Key.Key_Escape)


def test_more_opens_below_and_is_answered_by_keys(qtbot: QtBot, card: Card) -> None:
    paint(card, ringing(is_lookup_pending=False))
    small = card.wanted_size().height()
    QTest.keyClick(card, Qt.Key.Key_P)
    assert card.wanted_size().height() > small
    assert card.more is not None
    with qtbot.waitSignal(card.acted) as asked:
        QTest.keyClick(card, Qt.Key.Key_1)
    assert asked.args == [ActionKind.ADD_TO]
    assert card.wanted_size().height() == small


def test_why_it_is_them_is_a_tool_tip_in_plain_text(card: Card) -> None:
    tricky = replace(ANA, source_label='<img src="x">')
    paint(card, known(matches=(tricky,), chosen=tricky))
    assert "Source: &lt;img" in card.face.reason.tip()
    assert "<br>" in card.face.reason.tip()


def row_names(card: Card) -> list[str]:
    rows = card.people.findChildren(PersonButton)
    return [row.accessibleName() for row in rows if row.isVisibleTo(card)]


def test_the_line_has_the_room_that_the_state_leaves(card: Card) -> None:
    paint(card, ringing(line_text="Customer support, Birmingham"))
    assert card.face.line.shown_text() == "Customer support, Birmingham"
    before = card.face.line.geometry()
    card.show_time("Ringing 0:58")
    assert card.face.line.geometry() == before

    elsewhere = {"phase": CardPhase.ANSWERED_ELSEWHERE, "answered_by": "Ana Kovač"}
    paint(card, ringing(line_text="Customer support, Birmingham", **elsewhere))
    assert not card.face.line.geometry().intersects(card.face._state_icon_box())
