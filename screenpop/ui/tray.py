"""The icon in the tray: what it says, its menu, and waiting for a tray to be there."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from screenpop.domain.plain_text import plain
from screenpop.ui.icons import icon
from screenpop.ui.plain_label import button_text, notification_text
from screenpop.ui.tray_icon import tray_icon
from screenpop.ui.tray_view import (
    RECENT_SHOWN,
    RecentCall,
    TrayView,
    recent_icon,
    recent_text,
)
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from screenpop.domain.calls import CallRef
    from screenpop.services.events import AccountState, NoticeLevel, UserNotice
    from screenpop.ui.theme.theme import Theme

QUIET_HOUR_MINUTES: Final = 60

# Panels come up some seconds after what starts at login.
_LOOK_MS: Final = 3_000
_LOOKS_BEFORE_MISSING: Final = 5
_LATER_LOOK_MS: Final = 60_000
_NOTICE_MS: Final = 10_000
_LONGEST_NOTICE: Final = 250


class TrayActions(Protocol):
    """What the tray can ask for; all return at once."""

    def open_dialer(self) -> None:
        """Show the dialer pane."""
        ...

    def recent_calls(self) -> Sequence[RecentCall]:
        """The latest calls, the latest first."""
        ...

    def show_call(self, ref: CallRef) -> None:
        """Show that call again."""
        ...

    def show_last_card(self) -> None:
        """Bring the last card back."""
        ...

    def open_missed_calls(self) -> None:
        """Show the call log's missed calls."""
        ...

    def open_call_log(self) -> None:
        """Show the call log."""
        ...

    def quiet_for(self, minutes: int) -> None:
        """No cards for that long."""
        ...

    def quiet_until_tomorrow(self) -> None:
        """No cards today."""
        ...

    def end_quiet(self) -> None:
        """Cards again."""
        ...

    def open_account(self, account_id: str) -> None:
        """Show that account's settings."""
        ...

    def open_settings(self) -> None:
        """Show the settings."""
        ...

    def quit(self) -> None:
        """End the program."""
        ...


class Tray(QObject):
    """Says the truth about the accounts, and is where the program is reached.

    Signals:
        tray_missing: No tray has appeared for a while; show the window instead. It is
            still looked for, at a rate that costs nothing.
        tray_found: The icon is in a tray now.
        changed: What the tool tip says may have changed.
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
        self.view = TrayView()
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self.build_menu)
        self._look = QTimer(self, interval=look_ms)
        self._look.timeout.connect(self._look_for_tray)
        theme.changed.connect(self._refresh)

    @property
    def is_shown(self) -> bool:
        """Whether the icon is in a tray."""
        return self._icon is not None

    @property
    def is_looking(self) -> bool:
        """Whether a tray is still being looked for."""
        return self._look.isActive()

    def start(self) -> None:
        """Show the icon as soon as there is a tray."""
        if not self._look_for_tray():
            self._look.start()
        # After the icon is painted: the drawings in it would hold that up by 6 ms.
        QTimer.singleShot(0, self, self.build_menu)

    def stop(self) -> None:
        """Take the icon away."""
        self._look.stop()
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

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

    def set_quiet(self, until: datetime | None) -> None:
        """No cards until then; None for cards as usual."""
        self.view.quiet_until = until
        self._refresh()

    def geometry(self) -> QRect:
        """Where the icon is; empty where the desktop does not say."""
        return self._icon.geometry() if self._icon is not None else QRect()

    def notify(self, notice: UserNotice) -> bool:
        """Show a notification; False when there is no tray to show it."""
        if self._icon is None:
            return False
        self._icon.showMessage(
            notification_text(plain(notice.title, _LONGEST_NOTICE)),
            notification_text(plain(notice.advice, _LONGEST_NOTICE)),
            _notice_icon(notice.level),
            _NOTICE_MS,
        )
        return True

    def tooltip(self) -> str:
        """What the icon says to those who rest on it, or read the screen aloud."""
        return self.view.tooltip(self._clock())

    def build_menu(self) -> None:
        """Make the menu of what is true now."""
        self.menu.clear()
        actions = self._actions
        first = self._add(tr("Dial…"), "keypad", actions.open_dialer)
        self.menu.setDefaultAction(first)
        self.menu.addSeparator()
        now = self._clock()
        for call in list(actions.recent_calls())[:RECENT_SHOWN]:
            self._add(
                recent_text(call, now),
                recent_icon(call),
                partial(actions.show_call, call.ref),
                role="bad" if call.is_missed else "text_soft",
            )
        self._add(self.view.missed_text(), "phone-missed", actions.open_missed_calls)
        self._add(tr("Call log"), "log", actions.open_call_log)
        self.menu.addSeparator()
        self._add_quiet()
        self.menu.addSeparator()
        for account_id, text in self.view.account_lines():
            self._add(text, "info", partial(actions.open_account, account_id))
        if self.view.accounts:
            self.menu.addSeparator()
        self._add(tr("Settings…"), "settings", actions.open_settings)
        self._add(tr("Quit"), "quit", actions.quit)

    def _add_quiet(self) -> None:
        actions = self._actions
        if self.view.quiet_until is not None:
            self._add(tr("Show cards again"), "bell", actions.end_quiet)
            return
        self._add(
            tr("Quiet for an hour"),
            "quiet",
            lambda: actions.quiet_for(QUIET_HOUR_MINUTES),
        )
        self._add(tr("Quiet until tomorrow"), "moon", actions.quiet_until_tomorrow)

    def _add(
        self,
        text: str,
        icon_name: str,
        act: Callable[[], None],
        *,
        role: str = "text_soft",
    ) -> QAction:
        action = QAction(button_text(text), self.menu)
        action.setIcon(icon(icon_name, getattr(self._theme.colors, role)))
        action.triggered.connect(lambda _on=False: act())
        self.menu.addAction(action)
        return action

    def _look_for_tray(self) -> bool:
        if self._is_available():
            self._look.stop()
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
        self._shown = ()
        self._refresh()
        self._icon.show()
        self.tray_found.emit()

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

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._actions.open_dialer()
        elif reason is QSystemTrayIcon.ActivationReason.MiddleClick:
            self._actions.show_last_card()


def _notice_icon(level: NoticeLevel) -> QSystemTrayIcon.MessageIcon:
    # Late: the icon is to be seen before the services are imported.
    from screenpop.services.events import NoticeLevel

    return {
        NoticeLevel.INFO: QSystemTrayIcon.MessageIcon.Information,
        NoticeLevel.WARNING: QSystemTrayIcon.MessageIcon.Warning,
        NoticeLevel.ERROR: QSystemTrayIcon.MessageIcon.Critical,
    }[level]
