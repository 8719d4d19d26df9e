"""Hotkeys on a real X server and, by a portal of Python, as on Wayland."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.desktop.hotkeys import Holding, NullHotkeyKeeper, hotkey_keeper
from screenpop.desktop.hotkeys_portal import NAME, PATH, PortalHotkeyKeeper
from screenpop.desktop.hotkeys_x11 import X11HotkeyKeeper
from screenpop.desktop.selection import X11SelectionReader, selection_reader
from screenpop.domain.shortcuts import Shortcut, read_shortcut
from tests.desktop.fake_bus import BusService, serving
from tests.requirements import require_program
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

FOCUS = read_shortcut("Ctrl+Alt+Space")
DIAL = read_shortcut("Ctrl+Alt+D")


async def run(*command: str) -> None:
    program = await asyncio.create_subprocess_exec(
        require_program(command[0]), *command[1:]
    )
    assert await program.wait() == 0


async def test_without_a_display_no_key_is_held_and_that_is_said() -> None:
    keeper = hotkey_keeper()
    assert isinstance(keeper, NullHotkeyKeeper)
    assert await keeper.hold({"focus": FOCUS}, print) == {"focus": Holding.NO_WAY}
    keeper.release()
    assert await selection_reader().read() is None


# --- X11 -----------------------------------------------------------------------------


@pytest.fixture
def keeper() -> Iterator[X11HotkeyKeeper]:
    keeper = X11HotkeyKeeper()
    yield keeper
    assert keeper._server is None


@pytest.mark.x11
async def test_a_key_is_heard_once_whatever_locks_are_on(
    keeper: X11HotkeyKeeper,
) -> None:
    heard: list[str] = []
    wanted = {"focus": FOCUS, "dial": DIAL}
    held = await keeper.hold(wanted, heard.append)
    assert held == dict.fromkeys(wanted, Holding.HELD)
    await run("xdotool", "key", "ctrl+alt+space")
    await eventually(lambda: heard == ["focus"], "the first key")
    # Held down it repeats; that is one press.
    await run("xdotool", "keydown", "ctrl+alt+d", "sleep", "0.9", "keyup", "ctrl+alt+d")
    await eventually(lambda: heard == ["focus", "dial"], "the second key")
    for lock in ("Caps_Lock", "Num_Lock"):
        await run("xdotool", "key", lock, "key", "ctrl+alt+d", "key", lock)
    await eventually(lambda: heard[2:] == ["dial", "dial"], "keys under locks")
    await run("xdotool", "key", "ctrl+alt+shift+d", "key", "alt+d")
    await run("xdotool", "key", "ctrl+alt+space")
    await eventually(lambda: heard[4:] == ["focus"], "no other keys")
    keeper.release()


@pytest.mark.x11
async def test_a_key_that_another_program_has_is_told_and_free_again_later(
    keeper: X11HotkeyKeeper,
) -> None:
    other = X11HotkeyKeeper()
    await other.hold({"theirs": DIAL}, print)
    wanted = {"focus": FOCUS, "dial": DIAL}
    held = await keeper.hold(wanted, print)
    assert held == {"focus": Holding.HELD, "dial": Holding.TAKEN}
    other.release()
    assert set((await keeper.hold(wanted, print)).values()) == {Holding.HELD}
    missing = Shortcut(("Ctrl",), "F24")
    assert (await keeper.hold({"x": missing}, print))["x"] in (
        Holding.HELD,
        Holding.NO_SUCH_KEY,
    )
    keeper.release()


@pytest.mark.x11
async def test_keys_move_with_the_keyboards_layout(keeper: X11HotkeyKeeper) -> None:
    heard: list[str] = []
    await keeper.hold({"dial": DIAL}, heard.append)
    await run("setxkbmap", "us", "-variant", "dvorak")
    try:
        await run("xdotool", "key", "ctrl+alt+d")
        await eventually(lambda: heard == ["dial"], "the key in its new place")
    finally:
        await run("setxkbmap", "us")
    keeper.release()


@pytest.mark.x11
async def test_what_is_marked_in_another_window_is_read() -> None:
    text = "call +1 202 555 0142, Ąžuolas"
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.x11.marked_text", text),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    assert program.stdin is not None
    assert await program.stdout.readline() == b"marked\n"
    assert await X11SelectionReader().read() == text
    program.stdin.close()
    await program.wait()
    assert await X11SelectionReader().read() == ""


# --- Wayland -------------------------------------------------------------------------

_SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
_SESSION = "/org/freedesktop/portal/desktop/session/1_1/ours"


class Portal(BusService):
    """A desktop portal; the user gives keys to those of ``granted``."""

    def __init__(self, *granted: str, response: int = 0) -> None:
        super().__init__(NAME)
        self._granted = granted
        self._response = response
        self.answer("CreateSession", self._create)
        self.answer("BindShortcuts", self._bind)

    def press(self, name: str, session: str = _SESSION) -> None:
        self.tell(
            *(PATH, _SHORTCUTS, "Activated", "osta{sv}"),
            *(session, name, 1, {}),
        )

    def _create(self, options: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        return self._later(options, {"session_handle": ("s", _SESSION)})

    def _bind(
        self, session: str, keys: list[Any], parent: str, options: dict[str, Any]
    ) -> tuple[str, tuple[Any, ...]]:
        assert session == _SESSION
        assert parent == ""
        bound = [
            (name, {"trigger_description": ("s", "Ctrl+Alt+…")})
            for name, _facts in keys
            if name in self._granted
        ]
        return self._later(options, {"shortcuts": ("a(sa{sv})", bound)})

    def _later(
        self, options: dict[str, Any], results: dict[str, Any]
    ) -> tuple[str, tuple[Any, ...]]:
        token = options["handle_token"][1]
        path = f"{PATH}/request/1_1/{token}"
        # As real ones may, it answers before the call itself is answered.
        self.tell(
            *(path, "org.freedesktop.portal.Request", "Response", "ua{sv}"),
            *(self._response, results),
        )
        return "o", (path,)


@pytest.mark.keyring
async def test_the_portal_holds_keys_and_tells_when_they_are_pressed() -> None:
    keeper = PortalHotkeyKeeper()
    heard: list[str] = []
    with serving(Portal("focus_card")) as portal:
        assert isinstance(portal, Portal)
        wanted = {"focus_card": FOCUS, "search": DIAL}
        held = await keeper.hold(wanted, heard.append)
        assert held == {"focus_card": Holding.HELD, "search": Holding.TAKEN}
        (asked,) = [args for name, args in portal.asked if name == "BindShortcuts"]
        assert asked[1][0][1]["preferred_trigger"] == ("s", "CTRL+ALT+space")
        portal.press("focus_card", session="/somebody/else")
        portal.press("focus_card")
        await eventually(lambda: heard == ["focus_card"], "the key")
        keeper.release()
        await asyncio.gather(*keeper._closing)


@pytest.mark.keyring
@pytest.mark.parametrize("is_there", [True, False])
async def test_a_portal_that_refuses_or_is_not_there_is_no_way(is_there: bool) -> None:
    keeper = PortalHotkeyKeeper()
    if is_there:
        with serving(Portal(response=1)):
            held = await keeper.hold({"search": DIAL}, print)
    else:
        held = await keeper.hold({"search": DIAL}, print)
    assert held == {"search": Holding.NO_WAY}
    await asyncio.gather(*keeper._closing)
