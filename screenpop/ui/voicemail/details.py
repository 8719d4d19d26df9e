"""The panel beside the messages: one of them, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.voicemail.texts import facts_of, party_text, who_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import EmptyState
from screenpop.ui.widgets.text import TextBlock, section_header
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.services.voicemail import MessageEntry
    from screenpop.ui.call_log.texts import Fact
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.player import PlayerBar

_LABEL_PX: Final = 72
_LONGEST_TEXT: Final = 20_000


@frozen
class MessageActions:
    """What the panel's buttons do with the shown message."""

    listen: Callable[[], object]
    call: Callable[[], object]
    save: Callable[[], object]
    mark_heard: Callable[[], object]
    delete: Callable[[], object]


class MessagePanel(QStackedWidget):
    """One message; an empty state while none is chosen."""

    def __init__(
        self, theme: Theme, actions: MessageActions, player: PlayerBar
    ) -> None:
        super().__init__()
        self._player = player
        self._theme = theme
        self._actions = actions
        self._entry: MessageEntry | None = None
        self.addWidget(
            EmptyState(
                theme,
                "voicemail",
                tr("No message chosen"),
                tr("Choose one to listen to it."),
            )
        )
        self.addWidget(self._build())
        # Words on buttons are long in some languages, and nothing here scrolls aside.
        buttons = self._inner.minimumSizeHint().width() + theme.px(12)
        self.setMinimumWidth(max(theme.px(280), buttons))

    @property
    def entry(self) -> MessageEntry | None:
        """The message that is shown."""
        return self._entry

    def clear(self) -> None:
        """Show no message."""
        self._player.close_sound()
        self._entry = None
        self.setCurrentIndex(0)

    def show_entry(self, entry: MessageEntry, now: datetime) -> None:
        """Show a message."""
        if self._entry is None or self._entry.ref != entry.ref:
            self._player.close_sound()
            self.listen_button.show_text(tr("Listen"))
        self._entry = entry
        self.setCurrentIndex(1)
        self._who.setText(who_text(entry))
        party = party_text(entry)
        self._party.setText(party)
        self._party.setVisible(bool(party))
        self.listen_button.setEnabled(entry.has_sound)
        self.save_button.setEnabled(entry.has_sound)
        self.call_button.setEnabled(bool(entry.number_e164 or entry.number_text))
        self.heard_button.setVisible(entry.is_editable and entry.is_heard is False)
        self.delete_button.setVisible(entry.is_editable)
        self._hint.setText(_hint_of(entry))
        self._hint.setVisible(bool(self._hint.text()))
        self._fill(facts_of(entry, now), entry.transcription)

    def show_busy(self, *, is_busy: bool) -> None:
        """The sound is being fetched."""
        has_sound = self._entry is not None and self._entry.has_sound
        self.listen_button.setEnabled(has_sound and not is_busy)
        text = tr("Fetching…") if is_busy else tr("Listen")
        self.listen_button.show_text(text)

    # --- building ---------------------------------------------------------------------

    def _build(self) -> QWidget:
        theme = self._theme
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = self._inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.px(16), theme.px(4), theme.px(8), theme.px(16))
        column.setSpacing(theme.px(8))
        self._who = TextBlock(theme, size=TextSize.TITLE, strong=True)
        self._party = TextBlock(theme, tone="soft")
        self._party.allow_copy()
        column.addWidget(self._who)
        column.addWidget(self._party)
        column.addSpacing(theme.px(4))
        column.addLayout(self._build_buttons())
        column.addWidget(self._player)
        self._hint = TextBlock(theme, size=TextSize.CAPTION, tone="faint")
        column.addWidget(self._hint)
        column.addSpacing(theme.px(4))
        self._facts = QVBoxLayout()
        self._facts.setSpacing(theme.px(6))
        column.addLayout(self._facts)
        column.addStretch(1)
        area.setWidget(inner)
        return area

    def _build_buttons(self) -> QGridLayout:
        theme, act = self._theme, self._actions
        self.listen_button = TextButton(
            theme, tr("Listen"), act.listen, kind="primary", icon="play"
        )
        self.call_button = TextButton(
            theme, tr("Call back"), act.call, icon="call-back"
        )
        self.save_button = TextButton(theme, tr("Save…"), act.save, icon="save")
        self.heard_button = TextButton(
            theme, tr("Mark as heard"), act.mark_heard, icon="check"
        )
        self.delete_button = TextButton(
            theme, tr("Delete…"), act.delete, kind="danger", icon="trash"
        )
        # Two in a row: more are wider than the panel.
        rows = QGridLayout()
        rows.setSpacing(theme.px(8))
        buttons = (
            self.listen_button,
            self.call_button,
            self.save_button,
            self.delete_button,
        )
        for place, button in enumerate(buttons):
            rows.addWidget(button, place // 2, place % 2)
        rows.addWidget(self.heard_button, 2, 0, 1, 2)
        rows.setColumnStretch(2, 1)
        return rows

    # --- what is known ----------------------------------------------------------------

    def _fill(self, facts: tuple[Fact, ...], transcription: str) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for fact in facts:
            self._facts.addWidget(self._line(fact))
        if not transcription.strip():
            return
        lines = transcription[:_LONGEST_TEXT].splitlines()
        text = "\n".join(plain(line, 2000) for line in lines)
        self._facts.addSpacing(self._theme.px(8))
        self._facts.addWidget(section_header(self._theme, tr("Transcription")))
        block = TextBlock(self._theme, text)
        block.allow_copy()
        block.setAccessibleName(tr("Transcription: {text}", text=text))
        self._facts.addWidget(block)

    def _line(self, fact: Fact) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        name = TextBlock(self._theme, fact.label, size=TextSize.CAPTION, tone="faint")
        name.setFixedWidth(self._theme.px(_LABEL_PX))
        value = TextBlock(self._theme, fact.text, size=TextSize.CAPTION)
        value.allow_copy()
        value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        value.setAccessibleName(f"{fact.label}: {fact.text}")
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(value, 1)
        return line


def _hint_of(entry: MessageEntry) -> str:
    """Why a button is missing or does nothing."""
    if not entry.has_sound:
        return tr("The phone system gives no sound here: listen on your phone.")
    if not entry.is_editable:
        return tr("This phone system lets messages be deleted on the phone only.")
    return ""
