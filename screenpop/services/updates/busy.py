"""Whether somebody is on the phone, or about to be: then no update does anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.services.events import CardPhase

if TYPE_CHECKING:
    from screenpop.services.application import Application

LONGEST_WRAP_UP: Final = timedelta(minutes=15)
"""An answer that was not given by then is not waited for."""


def is_busy(app: Application) -> bool:
    """Whether a call is live, what came of one is asked, or one is being dialled."""
    if app.tracker.open_calls() or app.tracker.backlog or app.dialer.is_sending:
        return True
    since = app.clock() - LONGEST_WRAP_UP
    return any(
        card.phase is CardPhase.WRAP_UP and card.phase_since > since
        for card in app.screen_pop.recent()
    )
