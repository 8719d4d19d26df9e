"""The windows beside the cards, each built when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef
    from screenpop.services.application import Application
    from screenpop.services.events import (
        DialConfirmationNeeded,
        DialProgress,
        UserNotice,
    )
    from screenpop.ui.desk import Desk
    from screenpop.ui.dialer.pane import DialerPane
    from screenpop.ui.memory import FileMemory
    from screenpop.ui.theme.theme import Theme


class Windows:
    """Dialer, call log, settings, welcome and contact editor."""

    def __init__(self, theme: Theme, services: Application, desk: Desk) -> None:
        self._theme = theme
        self._services = services
        self._desk = desk
        self._notices: list[UserNotice] = []

    @cached_property
    def memory(self) -> FileMemory:
        """What windows remember between runs."""
        from screenpop.ui.memory import FileMemory

        return FileMemory(self._services.paths.data_dir / "windows.ini")

    @cached_property
    def dialer(self) -> DialerPane:
        """The dialer pane."""
        from screenpop.ui.dialer.pane import DialerPane
        from screenpop.ui.dialer.view_model import DialerModel

        model = DialerModel(
            self._services.dial_desk, self._services.dialer, self.memory
        )
        return DialerPane(self._theme, self.memory, model)

    def open_dialer(self, text: str = "") -> None:
        """Show the dialer, with ``text`` in its box."""
        self.dialer.open_with(text)

    def ask_about_dial(self, needed: DialConfirmationNeeded) -> None:
        """A link or another program asks to call."""
        self.dialer.ask(needed)

    def show_dial(self, progress: DialProgress) -> None:
        """News of a dial, for the dialer if it was ever opened."""
        if "dialer" in self.__dict__:
            self.dialer.show_progress(progress)

    def log_changed(self, ref: CallRef) -> None:
        """The call log has changed."""
        if "dialer" in self.__dict__:
            self.dialer.refresh()

    def keep_notice(self, notice: UserNotice) -> None:
        """Hold on to what the tray could not show."""
        self._notices.append(notice)
        del self._notices[:-20]

    def open_call_log(self, ref: CallRef | None = None) -> None:
        """Show the call log, at a call when given."""

    def open_missed_calls(self) -> None:
        """Show the missed calls."""

    def open_settings(self, account_id: str = "") -> None:
        """Show the settings, at an account when given."""

    def open_welcome(self) -> None:
        """Show the first-run window."""

    def open_contact_editor(self, number: str, name: str) -> None:
        """Begin a new contact."""

    def close(self) -> None:
        """Close what is open."""
        if "dialer" in self.__dict__:
            self.dialer.close()
