"""Do-not-disturb of the desktops is known from their own word; the rest is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.attention import UNKNOWN, Attention, attention_watch
from screenpop.desktop.attention_linux import (
    DUNST,
    NOTIFICATIONS,
    NOTIFICATIONS_PATH,
    SCREEN_CAST,
    XFCONF,
    BusAttentionWatch,
)
from screenpop.desktop.attention_windows import read_state
from tests.desktop.fake_bus import BusService, serving
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

on_a_bus = pytest.mark.keyring


async def test_without_a_session_bus_nothing_is_known() -> None:
    told: list[Attention] = []
    watch = attention_watch()
    await watch.start(told.append)
    assert told == [UNKNOWN]
    assert await watch.look() == UNKNOWN
    await watch.stop()


def test_windows_states_say_no_more_than_they_mean() -> None:
    assert read_state(6) == Attention(focus_mode=True, sharing=False)
    assert read_state(4) == Attention(focus_mode=None, sharing=True)
    assert read_state(5) == Attention(focus_mode=None, sharing=False)


@pytest.fixture
async def watch() -> AsyncIterator[BusAttentionWatch]:
    watch = BusAttentionWatch()
    yield watch
    await watch.stop()


@on_a_bus
async def test_a_desktop_that_tells_nothing_is_unknown(
    watch: BusAttentionWatch,
) -> None:
    told: list[Attention] = []
    await watch.start(told.append)
    assert told == [UNKNOWN]
    assert not watch.must_be_asked


@on_a_bus
@pytest.mark.parametrize(
    ("interface", "name"), [(NOTIFICATIONS, "Inhibited"), (DUNST, "paused")]
)
async def test_the_notifications_of_kde_and_dunst_tell_by_themselves(
    watch: BusAttentionWatch, interface: str, name: str
) -> None:
    told: list[bool | None] = []
    server = BusService(NOTIFICATIONS)
    server.set(name, "b", False)
    with serving(server):
        await watch.start(lambda now: told.append(now.focus_mode))
        server.change(NOTIFICATIONS_PATH, interface, name, True)
        await eventually(lambda: told == [False, True], "do-not-disturb")
        server.change(NOTIFICATIONS_PATH, interface, name, False)
        await eventually(lambda: told == [False, True, False], "its end")


@on_a_bus
async def test_xfce_tells_of_its_own_setting_only(watch: BusAttentionWatch) -> None:
    told: list[bool | None] = []
    xfconf = BusService(XFCONF.name)
    with serving(xfconf):
        await watch.start(lambda now: told.append(now.focus_mode))
        for name in ("/theme", "/do-not-disturb"):
            xfconf.tell(
                *(XFCONF.path, XFCONF.interface, "PropertyChanged", "ssv"),
                *("xfce4-notifyd", name, ("b", True)),
            )
        await eventually(lambda: told == [False, True], "do-not-disturb")


@on_a_bus
async def test_gnome_is_asked_again_when_its_setting_changes(
    watch: BusAttentionWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "banners"
    state.write_text("true")
    tool = tmp_path / "gsettings"
    tool.write_text(f'#!/bin/sh\n[ "$3" = show-banners ] && cat {state}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    told: list[bool | None] = []
    dconf = BusService("ca.desrt.dconf", "org.gnome.Shell")
    with serving(dconf):
        await watch.start(lambda now: told.append(now.focus_mode))
        assert told == [False]
        state.write_text("false")
        dconf.tell(
            "/ca/desrt/dconf/Writer/user",
            *("ca.desrt.dconf.Writer", "Notify", "sass"),
            *("/org/gnome/desktop/notifications/", ["show-banners"], "tag"),
        )
        await eventually(lambda: told == [False, True], "do-not-disturb")


@on_a_bus
async def test_sharing_is_asked_of_the_compositor_when_it_matters(
    watch: BusAttentionWatch,
) -> None:
    compositor = BusService(SCREEN_CAST)
    sessions = ["<node></node>"]
    compositor.answer("Introspect", lambda: ("s", (sessions[-1],)))
    with serving(compositor):
        await watch.start(lambda _now: None)
        assert watch.must_be_asked
        assert (await watch.look()).sharing is False
        sessions.append('<node><node name="u1"/></node>')
        assert (await watch.look()).sharing is True
