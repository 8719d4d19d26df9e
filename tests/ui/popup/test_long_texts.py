"""300 characters with markup, emoji and both directions, wherever a text is foreign."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from screenpop.services.events import CardPhase
from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.overflow import MoreCalls
from screenpop.ui.popup.view_model import card_view
from screenpop.ui.theme import Theme
from tests.ui.card_samples import NOW, longest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


@pytest.fixture(params=[1.0, 2.0], ids=["100 %", "200 %"])
def card(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Card]:
    theme = Theme(qapp, "light", text_scale=request.param)
    card = Card(theme)
    yield card
    card.deleteLater()
    theme.deleteLater()


def parts(card: QWidget) -> list[QWidget]:
    return [one for one in card.findChildren(QWidget) if one.isVisibleTo(card)]


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
@pytest.mark.parametrize("phase", list(CardPhase))
def test_every_text_stays_in_its_place_and_stays_text(
    card: Card, phase: CardPhase, direction: Qt.LayoutDirection
) -> None:
    card.setLayoutDirection(direction)
    facts = replace(longest(), phase=phase, dispositions=(longest().line_text,) * 3)
    card.show_view(card_view(facts, NOW, is_account_shown=True))
    card.ask_what_came_of_it()
    card.resize(card.wanted_size())
    card.show()
    whole = QRect(0, 0, card.width(), card.height())
    assert card.wanted_size().width() == card.face.width()
    for part in parts(card):
        place = QRect(part.mapTo(card, part.rect().topLeft()), part.size())
        # The last button's padding reaches over the edge by design.
        assert whole.adjusted(-8, 0, 8, 0).contains(place), part
        assert "<b>" not in part.toolTip()
    for label in card.findChildren(PlainLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
        shown = label.fontMetrics().horizontalAdvance(label.shown_text())
        assert shown <= max(label.width(), 1) + 1
    assert "<b>" in card.accessibleName()


def test_the_row_of_further_calls_takes_them_too(card: Card) -> None:
    row = MoreCalls(card.theme)
    row.show_calls([card_view(longest(), NOW)] * 3, 3)
    row.resize(row.wanted_size())
    assert row.wanted_size().width() == card.face.width()
    for line in row.lines[:3]:
        assert row.rect().contains(line.geometry())
    row.deleteLater()
