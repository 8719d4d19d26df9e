"""Calls as notifications: one each, gone when the phone stops, and a card when not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from screenpop.services.events import CardPhase
from screenpop.ui.call_notices import CallNotices
from screenpop.ui.open_events import OpenEvents
from screenpop.ui.tasks import Tasks
from tests.ui.card_samples import NOW, known, ringing

if TYPE_CHECKING:
    from screenpop.desktop.notifications import Chosen, Notification
    from screenpop.services.events import CallCard


@dataclass
class Server:
    """A desktop's notifications; one that is broken shows none."""

    is_broken: bool = False
    shown: list[Notification] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    choose: Chosen = lambda _key, _action: None

    async def start(self, chosen: Chosen) -> bool:
        self.choose = chosen
        return not self.is_broken

    async def show(self, notification: Notification) -> bool:
        await asyncio.sleep(0)
        self.shown.append(notification)
        return True

    async def close(self, key: str) -> None:
        self.closed.append(key)

    async def stop(self) -> None:
        return


@dataclass
class Side:
    """Notifications, and what came of them."""

    server: Server
    cards: list[CallCard] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tasks = Tasks(lambda trouble: pytest.fail(trouble.title))
        self.notices = CallNotices(
            self.server,
            self.tasks,
            lambda: NOW,
            show_card=self.cards.append,
            quiet=self.quiet.append,
        )


async def test_a_call_is_told_once_renewed_and_taken_away() -> None:
    side = Side(Server())
    side.notices.show(ringing())
    await side.tasks.idle()
    side.notices.update(known())
    await side.tasks.idle()
    first, second = side.server.shown
    assert first.key == second.key
    assert second.title == f"Incoming call from {known().title}"
    assert known().line_text in second.body
    assert second.is_urgent
    side.notices.update(replace(known(), phase=CardPhase.CONNECTED))
    await side.tasks.idle()
    assert side.server.closed == [first.key]
    side.notices.update(known())
    await side.tasks.idle()
    assert len(side.server.shown) == 2


async def test_its_buttons_show_the_card_and_make_it_quiet() -> None:
    side = Side(Server())
    side.notices.show(known())
    await side.tasks.idle()
    (shown,) = side.server.shown
    assert [name for name, _text in shown.actions] == ["default", "quiet"]
    side.server.choose(shown.key, "default")
    assert side.cards == [known()]
    side.notices.show(known("other"))
    await side.tasks.idle()
    side.server.choose(side.server.shown[-1].key, "quiet")
    assert side.quiet == [60]
    assert side.cards == [known()]


async def test_where_there_are_none_the_card_is_shown() -> None:
    side = Side(Server(is_broken=True))
    side.notices.show(known())
    await side.tasks.idle()
    assert side.cards == [known()]


# --- links of macOS ------------------------------------------------------------------


def test_a_link_at_a_cold_start_waits_and_later_ones_go_the_same_way(
    qapp: QApplication,
) -> None:
    taken: list[str] = []
    watch = OpenEvents()
    target = QObject()
    target.installEventFilter(watch)
    for link in ("tel:+1-202-555-0142", "callto:2025550117"):
        QApplication.sendEvent(target, QFileOpenEvent(QUrl(link)))
        watch.hand_to(taken.append)
    assert taken == ["tel:+1-202-555-0142", "callto:2025550117"]
    QApplication.sendEvent(target, QEvent(QEvent.Type.User))
    assert len(taken) == 2
