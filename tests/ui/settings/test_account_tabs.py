"""The tabs of an account: what its vendor has, offers, and must be told by hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from screenpop.domain.errors import NotFound
from screenpop.domain.events import Direction
from screenpop.providers.abilities import HistoryFilter, Sound
from screenpop.services.vendor_calls import VendorOffer
from screenpop.ui.settings.account_page import AccountPage, AccountSource
from screenpop.ui.settings.history_narrowing import NarrowSheet
from screenpop.ui.theme import Theme
from screenpop.ui.widgets.fields import Choice
from tests.ui.phone_accounts import (
    MANIFEST,
    NOW,
    URL,
    PhoneAccounts,
    VendorTools,
    state,
)
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from screenpop.domain.calls import CallRef
    from screenpop.providers.abilities import TimelineEntry


class Recordings:
    """A vendor that has the recording of every call but one."""

    def __init__(self) -> None:
        self.given = VendorOffer("Acme", has_link=True, has_sound=True)

    def offer(self, account_id: str) -> VendorOffer:
        return self.given

    async def steps(self, ref: CallRef) -> tuple[TimelineEntry, ...]:
        return ()

    async def recording_link(self, ref: CallRef) -> str:
        await asyncio.sleep(0)
        if ref.call_id == "r1":
            raise NotFound("The phone system has no recording of this call")
        return f"https://media.example.com/{ref.call_id}.mp3"

    async def sound(self, ref: CallRef) -> Sound:
        await asyncio.sleep(0)
        return Sound(b"ID3" + bytes(4_000), "audio/mpeg")


class Bench:
    """An account's page with everything that stands behind it."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.accounts = PhoneAccounts(state())
        self.tools = VendorTools()
        self.opened: list[str] = []
        self.recordings = Recordings()
        self.pages: list[AccountPage] = []

    def page(self) -> AccountPage:
        source = AccountSource(
            accounts=self.accounts,
            tools=self.tools,
            vendor_of=lambda _account: MANIFEST,
            option_of=lambda _account, key: self.accounts.options.get(key, ""),
            clock=lambda: NOW,
            open_url=self.opened.append,
            recordings=self.recordings,
        )
        page = AccountPage(self.theme, source, state())
        page.show()
        self.pages.append(page)
        return page


@pytest.fixture
def bench(qapp: QApplication) -> Iterator[Bench]:
    bench = Bench(Theme(qapp, "light"))
    yield bench
    for page in bench.pages:
        page.close_tasks()
        page.close()
        page.deleteLater()
    QApplication.processEvents()


def show(page: AccountPage, tab: QWidget) -> None:
    areas = [one for one in page._tabs.findChildren(QScrollArea) if one.widget() is tab]
    page._tabs.setCurrentWidget(areas[0] if areas else tab)


def button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        one
        for one in window.findChildren(QAbstractButton)
        if one.text() == text and one.isVisible()
    )


def texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def tabs(page: AccountPage) -> list[str]:
    bar = page._tabs
    return [bar.tabText(at) for at in range(bar.count()) if bar.isTabVisible(at)]


def sheet(page: AccountPage) -> QDialog:
    return next(one for one in page.findChildren(QDialog) if one.isVisible())


async def filled(page: AccountPage) -> None:
    await shown(page.history.isEnabled, "the answer")


async def test_only_what_the_vendor_has_is_there_to_be_opened(bench: Bench) -> None:
    assert "Click-to-dial" in tabs(bench.page())
    bench.tools.missing = frozenset({"dial_resources", "catalogues", "voicemail"})
    assert tabs(bench.page()) == [
        "Your phone",
        "Webhooks",
        "Call history",
        "Options",
        "What works",
    ]


