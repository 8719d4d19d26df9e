"""Keys pressed in another program reach card and dialer, and nothing else is lost."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from screenpop.desktop.hotkeys_x11 import X11HotkeyKeeper
from screenpop.desktop.selection import X11SelectionReader
from screenpop.domain.errors import UsageError
from screenpop.domain.shortcuts import read_shortcut
from screenpop.services.events import DialConfirmationNeeded
from screenpop.services.hotkeys import HotkeyAction, HotkeyPressed
from screenpop.ui.hotkey_desk import HotkeyDesk
from screenpop.ui.popup.controller import CardStack
from screenpop.ui.popup.screens import QtScreens
from screenpop.ui.popup.stack_layout import StackSettings
from screenpop.ui.tasks import Tasks
from screenpop.ui.theme import Theme
from tests.requirements import require_program
from tests.ui.card_actions_taken import ActionsTaken
from tests.ui.card_samples import NOW, known
from tests.ui.dialing_desk import PhoneLine
from tests.ui.pumping import shown
from tests.x11.desk import typing_target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from screenpop.services.dialer import DialOrder

pytestmark = pytest.mark.x11

KEYS = {
    HotkeyAction.FOCUS_CARD: "Ctrl+Alt+Space",
    HotkeyAction.DIAL_SELECTION: "Ctrl+Alt+D",
    HotkeyAction.SEARCH: "Ctrl+Alt+F",
}


class AskingLine(PhoneLine):
    """A dialer that keeps what it was asked to ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def request(self, order: DialOrder) -> DialConfirmationNeeded:
        preview = self.preview(order.text, order.origin)
        if not preview.number_text:
            raise UsageError("There is no number in it")
        self.asked.append(preview.number_text)
        return DialConfirmationNeeded(preview.number_text, order.text)


class KeyedDesk:
    """Cards, a dialer and held keys."""

    def __init__(self, app: QApplication) -> None:
        self.theme = Theme(app, "light")
        self.actions = ActionsTaken()
        self.stack = CardStack(
            self.theme,
            self.actions,
            StackSettings(),
            QtScreens(app),
            clock=lambda: NOW,
        )
        self.line = AskingLine()
        self.opened: list[str] = []
        self.keeper = X11HotkeyKeeper()
        self.desk = HotkeyDesk(
            dialer=self.line,
            tasks=Tasks(lambda trouble: pytest.fail(trouble.title)),
            focus_card=self.stack.focus_card,
            open_dialer=self.opened.append,
            take_selection=lambda: pytest.fail("X11 lets us read it"),
            reader=X11SelectionReader,
        )

    async def hold(self) -> None:
        wanted = {name.value: read_shortcut(keys) for name, keys in KEYS.items()}
        await self.keeper.hold(
            wanted, lambda name: self.desk.pressed(HotkeyPressed(HotkeyAction(name)))
        )


@pytest.fixture
async def desk(qapp: QApplication) -> AsyncIterator[KeyedDesk]:
    desk = KeyedDesk(qapp)
    await desk.hold()
    yield desk
    desk.keeper.release()
    desk.stack.close()
    desk.theme.deleteLater()


async def xdotool(*words: str) -> None:
    program = await asyncio.create_subprocess_exec(require_program("xdotool"), *words)
    await program.wait()


async def test_a_key_gives_the_card_the_keyboard_and_escape_gives_it_back(
    desk: KeyedDesk, tmp_path: Path
) -> None:
    with typing_target(tmp_path) as target:
        await xdotool("type", "be")
        desk.stack.show(known())
        await shown(desk.stack.cards[0].isVisible, "the card")
        await xdotool("key", "ctrl+alt+space")
        await shown(lambda: QApplication.focusWindow() is not None, "the keyboard")
        await xdotool("key", "o")
        await shown(lambda: desk.actions.opened, "the card's own key")
        await xdotool("key", "Escape")
        await shown(lambda: not desk.stack.cards, "the card to hide")
        await xdotool("type", "fore")
        await shown(lambda: target.text == "before", "typing to go on where it was")


async def test_what_is_marked_anywhere_is_asked_about_and_the_clipboard_is_left_alone(
    desk: KeyedDesk,
) -> None:
    QGuiApplication.clipboard().setText("kept")
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.x11.marked_text", "Ana: 202-555-0142"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    assert program.stdin is not None
    await program.stdout.readline()
    await xdotool("key", "ctrl+alt+d")
    await shown(lambda: desk.line.asked == ["(202) 555-0142"], "the question")
    assert desk.line.orders == []
    assert QGuiApplication.clipboard().text() == "kept"
    program.stdin.close()
    await program.wait()
    # Nothing is marked any more, so there is only the search.
    await xdotool("key", "ctrl+alt+d")
    await shown(lambda: desk.opened == [""], "the dialer")


async def test_without_a_card_the_key_leads_to_the_dialer(desk: KeyedDesk) -> None:
    await xdotool("key", "ctrl+alt+space")
    await xdotool("key", "ctrl+alt+f")
    await shown(lambda: desk.opened == ["", ""], "the dialer")


def test_marked_names_are_searched_and_several_numbers_are_to_choose_from(
    qapp: QApplication,
) -> None:
    desk = KeyedDesk(qapp)
    desk.desk.dial_marked("Ana Rossi\n")
    desk.desk.dial_marked("Office 202-555-0142, mobile 202-555-0117")
    assert desk.opened == ["Ana Rossi", "Office 202-555-0142, mobile 202-555-0117"]
    assert desk.line.asked == []
    desk.stack.close()
    desk.theme.deleteLater()
