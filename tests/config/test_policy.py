"""What only administrators may say, and what else opens records, as files say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.config.settings import CardRule
from screenpop.config.settings_file import SettingsFile
from screenpop.config.settings_reader import read_settings
from screenpop.domain.errors import ConfigurationError, PolicyError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The administrators' file, which forbids programs and allows a scheme."""
    path = tmp_path / "site.toml"
    path.write_text('[policy]\nprograms = false\nschemes = ["crm"]\n')
    return path


def test_a_policy_counts_in_the_administrators_file_only(own: Path, site: Path) -> None:
    own.write_text('[policy]\nprograms = true\n[card]\nopen_url = "crm:{e164}"\n')
    loaded = SettingsFile(own, [site]).load()
    assert loaded.settings.policy.programs is False
    assert loaded.settings.card.open_url == "crm:{e164}"
    (problem,) = loaded.problems
    assert problem.place == "policy"

    alone = SettingsFile(own).load()
    assert alone.settings.policy.schemes == ()
    assert alone.settings.card.open_url == ""


def test_a_change_by_the_program_must_be_an_address_that_can_be_opened(
    own: Path, site: Path
) -> None:
    file = SettingsFile(own, [site])
    file.set_value("card.open_url", "https://crm.example.com/?q={e164}")
    with pytest.raises(ConfigurationError) as caught:
        file.set_value("card.open_url", "javascript:{e164}")
    assert "https" in str(caught.value)
    assert "crm.example.com" in own.read_text()


def test_rules_are_read_and_what_is_wrong_in_them_is_named() -> None:
    read = read_settings(
        {
            "card": {
                "open_record": "ring",
                "rules": [
                    {"line": "+442079460999", "open_record": "answer"},
                    {"direction": "sideways", "open_url": "file:///{name}"},
                    {"open_program": ["{name}"], "colour": "red"},
                ],
            }
        }
    )
    first, second, third = read.settings.card.rules
    assert first == CardRule(line="+442079460999", open_record="answer")
    assert (second.direction, second.open_url) == ("any", "")
    assert third.open_program == ()
    assert {problem.place for problem in read.problems} == {
        "card.rules[2].direction",
        "card.rules[2].open_url",
        "card.rules[3].open_program",
        "card.rules[3].colour",
    }


# --- what is locked ------------------------------------------------------------------


def test_what_an_administrator_locks_holds_whatever_the_users_file_says(
    own: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[card]\ncorner = "top-left"\n[dialing]\nabroad = "refuse"\n'
        '[policy]\nlocked = ["card.corner", "dialing"]\n'
        'administrator = "IT, ext. 200"\n'
    )
    own.write_text(
        '[card]\ncorner = "top-right"\nmax_cards = 2\n[dialing]\nabroad = "allow"\n'
    )
    file = SettingsFile(own, [site])
    loaded = file.load()
    # What stands in the way of a lock is told, and no more.
    assert [(one.place, one.is_warning) for one in loaded.problems] == [
        ("card.corner", True),
        ("dialing", True),
    ]
    assert loaded.settings.card.corner == "top-left"
    assert loaded.settings.card.max_cards == 2
    assert loaded.settings.dialing.abroad == "refuse"
    assert loaded.settings.policy.administrator == "IT, ext. 200"
    assert loaded.lock("card.corner") == loaded.lock("dialing.premium") == str(site)
    assert loaded.lock("card.max_cards") == ""

    for place in ("card.corner", "dialing.premium"):
        with pytest.raises(PolicyError):
            file.set_value(place, "top-right")
    file.set_value("card.max_cards", 3)
    assert file.load().settings.card.max_cards == 3


def test_a_user_can_lock_nothing(own: Path) -> None:
    own.write_text('[policy]\nlocked = ["card.corner"]\n')
    assert SettingsFile(own).load().lock("card.corner") == ""


# --- hotkeys and quiet times ---------------------------------------------------------


def test_hotkeys_and_quiet_times_that_cannot_be_are_named_and_left_out() -> None:
    read = read_settings(
        {
            "hotkeys": {"focus_card": "alt+ctrl+space", "search": "Shift+F"},
            "quiet": {"times": ["mon-fri 18:00-08:00", "someday"], "sharing": "tray"},
        }
    )
    assert read.settings.hotkeys.focus_card == "alt+ctrl+space"
    assert read.settings.hotkeys.search == ""
    assert read.settings.quiet.times == ("mon-fri 18:00-08:00",)
    assert read.settings.quiet.focus_mode == "tray"
    assert {problem.place for problem in read.problems} == {
        "hotkeys.search",
        "quiet.times",
    }


# --- updates -------------------------------------------------------------------------


def test_updates_are_switched_off_for_everybody_and_a_ring_is_one_of_three(
    own: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[updates]\nenabled = false\n[policy]\nlocked = ["updates"]\n')
    own.write_text("[updates]\nenabled = true\n")
    assert SettingsFile(own, [site]).load().settings.updates.enabled is False
    read = read_settings({"updates": {"ring": "early", "channel": "nightly"}})
    assert (read.settings.updates.ring, read.settings.updates.channel) == (
        "early",
        "stable",
    )
    assert [problem.place for problem in read.problems] == ["updates.channel"]