async def test_what_the_teams_relay_does_is_not_to_be_set_up_here(bench: Bench) -> None:
    bench.tools.relayed = frozenset({"webhook", "webhook_subscription"})
    page = bench.page()
    assert "Webhooks" not in tabs(page)
    show(page, page.operations)
    rows = {row.title: row for row in page.operations.list.rows_model.rows}
    assert rows["Calls as they ring, by webhooks"].end == "By the relay"


async def test_what_works_and_what_is_not_offered_is_listed(bench: Bench) -> None:
    page = bench.page()
    show(page, page.operations)
    rows = {row.title: row for row in page.operations.list.rows_model.rows}
    assert rows["Calling with one click"].spoken == "Calling with one click, Works"
    assert rows["Voicemail"].end == "Not offered"
    assert rows["Further lists"].details == "groups, employees"


async def test_a_list_is_read_and_one_of_it_looked_at(bench: Bench) -> None:
    page = bench.page()
    show(page, page.lists)
    rows = page.lists.list.rows_model
    await shown(lambda: len(rows.rows) == 2, "the employees")
    assert "https" not in rows.rows[0].details
    page.lists.list.choose(0)
    page.lists.details_button.click()
    await shown(lambda: page.findChildren(QDialog), "the details")
    details = sheet(page)
    assert "https://media.example.com/e1.png" in texts(details)
    # The other address is a script, which nobody opens.
    links = [one for one in details.findChildren(QAbstractButton) if one.text()]
    assert [one.text() for one in links] == ["Open", "Close"]
    links[0].click()
    assert bench.opened == ["https://media.example.com/e1.png"]
    details.reject()

    page.lists.which.setCurrentIndex(1)
    await shown(lambda: [row.title for row in rows.rows] == ["Sales"], "the groups")


async def test_a_list_is_narrowed_where_the_vendor_can_be_asked(bench: Bench) -> None:
    page = bench.page()
    show(page, page.lists)
    rows = page.lists.list.rows_model
    await shown(lambda: len(rows.rows) == 2, "the employees")
    assert page.lists.narrow_button.isHidden()
    page.lists.which.setCurrentIndex(1)
    await shown(lambda: [row.title for row in rows.rows] == ["Sales"], "the groups")
    page.lists.narrow_button.click()
    (form,) = (one for one in page.findChildren(NarrowSheet) if one.isVisible())
    employee = form.own["employee"]
    assert isinstance(employee, QLineEdit)
    employee.setText("101")
    button(form, "Show").click()
    await shown(lambda: [row.title for row in rows.rows] == ["Of 101"], "only theirs")
    assert page.lists.narrowed.text() == "Only: Employee: 101"
    button(page.lists, "Show all").click()
    await shown(lambda: [row.title for row in rows.rows] == ["Sales"], "all groups")
    assert not page.lists.narrowed.isVisible()


def narrowing(page: AccountPage) -> NarrowSheet:
    page.history.narrow_button.click()
    (found,) = (one for one in page.findChildren(NarrowSheet) if one.isVisible())
    return found


async def test_the_history_is_narrowed_by_a_form_of_what_the_vendor_takes(
    bench: Bench,
) -> None:
    page = bench.page()
    show(page, page.history)
    await filled(page)
    form = narrowing(page)
    assert form.direction is not None
    form.direction.choose("inbound")
    form.parties["extension"].setText(" 101 ")
    button(form, "Show").click()
    await filled(page)
    only = HistoryFilter(direction=Direction.INBOUND, extension="101")
    assert bench.tools.narrowed[-1] == (only, {})
    assert page.history.narrowed.text() == "Only: Incoming · Extension: 101"

    page.history.count_button.click()
    await shown(lambda: "17 calls" in page.history.message.text, "the count")
    assert bench.tools.narrowed[-1] == (only, {})

    form = narrowing(page)
    flag = form.own["flag"]
    assert isinstance(flag, Choice)
    flag.choose("1")
    button(form, "Show").click()
    assert "both parts at once" in form.message.text
    button(form, "Empty the form").click()
    flag.choose("1")
    button(form, "Show").click()
    await filled(page)
    assert bench.tools.narrowed[-1] == (HistoryFilter(), {"flag": "1"})
    assert page.history.narrowed.text() == "Only: Flagged: yes"

    button(page.history, "Show all").click()
    await filled(page)
    assert bench.tools.narrowed[-1] == (HistoryFilter(), {})
    assert not page.history.narrowed.isVisible()


