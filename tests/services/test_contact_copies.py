"""Copies of synced sources as the running desk keeps them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import ProviderThrottled, ProviderUnavailable
from screenpop.services.contact_copies import EVERY_SECONDS, FIRST_RETRY_SECONDS
from screenpop.services.events import PopUpdated, UserNotice
from screenpop.services.source_setup import TOKENS, SourceDraft
from tests.lookup.sources.standins.authorization import CLIENT_ID, Browser
from tests.lookup.sources.standins.microsoft import GRAPH, Graph
from tests.net.loopback import LoopbackServer
from tests.services.office import ANA, BEN, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from screenpop.services.contact_copies import ContactCopies
    from screenpop.simulator import VendorCloud
    from tests.services.office import Office


class Cloud:
    """The stand-in, and what a user would enter to use it."""

    def __init__(self, graph: Graph, server: LoopbackServer) -> None:
        self.graph = graph
        self.server = server
        self.browser = Browser()

    @property
    def draft(self) -> SourceDraft:
        return SourceDraft(
            source_id="outlook",
            kind="microsoft",
            fields={
                "client_id": CLIENT_ID,
                "base_url": self.graph.base_url,
                "login_url": self.server.url,
                "label": "Outlook",
            },
        )

    async def set_up(self, office: Office) -> None:
        """What the window does: sign in, try it, keep it."""
        setup = office.app.source_desk.setup
        tokens = await setup.sign_in(self.draft, self.browser.open)
        draft = replace(self.draft, secrets={TOKENS: tokens})
        assert await setup.try_out(draft) == "Signed in as Ana Bell"
        await setup.add(draft)


@pytest.fixture
async def outlook() -> AsyncIterator[Cloud]:
    graph = Graph()
    async with LoopbackServer(graph) as server:
        graph.base_url = f"{server.url}{GRAPH}"
        graph.save("1", "Ana Bell", businessPhones=[ANA])
        yield Cloud(graph, server)


def names(office: Office, number: str = ANA) -> set[str]:
    found = office.app.local_contacts.match_number(number)
    return {match.contact.name for match in found}


def copies(office: Office) -> ContactCopies:
    return office.app.source_desk.copies


async def copied(office: Office) -> None:
    await eventually(lambda: names(office), "the copy")
    await eventually(
        lambda: copies(office).state("outlook").synced_at, "the end of the sync"
    )


async def test_a_caller_is_known_at_the_first_frame_while_the_network_is_gone(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    outlook.server.over.set()
    await outlook.server.__aexit__(None, None, None)
    office.cloud.incoming_call(ANA).ring()
    await office.popped()
    shown = office.pops[0].chosen
    assert shown is not None
    assert (shown.contact.name, shown.source_label) == ("Ana Bell", "Outlook")


async def test_a_change_arrives_and_a_card_on_the_screen_gets_its_name(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    office.cloud.incoming_call(BEN).ring()
    card = await office.popped()
    assert card.chosen is None
    outlook.graph.save("2", "Ben Kerr", mobilePhone=BEN)
    report = await copies(office).sync("outlook")
    assert (report.changed, report.is_whole) == (1, False)

    def shown() -> list[str]:
        cards = [event.card for event in office.all(PopUpdated)]
        return [each.chosen.contact.name for each in cards if each.chosen]

    await eventually(lambda: "Ben Kerr" in shown(), "the name on the card")


async def test_a_source_that_is_removed_takes_its_copy_and_tokens_along(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    await office.app.source_desk.setup.remove("outlook")
    assert names(office) == set()
    secrets = office.app.source_desk._secrets
    kept = vars(secrets)["_secrets"]
    assert [owner for owner, _ in kept if owner == "outlook"] == []
    await outlook.set_up(office)
    await copied(office)


async def test_a_source_removed_while_it_is_copied_leaves_nothing(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    outlook.graph.save("2", "Ben Kerr", mobilePhone=BEN)
    outlook.graph.held = asyncio.Event()
    asked = len(outlook.graph.paths)
    syncing = asyncio.ensure_future(copies(office).sync("outlook"))
    await eventually(lambda: len(outlook.graph.paths) > asked, "the sync to begin")
    await office.app.source_desk.setup.remove("outlook")
    outlook.graph.held.set()
    await asyncio.wait([syncing])
    syncing.exception()
    await eventually(lambda: not office.app.source_desk.sources.all(), "no source")
    await eventually(lambda: not names(office, BEN), "nothing to be left")
    assert names(office) == set()


async def test_a_source_that_is_switched_off_is_not_in_the_cards(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    setup = office.app.source_desk.setup
    await setup.set_enabled("outlook", is_enabled=False)
    await eventually(lambda: not names(office), "the copy to go")
    await setup.set_enabled("outlook", is_enabled=True)
    await eventually(lambda: names(office) == {"Ana Bell"}, "the copy to come back")


async def test_a_source_taken_out_of_the_settings_by_hand_leaves_no_copy(
    tmp_path: Path, cloud: VendorCloud, outlook: Cloud
) -> None:
    paths = write_config(tmp_path / "home", cloud.base_url)
    before = paths.config_file.read_text()
    desk = open_office(paths, cloud)
    await desk.app.start()
    await outlook.set_up(desk)
    await copied(desk)
    await desk.app.stop()
    paths.config_file.write_text(before)
    desk = open_office(paths, cloud)
    await desk.app.start()
    try:
        await eventually(lambda: not names(desk), "the copy to go")
    finally:
        await desk.app.stop()


async def test_a_start_with_tokens_from_before_syncs_changes_only(
    tmp_path: Path, cloud: VendorCloud, outlook: Cloud
) -> None:
    paths = write_config(tmp_path / "home", cloud.base_url)
    desk = open_office(paths, cloud)
    secrets = desk.app.source_desk._secrets
    await desk.app.start()
    await outlook.set_up(desk)
    await copied(desk)
    await desk.app.stop()
    outlook.graph.save("2", "Ben Kerr", mobilePhone=BEN)
    outlook.graph.paths.clear()
    desk = open_office(paths, cloud, secrets)  # type: ignore[arg-type]
    await desk.app.start()
    try:
        assert names(desk) == {"Ana Bell"}
        await eventually(lambda: names(desk, BEN), "the change")
        assert outlook.graph.paths.count(f"{GRAPH}/me/contacts/delta") == 1
        assert outlook.graph.tokens.refreshes == 0
    finally:
        await desk.app.stop()


# --- when it does not work ------------------------------------------------------------


async def test_a_consent_taken_back_is_told_once_and_mended_by_signing_in(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    outlook.graph.tokens.revoke()
    for _ in range(3):
        with pytest.raises(Exception, match="not valid any more"):
            await copies(office).sync("outlook")
    notices = [each for each in office.all(UserNotice) if each.key == "source-outlook"]
    assert len(notices) == 1
    assert notices[0].advice.startswith("Sign in again.")
    assert "SEKRET" not in str(notices)
    assert names(office) == {"Ana Bell"}
    outlook.graph.save("1", "Ana Kerr", businessPhones=[ANA])
    setup = office.app.source_desk.setup
    await setup.sign_in_again("outlook", outlook.browser.open)
    await eventually(lambda: names(office) == {"Ana Kerr"}, "the copy to go on")
    assert copies(office).state("outlook").problem == ""


async def test_the_pause_grows_with_failures_and_is_never_longer_than_usual(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    state = copies(office).state("outlook")
    assert 0.8 * EVERY_SECONDS <= state.next_seconds <= 1.2 * EVERY_SECONDS
    outlook.graph.failing = [(500, {}, {})] * 8
    pauses = []
    for _ in range(8):
        with pytest.raises(ProviderUnavailable):
            await copies(office).sync("outlook")
        pauses.append(copies(office).state("outlook").next_seconds)
    assert pauses[0] <= 1.2 * FIRST_RETRY_SECONDS
    assert pauses[3] > 4 * FIRST_RETRY_SECONDS
    assert max(pauses) <= 1.2 * EVERY_SECONDS
    await copies(office).sync("outlook")
    state = copies(office).state("outlook")
    assert (state.failures, state.problem) == (0, "")


async def test_a_service_that_asks_to_wait_is_left_alone_as_long_as_it_asks(
    office: Office, outlook: Cloud
) -> None:
    await outlook.set_up(office)
    await copied(office)
    outlook.graph.failing = [(429, {}, {"Retry-After": "900"})]
    with pytest.raises(ProviderThrottled):
        await copies(office).sync("outlook")
    assert copies(office).state("outlook").next_seconds >= 0.8 * 900


async def test_a_new_network_is_tried_at_once(office: Office, outlook: Cloud) -> None:
    outlook.graph.failing = []
    await outlook.set_up(office)
    await copied(office)
    outlook.graph.save("2", "Ben Kerr", mobilePhone=BEN)
    outlook.graph.failing = [(500, {}, {})]
    with pytest.raises(ProviderUnavailable):
        await copies(office).sync("outlook")
    office.app._note_move()
    await eventually(lambda: names(office, BEN), "the sync")


async def test_a_desk_without_sources_keeps_no_task_for_them(office: Office) -> None:
    assert "copies" not in vars(office.app.source_desk)
    office.app._note_move()
    office.app.reload()
    await asyncio.sleep(0)
    assert "sources" not in vars(office.app.source_desk)
    tasks = [task.get_name() for task in asyncio.all_tasks()]
    assert [name for name in tasks if "copy contacts" in name] == []
