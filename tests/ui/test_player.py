"""The bar that plays a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from screenpop.domain.errors import SoundUnavailable
from screenpop.simulator.sounds import beep
from screenpop.ui.tasks import Tasks
from screenpop.ui.theme import Theme
from screenpop.ui.widgets.player import PlayerBar
from tests.desktop.hand_device import HandDevice
from tests.ui.dialing_desk import Memory
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from screenpop.ui.error_presenter import Trouble


class Listening:
    """A bar with a loudspeaker that plays when the test says so."""

    def __init__(self, app: QApplication) -> None:
        self.device = HandDevice()
        self.has_device = True
        self.memory = Memory()
        self.troubles: list[Trouble] = []
        self.tasks = Tasks(self.troubles.append)
        self.theme = Theme(app, "light")
        self.bar = PlayerBar(self.theme, self.tasks, self.memory, self._open)

    def _open(self) -> HandDevice:
        if not self.has_device:
            raise SoundUnavailable("No loudspeaker was found on this computer")
        return self.device

    async def open(self, seconds: int = 10) -> None:
        self.bar.open(beep(seconds), self.troubles.append)
        await shown(self.bar.isVisible, "the bar")

    def hear(self, seconds: float) -> None:
        self.device.hear(seconds)
        self.bar._look()

    @property
    def time(self) -> str:
        return next(label.text() for label in self.bar.findChildren(QLabel))


@pytest.fixture
async def listening(qapp: QApplication) -> AsyncIterator[Listening]:
    made = Listening(qapp)
    yield made
    made.bar.close_sound()
    made.tasks.close()
    await made.tasks.idle()
    made.bar.deleteLater()
    QApplication.processEvents()


async def test_a_recording_plays_at_once_and_pauses(listening: Listening) -> None:
    await listening.open()
    listening.hear(2)
    assert listening.time == "0:02 of 0:10"
    QTest.keyClick(listening.bar.play_button, Qt.Key.Key_Space)
    assert listening.device.source is None, "it is silent"
    assert listening.bar.play_button.text() == "Play"
    QTest.keyClick(listening.bar.play_button, Qt.Key.Key_Space)
    listening.hear(1)
    assert listening.time == "0:03 of 0:10"


async def test_arrows_go_by_five_seconds_and_a_click_goes_there(
    listening: Listening,
) -> None:
    await listening.open()
    bar = listening.bar.seek_bar
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert listening.time == "0:05 of 0:10"
    bar.resize(200, 24)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.rect().center())
    assert listening.time == "0:05 of 0:10"
    QTest.keyClick(bar, Qt.Key.Key_Left)
    assert listening.time == "0:00 of 0:10"


async def test_the_speed_is_remembered(listening: Listening) -> None:
    await listening.open()
    listening.bar.speed.setFocus()
    QTest.keyClick(listening.bar.speed, Qt.Key.Key_Down)
    listening.hear(4)
    assert listening.time == "0:05 of 0:10"
    again = PlayerBar(listening.theme, listening.tasks, listening.memory)
    assert again.speed.currentText() == "1.25\N{MULTIPLICATION SIGN}"


async def test_the_end_offers_to_play_it_once_more(listening: Listening) -> None:
    await listening.open(1)
    listening.hear(2)
    assert listening.bar.play_button.text() == "Play"
    listening.bar.play_button.click()
    listening.hear(0.2)
    assert listening.time == "0:00 of 0:01"
    assert listening.bar.play_button.text() == "Pause"


async def test_without_a_loudspeaker_it_says_so_and_shows_nothing(
    listening: Listening,
) -> None:
    listening.has_device = False
    listening.bar.open(beep(1), listening.troubles.append)
    await shown(lambda: listening.troubles, "the trouble")
    assert listening.troubles[0].title == "No loudspeaker was found on this computer"
    assert not listening.bar.isVisible()


async def test_a_hidden_bar_is_silent(listening: Listening) -> None:
    await listening.open()
    listening.bar.hide()
    assert listening.device.source is None
    assert not listening.bar.has_sound


async def test_a_screen_reader_finds_names_for_everything(
    listening: Listening,
) -> None:
    await listening.open()
    names = [
        QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name)
        for each in (
            listening.bar.play_button,
            listening.bar.seek_bar,
        )
    ]
    assert names == ["Pause", "Position in seconds"]
    # A list of choices is named by the label that belongs to it.
    labels = listening.bar.findChildren(QLabel)
    assert [one.text() for one in labels if one.buddy() is listening.bar.speed] == [
        "Speed"
    ]
