"""Notifications on a strict server: text stays text, buttons lead back to the call."""

from __future__ import annotations

from typing import Any

import pytest

from screenpop.desktop.notifications import (
    NAME,
    PATH,
    BusNotifier,
    Notification,
    NullNotifier,
    notifier,
)
from tests.desktop.fake_bus import BusService, serving
from tests.waiting import eventually

on_a_bus = pytest.mark.keyring

RING = Notification(
    "acme/1",
    "Incoming call",
    "<b>Tom</b> & Jerry <img src=file:///etc/passwd>",
    (("default", "Show"), ("quiet", "Quiet")),
    is_urgent=True,
)


class Server(BusService):
    """A notification server with these abilities."""

    def __init__(self, *abilities: str) -> None:
        super().__init__(NAME)
        self.answer("GetCapabilities", lambda: ("as", (list(abilities),)))
        self.answer("Notify", lambda *_args: ("u", (7,)))
        self.answer("CloseNotification", lambda _id: ("", ()))

    def shown(self) -> list[tuple[Any, ...]]:
        return [args for method, args in self.asked if method == "Notify"]

    def press(self, number: int, action: str) -> None:
        self.tell(PATH, NAME, "ActionInvoked", "us", number, action)


async def test_without_a_session_bus_there_are_none() -> None:
    made = notifier()
    assert isinstance(made, NullNotifier)
    assert not await made.start(lambda _key, _action: None)
    assert not await made.show(RING)


@on_a_bus
async def test_without_a_server_none_is_shown() -> None:
    made = BusNotifier()
    assert not await made.start(lambda _key, _action: None)
    assert not await made.show(RING)


@on_a_bus
async def test_markup_is_escaped_where_the_server_reads_it() -> None:
    made = BusNotifier()
    with serving(Server("body", "body-markup")) as server:
        assert isinstance(server, Server)
        assert await made.start(lambda _key, _action: None)
        assert await made.show(RING)
        (shown,) = server.shown()
        assert shown[3:6] == (
            "Incoming call",
            "&lt;b&gt;Tom&lt;/b&gt; &amp; Jerry &lt;img src=file:///etc/passwd&gt;",
            [],
        )
        await made.stop()


@on_a_bus
async def test_a_plain_server_gets_the_text_as_it_is_and_one_notification_a_call() -> (
    None
):
    made = BusNotifier()
    chosen: list[tuple[str, str]] = []
    with serving(Server("body", "actions")) as server:
        assert isinstance(server, Server)
        await made.start(lambda key, action: chosen.append((key, action)))
        await made.show(RING)
        await made.show(RING)
        first, second = server.shown()
        assert first[4] == RING.body
        assert first[5] == ["default", "Show", "quiet", "Quiet"]
        # It stays as long as the phone rings, and the second takes its place.
        assert first[7] == 0
        assert (first[1], second[1]) == (0, 7)
        server.press(99, "quiet")
        server.press(7, "quiet")
        await eventually(lambda: chosen == [("acme/1", "quiet")], "the button")
        await made.close("acme/1")
        await made.close("acme/1")
        assert server.asked[-1] == ("CloseNotification", (7,))
        await made.stop()
