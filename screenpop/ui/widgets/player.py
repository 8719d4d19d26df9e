"""A bar that plays a recording: pause, another place, another speed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from screenpop.desktop.sound_clip import read_clip
from screenpop.desktop.sound_player import SPEEDS, SoundPlayer, default_device
from screenpop.domain.errors import SoundUnavailable
from screenpop.ui.error_presenter import trouble_of
from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.desktop.sound_player import SoundDevice
    from screenpop.ui.ports import MemoryPort
    from screenpop.ui.tasks import OnTrouble, Tasks
    from screenpop.ui.theme.theme import Theme

_LOOK_MS: Final = 100
_STEP_SECONDS: Final = 5
_LEAP_SECONDS: Final = 30
_REMEMBERED_SPEED: Final = "playback speed"


class SeekBar(QSlider):
    """How far it was played; arrows go by 5 s, Page Up and Down by 30 s."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self.setAccessibleName(tr("Position in seconds"))
        self.setSingleStep(_STEP_SECONDS)
        self.setPageStep(_LEAP_SECONDS)
        self.setMinimumHeight(theme.px(24))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where it was clicked."""
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A track, the part of it that was heard, and a knob."""
        theme = self._theme
        thick, radius = theme.px(4), theme.px(6)
        left, right = radius, self.width() - radius
        span = max(1, self.maximum() - self.minimum())
        share = (self.value() - self.minimum()) / span
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        knob = (
            right - share * (right - left)
            if is_mirrored
            else (left + share * (right - left))
        )
        middle = self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(left, middle - thick / 2, right - left, thick)
        painter.setBrush(theme.color("control_border"))
        painter.drawRoundedRect(track, thick / 2, thick / 2)
        heard = QRectF(track)
        heard.setLeft(knob if is_mirrored else left)
        heard.setRight(right if is_mirrored else knob)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(heard, thick / 2, thick / 2)
        painter.drawEllipse(QPointF(knob, middle), radius, radius)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(knob, middle), radius + 3, radius + 3)

    def _follow(self, event: QMouseEvent) -> None:
        share = min(max(0.0, event.position().x() / max(1, self.width())), 1.0)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            share = 1.0 - share
        span = self.maximum() - self.minimum()
        self.setValue(self.minimum() + round(share * span))


class PlayerBar(QWidget):
    """Plays one recording at a time; not to be seen while there is none.

    Args:
        tasks: The window's; reading a recording runs there.
        memory: Remembers how fast somebody likes to listen.
        open_device: Opens the loudspeaker, beside the windows' thread.
    """

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        memory: MemoryPort,
        open_device: Callable[[], SoundDevice] = default_device,
    ) -> None:
        super().__init__()
        self._tasks, self._memory = tasks, memory
        self._open_device = open_device
        self._player: SoundPlayer | None = None
        self._failed: OnTrouble = lambda _trouble: None
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_MS)
        self._clock.timeout.connect(self._look)
        self._build(theme)
        self.hide()

    @property
    def has_sound(self) -> bool:
        """Whether a recording is open."""
        return self._player is not None

    def open(
        self,
        data: bytes,
        failed: OnTrouble,
        opened: Callable[[], object] = lambda: None,
    ) -> None:
        """Play this sound from its beginning.

        Args:
            data: A sound file of a usual kind.
            failed: Told when it cannot be played here.
            opened: Called when it is to be heard.
        """
        self.close_sound()
        self._failed = failed

        def begin(player: SoundPlayer) -> None:
            self._begin(player)
            opened()

        self._tasks.start(self._read(data), begin, failed=failed, slot="open sound")

    def close_sound(self) -> None:
        """Be silent and forget the recording."""
        self._tasks.cancel("open sound")
        self._clock.stop()
        player, self._player = self._player, None
        if player is not None:
            player.close()
        self.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody can stop what they do not see; a minimised window plays on."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.close_sound()

    # --- building --------------------------------------------------------------------

    def _build(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.play_button = TextButton(theme, tr("Pause"), self._turn, icon="pause")
        self.seek_bar = SeekBar(theme)
        self.seek_bar.valueChanged.connect(self._moved)
        row.addWidget(self.play_button)
        row.addWidget(self.seek_bar, 1)
        column.addLayout(row)
        foot = QHBoxLayout()
        self._time = PlainLabel(theme, size=TextSize.CAPTION, role="text_soft")
        self.speed = Choice(
            theme, tuple((str(speed), _speed_text(speed)) for speed in SPEEDS)
        )
        self.speed.setMinimumContentsLength(5)
        label = QLabel(tr("Speed"))
        label.setFont(theme.font(TextSize.CAPTION))
        label.setProperty("tone", "soft")
        label.setBuddy(self.speed)
        self.speed.setAccessibleName(label.text())
        self.speed.choose(self._memory.recall(_REMEMBERED_SPEED) or "1.0")
        self.speed.currentIndexChanged.connect(self._speed_chosen)
        foot.addWidget(self._time, 1)
        foot.addWidget(label)
        foot.addWidget(self.speed)
        column.addLayout(foot)

    # --- playing ---------------------------------------------------------------------

    async def _read(self, data: bytes) -> SoundPlayer:
        clip = await asyncio.to_thread(read_clip, data)
        return SoundPlayer(clip, await asyncio.to_thread(self._open_device))

    def _begin(self, player: SoundPlayer) -> None:
        self._player = player
        player.set_speed(float(self.speed.key or "1"))
        self._show_place(0)
        self.seek_bar.setMaximum(max(1, round(player.seconds)))
        self.show()
        self._turn()
        self.play_button.setFocus()

    def _turn(self) -> None:
        """Play or pause."""
        player = self._player
        if player is None:
            return
        if player.is_playing:
            player.pause()
        else:
            try:
                player.play()
            except SoundUnavailable as error:
                self.close_sound()
                self._failed(trouble_of(error))
                return
        self._look()

    def _moved(self, seconds: int) -> None:
        if self._player is not None:
            self._player.seek(seconds)
            self._look()

    def _speed_chosen(self) -> None:
        self._memory.remember(_REMEMBERED_SPEED, self.speed.key)
        if self._player is not None:
            self._player.set_speed(float(self.speed.key))

    # --- showing ---------------------------------------------------------------------

    def _look(self) -> None:
        player = self._player
        if player is None:
            return
        if player.is_at_end:
            player.pause()
        is_playing = player.is_playing
        if is_playing is not self._clock.isActive():
            if is_playing:
                self._clock.start()
            else:
                self._clock.stop()
        self.play_button.show_text(tr("Pause") if is_playing else tr("Play"))
        self.play_button.show_icon("pause" if is_playing else "play")
        self._show_place(player.position)

    def _show_place(self, seconds: float) -> None:
        was_blocked = self.seek_bar.blockSignals(True)
        self.seek_bar.setValue(round(seconds))
        self.seek_bar.blockSignals(was_blocked)
        length = self._player.seconds if self._player is not None else 0.0
        self._time.show_text(
            tr("{at} of {length}", at=_clock_text(seconds), length=_clock_text(length))
        )


def _clock_text(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _speed_text(speed: float) -> str:
    return f"{speed:g}\N{MULTIPLICATION SIGN}"
