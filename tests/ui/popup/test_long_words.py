"""In languages with long words every button of a card keeps its meaning and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.services.events import CardPhase
from screenpop.ui.popup.view_model import ActionKind, card_view
from screenpop.wording import install_catalogue
from tests.ui.card_samples import NOW, known
from tests.x11.long_language import LongLanguage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.ui.popup.card import Card


@pytest.fixture
def _long() -> Iterator[None]:
    install_catalogue(LongLanguage())
    yield
    install_catalogue(None)


@pytest.mark.usefixtures("_long")
def test_no_button_is_cut_off_and_none_moves_when_the_call_ends(card: Card) -> None:
    row = card.face.action_row
    card.show_view(card_view(known(), NOW))
    card.show()
    kinds = (ActionKind.OPEN, ActionKind.COPY, ActionKind.NOTE, ActionKind.LATER)
    places = []
    for phase in (CardPhase.RINGING, CardPhase.CONNECTED, CardPhase.ENDED):
        card.show_view(card_view(known(phase=phase), NOW))
        buttons = [row.button_of(kind) for kind in kinds]
        places.append([button.geometry() for button in buttons if button])
    assert places[0] == places[1] == places[2]
    last = row.button_of(ActionKind.CALL_BACK)
    assert last is not None
    assert last.shown_text() == "Caall baack"
    copy = row.button_of(ActionKind.COPY)
    assert copy is not None
    assert copy.is_icon_only
    assert copy.accessibleName() == "Coopy"
    assert "Coopy" in copy.toolTip()
