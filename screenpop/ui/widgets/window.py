"""What our windows have in common: theme, tasks, a remembered place, Esc closes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from screenpop.ui.icons import app_icon
from screenpop.ui.tasks import Tasks

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
        super().__init__(None, Qt.WindowType.Window)
        self.theme = theme
        self._memory = memory
        self._key = f"window/{key}"
        self.tasks = Tasks(on_trouble)
        self.setWindowTitle(title)
        self.setWindowIcon(app_icon())
        self.setAccessibleName(title)

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
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _restore_place(self) -> None:
        kept = self._memory.recall(self._key)
        if kept:
            self.restoreGeometry(QByteArray(base64.b64decode(kept)))
        room = self.screen().availableGeometry()
        if not room.intersects(self.frameGeometry()):
            self.move(room.center() - self.rect().center())


class Sheet(QDialog):
    """A dialog that belongs to a window and is opened, never executed."""

    def __init__(self, theme: Theme, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(parent is not None)
        self.tasks = Tasks(self.show_trouble)
        self.finished.connect(lambda _result: self.tasks.close())

    def show_trouble(self, trouble: Trouble) -> None:
        """Show what went wrong in its tasks; each dialog says where."""
        raise NotImplementedError
