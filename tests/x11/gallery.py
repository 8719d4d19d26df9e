"""Pictures of every card, the row of further calls and the tray's icons.

    python -m tests.x11.gallery FOLDER

Writes one sheet for light and one for dark, at 100 % and at 200 %, and single pictures
of the cards that the documentation shows; with ``LANGUAGE=lt`` in another language.
Needs no display (it paints offscreen).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QWidget

    from screenpop.ui.popup.card import Card
    from screenpop.ui.theme.theme import Theme

_SCHEMES = ("light", "dark")
_SCALES = ("1", "2")
_LARGEST_TEXT = 2.0
_SCREEN = (1000, 800)
_COLUMNS = 3
_SPACE = 16


def main(arguments: list[str]) -> int:
    """Write the pictures into the folder and return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.x11.gallery FOLDER\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for scale in _SCALES:
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": scale,
        }
        # The scale is fixed for the life of a process.
        command = [sys.executable, "-m", "tests.x11.gallery", "--paint", scale]
        subprocess.run([*command, str(folder)], env=environment, check=True)
    return 0


def paint(scale: str, folder: Path) -> None:
    """Paint everything at the scale this process has."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from screenpop.ui.theme.theme import Theme
    from screenpop.wording import install_catalogue
    from tests.x11.long_language import LongLanguage
    from tests.x11.mirrored_language import speak_for_pictures

    app = QApplication(["gallery"])
    speak_for_pictures(app, os.environ.get("LANGUAGE", "en"))
    for scheme in _SCHEMES:
        theme = Theme(app, "dark" if scheme == "dark" else "light")
        pictures = card_pictures(theme)
        ending = f"{scheme}@{scale}x.png"
        for name, picture in stack_pictures(theme, float(scale)).items():
            picture.save(str(folder / f"stack-{name}-{ending}"))
        for name, picture in pictures.items():
            picture.save(str(folder / f"card-{name}-{ending}"))
        sheet(pictures, theme).save(str(folder / f"cards-{ending}"))
    if scale == "1":
        theme = Theme(app, "light")
        install_catalogue(LongLanguage())
        pictures = card_pictures(theme)
        sheet(pictures, theme).save(str(folder / "cards-light-long-language.png"))
        install_catalogue(None)
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        pictures = card_pictures(theme)
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        sheet(pictures, theme).save(str(folder / "cards-light-mirrored.png"))
        large = Theme(app, "light", text_scale=_LARGEST_TEXT)
        picture = sheet(card_pictures(large), large)
        picture.save(str(folder / "cards-light-text-200%.png"))


def card_pictures(theme: Theme) -> dict[str, QPixmap]:
    """Every card in every state, and the row of further calls."""
    from screenpop.ui.popup.card import Card
    from screenpop.ui.popup.overflow import MoreCalls
    from screenpop.ui.popup.view_model import card_view
    from tests.ui.card_samples import NOW, stories

    pictures = {}
    for name, (facts, progress) in stories().items():
        card = Card(theme)
        card.show_view(card_view(facts, NOW, progress=progress, is_account_shown=True))
        _open(card, name)
        card.resize(card.wanted_size())
        pictures[name] = card.grab()
    row = MoreCalls(theme)
    row.show_calls(
        [card_view(facts, NOW) for facts, _ in list(stories().values())[:3]], 3
    )
    row.resize(row.wanted_size())
    pictures["more-calling"] = row.grab()
    return pictures


def _open(card: Card, name: str) -> None:
    """Bring the card into the state that the name of its story tells."""
    from screenpop.ui.popup.due_times import due_choices, due_rows
    from tests.ui.card_samples import NOW

    if name == "ringing-several":
        card.toggle_people()
    elif name == "connected":
        card.open_note()
        card.note.setPlainText("Wants the invoice again, by e-mail this time")
    elif name == "connected-slim":
        card.set_slim(True)
    elif name == "wrap-up":
        card.ask_what_came_of_it()
    elif name == "call-back-later":
        rows = due_rows(due_choices(NOW), NOW)
        card.show_rows("When to call back", rows, is_focused=False)


def stack_pictures(theme: Theme, ratio: float) -> dict[str, QPixmap]:
    """Two, three, five and seven calls at once, as they stand on a screen."""
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QPainter, QPixmap

    from screenpop.ui.popup.controller import CardStack
    from screenpop.ui.popup.placement import Rect, ScreenArea
    from screenpop.ui.popup.stack_layout import StackSettings
    from tests.ui.card_actions_taken import ActionsTaken
    from tests.ui.card_samples import NOW, several_at_once
    from tests.ui.popup.conftest import PretendScreens

    screens, whole = PretendScreens(), Rect(0, 0, *_SCREEN)
    screens.there = [ScreenArea("screen", whole, whole, True)]
    pictures = {}
    for count in (2, 3, 5, 7):
        stack = CardStack(theme, ActionsTaken(), StackSettings(), screens, lambda: NOW)
        for facts in several_at_once(count):
            stack.show(facts)
        picture = QPixmap(QSize(*_SCREEN) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.color("border"))
        painter = QPainter(picture)
        windows: list[QWidget] = [*stack.cards]
        if stack.row is not None:
            windows.append(stack.row)
        for window in windows:
            painter.drawPixmap(window.pos(), window.grab())
        painter.end()
        pictures[f"of-{count}"] = picture
        stack.close()
    return pictures


def sheet(pictures: dict[str, QPixmap], theme: Theme) -> QPixmap:
    """All pictures with their names on one."""
    from PySide6.QtGui import QPainter, QPixmap

    ratio = next(iter(pictures.values())).devicePixelRatio()
    width = max(round(picture.width() / ratio) for picture in pictures.values())
    rows = [
        list(pictures.items())[at : at + _COLUMNS]
        for at in range(0, len(pictures), _COLUMNS)
    ]
    heights = [
        max(round(picture.height() / ratio) for _, picture in row) + 2 * _SPACE
        for row in rows
    ]
    whole = QPixmap(
        round((_COLUMNS * (width + _SPACE) + _SPACE) * ratio),
        round((sum(heights) + _SPACE) * ratio),
    )
    whole.setDevicePixelRatio(ratio)
    whole.fill(theme.color("window"))
    painter = QPainter(whole)
    painter.setPen(theme.color("text_soft"))
    top = _SPACE
    for row, height in zip(rows, heights, strict=True):
        for column, (name, picture) in enumerate(row):
            left = _SPACE + column * (width + _SPACE)
            painter.drawText(left, top + 8, name)
            painter.drawPixmap(left, top + 16, picture)
        top += height
    painter.end()
    return whole


if __name__ == "__main__":
    if sys.argv[1:2] == ["--paint"]:
        paint(sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
