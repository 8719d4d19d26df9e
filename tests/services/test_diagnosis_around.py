"""The doctor tells who has a hotkey, what the desktop tells, and where cards stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screenpop.config.settings import Settings, UiSettings
from screenpop.services.diagnosis_around import check_cards, check_hotkeys, check_quiet
from screenpop.services.findings import Level

if TYPE_CHECKING:
    import pytest


@dataclass
class Loaded:
    settings: Settings = field(default_factory=Settings)


@dataclass
class Home:
    """What these checks look at."""

    app: dict[str, Any] = field(default_factory=dict)
    loaded: Loaded = field(default_factory=Loaded)


async def _texts(check: Any, home: Home) -> list[tuple[Level, str]]:
    return [(one.level, f"{one.title}. {one.advice}") for one in await check(home)]


async def test_each_hotkey_says_whether_it_works_and_what_to_do() -> None:
    assert await _texts(check_hotkeys, Home()) == [(Level.OK, "No hotkeys are set. ")]
    fates = {"focus_card": "held", "dial_selection": "taken", "search": "no_way"}
    hotkeys = {
        name: {"keys": f"F{n}", "fate": fate}
        for n, (name, fate) in enumerate(fates.items(), 5)
    }
    held, taken, no_way = await _texts(
        check_hotkeys, Home({"desktop": {"hotkeys": hotkeys}})
    )
    assert held == (Level.OK, "F5 works. ")
    assert taken[0] is Level.WARN
    assert "another program" in taken[1]
    assert "screenpop search" in no_way[1]


async def test_what_a_desktop_does_not_tell_is_said() -> None:
    assert await _texts(check_quiet, Home()) == []
    quiet = {"focus_mode": False, "sharing": None}
    told = await _texts(check_quiet, Home({"desktop": {"quiet": quiet}}))
    assert [text for _level, text in told] == [
        "This desktop tells of: do not disturb. ",
        "This desktop does not tell of: sharing of the screen. ",
    ]


async def test_on_wayland_cards_are_notifications_unless_one_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await _texts(check_cards, Home()) == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    ((level, _text),) = await _texts(check_cards, Home())
    assert level is Level.OK
    stubborn = Home(loaded=Loaded(Settings(ui=UiSettings(calls_as="card"))))
    ((level, _text),) = await _texts(check_cards, stubborn)
    assert level is Level.WARN
