"""The page that tells how updates stand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from screenpop.domain.errors import UpdateRefused
from screenpop.services.updates.desk import UpdateView
from screenpop.ui.settings.updates_page import UpdatesPage
from screenpop.ui.theme import Theme
from tests.ui.phone_accounts import KeptSettings

NOW = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
CURRENT = UpdateView(version="0.1.0", checked_at=NOW - timedelta(hours=3))


@dataclass
class Updates:
    """Finds what it is told to find."""

    view: UpdateView = CURRENT
    finds: UpdateView | Exception = CURRENT
    asked: list[str] = field(default_factory=list)

    async def standing(self) -> UpdateView:
        return self.view

    async def look(self) -> UpdateView:
        self.asked.append("look")
        if isinstance(self.finds, Exception):
            raise self.finds
        self.view = self.finds
        return self.view

    async def install(self) -> None:
        self.asked.append("install")
        self.view = replace(self.view, is_wanted=True)


Open = Callable[[Updates], Awaitable[UpdatesPage]]


@pytest.fixture
async def opened(qapp: QApplication) -> AsyncIterator[Open]:
    pages: list[UpdatesPage] = []
    theme = Theme(qapp, "light")

    async def open_page(updates: Updates) -> UpdatesPage:
        settings = KeptSettings()
        settings.values |= {"updates.enabled": "true", "updates.channel": "stable"}
        page = UpdatesPage(theme, settings, updates, lambda: NOW)
        pages.append(page)
        page.resize(600, 500)
        page.show()
        page.load()
        await page.tasks.idle()
        return page

    yield open_page
    for page in pages:
        page.close_tasks()
        page.close()
        page.deleteLater()
    QApplication.processEvents()


def texts(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


async def test_it_says_what_runs_and_a_look_finds_what_is_ready(opened: Open) -> None:
    notes = "Rings <b>louder</b>.\nAnd\u202e longer."
    ready = UpdateView(version="0.1.0", ready="0.2.0", offered="0.2.0", notes=notes)
    updates = Updates(finds=ready)
    page = await opened(updates)
    assert page.standing.text == (
        "This is version 0.1.0. No newer one was there: 3 h ago."
    )
    assert page.install_button.isHidden()

    page.look_button.click()
    await page.tasks.idle()
    assert page.standing.title == "Version 0.2.0 is ready"
    assert "Rings <b>louder</b>.\nAnd longer." in texts(page)

    page.install_button.click()
    await page.tasks.idle()
    assert updates.asked == ["look", "install"]
    assert "as soon as nobody is on the phone" in page.standing.title
    assert page.install_button.isHidden()


async def test_what_went_wrong_is_told_on_the_page(opened: Open) -> None:
    refused = UpdateRefused("The news of updates has expired", "Check the date.")
    page = await opened(Updates(finds=refused))
    page.look_button.click()
    await page.tasks.idle()
    assert page.message.text == "The news of updates has expired Check the date."


async def test_where_others_look_after_it_there_is_nothing_to_press(
    opened: Open,
) -> None:
    off = "The system's package manager keeps it up to date."
    view = UpdateView(version="0.1.0", off=off, is_own=False)
    page = await opened(Updates(view=view))
    assert page.standing.text == f"This is version 0.1.0. {off}"
    assert page.look_button.isHidden()
    assert page.install_button.isHidden()
    assert "Which versions" not in texts(page)
