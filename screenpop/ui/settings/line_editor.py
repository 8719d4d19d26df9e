"""One line of ours: which, what it is called, and how it is seen and heard."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from screenpop.config.card_settings import LineSettings
from screenpop.domain.plain_text import plain
from screenpop.ui.icons import icon
from screenpop.ui.settings.form import scrolled
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.config.card_settings import LineColor
    from screenpop.ui.setup_ports import LinesPort
    from screenpop.ui.theme.theme import Theme

_COLORS: Final[dict[LineColor, Marked]] = {
    "auto": marked("Made from its name"),
    "indigo": marked("Indigo"),
    "teal": marked("Teal"),
    "brown": marked("Brown"),
    "plum": marked("Plum"),
    "green": marked("Green"),
    "rose": marked("Rose"),
    "blue": marked("Blue"),
    "violet": marked("Violet"),
}
_SOUNDS: Final = {
    "": marked("As for all calls"),
    "none": marked("No sound"),
    "chime": marked("Chime"),
    "double": marked("Two tones"),
    "low": marked("Low tone"),
}
_FILE: Final = "file"
_SILENT: Final = ("", "none")


def color_text(color: LineColor) -> str:
    """What a line's colour is called."""
    return tr_marked(_COLORS[color])


def sound_text(sound: str) -> str:
    """What a line's sound is called; a file by its name."""
    if sound in _SOUNDS:
        return tr_marked(_SOUNDS[sound])
    return plain(Path(sound).name, 60)


