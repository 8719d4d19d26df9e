"""Pictures of the windows beside the card.

    python -m tests.x11.gallery_windows DIR [NAME …]

Light and dark; run it with ``QT_SCALE_FACTOR=2`` for a screen of twice the density.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from screenpop.domain.dialing import DialOrigin
from screenpop.providers.protocol import OwnedNumber
from screenpop.services.dialer import DialOrder
from screenpop.services.events import DialConfirmationNeeded, DialState
from screenpop.ui.call_log.view_model import CallLogModel
from screenpop.ui.call_log.window import CallLogActions, CallLogWindow
from screenpop.ui.dialer.pane import DialerPane
from screenpop.ui.dialer.view_model import DialerModel
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import FROM_CRM, Desk, Memory, PhoneLine
from tests.ui.past_calls import NOW, RECORD, PastCalls, entry, missed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Shot = tuple[str, QWidget]


def _pane(theme: Theme, desk: Desk | None = None) -> tuple[DialerPane, PhoneLine]:
    line = PhoneLine()
    model = DialerModel(desk or Desk(), line, Memory())
    return DialerPane(theme, Memory(), model), line


async def dialer_screens(theme: Theme) -> AsyncIterator[Shot]:
    """The dialer in each of its states."""
    pane, line = _pane(theme)
    pane.open_with()
    yield "dialer-empty", pane
    desk = Desk(
        lines=(("a", "Example Bakery"), ("b", "Home office")),
        numbers={"a": (OwnedNumber("+12025550100", "Sales"),)},
        slow=(FROM_CRM,),
    )
    pane, line = _pane(theme, desk)
    pane.open_with("ana")
    yield "dialer-name", pane
    pane.box.setText("")
    pane._edited("911")
    pane.box.setText("911")
    yield "dialer-emergency", pane
    pane._call()
    yield "dialer-asking", pane
    pane, line = _pane(theme)
    pane.open_with("Office 202-555-0142, mobile 202-555-0117")
    yield "dialer-numbers", pane
    order = DialOrder(text="2025550142", origin=DialOrigin.TYPED, name="Ana Rossi")
    pane.open_with("ana")
    pane._call()
    await asyncio.sleep(0.05)
    pane.show_progress(line.progress(DialState.CALLING, order))
    yield "dialer-calling", pane
    pane, line = _pane(theme, Desk(recent=()))
    pane.open_with("zoe")
    yield "dialer-nobody", pane
    pane.ask(
        DialConfirmationNeeded(
            "(202) 555-0142",
            "tel:+12025550142",
            origin="link",
            reasons=("A link asks to call this number.",),
        )
    )
    yield "dialer-link", pane


async def call_log_screens(theme: Theme) -> AsyncIterator[Shot]:
    """The call log with work to do, searching in vain, and empty."""
    first = entry(0)
    calls = (first, *(entry(n) for n in range(1, 40)), missed(42), missed(6), missed(1))
    past = PastCalls(calls)
    past.records[first.ref] = RECORD
    window = _call_log(theme, past)
    yield "calls", window
    window.search.setText("nobody of this name")
    await asyncio.sleep(0.2)
    yield "calls-none", window
    yield "calls-empty", _call_log(theme, PastCalls())


def _call_log(theme: Theme, past: PastCalls) -> CallLogWindow:
    actions = CallLogActions(lambda _n: None, lambda _n, _w: None, lambda _u: None)
    model = CallLogModel(past, lambda: NOW)
    window = CallLogWindow(theme, Memory(), model, actions)
    window.open_with()
    return window


SCREENS: list[Callable[[Theme], AsyncIterator[Shot]]] = [
    dialer_screens,
    call_log_screens,
]


async def take(folder: Path) -> None:
    """Write every picture."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = Theme(app, "light")
    only = sys.argv[2:] or [""]
    for choice in ("light", "dark"):
        theme.set_choice(choice)
        for screens in SCREENS:
            async for name, window in screens(theme):
                for _ in range(30):
                    QApplication.processEvents()
                    await asyncio.sleep(0.01)
                if any(name.startswith(wanted) for wanted in only):
                    window.grab().save(str(folder / f"{name}-{choice}.png"))


def main() -> None:
    """Take the pictures."""
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder))


if __name__ == "__main__":
    main()
