"""What hotkeys do: go to the card, open the dialer, ask about the marked text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import UsageError
from screenpop.domain.plain_text import plain
from screenpop.services.dialer import DialOrder
from screenpop.services.hotkeys import HotkeyAction, HotkeyPressed

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.desktop.selection import SelectionReader
    from screenpop.ui.ports import AskingDialer
    from screenpop.ui.tasks import Tasks

_LONGEST: Final = 2_000
_LONGEST_NAME: Final = 80


class HotkeyDesk:
    """Does what the keys stand for.

    Args:
        dialer: Asks before it calls.
        tasks: Of the desk.
        focus_card: Gives the newest card the keyboard; False where there is none.
        open_dialer: Opens the dialer with a text in its box.
        take_selection: Opens the dialer, which takes over what is marked once it is in
            front; for where only the program in front may read it.
        reader: Reads what is marked.
    """

    def __init__(
        self,
        *,
        dialer: AskingDialer,
        tasks: Tasks,
        focus_card: Callable[[], bool],
        open_dialer: Callable[[str], None],
        take_selection: Callable[[], None],
        reader: Callable[[], SelectionReader] | None = None,
    ) -> None:
        self._dialer = dialer
        self._tasks = tasks
        self._focus_card = focus_card
        self._open_dialer = open_dialer
        self._take_selection = take_selection
        self._reader = reader

    def pressed(self, event: HotkeyPressed) -> None:
        """A key was pressed, or a command asked for the same."""
        if event.action is HotkeyAction.SEARCH:
            self._open_dialer("")
        elif event.action is HotkeyAction.FOCUS_CARD:
            if not self._focus_card():
                # Something must come of a key, and the dialer has the latest calls.
                self._open_dialer("")
        else:
            self._tasks.start(self._read(), self.dial_marked, slot="selection")

    def dial_marked(self, text: str | None) -> None:
        """Ask whether to call the number in the marked text, as for a link.

        Without exactly one number in it the dialer opens with the text, to search.
        """
        if text is None:
            self._take_selection()
            return
        marked = text.strip()[:_LONGEST]
        origin = DialOrigin.SELECTION
        if len(self._dialer.preview(marked, origin).candidates) <= 1:
            try:
                self._dialer.request(DialOrder(text=marked, origin=origin))
            except UsageError:
                # A name was marked, or nothing.
                marked = plain(marked, _LONGEST_NAME)
            else:
                return
        self._open_dialer(marked)

    async def _read(self) -> str | None:
        from screenpop.desktop.selection import selection_reader

        return await (self._reader or selection_reader)().read()