class LineEditor(Sheet):
    """`saved` with the line's text when it was kept.

    Args:
        line: The one to change; None to add one.
        called: Lines that were called lately, as the call log names them.
    """

    saved = Signal(str)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        lines: LinesPort,
        line: LineSettings | None = None,
        called: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            theme, parent, tr("Change a line") if line else tr("Add a line")
        )
        self._lines = lines
        self._before = line
        inner = QWidget()
        self._fields = QVBoxLayout(inner)
        self._fields.setContentsMargins(0, 0, theme.px(8), 0)
        self._fields.setSpacing(theme.px(12))
        self.body.addWidget(scrolled(inner), 1)
        shown = line or LineSettings(line="")
        self._build_which(shown, called)
        self._build_looks(shown)
        self._build_sound(shown.sound)
        self._fields.addStretch(1)
        self.add_button(tr("Cancel"), self.reject)
        self.save_button = self.add_button(tr("Save"), self._save, "primary")
        self.save_button.setDefault(True)
        self.resize(theme.px(460), theme.px(620 if called else 560))
        (self.line if line is None else self.name).setFocus()

    # --- building --------------------------------------------------------------------

    def _build_which(self, line: LineSettings, called: tuple[str, ...]) -> None:
        theme = self.theme
        if called:
            offered = (("", tr("Another line")), *((one, one) for one in called))
            self.called = Choice(theme, offered)
            self.called.currentIndexChanged.connect(lambda _index: self._take_called())
            self._fields.addWidget(
                Labelled(theme, tr("Lines that were called lately"), self.called)
            )
        self.line = QLineEdit(line.line)
        self._fields.addWidget(
            Labelled(
                theme,
                tr("Number or name of the line"),
                self.line,
                help_text=tr(
                    "As the phone system has it: the number that was called, or the "
                    "name of the line or queue."
                ),
            )
        )
        self.name = QLineEdit(line.name)
        self._fields.addWidget(
            Labelled(
                theme,
                tr("Name on the card"),
                self.name,
                help_text=tr("Empty for what the phone system says."),
            )
        )

    def _build_looks(self, line: LineSettings) -> None:
        theme = self.theme
        texts = tuple((key, tr_marked(text)) for key, text in _COLORS.items())
        self.color = Choice(theme, texts)
        self.color.choose(line.color)
        side = theme.px(14)
        self.color.setIconSize(QSize(side, side))
        self._paint_colors()
        theme.changed.connect(self._paint_colors)
        self._fields.addWidget(Labelled(theme, tr("Colour"), self.color))
        self.greeting = QLineEdit(line.greeting)
        self._fields.addWidget(
            Labelled(
                theme,
                tr("What to say when picking up"),
                self.greeting,
                help_text=tr("Shown on the card from the first ring on."),
            )
        )

    def _build_sound(self, sound: str) -> None:
        theme = self.theme
        texts = tuple((key, tr_marked(text)) for key, text in _SOUNDS.items())
        self.sound = Choice(theme, (*texts, (_FILE, tr("A sound file"))))
        self.sound.choose(sound if sound in _SOUNDS else _FILE)
        self.sound.currentIndexChanged.connect(lambda _index: self._show_file())
        self.listen_button = TextButton(theme, tr("Listen"), self._listen, icon="play")
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(Labelled(theme, tr("Sound when it rings"), self.sound), 1)
        row.addWidget(self.listen_button, 0, Qt.AlignmentFlag.AlignBottom)
        self._fields.addLayout(row)
        self._file_part = QWidget()
        file_row = QHBoxLayout(self._file_part)
        file_row.setContentsMargins(0, 0, 0, 0)
        file_row.setSpacing(theme.px(8))
        self.file = QLineEdit("" if sound in _SOUNDS else sound)
        self.file.setAccessibleName(tr("Sound file"))
        self.file.textChanged.connect(lambda _text: self._show_file())
        self.choose_button = TextButton(theme, tr("Choose…"), self._choose_file)
        file_row.addWidget(self.file, 1)
        file_row.addWidget(self.choose_button)
        self._fields.addWidget(self._file_part)
        self._show_file()

    # --- what is chosen --------------------------------------------------------------

    def settings(self) -> LineSettings:
        """What the fields hold."""
        return LineSettings(
            line=self.line.text().strip(),
            name=self.name.text().strip(),
            color=next(one for one in _COLORS if one == self.color.key),
            greeting=self.greeting.text().strip(),
            sound=self._chosen_sound(),
        )

    def _chosen_sound(self) -> str:
        key = self.sound.key
        return self.file.text().strip() if key == _FILE else key

    def _take_called(self) -> None:
        text = self.called.key
        if text:
            # "Sales · 020 7946 0100": the number tells the line more surely.
            self.line.setText(text.rpartition(" · ")[2])

    def _paint_colors(self) -> None:
        """A disc of each colour before its name."""
        colors, side = self.theme.colors, self.theme.px(14)
        for place, name in enumerate(_COLORS):
            is_made = name == "auto"
            ink = colors.text_faint if is_made else colors.line_color("", name)
            self.color.setItemIcon(place, icon("line", ink, side))

    def _show_file(self) -> None:
        self._file_part.setVisible(self.sound.key == _FILE)
        self.listen_button.setEnabled(self._chosen_sound() not in _SILENT)

    def _choose_file(self) -> None:
        picker = QFileDialog(self, tr("Choose a sound"))
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setNameFilters(
            [tr("Sounds (*.wav *.mp3 *.flac *.ogg)"), tr("All files (*)")]
        )
        picker.fileSelected.connect(self.file.setText)
        picker.finished.connect(picker.deleteLater)
        picker.open()

    # --- doing -----------------------------------------------------------------------

    def _listen(self) -> None:
        # Late: it brings the loudspeaker with it.
        from screenpop.desktop.ring_tone import try_tone

        self.message.clear()
        work = partial(try_tone, self._chosen_sound())
        self.tasks.start(asyncio.to_thread(work), slot="listen")

    def _save(self) -> None:
        line = self.settings()
        if not line.line:
            self.message.say(tr("Say which line: its number or its name."), tone="bad")
            self.line.setFocus()
            return
        self.message.clear()
        self.save_button.setEnabled(False)
        self.tasks.start(
            self._lines.change_line(self._before, line),
            lambda _none: self._finish(line.line),
            finally_=lambda: self.save_button.setEnabled(True),
            slot="save",
            outlives_window=True,
        )

    def _finish(self, line: str) -> None:
        self.saved.emit(line)
        self.accept()
