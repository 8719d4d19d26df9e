"""A small window with what the tray would offer, for desktops that have no tray."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from screenpop.ui.accessible import announce_as_window
from screenpop.ui.icons import app_icon
from screenpop.ui.theme.theme import GRID, Theme
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import press_with_enter
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent

    from screenpop.services.events import UserNotice
    from screenpop.ui.tray import Tray
    from screenpop.ui.tray_menu import TrayActions
    from screenpop.ui.widgets.text import Tone


_GAP_PX: Final = 40
"""To the edges of the screen; the frame that comes around it fits in."""


class TrayWindow(QWidget):
    """Says what the tray's tool tip and notifications say, and opens what it opens.

    Closing it only makes it small: without a tray there would be no way back.
    """

    def __init__(self, theme: Theme, tray: Tray, actions: TrayActions) -> None:
        theme.style_windows()
        super().__init__(None, Qt.WindowType.Window)
        announce_as_window(self)
        # It comes by itself, some time after the login: the keyboard stays where it is.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._tray = tray
        self._notice: UserNotice | None = None
        self.setWindowTitle("screenpop")
        self.setAccessibleName("screenpop")
        self.setWindowIcon(app_icon())
        self.status = TextBlock(theme, tone="soft")
        self.message = InlineMessage(theme, is_closable=True)
        self.message.closed.connect(self._read)
        self.buttons: list[TextButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(4 * [theme.px(4 * GRID)]))
        layout.setSpacing(theme.px(2 * GRID))
        layout.addWidget(self.status)
        layout.addWidget(self.message)
        for text, name, act in (
            (tr("Dial…"), "keypad", actions.open_dialer),
            (tr("Missed calls"), "phone-missed", actions.open_missed_calls),
            (tr("Call log"), "log", actions.open_call_log),
            (tr("Settings…"), "settings", actions.open_settings),
            (tr("Quit"), "quit", actions.quit),
        ):
            button = TextButton(theme, text, act, icon=name)
            layout.addWidget(button)
            self.buttons.append(button)
        self._missed = self.buttons[1]
        # The visible way back from a quiet that does not end by itself.
        self.cards_again = TextButton(
            theme, tr("Show cards again"), actions.end_quiet, icon="bell"
        )
        layout.insertWidget(1, self.cards_again)
        # Recent calls, quiet times and accounts, just as a tray has them.
        self.more = TextButton(theme, tr("More"))
        self.more.setMenu(tray.menu)
        layout.insertWidget(layout.count() - 1, self.more)
        layout.addStretch(1)
        # The keyboard goes from top to bottom, and to the message last.
        order = [self.cards_again, *self.buttons[:-1], self.more, self.buttons[-1]]
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)
        tray.changed.connect(self.refresh)
        self.refresh()
        self.resize(theme.px(400), self.sizeHint().height())

    def stand_aside(self, keep_clear: QRect) -> None:
        """Go to the lower corner where no cards come up.

        It comes by itself, and shall not lie on what somebody works in.

        Args:
            keep_clear: Where cards come up.
        """
        room = self.screen().availableGeometry()
        size = self.frameGeometry().size()
        top = max(room.top(), room.bottom() + 1 - size.height() - _GAP_PX)
        left = room.left() + _GAP_PX
        is_at_left = keep_clear.center().x() < room.center().x()
        if is_at_left and not keep_clear.isEmpty():
            left = room.right() + 1 - size.width() - _GAP_PX
        self.move(left, top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A message makes it higher; it stays on the screen then."""
        super().resizeEvent(event)
        room = self.screen().availableGeometry()
        over = self.frameGeometry().bottom() - room.bottom()
        if over > 0:
            self.move(self.x(), max(room.top(), self.y() - over))

    def refresh(self) -> None:
        """Say what is true now."""
        self.status.setText(self._tray.tooltip())
        view = self._tray.view
        self._missed.show_text(view.missed_text())
        quiet = view.quiet
        self.cards_again.setVisible(quiet is not None and quiet.reason == "by_hand")
        lines = self._tray.view.notice_lines()
        notice = lines[0][0] if lines else None
        if notice == self._notice:
            return
        self._notice = notice
        if notice is None:
            self.message.clear()
            return
        self.message.say(notice.title, notice.advice, tone=notice_tone(notice))
        # Lets the taskbar draw the eye to it, and takes no focus.
        QApplication.alert(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        if not press_with_enter(self, event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay within reach."""
        event.ignore()
        self.showMinimized()

    def _read(self) -> None:
        if self._notice is not None:
            self._tray.drop_notice(self._notice)


def notice_tone(notice: UserNotice) -> Tone:
    """How a window shows a notice."""
    from screenpop.services.events import NoticeLevel

    tones: dict[NoticeLevel, Tone] = {
        NoticeLevel.INFO: "soft",
        NoticeLevel.WARNING: "warn",
        NoticeLevel.ERROR: "bad",
    }
    return tones[notice.level]
