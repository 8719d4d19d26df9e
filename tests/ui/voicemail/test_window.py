"""The voicemail window with coroutines that really run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget

from screenpop.domain.errors import NotOffered, ProviderUnavailable
from screenpop.providers.abilities import Sound
from screenpop.services.voicemail import Mailbox, MessageRef, Playable
from screenpop.simulator.sounds import beep
from screenpop.ui.theme import Theme
from screenpop.ui.voicemail.view_model import VoicemailModel
from screenpop.ui.voicemail.window import VoicemailActions, VoicemailWindow
from tests.desktop.hand_device import HandDevice
from tests.ui.dialing_desk import Memory
from tests.ui.left_messages import LeftMessages, message
from tests.ui.past_calls import NOW
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Around:
    """What the window asked of the rest of the program."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.opened: list[str | Path] = []
        self.has_player = True

    def open(self, what: str | Path) -> bool:
        self.opened.append(what)
        return self.has_player

    @property
    def actions(self) -> VoicemailActions:
        return VoicemailActions(self.called.append, self.open, self.open, HandDevice)


@pytest.fixture
def left() -> LeftMessages:
    return LeftMessages(message(0), message(1), message(2))


@pytest.fixture
def around() -> Around:
    return Around()


@pytest.fixture
async def window(
    qapp: QApplication, left: LeftMessages, around: Around
) -> AsyncIterator[VoicemailWindow]:
    model = VoicemailModel(left, lambda: NOW)
    window = VoicemailWindow(Theme(qapp, "light"), Memory(), model, around.actions)
    yield window
    window.close()
    await window.tasks.idle()
    window.deleteLater()
    QApplication.processEvents()


async def opened(window: VoicemailWindow, rows: int = 3) -> None:
    window.open()
    await shown(lambda: len(window.list.rows_model.rows) == rows, "the messages")


def button(window: QWidget, text: str) -> QPushButton:
    return next(
        button
        for button in window.findChildren(QPushButton)
        if button.text() == text and button.isVisible()
    )


def texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


