"""Fields whose changes are kept at once; what is locked says who locked it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.fields import Choice, Labelled, Tick
from screenpop.ui.widgets.messages import IconLabel
from screenpop.ui.widgets.text import TextBlock, heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.tasks import Tasks
    from screenpop.ui.theme.theme import Theme

WORDS_PROPERTY: Final = "searchWords"
"""Other words by which people look for a field; see `search_index`."""

Field = TypeVar("Field", bound=QWidget)
Choices = tuple[tuple[str, str], ...]


class LockNote(QWidget):
    """Says below a field who locked it; hidden while nobody has."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        row.addWidget(IconLabel(theme, "lock", "text_soft", 14))
        self.text = TextBlock(theme, size=TextSize.CAPTION, tone="soft")
        row.addWidget(self.text, 1)
        self.hide()

    def show_lock(self, field: QWidget, who: str) -> None:
        """Show who locked the field; "" for nobody."""
        self.text.setText(who)
        self.setVisible(bool(who))
        field.setEnabled(not who)
        if who:
            field.setAccessibleDescription(who)


class KeptFields:
    """A column of fields, each of which stands for one setting.

    Args:
        settings: Where they are kept.
        column: Where they are put, one below the other.
        tasks: Of the page; what goes wrong is told there.
        kept: Told key and value of what has been kept.
    """

    def __init__(
        self,
        theme: Theme,
        settings: SettingsPort,
        column: QVBoxLayout,
        tasks: Tasks,
        kept: Callable[[str, str], None] | None = None,
    ) -> None:
        self._theme = theme
        self._settings = settings
        self._column = column
        self._tasks = tasks
        self._kept = kept
        self._refreshers: list[Callable[[], None]] = []
        self.fields: dict[str, QWidget] = {}

    def header(self, text: str) -> None:
        """Name what follows."""
        # Larger than the labels of the fields below it, which it stands above.
        self._column.addSpacing(self._theme.px(8))
        self._column.addWidget(heading(self._theme, text))

    def choice(
        self,
        key: str,
        label: str,
        choices: Choices,
        help_text: str = "",
        *,
        words: str = "",
    ) -> Choice:
        """One of several."""
        box = Choice(self._theme, choices)
        box.currentIndexChanged.connect(lambda _index: self.keep(key, box.key))
        box.setMaximumWidth(self._theme.px(320))
        self._add(key, Labelled(self._theme, label, box, help_text=help_text), box)
        self._refreshers.append(lambda: box.offer(choices, self._settings.get(key)))
        return _with_words(box, words)

    def check(self, key: str, text: str, *, words: str = "") -> Tick:
        """Yes or no."""
        box = Tick(self._theme, text)
        box.clicked.connect(lambda is_on: self.keep(key, "true" if is_on else "false"))
        self._add(key, box, box)
        self._refreshers.append(
            lambda: box.setChecked(self._settings.get(key) == "true")
        )
        return _with_words(box, words)

    def line(
        self,
        key: str,
        label: str,
        help_text: str = "",
        *,
        words: str = "",
        example: str = "",
        width_px: int = 320,
    ) -> QLineEdit:
        """A text, a number, or a list with commas; kept when it is left."""
        line = QLineEdit()
        line.setPlaceholderText(example)
        line.setMaximumWidth(self._theme.px(width_px))
        line.editingFinished.connect(lambda: self._keep_line(key, line))
        self._add(key, Labelled(self._theme, label, line, help_text=help_text), line)
        self._refreshers.append(lambda: line.setText(self._settings.get(key)))
        return _with_words(line, words)

    def refresh(self) -> None:
        """Show what is in force; it may have been changed in the file."""
        for show in self._refreshers:
            show()

    def keep(self, key: str, value: str) -> None:
        """Keep a value."""
        self._tasks.start(
            self._settings.set(key, value),
            lambda _none: self._kept(key, value) if self._kept else None,
            outlives_window=True,
        )

    def _keep_line(self, key: str, line: QLineEdit) -> None:
        # Left without a change it is no wish, and a locked one has none.
        if line.isEnabled() and line.text().strip() != self._settings.get(key):
            self.keep(key, line.text().strip())

    def _add(self, key: str, widget: QWidget, field: QWidget) -> None:
        part = QVBoxLayout()
        part.setSpacing(self._theme.px(4))
        part.addWidget(widget)
        note = LockNote(self._theme)
        part.addWidget(note)
        self._column.addLayout(part)
        self.fields[key] = field
        self._refreshers.append(lambda: note.show_lock(field, self._settings.lock(key)))


def _with_words(field: Field, words: str) -> Field:
    field.setProperty(WORDS_PROPERTY, words)
    return field
