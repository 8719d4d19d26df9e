"""What the vendor has of the chosen call: its recording, and step by step its story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.plain_text import plain
from screenpop.ui.recording_file import ask_where, saved_text
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.time_text import clock_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.player import PlayerBar
from screenpop.ui.widgets.text import TextBlock, section_header
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.providers.abilities import Sound, TimelineEntry
    from screenpop.services.call_history import LogEntry
    from screenpop.services.vendor_calls import VendorOffer
    from screenpop.ui.ports import MemoryPort, OpenUrl, VendorCallsPort
    from screenpop.ui.tasks import Tasks
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.messages import InlineMessage

_AT_PX: Final = 92
_MOST_STEPS: Final = 500


class RecordingRow(QWidget):
    """Plays, opens or saves the recording of a call.

    Signals:
        play_wanted: The user wants to hear it here.
        open_wanted: The user wants to hear it.
        save_wanted: The user wants it as a file.
    """

    play_wanted = Signal()
    open_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, theme: Theme, player: PlayerBar) -> None:
        super().__init__()
        self._player = player
        # One below the other: side by side they are wider than the panel may be.
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.play_button = TextButton(
            theme, tr("Play recording"), self.play_wanted.emit, icon="play"
        )
        self.open_button = TextButton(
            theme, tr("Open recording"), self.open_wanted.emit, icon="link"
        )
        self.open_button.setToolTip(tr("Asks for a fresh link and opens your browser"))
        self.open_button.setAccessibleDescription(self.open_button.toolTip())
        self.save_button = TextButton(
            theme, tr("Save recording…"), self.save_wanted.emit, icon="save"
        )
        column.addWidget(self.play_button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(player)
        for button in (self.open_button, self.save_button):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        self.hide()

    def show_offer(self, entry: LogEntry, offer: VendorOffer) -> None:
        """Show what there may be of this call; nothing where there cannot be any."""
        has_talked = entry.outcome is CallOutcome.ANSWERED and not entry.is_live
        is_likely = entry.has_recording or has_talked
        self.open_button.setVisible(offer.has_link)
        self.save_button.setVisible(offer.has_sound)
        self.play_button.setVisible(offer.has_sound and not self._player.has_sound)
        # Some records do not say whether there is one; then it is a question.
        is_known = entry.has_recording
        self.open_button.show_text(
            tr("Open recording") if is_known else tr("Look for a recording")
        )
        self.setVisible(is_likely and (offer.has_link or offer.has_sound))

    def set_busy(self, is_busy: bool) -> None:
        """Whether the vendor is being asked."""
        self.play_button.setEnabled(not is_busy)
        self.open_button.setEnabled(not is_busy)
        self.save_button.setEnabled(not is_busy)


class VendorSteps(QWidget):
    """What happened on a call, as the vendor tells it when it is asked.

    Signals:
        wanted: The user asks for it.
    """

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(8), 0, 0)
        self._column.setSpacing(theme.px(6))
        self._title = section_header(theme, "")
        self._column.addWidget(self._title)
        self.ask_button = TextButton(theme, "", self.wanted.emit)
        self._column.addWidget(self.ask_button, 0, Qt.AlignmentFlag.AlignLeading)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(theme.px(6))
        self._column.addLayout(self._lines)
        self.hide()

    def show_offer(self, offer: VendorOffer) -> None:
        """Offer to ask, with nothing asked yet."""
        self._empty()
        label = plain(offer.account_label, 60)
        self._title.setText(tr("What happened, as {account} tells it", account=label))
        self.ask_button.show_text(tr("Ask {account}", account=label))
        self.ask_button.setEnabled(True)
        self.ask_button.show()
        self.setVisible(offer.has_steps)

    def show_busy(self) -> None:
        """The vendor is being asked."""
        self.ask_button.setEnabled(False)

    def show_steps(self, steps: tuple[TimelineEntry, ...]) -> None:
        """Show what the vendor told."""
        self._empty()
        self.ask_button.hide()
        if not steps:
            self._add("", tr("Nothing is told about this call."))
        for step in steps[:_MOST_STEPS]:
            self._add(clock_text(step.at, with_seconds=True), plain(step.text))

    def show_failed(self) -> None:
        """It could not be told; it can be asked for once more."""
        self.ask_button.setEnabled(True)

    def _add(self, at: str, text: str) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        if at:
            time = TextBlock(self._theme, at, size=TextSize.CAPTION, tone="faint")
            time.setFixedWidth(self._theme.px(_AT_PX))
            row.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
        block = TextBlock(self._theme, text, size=TextSize.CAPTION)
        block.allow_copy()
        block.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        block.setAccessibleName(f"{at}: {text}" if at else text)
        row.addWidget(block, 1)
        self._lines.addWidget(line)

    def _empty(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class VendorPart:
    """Asks the vendor what the two above want to know of the chosen call.

    Args:
        vendor: None where nobody can be asked; then nothing is offered.
    """

    def __init__(
        self,
        theme: Theme,
        vendor: VendorCallsPort | None,
        tasks: Tasks,
        message: InlineMessage,
        open_url: OpenUrl,
        memory: MemoryPort,
    ) -> None:
        self._vendor = vendor
        self._tasks = tasks
        self._message = message
        self._open_url = open_url
        self._entry: LogEntry | None = None
        self.player = PlayerBar(theme, tasks, memory)
        self.recording = RecordingRow(theme, self.player)
        self.steps = VendorSteps(theme)
        self.recording.play_wanted.connect(self._play_recording)
        self.recording.open_wanted.connect(self._open_recording)
        self.recording.save_wanted.connect(self._fetch_recording)
        self.steps.wanted.connect(self._ask_for_steps)

    def gives_links(self, entry: LogEntry) -> bool:
        """Whether a fresh link can be had, so that a stored one is of no use."""
        return self._vendor is not None and self._offer(entry).has_link

    def show_entry(self, entry: LogEntry) -> None:
        """Offer what there is of this call."""
        if self._vendor is None:
            return
        before, self._entry = self._entry, entry
        offer = self._offer(entry)
        is_another = before is None or before.ref != entry.ref
        if is_another:
            self.player.close_sound()
        self.recording.show_offer(entry, offer)
        if is_another:
            self._tasks.cancel("steps")
            self._tasks.cancel("recording")
            self.recording.set_busy(False)
            self.steps.show_offer(offer)

    def _offer(self, entry: LogEntry) -> VendorOffer:
        assert self._vendor is not None  # noqa: S101 - asked by whoever calls
        return self._vendor.offer(entry.ref.account_id)

    def _ask_for_steps(self) -> None:
        if self._vendor is None or self._entry is None:
            return
        self.steps.show_busy()
        self._tasks.start(
            self._vendor.steps(self._entry.ref),
            self.steps.show_steps,
            finally_=self.steps.show_failed,
            slot="steps",
        )

    def _play_recording(self) -> None:
        if self._vendor is None or self._entry is None:
            return
        self.recording.set_busy(True)
        self._tasks.start(
            self._vendor.sound(self._entry.ref),
            lambda sound: self.player.open(
                sound.data,
                self._message.show_trouble,
                self.recording.play_button.hide,
            ),
            finally_=lambda: self.recording.set_busy(False),
            slot="recording",
        )

    def _open_recording(self) -> None:
        if self._vendor is None or self._entry is None:
            return
        self.recording.set_busy(True)
        self._tasks.start(
            self._vendor.recording_link(self._entry.ref),
            self._open_url,
            finally_=lambda: self.recording.set_busy(False),
            slot="recording",
        )

    def _fetch_recording(self) -> None:
        if self._vendor is None or self._entry is None:
            return
        entry = self._entry
        self.recording.set_busy(True)
        self._tasks.start(
            self._vendor.sound(entry.ref),
            lambda sound: self._ask_where(entry, sound),
            finally_=lambda: self.recording.set_busy(False),
            slot="recording",
        )

    def _ask_where(self, entry: LogEntry, sound: Sound) -> None:
        ask_where(
            self.recording.window(),
            sound,
            entry.started_at,
            lambda path: self.save_to(path, sound),
        )

    def save_to(self, path: Path, sound: Sound) -> None:
        """Write the recording to this file and say so."""
        from screenpop.services.vendor_calls import write_sound

        def told(size: int) -> None:
            self._message.say(saved_text(path, size), tone="good")

        self._tasks.start(write_sound(sound, path), told, outlives_window=True)
