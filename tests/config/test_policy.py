"""What only administrators may say, and what else opens records, as files say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.config.settings import CardRule
from screenpop.config.settings_file import SettingsFile
from screenpop.config.settings_reader import read_settings
from screenpop.domain.errors import ConfigurationError

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