async def test_the_recording_of_a_chosen_call_is_opened_and_saved(
    bench: Bench, tmp_path: Path
) -> None:
    page = bench.page()
    show(page, page.history)
    await filled(page)
    part = page.history.recording
    assert part.isVisible()
    assert not part.open_button.isEnabled()
    page.history.list.choose(0)
    part.open_button.click()
    await shown(lambda: bench.opened, "the browser")
    assert bench.opened == ["https://media.example.com/r0.mp3"]
    await filled(page)

    page.history.list.choose(1)
    part.open_button.click()
    await shown(lambda: "no recording" in page.history.message.text, "the trouble")

    part.save_button.click()
    await shown(lambda: page.window().findChildren(QFileDialog), "the question")
    (dialog,) = page.window().findChildren(QFileDialog)
    wanted = tmp_path / "talk.mp3"
    assert dialog.defaultSuffix() == "mp3"
    dialog.fileSelected.emit(str(wanted))
    dialog.reject()
    await shown(lambda: "talk.mp3" in page.history.message.text, "that it is saved")
    assert wanted.read_bytes().startswith(b"ID3")

    # What nobody answered has none, and another page begins with nothing chosen.
    page.history.list.choose(5)
    assert not part.save_button.isEnabled()
    page.history.list.choose(0)
    assert part.save_button.isEnabled()
    page.history.older_button.click()
    await filled(page)
    assert not part.save_button.isEnabled()


async def test_no_recording_is_offered_where_the_vendor_gives_none(
    bench: Bench,
) -> None:
    bench.recordings.given = VendorOffer("Acme")
    page = bench.page()
    show(page, page.history)
    await filled(page)
    assert not page.history.recording.isVisible()


async def test_what_is_entered_by_hand_is_ready_to_copy(bench: Bench) -> None:
    bench.tools.missing = frozenset({"webhook_subscription"})
    page = bench.page()
    show(page, page.webhooks)
    assert "1. In the portal, Numbers" in texts(page.webhooks)
    assert "secret-token" not in texts(page.webhooks)
    button(page.webhooks, "Copy").click()
    assert QGuiApplication.clipboard().text() == URL
    assert "keep it secret" in page.webhooks.message.text
    # There are no registrations to set right.
    assert not page.webhooks.set_right_button.isVisible()
    assert page.webhooks.isEnabled()


async def test_in_a_low_window_what_is_entered_by_hand_is_not_squeezed(
    bench: Bench,
) -> None:
    page = bench.page()
    show(page, page.webhooks)
    page.resize(520, 300)
    QApplication.processEvents()
    webhooks = page.webhooks
    assert webhooks.address.height() >= webhooks.address.sizeHint().height()
    for label in webhooks.findChildren(QLabel):
        needed = label.heightForWidth(label.width())
        assert not label.isVisible() or label.height() >= needed, label.text()


async def test_the_vendors_options_are_changed_and_only_those_that_differ(
    bench: Bench,
) -> None:
    page = bench.page()
    show(page, page.options)
    site, first = page.options.form.field("site"), page.options.form.field("dial_first")
    assert not isinstance(site, Choice)
    assert isinstance(first, Choice)
    site.setText("twelve")
    page.options.save_button.click()
    assert page.options.message.text == "Site number is not a number."
    site.setText(" 12 ")
    first.choose("contact")
    page.options.save_button.click()
    await shown(lambda: page.options.message.text == "Saved", "the change")
    assert bench.accounts.options == {
        "extension": "101",
        "site": "12",
        "dial_first": "contact",
    }
