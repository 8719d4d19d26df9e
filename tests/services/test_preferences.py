"""Settings are written beside the loop, and a refusal reaches whoever changed them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from screenpop.config.atomic_file import held_lock
from screenpop.domain.errors import ConfigurationError
from screenpop.simulator import VendorCloud, create_cloud
from tests.services.office import Office, open_office, write_config


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    cloud: VendorCloud
    with create_cloud("voxloud") as cloud:
        desk = open_office(write_config(tmp_path / "home", cloud.base_url), cloud)
        await desk.app.start()
        try:
            await desk.is_live()
            yield desk
        finally:
            await desk.app.stop()


def lock_of(office: Office) -> Path:
    (lock,) = office.app.paths.config_file.parent.glob("*config*.lock")
    return lock


async def test_who_waits_for_another_program_holds_nobody_up(office: Office) -> None:
    preferences, accounts = office.app.preferences, office.app.accounts
    await preferences.set("theme", "light")
    with held_lock(lock_of(office)):
        changes = [
            asyncio.ensure_future(preferences.set("theme", "dark")),
            asyncio.ensure_future(accounts.set_option("acme", "extension", "102")),
        ]
        # A call comes in meanwhile.
        office.cloud.incoming_call("+442079460123").ring()
        await office.popped()
        assert not any(change.done() for change in changes)
    await asyncio.gather(*changes)
    assert preferences.get("theme") == "dark"
    text = office.app.paths.config_file.read_text()
    assert 'extension = "102"' in text


async def test_the_last_of_several_changes_stays(office: Office) -> None:
    wanted = ("dark", "light", "system", "dark", "light")
    await asyncio.gather(*(office.app.preferences.set("theme", one) for one in wanted))
    assert office.app.preferences.get("theme") == "light"


async def test_what_cannot_be_saved_is_told_and_changes_nothing(
    office: Office,
) -> None:
    before = office.app.preferences.get("card.corner")
    with pytest.raises(ConfigurationError):
        await office.app.preferences.set("card.corner", "nowhere")
    assert office.app.preferences.get("card.corner") == before
