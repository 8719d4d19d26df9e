"""The tray's menu: everything the program does, and what it knows at the moment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from screenpop.ui.icons import icon
from screenpop.ui.plain_label import button_text
from screenpop.ui.tray_view import RECENT_SHOWN, RecentCall, recent_icon, recent_text
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.services.events import UserNotice
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.tray_view import TrayView

QUIET_HOUR_MINUTES: Final = 60


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

    def has_last_card(self) -> bool:
        """Whether there is a card to go to."""
        ...

    def are_cards_moved(self) -> bool:
        """Whether the user has put the cards somewhere else than in their corner."""
        ...

    def move_cards_back(self) -> None:
        """Let the cards come up in their corner again."""
        ...

    def focus_card(self) -> None:
        """Give the last card the keyboard, bringing it back first if it is gone."""
        ...

    def show_notice(self, notice: UserNotice) -> None:
        """Show the whole of a notice, where something can be done about it."""
        ...

    def open_missed_calls(self) -> None:
        """Show the call log's missed calls."""
        ...

    def open_call_log(self) -> None:
        """Show the call log."""
        ...

    def has_voicemail(self) -> bool:
        """Whether any phone system keeps messages."""
        ...

    def open_voicemail(self) -> None:
        """Show the messages that callers left."""
        ...

    def quiet_for(self, minutes: int) -> None:
        """No cards for that long."""
        ...

    def quiet_until_tomorrow(self) -> None:
        """No cards today."""
        ...

    def quiet_for_good(self) -> None:
        """No cards until the user says otherwise."""
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

    def open_quiet(self) -> None:
        """Show when it is quiet, in the settings."""
        ...

    def update_version(self) -> str:
        """The version that waits to be put in place; "" for none."""
        ...

    def open_updates(self) -> None:
        """Show how updates stand, in the settings."""
        ...

    def quit(self) -> None:
        """End the program."""
        ...


class TrayMenu(QMenu):
    """Made anew each time it is opened.

    Args:
        read_notice: Shows the whole of a notice, which then need not wait any more.
        clock: What time it is, aware.
    """

    def __init__(
        self,
        theme: Theme,
        view: TrayView,
        actions: TrayActions,
        read_notice: Callable[[UserNotice], None],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._theme = theme
        self._view = view
        self._ask = actions
        self._read_notice = read_notice
        self._clock = clock
        self._has_icons = False
        self.aboutToShow.connect(self.build)

    def prepare(self) -> None:
        """Make what desktops ask for before the menu is opened, without its icons.

        Some show the menu themselves and ask for it at once; an empty one may not open.
        The icons wait: for a menu that nobody has opened they take 0.4 MiB.
        """
        self._make()

    def build(self) -> None:
        """Make the menu of what is true now; it is about to be seen."""
        self._theme.style_windows()
        self._has_icons = True
        self._make()

    def _make(self) -> None:
        self.clear()
        ask = self._ask
        self.setDefaultAction(self._add(tr("Dial…"), "keypad", ask.open_dialer))
        self.addSeparator()
        self._add_recent()
        if ask.has_last_card():
            self._add(tr("Go to the last card"), "bell", ask.focus_card)
        if ask.are_cards_moved():
            self._add(
                tr("Put the cards back in their corner"), "refresh", ask.move_cards_back
            )
        self._add(self._view.missed_text(), "phone-missed", ask.open_missed_calls)
        if ask.has_voicemail():
            text = self._view.voicemail_text()
            self._add(text, "voicemail", ask.open_voicemail)
        self._add(tr("Call log"), "log", ask.open_call_log)
        self.addSeparator()
        self._add_quiet()
        self.addSeparator()
        self._add_notices()
        self._add_accounts()
        version = ask.update_version()
        if version:
            text = tr("Update to {version}…", version=version)
            self._add(text, "refresh", ask.open_updates)
        self._add(tr("Settings…"), "settings", ask.open_settings)
        self._add(tr("Quit"), "quit", ask.quit)

    def _add_recent(self) -> None:
        now = self._clock()
        calls = list(self._ask.recent_calls())[:RECENT_SHOWN]
        for call in calls:
            self._add(
                recent_text(call, now),
                recent_icon(call),
                partial(self._ask.show_call, call.ref),
                role="bad" if call.is_missed else "text_soft",
            )
        if calls:
            self.addSeparator()

    def _add_quiet(self) -> None:
        ask, quiet = self._ask, self._view.quiet
        if quiet is not None:
            # Who wonders where the cards are reads it where they look for the way back.
            self._add(self._view.quiet_line(self._clock()), "info", ask.open_quiet)
        if quiet is not None and quiet.reason == "by_hand":
            self._add(tr("Show cards again"), "bell", ask.end_quiet)
            return
        self._add(
            tr("Quiet for an hour"),
            "quiet",
            lambda: ask.quiet_for(QUIET_HOUR_MINUTES),
        )
        self._add(tr("Quiet until tomorrow"), "moon", ask.quiet_until_tomorrow)
        self._add(tr("Quiet until I end it"), "moon", ask.quiet_for_good)

    def _add_notices(self) -> None:
        for notice, text in self._view.notice_lines():
            self._add(text, "alert", partial(self._read_notice, notice), role="warn")

    def _add_accounts(self) -> None:
        if not self._view.accounts:
            return
        # Late: the icon is to be seen before all that is imported.
        from screenpop.ui.settings.state_texts import state_icon, state_tone

        for account_id, text in self._view.account_lines():
            state = self._view.accounts[account_id].state
            tone = state_tone(state)
            self._add(
                text,
                state_icon(state),
                partial(self._ask.open_account, account_id),
                role="text_soft" if tone == "soft" else tone,
            )
        self.addSeparator()

    def _add(
        self,
        text: str,
        icon_name: str,
        act: Callable[[], None],
        *,
        role: str = "text_soft",
    ) -> QAction:
        action = QAction(button_text(text), self)
        if self._has_icons:
            # Late: a class of some hundred names.
            from PySide6.QtWidgets import QStyle

            side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
            action.setIcon(icon(icon_name, getattr(self._theme.colors, role), side))
        action.triggered.connect(lambda _on=False: act())
        self.addAction(action)
        return action
