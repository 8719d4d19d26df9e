"""A card nobody sees: painted once on each new card, to have fonts and icons ready."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from screenpop.domain.calls import CallRef
from screenpop.domain.contacts import Contact, ContactMatch, MatchQuality
from screenpop.domain.events import Direction
from screenpop.services.events import CallCard, CallerContext, CardPhase
from screenpop.ui.popup.view_model import card_view

_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MATCH: Final = ContactMatch(
    contact=Contact(
        source="local", name="Abcdefghij Klmnopqrstuvwxyz", company="0123456789"
    ),
    quality=MatchQuality.EXACT,
    reason="same number",
    source_label="-",
)
_CARD: Final = CallCard(
    ref=CallRef("", "sample"),
    direction=Direction.INBOUND,
    phase=CardPhase.RINGING,
    phase_since=_MOMENT,
    number_text="+1 202-555-0100",
    number_e164="+12025550100",
    line_text="-",
    matches=(_MATCH,),
    chosen=_MATCH,
    context=CallerContext(missed_count=1),
)

SAMPLE: Final = card_view(_CARD, _MOMENT)
"""Has every letter shape, icon and button of an ordinary ringing card."""
