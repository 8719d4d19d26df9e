"""When calls open records: kept at once, and tried with a past call."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from screenpop.config.settings import CardRule, CardSettings, PolicySettings, Settings
from screenpop.domain.record_opening import OpenPlan, OpenTarget, OpenWhen
from screenpop.ui.settings.opening_page import OpeningPage
from screenpop.ui.theme import Theme
from tests.ui.past_calls import NOW, entry
from tests.ui.phone_accounts import KeptSettings
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from screenpop.domain.calls import CallRef
    from screenpop.services.call_history import LogEntry

URL = "https://crm.example.com/?phone=%2B442079460123"


RINGING = OpenPlan(OpenWhen.RING, OpenTarget(url=URL))


@dataclass
class Opener:
    """Plans what it is told to."""

    plan: OpenPlan = RINGING
    opened: list[CallRef] = field(default_factory=list)

    async def rehearse(self, ref: CallRef) -> OpenPlan:
        return self.plan

    async def repeat(self, ref: CallRef) -> OpenPlan:
        self.opened.append(ref)
        return self.plan


@pytest.fixture
def kept() -> KeptSettings:
    return KeptSettings()


@pytest.fixture
def opener() -> Opener:
    return Opener()


async def latest() -> tuple[LogEntry, ...]:
    return tuple(entry(number) for number in range(3))


@pytest.fixture
async def page(
    qapp: QApplication, kept: KeptSettings, opener: Opener
) -> AsyncIterator[OpeningPage]:
    settings = replace(
        Settings(),
        card=CardSettings(rules=(CardRule(line="Sales"),), open_program=("crm",)),
        policy=PolicySettings(open_records=False),
    )
    page = OpeningPage(
        Theme(qapp, "light"),
        kept,
        opener,
        calls=latest,
        settings=lambda: settings,
        clock=lambda: NOW,
    )
    page.show()
    page.load()
    await shown(page.call.count, "the calls")
    yield page
    await page.tasks.idle()
    page.close_tasks()
    page.close()
    page.deleteLater()
    QApplication.processEvents()


async def test_what_is_chosen_is_kept_at_once(
    page: OpeningPage, kept: KeptSettings
) -> None:
    page.inbound.choose("answer")
    page.url.setText("https://crm.example.com/?phone={e164}")
    page.url.editingFinished.emit()
    await shown(lambda: "card.open_url" in kept.values, "the address kept")
    assert kept.values["card.open_record"] == "answer"
    assert kept.values["card.open_url"] == "https://crm.example.com/?phone={e164}"


async def test_what_the_file_says_besides_is_told(page: OpeningPage) -> None:
    told = page.note.text()
    assert "administrator has switched opening off" in told
    assert "crm is run" in told
    assert "1 rule for single lines" in told


async def test_a_past_call_is_tried_without_opening_anything(
    page: OpeningPage, opener: Opener
) -> None:
    page.try_button.click()
    await shown(page.result.isVisible, "the plan")
    assert page.result.text == f"As soon as it rings, it opens: {URL}"
    assert opener.opened == []

    opener.plan = OpenPlan(OpenWhen.NEVER, reason="It is not sure who it is")
    page.open_button.click()
    await shown(lambda: "not sure" in page.result.text, "the reason")
    assert len(opener.opened) == 1


async def test_what_is_locked_here_says_who_locked_it(
    page: OpeningPage, kept: KeptSettings
) -> None:
    kept.locks = {"card.open_url": "Set by IT.", "card.open_record": "Set by IT."}
    page.load()
    for locked in (page.url, page.inbound):
        assert not locked.isEnabled()
        assert locked.accessibleDescription() == "Set by IT."
    assert page.hosts.isEnabled()
