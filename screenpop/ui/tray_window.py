"""A small window with what the tray would offer, for desktops that have no tray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from screenpop.ui.icons import app_icon, icon
from screenpop.ui.plain_label import PlainLabel, button_text
from screenpop.ui.theme.theme import GRID, TextSize, Theme
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from screenpop.ui.tray import Tray, TrayActions


class TrayWindow(QWidget):
    """Says what the tray's tool tip says, and opens what its menu opens.

    Closing it only makes it small: without a tray there would be no way back.
    """

    def __init__(self, theme: Theme, tray: Tray, actions: TrayActions) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._tray = tray
        self.setWindowTitle("screenpop")
        self.setWindowIcon(app_icon())
        self.status = PlainLabel(theme, TextSize.BODY, role="text_soft", parent=self)
        self.buttons: list[QPushButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(4 * [theme.px(4 * GRID)]))
        layout.setSpacing(theme.px(2 * GRID))
        layout.addWidget(self.status)
        for text, name, act in (
            (tr("Dial…"), "keypad", actions.open_dialer),
            (tr("Missed calls"), "phone-missed", actions.open_missed_calls),
            (tr("Call log"), "log", actions.open_call_log),
            (tr("Settings…"), "settings", actions.open_settings),
            (tr("Quit"), "quit", actions.quit),
        ):
            button = QPushButton(button_text(text), self)
            button.setIcon(icon(name, theme.colors.text_soft))
            button.setAutoDefault(False)
            button.clicked.connect(lambda _on=False, call=act: call())
            layout.addWidget(button)
            self.buttons.append(button)
        self.resize(theme.px(400), self.sizeHint().height())
        tray.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say what is true now."""
        self.status.show_text(self._tray.tooltip())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay within reach."""
        event.ignore()
        self.showMinimized()
