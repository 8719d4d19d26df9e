"""What our windows have in common: theme, tasks, a remembered place, Esc closes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.accessible import announce_as_window
from screenpop.ui.icons import app_icon
from screenpop.ui.tasks import Tasks
from screenpop.ui.widgets.buttons import ButtonKind, TextButton
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import TextBlock, heading
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import (
        QCloseEvent,
        QHideEvent,
        QKeyEvent,
        QShowEvent,
    )

    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import MemoryPort
    from screenpop.ui.theme.theme import Theme


_SCREEN_SHARE: Final = 0.94
"""How much of a screen a dialog takes at most; its frame needs some, too."""


def dress(window: QWidget, theme: Theme) -> None:
    """Give what has no font of its own the size that the user set.

    Qt hands no font down to children where a style sheet is in force.
    """
    for child in window.findChildren(QWidget):
        if not child.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            child.setFont(theme.font())


def place_in_the_middle(window: QWidget) -> None:
    """Put the window into the middle of its screen."""
    room = window.screen().availableGeometry()
    window.move(room.center() - window.rect().center())


def press_with_enter(window: QWidget, event: QKeyEvent) -> bool:
    """Let Enter press the button that has the focus, as in dialogs; whether it was."""
    button = window.focusWidget()
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    if not is_enter or not isinstance(button, QAbstractButton):
        return False
    # A key held down repeats; who presses a button means it once.
    if not event.isAutoRepeat():
        button.click()
    return True


class Window(QWidget):
    """A top-level window that is hidden and shown again rather than destroyed.

    Args:
        key: Under which its size and place are remembered.
        on_trouble: Shows what went wrong in its tasks.
    """

    def __init__(
        self,
        theme: Theme,
        memory: MemoryPort,
        key: str,
        title: str,
        on_trouble: Callable[[Trouble], None],
    ) -> None:
        theme.style_windows()
        super().__init__(None, Qt.WindowType.Window)
        self.theme = theme
        self._memory = memory
        self._key = f"window/{key}"
        self.tasks = Tasks(on_trouble)
        self.setWindowTitle(title)
        self.setWindowIcon(app_icon())
        self.setAccessibleName(title)
        announce_as_window(self)

    def bring_up(self) -> None:
        """Show the window in front, where it was."""
        if not self.isVisible():
            self._restore_place()
        self.show()
        # The offscreen platform has no order of windows and complains.
        if QGuiApplication.platformName() != "offscreen":
            self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        """Its tasks may run from now on."""
        self.tasks.reopen()
        dress(self, self.theme)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember the place and end the tasks."""
        geometry = bytes(self.saveGeometry().data())
        self._memory.remember(self._key, base64.b64encode(geometry).decode())
        if not event.spontaneous():
            self.tasks.close()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide it; the program lives on in the tray."""
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; Enter presses the button that has the focus."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        if not press_with_enter(self, event):
            super().keyPressEvent(event)

    def _restore_place(self) -> None:
        kept = self._memory.recall(self._key)
        if kept:
            self.restoreGeometry(QByteArray(base64.b64decode(kept)))
        room = self.screen().availableGeometry()
        self.resize(self.size().boundedTo(room.size()))
        if not kept or not room.intersects(self.frameGeometry()):
            # Left to the window manager, it would stand where no dialog of it can know.
            place_in_the_middle(self)


class Sheet(QDialog):
    """A dialog of a window, opened and never executed: heading, body, buttons.

    What goes wrong in its tasks is shown between body and buttons.
    """

    def __init__(self, theme: Theme, parent: QWidget | None, title: str) -> None:
        theme.style_windows()
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(title)
        self.setWindowIcon(app_icon())
        self.setAccessibleName(title)
        self.setModal(parent is not None)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        edge = theme.px(20)
        column.setContentsMargins(edge, edge, edge, theme.px(16))
        column.setSpacing(theme.px(12))
        self.heading = heading(theme, title)
        column.addWidget(self.heading)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(12))
        column.addLayout(self.body, 1)
        self.message = InlineMessage(theme)
        column.addWidget(self.message)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.px(8))
        self._buttons.addStretch(1)
        column.addLayout(self._buttons)
        self.tasks = Tasks(self.message.show_trouble)
        self.finished.connect(lambda _result: self.tasks.close())
        self._with_own_enter: list[QLineEdit] = []

    def do_on_enter(self, field: QLineEdit, action: Callable[[], object]) -> None:
        """Have Enter in that field do this and not press the default button."""
        self._with_own_enter.append(field)
        field.returnPressed.connect(action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, else the default one."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        # A field hands Enter on after it has told of it.
        if is_enter and self.focusWidget() in self._with_own_enter:
            return
        if not press_with_enter(self, event):
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Text in the size that the user set, and no larger than the screen."""
        dress(self, self.theme)
        room = self.screen().availableGeometry().size()
        self.resize(self.size().boundedTo(room * _SCREEN_SHARE))
        super().showEvent(event)

    def add_button(
        self, text: str, clicked: Callable[[], object], kind: ButtonKind = ""
    ) -> TextButton:
        """Add a button at the end of the row."""
        button = TextButton(self.theme, text, clicked, kind=kind)
        self._buttons.addWidget(button)
        return button


def confirm(
    theme: Theme,
    parent: QWidget,
    title: str,
    text: str,
    yes: str,
    on_yes: Callable[[], object],
) -> Sheet:
    """Ask before something that cannot be taken back; Esc and Enter say no."""
    sheet = Sheet(theme, parent, title)
    sheet.setMinimumWidth(theme.px(380))
    sheet.body.addWidget(TextBlock(theme, text, tone="soft"))

    def do_it() -> None:
        sheet.accept()
        on_yes()

    no = sheet.add_button(tr("Cancel"), sheet.reject)
    no.setDefault(True)
    no.setFocus()
    sheet.add_button(yes, do_it, "danger")
    sheet.open()
    return sheet
