"""The page on which a computer joins its team."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from screenpop.domain.errors import RelayRefused
from screenpop.services.events import AccountState, SourceState
from screenpop.services.team.joining import TeamFacts
from screenpop.ui.settings.team_page import TeamPage
from screenpop.ui.theme import Theme
from screenpop.ui.widgets.fields import Tick
from screenpop.ui.widgets.window import Sheet
from tests.ui.phone_accounts import KeptSettings

CODE = "https://pop.example.com/enrol#abcdefghijklmnopqrstuvwxyz"
FACTS = TeamFacts(
    "Example Ltd", "Ana", "https://pop.example.com", "ana-k3v9x2mp", ("acme",)
)
STATE = AccountState(
    account_id="acme",
    label="Acme",
    state=SourceState.LIVE,
    headline="Calls are shown as they ring",
)


@dataclass
class Team:
    """A relay that takes one code."""

    joined: TeamFacts | None = None
    tried: list[str] = field(default_factory=list)

    async def facts(self) -> TeamFacts | None:
        return self.joined

    async def join(self, code_text: str) -> TeamFacts:
        self.tried.append(code_text)
        if code_text != CODE:
            raise RelayRefused(
                "The relay does not accept this code", "Ask for another."
            )
        self.joined = FACTS
        return FACTS

    async def leave(self) -> str:
        self.joined = None
        return ""


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


Open = Callable[..., Awaitable[TeamPage]]


@pytest.fixture
async def opened(theme: Theme) -> AsyncIterator[Open]:
    pages: list[TeamPage] = []

    async def open_page(
        team: Team,
        states: tuple[AccountState, ...],
        settings: KeptSettings | None = None,
    ) -> TeamPage:
        page = TeamPage(theme, team, lambda: states, settings)
        pages.append(page)
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


async def test_a_code_is_entered_and_the_team_is_shown(opened: Open) -> None:
    page = await opened(Team(), (STATE,))
    assert not page.join_button.isEnabled()
    assert not page.leave_button.isVisible()
    page.code.setText("https://pop.example.com/enrol#stolen")
    page.code.returnPressed.emit()
    await page.tasks.idle()
    assert page.message.title == "The relay does not accept this code"
    # What was typed is there to be mended.
    assert page.code.text()
    page.code.setText(CODE)
    page.join_button.click()
    await page.tasks.idle()
    assert page.message.title == "This computer has joined Example Ltd."
    QApplication.processEvents()
    assert page.code.text() == ""
    assert {"Example Ltd", "Ana", "pop.example.com", STATE.headline} <= set(texts(page))
    assert not page.code.isVisible()


async def test_leaving_is_asked_first(opened: Open) -> None:
    team = Team(FACTS)
    page = await opened(team, ())
    page.leave_button.click()
    (sheet,) = page.findChildren(Sheet)
    assert team.joined is not None
    yes = next(
        one
        for one in sheet.findChildren(type(page.leave_button))
        if one.text() == "Leave"
    )
    yes.click()
    await page.tasks.idle()
    assert await team.facts() is None
    assert page.code.isVisible()


async def test_what_is_shared_is_chosen_once_a_team_is_joined(opened: Open) -> None:
    kept = KeptSettings()
    kept.values["team.presence"] = "true"
    outside = await opened(Team(), (), kept)
    assert not any(one.isVisible() for one in outside.findChildren(Tick))
    page = await opened(Team(FACTS), (STATE,), kept)
    presence, rules = page.findChildren(Tick)
    assert (presence.isChecked(), rules.isChecked()) == (True, False)
    presence.click()
    rules.click()
    await page.tasks.idle()
    assert kept.values["team.presence"] == "false"
    assert kept.values["team.share_rules"] == "true"
