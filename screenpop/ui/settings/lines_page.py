"""Lines of ours: what the card calls each, its colour, greeting and sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from screenpop.domain.plain_text import plain
from screenpop.ui.settings.kept_fields import WORDS_PROPERTY, LockNote
from screenpop.ui.settings.line_editor import LineEditor, color_text, sound_text
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import EmptyState
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.window import confirm
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from screenpop.config.card_settings import LineSettings
    from screenpop.services.call_history import LogEntry
    from screenpop.ui.setup_ports import LinesPort
    from screenpop.ui.theme.theme import Theme


class LinesPage(SettingsPage):
    """The lines that are set, and buttons to change them."""

    def __init__(
        self,
        theme: Theme,
        lines: LinesPort,
        calls: Callable[[], Coroutine[Any, Any, tuple[LogEntry, ...]]],
    ) -> None:
        """Nothing is read before ``load``; ``calls`` gives the latest of the log."""
        super().__init__(
            theme,
            tr("Lines"),
            tr(
                "What the card calls a line or queue of yours, its colour, what you "
                "say when you pick up, and the sound when it rings. Lines that are "
                "not listed are shown as the phone system names them."
            ),
        )
        self._lines = lines
        self._calls = calls
        self._shown: dict[str, LineSettings] = {}
        self._called: tuple[str, ...] = ()
        self.add_button = TextButton(theme, tr("Add a line"), self._add, icon="plus")
        self.add_button.setProperty(
            WORDS_PROPERTY,
            tr("ring tone, sound, colour, greeting, queue, number, DID"),
        )
        self.head.addWidget(self.add_button)
        self.list = RowsView(theme, tr("Lines"))
        self.list.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.list.activated.connect(lambda _index: self._change())
        self._empty = EmptyState(theme, "phone", tr("Loading…"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.column.addWidget(self._stack, 1)
        self._lock_note = LockNote(theme)
        self.column.addWidget(self._lock_note)
        self.column.addWidget(self._build_buttons())

    def load(self) -> None:
        """Show the lines as they are now."""
        super().load()
        self.refresh()
        self.tasks.start(self._calls(), self._learn_called, slot="calls")

    def refresh(self) -> None:
        """Show what is in force; it may have been changed in the file."""
        lines = self._lines.lines()
        self._shown = {one.line: one for one in lines}
        self.list.renew(tuple(_row(one) for one in self._shown.values()))
        if lines and self.list.chosen is None:
            self.list.choose(0)
        self._empty.say(
            tr("No line has a look of its own"),
            tr("Add a line to tell its calls from others at a glance."),
        )
        self._stack.setCurrentWidget(self.list if lines else self._empty)
        who = self._lines.lock("lines")
        self._lock_note.show_lock(self.add_button, who)
        self._chosen_changed()

    # --- building --------------------------------------------------------------------

    def _build_buttons(self) -> QWidget:
        theme = self.theme
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self.change_button = TextButton(
            theme, tr("Change…"), self._change, icon="settings"
        )
        self.remove_button = TextButton(
            theme, tr("Remove…"), self._ask_remove, kind="danger", icon="trash"
        )
        row.addWidget(self.change_button)
        row.addStretch(1)
        row.addWidget(self.remove_button)
        return self._buttons

    # --- showing ---------------------------------------------------------------------

    def _learn_called(self, calls: tuple[LogEntry, ...]) -> None:
        texts = (one.line_text for one in calls if one.line_text)
        self._called = tuple(dict.fromkeys(texts))

    def _chosen_changed(self) -> None:
        may = self.list.chosen is not None and not self._lines.lock("lines")
        self.change_button.setEnabled(may)
        self.remove_button.setEnabled(may)

    def _chosen_line(self) -> LineSettings | None:
        row = self.list.chosen
        return self._shown.get(row.key) if row is not None else None

    # --- changing --------------------------------------------------------------------

    def _add(self) -> None:
        taken = {line.casefold() for line in self._shown}
        called = tuple(one for one in self._called if one.casefold() not in taken)
        self._edit(None, called)

    def _change(self) -> None:
        line = self._chosen_line()
        if line is not None and self.change_button.isEnabled():
            self._edit(line)

    def _edit(self, line: LineSettings | None, called: tuple[str, ...] = ()) -> None:
        editor = LineEditor(self.theme, self, self._lines, line, called)
        editor.saved.connect(self._show_saved)
        editor.open()

    def _show_saved(self, line: str) -> None:
        self.refresh()
        keys = list(self._shown)
        if line in keys:
            self.list.choose(keys.index(line))
            self.list.setFocus()

    def _ask_remove(self) -> None:
        line = self._chosen_line()
        if line is None:
            return
        confirm(
            self.theme,
            self,
            tr("Take this line off the list?"),
            tr(
                "{line} is shown as the phone system names it from then on.",
                line=plain(line.name or line.line, 60),
            ),
            tr("Remove"),
            lambda: self.run(
                self._lines.change_line(line, None), lambda _none: self.refresh()
            ),
        )


def _row(line: LineSettings) -> Row:
    title = plain(line.name or line.line, 80)
    number = plain(line.line, 60) if line.name else ""
    greeting = tr("“{text}”", text=plain(line.greeting, 80)) if line.greeting else ""
    is_colored = line.color != "auto"
    color = color_text(line.color) if is_colored else ""
    sound = sound_text(line.sound) if line.sound else ""
    return Row(
        line.line,
        title,
        joined(number, color, sound, greeting) or tr("As the phone system names it"),
        "line",
        line_color=line.color if is_colored else "",
    )
