"""The first thing a new user sees: what this is, and three ways to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from screenpop.domain.frozen import frozen
from screenpop.ui.icons import APP_COLOR, pixmap
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import ButtonKind, TextButton
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Window
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.ui.ports import MemoryPort
    from screenpop.ui.theme.theme import Theme


@frozen
class WelcomeActions:
    """What the three buttons do."""

    add_account: Callable[[], object]
    try_demo: Callable[[], object]
    import_contacts: Callable[[], object]


class WelcomeWindow(Window):
    """Shown while there is no account."""

    def __init__(
        self,
        theme: Theme,
        memory: MemoryPort,
        actions: WelcomeActions,
        locked: str = "",
    ) -> None:
        """Show nothing yet; ``locked`` says who lets nobody add an account."""
        self.message = InlineMessage(theme)
        super().__init__(
            theme, memory, "welcome", tr("Welcome"), self.message.show_trouble
        )
        column = QVBoxLayout(self)
        edge = theme.px(32)
        column.setContentsMargins(edge, theme.px(28), edge, theme.px(24))
        column.setSpacing(theme.px(8))
        self._add_head(column)
        self.first = self._offer(
            column,
            tr("Add an account"),
            locked or tr("You need an API key from your phone system."),
            actions.add_account,
            "plus",
            "primary",
        )
        self.first.setEnabled(not locked)
        self._offer(
            column,
            tr("Try the demo"),
            tr("A make-believe phone system rings; nothing is set up."),
            actions.try_demo,
            "bell",
        )
        self._offer(
            column,
            tr("Import contacts"),
            tr("From a CSV or vCard file, so that callers have names."),
            actions.import_contacts,
            "people",
        )
        column.addWidget(self.message)
        column.addStretch(1)
        self.setMinimumWidth(theme.px(420))
        self.resize(theme.px(440), theme.px(500))

    def open(self) -> None:
        """Show it."""
        self.bring_up()
        self.first.setFocus()

    def _add_head(self, column: QVBoxLayout) -> None:
        theme = self.theme
        side = theme.px(56)
        picture = QLabel()
        picture.setPixmap(pixmap("app", APP_COLOR, side, self.devicePixelRatioF()))
        column.addWidget(picture)
        column.addSpacing(theme.px(8))
        column.addWidget(
            TextBlock(
                theme, tr("Know who is calling"), size=TextSize.TITLE, strong=True
            )
        )
        column.addWidget(
            TextBlock(
                theme,
                tr(
                    "Connect your cloud phone system. When your phone rings, a small "
                    "card says who it is; it never takes the keyboard from you."
                ),
                tone="soft",
            )
        )
        column.addSpacing(theme.px(12))

    def _offer(
        self,
        column: QVBoxLayout,
        text: str,
        why: str,
        act: Callable[[], object],
        icon: str,
        kind: ButtonKind = "",
    ) -> TextButton:
        button = TextButton(self.theme, text, act, kind=kind, icon=icon)
        button.setAccessibleDescription(why)
        button.setMinimumHeight(self.theme.px(36))
        column.addWidget(button)
        caption = TextBlock(self.theme, why, size=TextSize.CAPTION, tone="faint")
        caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(caption)
        column.addSpacing(self.theme.px(6))
        return button
