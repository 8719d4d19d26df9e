"""Settings are written beside the loop, and a refusal reaches whoever changed them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from screenpop.config.atomic_file import held_lock
from screenpop.desktop.autostart import login_item
from screenpop.domain.errors import ConfigurationError, PolicyError, UsageError
from screenpop.simulator import VendorCloud, create_cloud
from tests.services.office import Office, open_office, write_config
from tests.waiting import eventually


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


@pytest.mark.parametrize(
    ("key", "text", "kept"),
    [
        ("card.max_cards", "3", "3"),
        ("card.answered_seconds", "2,5", "2.5"),
        ("card.pop_internal", "false", "false"),
        ("card.link_hosts", "a.example.com b.example.com", None),
        ("quiet.times", "mon-fri 18:00-08:00, sat-sun", None),
        ("hotkeys.focus_card", "Ctrl+Alt+Space", None),
        ("hotkeys.focus_card", "", ""),
        ("retention.calls_days", "30", "30"),
    ],
)
async def test_every_kind_of_setting_can_be_set_and_read_back(
    office: Office, key: str, text: str, kept: str | None
) -> None:
    await office.app.preferences.set(key, text)
    found = office.app.preferences.get(key)
    assert found == (text.replace(" b", ", b") if kept is None else kept)


@pytest.mark.parametrize(
    ("key", "value"),
    [("card.max_cards", "many"), ("card.max_cards", "99"), ("hotkeys.search", "d")],
)
async def test_a_value_that_cannot_be_is_refused(
    office: Office, key: str, value: str
) -> None:
    before = office.app.preferences.get(key)
    with pytest.raises(ConfigurationError):
        await office.app.preferences.set(key, value)
    assert office.app.preferences.get(key) == before


@pytest.mark.parametrize("key", ["nothing", "card.nothing", "accounts", "card"])
def test_what_is_no_single_setting_is_told(office: Office, key: str) -> None:
    with pytest.raises(UsageError):
        office.app.preferences.get(key)


# --- what is locked ------------------------------------------------------------------


@pytest.fixture
async def locked_office(tmp_path: Path) -> AsyncIterator[Office]:
    """A desk whose administrator locked the corner, and forbids the login start."""
    site = tmp_path / "site.toml"
    site.write_text(
        '[card]\ncorner = "top-left"\n'
        '[policy]\nlocked = ["card.corner", "tel_links"]\nlogin_start = false\n'
    )
    cloud: VendorCloud
    with create_cloud("voxloud") as cloud:
        paths = write_config(tmp_path / "home", cloud.base_url)
        paths = paths._replace(site_config_files=(site,))
        desk = open_office(paths, cloud)
        try:
            yield desk
        finally:
            await desk.app.stop()


async def test_a_locked_setting_says_who_locked_it_and_cannot_be_changed(
    locked_office: Office,
) -> None:
    preferences = locked_office.app.preferences
    assert preferences.get("card.corner") == "top-left"
    assert "site.toml" in preferences.lock("card.corner")
    assert preferences.lock("card.max_cards") == ""
    for key in ("card.corner", "tel_links", "autostart"):
        assert preferences.lock(key)
        with pytest.raises(PolicyError):
            await preferences.set(key, "true")
    assert preferences.get("card.corner") == "top-left"


async def test_a_forbidden_login_start_is_taken_out_and_shown_as_off(
    locked_office: Office,
) -> None:
    item = login_item(["screenpop", "--at-login"])
    item.enable()
    assert locked_office.app.preferences.get("autostart") == "false"
    await locked_office.app.start()
    await eventually(lambda: not item.is_enabled(), "the login item to be gone")


async def test_hours_are_kept_as_they_are_written(office: Office) -> None:
    preferences = office.app.preferences
    await preferences.set("dialing.hours", "mon-fri 08:00-18:00, sat 09:00-12:00")
    assert office.app.settings.dialing.hours == (
        "mon-fri 08:00-18:00",
        "sat 09:00-12:00",
    )
