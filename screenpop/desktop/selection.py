"""The text that is marked in whatever program is in front."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.desktop.hotkeys import is_wayland

if TYPE_CHECKING:
    from screenpop.desktop.xcb import XConnection

LONGEST_BYTES: Final = 8_192
"""More than any text is searched for numbers."""

_PATIENCE_SECONDS: Final = 1.0


class SelectionReader(Protocol):
    """Reads what is marked."""

    async def read(self) -> str | None:
        """The text; "" when none is marked, None where a program cannot know."""
        ...


class NullSelectionReader:
    """Where only the program in front may read it."""

    async def read(self) -> str | None:
        """Not known."""
        return None


def selection_reader() -> SelectionReader:
    """The reader of this platform."""
    reader: SelectionReader
    if sys.platform == "win32":
        from screenpop.desktop.selection_windows import WindowsSelectionReader

        reader = WindowsSelectionReader()
    elif sys.platform == "darwin":
        from screenpop.desktop.selection_macos import MacosSelectionReader

        reader = MacosSelectionReader()
    elif os.environ.get("DISPLAY") and not is_wayland():
        reader = X11SelectionReader()
    else:
        reader = NullSelectionReader()
    return reader


class X11SelectionReader:
    """Asks the owner of PRIMARY; the clipboard is neither read nor written."""

    async def read(self) -> str | None:
        """The text; "" when none is marked or its owner does not answer in time."""
        from screenpop.desktop.xcb import XConnection, XError

        try:
            server = XConnection()
        except XError:
            return None
        try:
            for target in ("UTF8_STRING", "STRING"):
                text = await _asked(server, target)
                if text:
                    return text
            return ""
        finally:
            server.close()


async def _asked(server: XConnection, target: str) -> str:
    from screenpop.desktop.xcb import PRIMARY, SELECTION_NOTIFY

    loop = asyncio.get_running_loop()
    place = server.atom("SCREENPOP_SELECTION")
    told: asyncio.Future[int] = loop.create_future()

    def look() -> None:
        for event in server.events():
            if event.kind == SELECTION_NOTIFY and not told.done():
                told.set_result(event.property)
        if server.is_lost() and not told.done():
            told.set_result(0)

    window = server.ask_for_selection(PRIMARY, server.atom(target), place)
    loop.add_reader(server.fileno(), look)
    try:
        look()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            put = await told
    except TimeoutError:
        return ""
    finally:
        loop.remove_reader(server.fileno())
    if not put:
        return ""
    kind, content = server.property(window, place, LONGEST_BYTES)
    if kind == server.atom("INCR"):
        # It would come in pieces: nobody marks that much in order to dial it.
        return ""
    encoding = "utf-8" if target == "UTF8_STRING" else "latin-1"
    return content.decode(encoding, "replace")
