"""A list of things kept at the vendor, with buttons for the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtWidgets import (
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.buttons import ButtonKind, TextButton
from screenpop.ui.widgets.messages import EmptyState, InlineMessage
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.wrapping import WrappedRow
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from screenpop.ui.theme.theme import Theme

T = TypeVar("T")

_LOWEST_PX: Final = 78
"""The list is never lower: a row, and most of the next."""


class _LowStack(QStackedWidget):
    """Takes what room there is, and asks for no more where its tab scrolls."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Ignored)

    def hasHeightForWidth(self) -> bool:
        """Not: the list in it would ask for its whole height."""
        return False


class ToolList(QWidget):
    """Loads when it is first shown; tells its troubles in its own place."""

    def __init__(self, theme: Theme, name: str, lead: str, empty: str) -> None:
        super().__init__()
        self.theme = theme
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, theme.px(12), 0, 0)
        self.column.setSpacing(theme.px(8))
        self.column.addWidget(TextBlock(theme, lead, tone="soft"))
        self.message = InlineMessage(theme, is_closable=True)
        self.tasks = Tasks(self.message.show_trouble)
        self.list = RowsView(theme, name)
        self._empty_text = empty
        self._empty = EmptyState(theme, "info", tr("Loading…"))
        self._stack = _LowStack()
        self._stack.setMinimumHeight(theme.px(_LOWEST_PX))
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self._buttons = WrappedRow(theme)
        self._focus: QWidget | None = None
        self._all_buttons: list[TextButton] = []
        self._for_chosen: list[TextButton] = []
        self.column.addWidget(self.message)
        self.column.addWidget(self._stack, 1)
        self.column.addLayout(self._buttons)
        self.list.selectionModel().selectionChanged.connect(self._chosen_changed)

    def add_button(
        self,
        text: str,
        clicked: Callable[[], object],
        *,
        kind: ButtonKind = "",
        icon: str = "",
        needs_choice: bool = False,
    ) -> TextButton:
        """Add a button; perhaps one that needs a chosen row."""
        button = TextButton(self.theme, text, clicked, kind=kind, icon=icon)
        self._buttons.add(button)
        self._all_buttons.append(button)
        if needs_choice:
            self._for_chosen.append(button)
            button.setEnabled(False)
        return button

    def hide_list(self) -> None:
        """There is nothing to list here, and nothing to do with it."""
        self._stack.hide()
        for button in self._all_buttons:
            button.hide()
        self.column.addStretch(1)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show what there is."""
        self.list.renew(rows)
        self._empty.say(self._empty_text)
        self._stack.setCurrentWidget(self.list if rows else self._empty)

    def run(
        self,
        work: Coroutine[Any, Any, T],
        done: Callable[[T], object],
        *,
        slot: str = "work",
    ) -> None:
        """Do something at the vendor; the buttons wait for it."""
        self.message.clear()
        self._focus = self.focusWidget() if self.isEnabled() else self._focus
        self.setEnabled(False)
        self.tasks.start(work, done, finally_=self._be_idle, slot=slot)

    def _be_idle(self) -> None:
        self.setEnabled(True)
        # What is switched off loses the keyboard; whoever works by it wants it back.
        if self._focus is not None and self._focus.isVisible():
            self._focus.setFocus()
        if self._stack.currentWidget() is self._empty:
            self._empty.say(self._empty_text)

    def _chosen_changed(self) -> None:
        has_choice = self.list.selectionModel().hasSelection()
        for button in self._for_chosen:
            button.setEnabled(has_choice)
