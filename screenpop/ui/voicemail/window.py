"""The voicemail window: the messages of all accounts, and one of them in full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
)

from screenpop.desktop.sound_player import default_device
from screenpop.domain.frozen import frozen
from screenpop.ui.voicemail.details import MessageActions, MessagePanel
from screenpop.ui.voicemail.texts import who_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import EmptyState, InlineMessage
from screenpop.ui.widgets.player import PlayerBar
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Window, confirm
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.desktop.sound_player import SoundDevice
    from screenpop.providers.abilities import Sound
    from screenpop.services.voicemail import MessageEntry, Playable
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import MemoryPort
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.voicemail.view_model import Box, MessageRow, VoicemailModel


@frozen
class VoicemailActions:
    """What the window asks of the rest of the program.

    Attributes:
        call: Opens the dialer with this number.
        open_url: Opens an address, if it may be opened; whether it was.
        open_file: Opens a sound in the system's player; whether it was.
        open_device: Opens the loudspeaker for a message that is played here.
    """

    call: Callable[[str], object]
    open_url: Callable[[str], bool]
    open_file: Callable[[Path], bool]
    open_device: Callable[[], SoundDevice] = default_device


class VoicemailWindow(Window):
    """Lists messages; Enter plays the chosen one."""

    def __init__(
        self,
        theme: Theme,
        memory: MemoryPort,
        model: VoicemailModel,
        actions: VoicemailActions,
    ) -> None:
        self.message = InlineMessage(theme, is_closable=True)
        super().__init__(
            theme, memory, "voicemail", tr("Voicemail"), self.message.show_trouble
        )
        self._model = model
        self._actions = actions
        self._states: dict[str, InlineMessage] = {}
        self._build()
        self.resize(theme.px(820), theme.px(520))
        self.setMinimumSize(theme.px(600), theme.px(380))
        refresh = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        refresh.activated.connect(self.refresh)

    # --- from outside -----------------------------------------------------------------

    def open(self) -> None:
        """Show it, and read what there is."""
        self.bring_up()
        self.refresh()

    def refresh(self) -> None:
        """Read the messages of every account."""
        for account_id in self._model.begin():
            self._load(account_id)
        self._show()

    def account_changed(self, account_id: str) -> None:
        """A phone system tells that its messages have changed."""
        if self.isVisible() and self._model.ask_again(account_id):
            self._load(account_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks for the chosen message; the rest as in every window."""
        is_delete = event.key() == Qt.Key.Key_Delete
        if is_delete and self.focusWidget() is self.list and not event.isAutoRepeat():
            self._ask_delete()
            return
        super().keyPressEvent(event)

    # --- building ---------------------------------------------------------------------

    def _build(self) -> None:
        theme = self.theme
        column = QVBoxLayout(self)
        edge = theme.px(16)
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(theme.px(12))
        bar = QHBoxLayout()
        self._summary = TextBlock(theme, tone="soft")
        bar.addWidget(self._summary, 1)
        self.refresh_button = TextButton(
            theme, tr("Refresh"), self.refresh, icon="refresh"
        )
        bar.addWidget(self.refresh_button)
        column.addLayout(bar)
        column.addWidget(self.message)
        self._state_column = QVBoxLayout()
        self._state_column.setSpacing(theme.px(6))
        column.addLayout(self._state_column)
        self.list = RowsView(theme, tr("Messages"))
        self.list.activated.connect(lambda _index: self._listen())
        self.list.selectionModel().currentChanged.connect(lambda *_: self._chosen())
        self._empty = EmptyState(theme, "voicemail", "")
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self._empty)
        self.player = PlayerBar(
            theme, self.tasks, self._memory, self._actions.open_device
        )
        self.details = MessagePanel(
            theme,
            MessageActions(
                listen=self._listen,
                call=self._call,
                save=self._save,
                mark_heard=self._mark_heard,
                delete=self._ask_delete,
            ),
            self.player,
        )
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(theme.px(8))
        split.addWidget(self._lists)
        split.addWidget(self.details)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([theme.px(480), theme.px(320)])
        column.addWidget(split, 1)

    # --- listing ----------------------------------------------------------------------

    def _load(self, account_id: str) -> None:
        def failed(trouble: Trouble) -> None:
            self._model.failed(account_id, trouble)
            self._show()

        self.tasks.start(
            self._model.load(account_id),
            lambda _none: self._show(),
            failed=failed,
            slot=f"box {account_id}",
        )

    def _show(self) -> None:
        rows = tuple(map(_row_of, self._model.rows))
        self.list.renew(rows)
        if rows and self.list.chosen is None:
            self.list.choose(0)
        self._summary.setText(self._model.summary)
        boxes = self._model.boxes
        for gone in self._states.keys() - {box.account_id for box in boxes}:
            self._states[gone].clear()
        for box in boxes:
            self._show_state(box)
        self._empty.say(*self._model.empty_text)
        was_empty = self._lists.currentWidget() is not self.list
        self._lists.setCurrentWidget(self.list if rows else self._empty)
        if rows and was_empty:
            self.list.setFocus()
        # Two empty places beside each other say nothing more than one.
        self.details.setVisible(bool(rows))
        self._chosen()

    def _show_state(self, box: Box) -> None:
        """How reading one account goes, unless it went well."""
        line = self._states.get(box.account_id)
        if line is None:
            line = self._states[box.account_id] = InlineMessage(self.theme)
            self._state_column.addWidget(line)
        if box.stage == "failed" and box.trouble is not None:
            line.say(
                tr(
                    "{account}: {trouble}", account=box.label, trouble=box.trouble.title
                ),
                box.trouble.advice,
                tone="bad",
                action=tr("Try again"),
                on_action=lambda: self._try_again(box.account_id),
            )
        elif box.stage == "asking" and not box.messages:
            line.say(tr("Reading the messages of {account}…", account=box.label))
        else:
            line.clear()

    def _try_again(self, account_id: str) -> None:
        if self._model.ask_again(account_id):
            self._show()
            self._load(account_id)

    def _chosen(self) -> None:
        row = self.list.chosen
        entry = self._model.entry(row.key) if row else None
        if entry is None:
            self.details.clear()
        elif entry != self.details.entry:
            shown = self.details.entry
            if shown is None or shown.ref != entry.ref:
                self.tasks.cancel("listen")
            self.details.show_entry(entry, self._model.now)

    # --- one message ------------------------------------------------------------------

    def _listen(self) -> None:
        entry = self.details.entry
        if entry is None or not entry.has_sound or self.tasks.is_busy("listen"):
            return
        self.details.show_busy(is_busy=True)
        self.tasks.start(
            self._model.fetch(entry),
            lambda fetched: self.player.open(
                fetched[0].data,
                lambda _trouble: self._open_elsewhere(entry),
                lambda: self._heard(entry),
            ),
            failed=lambda _trouble: self._open_elsewhere(entry),
            slot="listen",
        )

    def _open_elsewhere(self, entry: MessageEntry) -> None:
        """What cannot be played here may be in a browser, or the system's player."""
        self.tasks.start(
            self._model.listen(entry),
            lambda playable: self._play(entry, playable),
            finally_=lambda: self.details.show_busy(is_busy=False),
            slot="listen",
        )

    def _heard(self, entry: MessageEntry) -> None:
        self.details.show_busy(is_busy=False)
        if entry.is_editable and entry.is_heard is False:
            self._mark(entry)

    def _play(self, entry: MessageEntry, playable: Playable) -> None:
        if playable.file is not None:
            is_open = self._actions.open_file(playable.file)
        else:
            is_open = self._actions.open_url(playable.url)
        if not is_open:
            self.message.say(
                tr("Nothing on this computer plays the message"),
                tr("Save it, and open the file with a player."),
                tone="warn",
            )
        else:
            self._heard(entry)

    def _call(self) -> None:
        entry = self.details.entry
        number = (entry.number_e164 or entry.number_text) if entry else ""
        if number:
            self._actions.call(number)

    def _mark_heard(self) -> None:
        if self.details.entry is not None:
            self._mark(self.details.entry)

    def _mark(self, entry: MessageEntry) -> None:
        self.tasks.start(
            self._model.mark_heard(entry),
            lambda _none: self._show(),
            outlives_window=True,
        )

    def _ask_delete(self) -> None:
        entry = self.details.entry
        if entry is None or not entry.is_editable:
            return
        confirm(
            self.theme,
            self,
            tr("Delete this message?"),
            tr(
                "The message from {who} is deleted at the phone system, for everybody "
                "who shares the box. It cannot be brought back.",
                who=who_text(entry),
            ),
            tr("Delete"),
            lambda: self._delete(entry),
        )

    def _delete(self, entry: MessageEntry) -> None:
        def told(_none: None) -> None:
            self._show()
            self.message.say(tr("The message is deleted"), tone="good")

        self.tasks.start(self._model.delete(entry), told, outlives_window=True)

    # --- keeping ----------------------------------------------------------------------

    def _save(self) -> None:
        entry = self.details.entry
        if entry is not None:
            self.tasks.start(self._model.fetch(entry), self._ask_where, slot="save")

    def _ask_where(self, fetched: tuple[Sound, str]) -> None:
        """Only now, as what it is to be called depends on what it is."""
        sound, name = fetched
        dialog = QFileDialog(self, tr("Save message"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: self.save_to(sound, Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, sound: Sound, path: Path) -> None:
        """Write a message to this file and say so."""
        self.tasks.start(
            self._model.write(sound, path),
            lambda text: self.message.say(text, tone="good"),
            slot="save",
        )


def _row_of(row: MessageRow) -> Row:
    return Row(
        key=row.key,
        title=row.who,
        details=row.details,
        icon="voicemail",
        role="accent" if row.is_new else "text_faint",
        end=row.when,
    )
