"""What the settings' further pages have in common, and how they are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from screenpop.domain.frozen import frozen
from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import TextBlock, heading

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from screenpop.ui.theme.theme import Theme

T = TypeVar("T")


class SettingsPage(QWidget):
    """A title, a word on what it is for, and a place for what went wrong.

    Attributes:
        is_long: It is to be scrolled where it does not fit.
    """

    is_long = False

    def __init__(self, theme: Theme, title: str, lead: str) -> None:
        super().__init__()
        self.theme = theme
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(10))
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.px(8))
        self.head.addWidget(heading(theme, title, title=True), 1)
        self.column.addLayout(self.head)
        self.column.addWidget(TextBlock(theme, lead, tone="soft"))
        self.message = InlineMessage(theme, is_closable=True)
        self.column.addWidget(self.message)
        self.tasks = Tasks(self.message.show_trouble)
        self._focus: QWidget | None = None

    def load(self) -> None:
        """Show what there is; called whenever the page comes to the front."""
        self.tasks.reopen()

    def refresh(self) -> None:
        """Show what has changed elsewhere; nothing by default."""

    def close_tasks(self) -> None:
        """End what runs: nobody looks any more."""
        self.tasks.close()
        self.setEnabled(True)

    def run(
        self, work: Coroutine[Any, Any, T], done: Callable[[T], object] | None = None
    ) -> None:
        """Do something that is to be done to its end; the page waits for it."""
        self.message.clear()
        self._focus = self.focusWidget() if self.isEnabled() else self._focus
        self.setEnabled(False)
        self.tasks.start(
            work, done, finally_=self._be_idle, slot="work", outlives_window=True
        )

    def _be_idle(self) -> None:
        self.setEnabled(True)
        # What is switched off loses the keyboard; whoever works by it wants it back.
        if self._focus is not None and self._focus.isVisible():
            self._focus.setFocus()


@frozen
class PageOffer:
    """A page that is built when it is first chosen.

    Attributes:
        key: What it is opened by.
        icon: Of `resources/icons`.
    """

    key: str
    title: str
    icon: str
    build: Callable[[], SettingsPage]