async def test_messages_are_listed_and_the_newest_is_shown(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    await opened(window)
    said = texts(window)
    assert "3 messages, 2 new" in said
    assert "invoice; could somebody call me back" in said
    assert "Ana Rossi" in said
    assert left.looks == 1, "what is in front of the user is not new any more"
    first = window.list.rows_model.rows[0].spoken
    assert first.startswith("Ana Rossi, New, 0:23, Example Bakery, (202) 555-0142")


async def test_a_message_plays_in_the_window_and_counts_as_heard(
    window: VoicemailWindow, left: LeftMessages, around: Around
) -> None:
    left.sound = Sound(beep(3), "audio/wav")
    await opened(window)
    QTest.keyClick(window.list, Qt.Key.Key_Return)
    await shown(window.player.isVisible, "the bar that plays")
    await shown(lambda: left.heard, "the mark")
    assert "0:00 of 0:03" in texts(window)
    assert around.opened == []
    window.list.choose(2)
    assert not window.player.isVisible(), "another message is no reason to go on"
    assert button(window, "Listen").isEnabled()


async def test_enter_opens_what_cannot_be_played_here_and_marks_as_heard(
    window: VoicemailWindow, left: LeftMessages, around: Around
) -> None:
    await opened(window)
    QTest.keyClick(window.list, Qt.Key.Key_Return)
    await shown(lambda: left.heard, "the mark")
    assert around.opened == ["https://media.example.com/1"]
    assert left.heard == [MessageRef("acme", "vm-0")]
    await shown(lambda: "1 new" in texts(window), "the count")
    assert not window.details.heard_button.isVisible()


async def test_a_fetched_sound_is_opened_as_a_file(
    window: VoicemailWindow, left: LeftMessages, around: Around, tmp_path: Path
) -> None:
    left.playable = Playable(file=tmp_path / "message-1.wav")
    around.has_player = False
    await opened(window)
    button(window, "Listen").click()
    await shown(window.message.isVisible, "the word that nothing plays it")
    assert around.opened == [tmp_path / "message-1.wav"]
    assert "Save it" in window.message.text
    assert left.heard == []


async def test_a_sound_that_cannot_be_had_is_told(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    left.errors["listen"] = NotOffered("The sound cannot be fetched", "Use the phone.")
    await opened(window)
    button(window, "Listen").click()
    await shown(window.message.isVisible, "the trouble")
    assert window.message.text == "The sound cannot be fetched Use the phone."
    assert button(window, "Listen").isEnabled()


async def test_call_back_opens_the_dialer(
    window: VoicemailWindow, around: Around
) -> None:
    await opened(window)
    window.list.choose(1)
    button(window, "Call back").click()
    assert around.called == ["+12025550163"]


async def test_deleting_asks_first_and_no_is_the_default(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    await opened(window)
    QTest.keyClick(window.list, Qt.Key.Key_Delete)
    question = next(one for one in window.findChildren(QDialog) if one.isVisible())
    assert "cannot be brought back" in texts(question)
    assert question.focusWidget() is button(question, "Cancel")
    button(question, "Delete").click()
    await shown(lambda: len(window.list.rows_model.rows) == 2, "the rest")
    assert [one.ref.voicemail_id for one in left.entries] == ["vm-1", "vm-2"]
    assert "The message is deleted" in texts(window)


async def test_saving_writes_the_sound_where_the_user_says(
    window: VoicemailWindow, tmp_path: Path
) -> None:
    await opened(window)
    window.save_to(Sound(b"ID3 sound", "audio/mpeg"), tmp_path / "kept.mp3")
    await shown(lambda: "saved as kept.mp3" in texts(window), "the sentence")
    assert (tmp_path / "kept.mp3").read_bytes() == b"ID3 sound"


async def test_each_account_has_its_own_state(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    left.boxes.append(Mailbox("beta", "Beta", is_editable=False))
    left.errors["beta"] = ProviderUnavailable("Beta is out of order")
    await opened(window)
    await shown(lambda: "Beta: Beta is out of order" in texts(window), "the trouble")
    assert "3 messages" in texts(window), "the other account's are there"
    assert "by itself" not in texts(window), "it is tried when somebody asks"

    del left.errors["beta"]
    left.entries.append(
        message(4, ref=MessageRef("beta", "vm-9"), is_editable=False, is_heard=None)
    )
    button(window, "Try again").click()
    await shown(lambda: len(window.list.rows_model.rows) == 4, "all messages")
    assert "out of order" not in texts(window)
    window.list.choose(3)
    assert not window.details.delete_button.isVisible()
    assert "deleted on the phone only" in texts(window)


async def test_asking_shows_that_it_asks_and_empty_says_so(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    left.entries.clear()
    left.wait = asyncio.Event()
    window.open()
    await shown(lambda: "Reading the messages of Acme" in texts(window), "the wait")
    assert "No messages" not in texts(window)
    left.wait.set()
    await shown(lambda: "No messages" in texts(window), "the empty box")
    assert "Reading" not in texts(window)


async def test_without_any_mailbox_it_says_that(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    left.boxes.clear()
    window.open()
    await shown(lambda: "No phone system here" in texts(window), "the reason")


async def test_news_bring_the_message_in_and_the_chosen_one_stays(
    window: VoicemailWindow, left: LeftMessages
) -> None:
    await opened(window)
    window.list.choose(2)
    left.entries.insert(0, message(0, ref=MessageRef("acme", "new"), left_at=NOW))
    window.account_changed("acme")
    await shown(lambda: len(window.list.rows_model.rows) == 4, "the new message")
    assert window.details.entry is not None
    assert window.details.entry.ref.voicemail_id == "vm-2"


async def test_a_screen_reader_finds_the_list_and_every_button(
    window: VoicemailWindow,
) -> None:
    await opened(window)
    named = {
        QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        for widget in (window.list, *window.findChildren(QPushButton))
        if widget.isVisible()
    }
    assert named >= {
        "Messages",
        "Refresh",
        "Listen",
        "Call back",
        "Save…",
        "Mark as heard",
        "Delete…",
    }
