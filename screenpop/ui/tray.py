"""The icon in the tray: what it says, its menu, and waiting for a tray to be there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from screenpop.domain.plain_text import plain
from screenpop.ui.plain_label import notification_text
from screenpop.ui.tray_icon import tray_icon
from screenpop.ui.tray_menu import TrayMenu
from screenpop.ui.tray_view import TrayView

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.events import AccountState, NoticeLevel, UserNotice
    from screenpop.services.quietness import Quiet
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.tray_menu import TrayActions

# Panels come up some seconds after what starts at login.
_LOOK_MS: Final = 3_000
_LOOKS_BEFORE_MISSING: Final = 5
_LATER_LOOK_MS: Final = 60_000
_NOTICE_MS: Final = 10_000
_LONGEST_NOTICE: Final = 250
_ICON_WINDOW: Final = "QSystemTrayIconSysWindow"


class Tray(QObject):
    """Says the truth about the accounts, and is where the program is reached.

    Signals:
        tray_missing: No tray has appeared for a while; show the window instead. It is
            still looked for, at a rate that costs nothing.
        tray_found: The icon is in a tray now.
        changed: What the tool tip says may have changed.

    Attributes:
        has_icon_window: The tray is of the old kind, and its loss is noticed by that.
    """

    tray_missing = Signal()
    tray_found = Signal()
    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        actions: TrayActions,
        *,
        is_available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        look_ms: int = _LOOK_MS,
    ) -> None:
        super().__init__(theme)
        self._theme = theme
        self._actions = actions
        self._is_available = is_available
        self._clock = clock
        self._looks = 0
        self._shown: tuple[object, ...] = ()
        self._icon: QSystemTrayIcon | None = None
        self._is_gone = False
        self.has_icon_window = False
        self._look_ms = look_ms
        self._told: UserNotice | None = None
        self.view = TrayView()
        self.menu = TrayMenu(theme, self.view, actions, self.read_notice, clock)
        self._look = QTimer(self, interval=look_ms)
        self._look.timeout.connect(self._look_for_tray)
        theme.changed.connect(self._refresh)

    @property
    def is_shown(self) -> bool:
        """Whether the icon is in a tray."""
        return self._icon is not None and not self._is_gone

    @property
    def is_looking(self) -> bool:
        """Whether a tray is still being looked for."""
        return self._look.isActive()

    def start(self) -> None:
        """Show the icon as soon as there is a tray."""
        if not self._look_for_tray():
            self._look.start()
        # After the icon is painted, which this would hold up.
        QTimer.singleShot(0, self, self.menu.prepare)

    def stop(self) -> None:
        """Take the icon away."""
        self._look.stop()
        self._drop_icon()

    def look_again(self) -> None:
        """The tray may have gone or come back."""
        if self._icon is None:
            if self._look.isActive():
                self._look_for_tray()
        elif self._is_available():
            if self._is_gone:
                self._look_for_tray()
        elif not self._is_gone:
            # Panels that crash or are changed come back; a window at once would flash.
            self._is_gone = True
            self._looks = 0
            self._look.start(self._look_ms)

    def _drop_icon(self) -> None:
        icon, self._icon = self._icon, None
        if icon is not None:
            icon.hide()
            icon.deleteLater()

    def set_account(self, state: AccountState) -> None:
        """An account's state is now this."""
        self.view.accounts[state.account_id] = state
        self._refresh()

    def remove_account(self, account_id: str) -> None:
        """The account is no longer there."""
        self.view.accounts.pop(account_id, None)
        self._refresh()

    def set_missed(self, count: int) -> None:
        """So many missed calls wait for somebody to call back."""
        self.view.missed_count = count
        self._refresh()

    def set_messages(self, count: int) -> None:
        """So many messages are new."""
        self.view.message_count = count
        self._refresh()

    def set_quiet(self, quiet: Quiet) -> None:
        """How quiet it is now."""
        self.view.quiet = quiet if quiet.reason is not None else None
        self._refresh()

    def geometry(self) -> QRect:
        """Where the icon is; empty where the desktop does not say."""
        return self._icon.geometry() if self._icon is not None else QRect()

    def notify(self, notice: UserNotice) -> bool:
        """Show a notification; False when there is no tray to show it.

        What matters beyond the moment, or could not be shown, is kept for the menu and
        for the window in place of a tray.
        """
        if not self.is_shown or not _is_passing(notice.level):
            self.view.keep_notice(notice)
            self._refresh()
        if self._icon is None or self._is_gone:
            return False
        self._told = notice
        self._icon.showMessage(
            notification_text(plain(notice.title, _LONGEST_NOTICE)),
            notification_text(plain(notice.advice, _LONGEST_NOTICE)),
            _notice_icon(notice.level),
            _NOTICE_MS,
        )
        return True

    def read_notice(self, notice: UserNotice) -> None:
        """Somebody looks at it: it need not wait any more."""
        self.view.drop_notice(notice)
        self._refresh()
        self._actions.show_notice(notice)

    def drop_notice(self, notice: UserNotice) -> None:
        """Somebody has read it where it stood."""
        self.view.drop_notice(notice)
        self._refresh()

    def tooltip(self) -> str:
        """What the icon says to those who rest on it, or read the screen aloud."""
        return self.view.tooltip(self._clock())

    def _look_for_tray(self) -> bool:
        if self._is_available():
            self._look.stop()
            # An icon of a tray that died belongs to no other.
            self._drop_icon()
            self._is_gone = False
            self._show_icon()
            return True
        self._looks += 1
        if self._looks == _LOOKS_BEFORE_MISSING:
            self._look.setInterval(_LATER_LOOK_MS)
            self.tray_missing.emit()
        return False

    def _show_icon(self) -> None:
        """Make the icon only now: what kind it is depends on the tray there is."""
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self._message_clicked)
        self._shown = ()
        self._refresh()
        self._icon.show()
        QTimer.singleShot(0, self, self._watch_icon_window)
        self.tray_found.emit()
        for notice, _text in self.view.notice_lines()[:1]:
            self._tell_late(notice)

    def _watch_icon_window(self) -> None:
        """In a tray of the old kind the icon is a window, which goes with the tray."""
        # Not its widget: for one that Python does not know yet, the binding would make
        # all its classes of widgets to find the one that fits, and keep them: 1.2 MiB.
        for window in QGuiApplication.allWindows():
            if window.objectName() == _ICON_WINDOW:
                self.has_icon_window = True
                window.destroyed.connect(self._icon_window_gone)

    def _icon_window_gone(self) -> None:
        # The tray lets go of its name a moment later.
        QTimer.singleShot(self._look_ms, self, self.look_again)

    def _refresh(self) -> None:
        self.changed.emit()
        if self._icon is None:
            return
        state, missed = self.view.state(), self.view.missed_count
        shown = (state, missed, self.tooltip())
        if shown == self._shown:
            return
        if shown[:2] != self._shown[:2]:
            self._icon.setIcon(tray_icon(state, missed))
        self._icon.setToolTip(notification_text(self.tooltip()))
        self._shown = shown

    def _tell_late(self, notice: UserNotice) -> None:
        """There was no tray to show it when it came."""
        self.view.drop_notice(notice)
        self.notify(notice)

    def _message_clicked(self) -> None:
        told, self._told = self._told, None
        if told is not None:
            self.read_notice(told)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._actions.open_dialer()
        elif reason is QSystemTrayIcon.ActivationReason.MiddleClick:
            self._actions.show_last_card()


def _is_passing(level: NoticeLevel) -> bool:
    from screenpop.services.events import NoticeLevel

    return level is NoticeLevel.INFO


def _notice_icon(level: NoticeLevel) -> QSystemTrayIcon.MessageIcon:
    # Late: the icon is to be seen before the services are imported.
    from screenpop.services.events import NoticeLevel

    return {
        NoticeLevel.INFO: QSystemTrayIcon.MessageIcon.Information,
        NoticeLevel.WARNING: QSystemTrayIcon.MessageIcon.Warning,
        NoticeLevel.ERROR: QSystemTrayIcon.MessageIcon.Critical,
    }[level]
