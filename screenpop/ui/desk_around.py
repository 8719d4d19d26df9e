"""What the desktop around us changes about cards: keys, quiet, names that must hide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from screenpop.desktop.hotkeys import is_wayland
from screenpop.services.hotkeys import HotkeyPressed, HotkeysChanged
from screenpop.services.quietness import QuietChanged
from screenpop.ui.card_veil import CardVeil

if TYPE_CHECKING:
    from screenpop.desktop.tray_host import TrayHostWatch
    from screenpop.domain.calls import CallRef
    from screenpop.services.application import Application
    from screenpop.services.events import CallCard
    from screenpop.ui.call_notices import CallNotices
    from screenpop.ui.desk import Desk
    from screenpop.ui.hotkey_desk import HotkeyDesk
    from screenpop.ui.popup.controller import CardStack
    from screenpop.ui.windows import Windows

_WITHOUT_SOUND: Final = ("silent", "name", "tray")
# Long after the panel has come up at a login.
_LISTEN_AFTER_MS: Final = 5_000
_SETTLE_MS: Final = 500


class DeskAround:
    """Stands between the services' news of calls and the cards on the screen."""

    def __init__(
        self, services: Application, desk: Desk, windows: Windows, stack: CardStack
    ) -> None:
        self._services = services
        self._desk = desk
        self._windows = windows
        self._stack = stack
        self._hotkeys: HotkeyDesk | None = None
        self._notices: CallNotices | None = None
        self._tray_host: TrayHostWatch | None = None
        quiet = services.around.quiet
        self.veil = CardVeil(quiet, self._renew, desk.tasks.start)
        stack.is_silent = lambda: quiet.now.level in _WITHOUT_SOUND
        services.bus.subscribe(HotkeyPressed, self._pressed)
        services.bus.subscribe(QuietChanged, self._quiet_changed)
        services.bus.subscribe(
            HotkeysChanged, lambda _: windows.settings_page_changed("hotkeys")
        )
        # What was so before anybody listened.
        desk.tray.set_quiet(quiet.now)
        QTimer.singleShot(_LISTEN_AFTER_MS, stack, self._listen_for_tray)

    # --- cards -----------------------------------------------------------------------

    def show(self, card: CallCard) -> None:
        """A call wants a card."""
        seen = self.veil.seen(card, is_new=True)
        if self._is_by_notification():
            self._call_notices().show(seen)
        else:
            self._stack.show(seen)

    def update(self, card: CallCard) -> None:
        """Something of a call has changed."""
        self._renew(self.veil.seen(card))

    def dismiss(self, card: CallCard, linger_seconds: float) -> None:
        """A call is over."""
        seen = self.veil.seen(card)
        self._stack.dismiss(seen, linger_seconds)
        if self._notices is not None:
            self._notices.dismiss(seen)

    def reveal(self, ref: CallRef) -> None:
        """Show who it is, although others may look on."""
        self.veil.reveal(ref)

    async def stop(self) -> None:
        """Take away what is no window."""
        if self._notices is not None:
            await self._notices.stop()
        if self._tray_host is not None:
            await self._tray_host.stop()

    def _renew(self, seen: CallCard) -> None:
        self._stack.update(seen)
        if self._notices is not None:
            self._notices.update(seen)

    # --- notifications in place of cards ---------------------------------------------

    def _is_by_notification(self) -> bool:
        wanted = self._services.settings.ui.calls_as
        return wanted == "notification" or (wanted == "auto" and is_wayland())

    def _call_notices(self) -> CallNotices:
        if self._notices is None:
            from screenpop.desktop.notifications import notifier
            from screenpop.ui.call_notices import CallNotices

            self._notices = CallNotices(
                notifier(),
                self._desk.tasks,
                self._services.clock,
                show_card=self._stack.show,
                quiet=self._desk.quiet_for,
            )
        return self._notices

    # --- the tray --------------------------------------------------------------------

    def _listen_for_tray(self) -> None:
        """Hear when a tray dies, comes back, or comes late after all."""
        from screenpop.desktop.tray_host import tray_host_watch

        if not self._desk.tray.has_icon_window:
            self._tray_host = tray_host_watch()
            self._desk.tasks.start(self._tray_host.start(self._tray_changed))

    def _tray_changed(self) -> None:
        # Its name is taken before it is ready, and given up before it is gone.
        QTimer.singleShot(_SETTLE_MS, self._stack, self._desk.tray.look_again)

    # --- keys and quiet --------------------------------------------------------------

    def _pressed(self, event: HotkeyPressed) -> None:
        if self._hotkeys is None:
            from screenpop.ui.hotkey_desk import HotkeyDesk

            self._hotkeys = HotkeyDesk(
                dialer=self._services.dialer,
                tasks=self._desk.tasks,
                focus_card=self._stack.focus_card,
                open_dialer=self._windows.open_dialer,
                take_selection=self._windows.open_dialer_with_selection,
            )
        self._hotkeys.pressed(event)

    def _quiet_changed(self, event: QuietChanged) -> None:
        self._desk.tray.set_quiet(event.quiet)
        self.veil.refresh()
        self._windows.settings_page_changed("quiet")
