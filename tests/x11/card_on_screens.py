"""Plugs monitors of different scale in and out below a card, and tells where it is.

Writes one line of JSON for each step: its name, the monitor that the card should be
on, and the window's true place, in the server's own pixels.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.x11.monitors import Monitors, Place

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from screenpop.ui.popup.controller import CardStack

# The card is 392 wide by itself, and twice that on the right.
LEFT = Place(0, 0, 420, 800)
RIGHT = Place(420, 0, 860, 800)
THIRD = Place(420, 0, 860, 500)
SCALES = "LEFT=1;RIGHT=2;THIRD=1.5"


def main(folder: Path) -> None:
    """Go through all steps on the display that there is."""
    with Monitors() as monitors:
        monitors.plug_in("LEFT", LEFT, is_primary=True)
        monitors.plug_in("RIGHT", RIGHT)
        os.environ["QT_SCREEN_SCALE_FACTORS"] = SCALES
        from PySide6.QtWidgets import QApplication

        app = QApplication(["screens"])
        play(app, monitors, folder)


def play(app: QApplication, monitors: Monitors, folder: Path) -> None:
    """The steps."""
    from screenpop.ui.popup.controller import CardStack
    from screenpop.ui.popup.placement import ScreenRule
    from screenpop.ui.popup.screens import QtScreens
    from screenpop.ui.popup.stack_layout import StackSettings
    from screenpop.ui.theme import Theme
    from tests.ui.card_actions_taken import ActionsTaken
    from tests.ui.card_samples import NOW, known, ringing
    from tests.x11.desk import pumped, typing_target, xdotool

    theme = Theme(app, "light")
    stack = CardStack(
        theme, ActionsTaken(), StackSettings(), QtScreens(app), clock=lambda: NOW
    )

    def screens() -> set[str]:
        return {screen.name() for screen in app.screens()}

    xdotool("mousemove", "900", "300")
    stack.show(known())
    tell("pointer on the large one", RIGHT, stack)
    monitors.unplug("RIGHT")
    pumped(lambda: screens() == {"LEFT"}, "the screen to be gone")
    tell("unplugged", LEFT, stack)
    stack.hide_all()
    monitors.plug_in("THIRD", THIRD)
    pumped(lambda: screens() == {"LEFT", "THIRD"}, "the screen to be there")
    for number in range(3):
        stack.show(ringing(f"call-{number}"))
    tell("three on a new one", THIRD, stack)
    stack.hide_all()
    stack.change_settings(StackSettings(screen_rule=ScreenRule.ACTIVE_WINDOW))
    with typing_target(folder) as other:
        xdotool("windowmove", other.window_id, "20", "500")
        xdotool("windowsize", other.window_id, "300", "200")
        stack.show(ringing("worked at"))
        tell("where somebody works", LEFT, stack)
    stack.close()


def tell(step: str, monitor: Place, stack: CardStack) -> None:
    """Say where every card of the stack is."""
    for card in stack.cards:
        place = _place(card)
        line = {"step": step, "monitor": monitor, "card": place}
        sys.stdout.write(json.dumps(line) + "\n")


def _place(card: QWidget) -> list[int]:
    from tests.x11.desk import pump, xdotool

    pump()
    said = xdotool("getwindowgeometry", "--shell", str(int(card.winId())))
    values = dict(line.split("=", 1) for line in said.splitlines())
    return [int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
