"""Lines of ours, added, changed and taken out of a file that people write in."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from screenpop.config.card_settings import LineSettings
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.errors import ConfigurationError, PolicyError

if TYPE_CHECKING:
    from pathlib import Path

SALES = LineSettings(line="+442079460100", name="Sales", color="teal", sound="chime")
DESK = LineSettings(line="104", greeting="Front desk")
COMMENTED = """\
region = "GB"

# who answers for the bakery
[[lines]]
line = 104  # the front desk
sound = "low"

[card]
corner = "top-left"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def _lines(path: Path) -> object:
    return tomllib.loads(path.read_text("utf-8")).get("lines")


def test_a_line_is_added_changed_and_taken_out(own: Path) -> None:
    own.write_text(COMMENTED, "utf-8")
    file = SettingsFile(own)
    file.change_line(None, SALES)
    file.change_line(LineSettings(line="104"), DESK)
    assert file.load().settings.lines == (DESK, SALES)
    text = own.read_text("utf-8")
    assert "# who answers for the bakery" in text
    assert "# the front desk" in text
    assert "low" not in text

    file.change_line(DESK, None)
    file.change_line(SALES, None)
    assert file.load().settings.lines == ()
    assert _lines(own) is None
    assert file.load().settings.card.corner == "top-left"


def test_a_line_written_in_one_line_stays_so(own: Path) -> None:
    own.write_text('lines = [{ line = "104" }]\n', "utf-8")
    file = SettingsFile(own)
    file.change_line(None, SALES)
    assert own.read_text("utf-8").startswith('lines = [{ line = "104" }, {line =')
    assert file.load().settings.lines == (LineSettings(line="104"), SALES)


def test_no_line_is_there_twice_and_none_is_made_up(own: Path) -> None:
    file = SettingsFile(own)
    file.change_line(None, SALES)
    with pytest.raises(ConfigurationError, match="already"):
        file.change_line(None, LineSettings(line=" +442079460100"))
    with pytest.raises(ConfigurationError, match="no line"):
        file.change_line(DESK, None)
    with pytest.raises(ConfigurationError, match="greeting"):
        file.change_line(None, LineSettings(line="104", greeting="x" * 201))
    assert file.load().settings.lines == (SALES,)


def test_administrators_lines_are_what_a_user_begins_with(
    own: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[[lines]]\nline = "104"\ngreeting = "Front desk"\n', "utf-8")
    file = SettingsFile(own, [site])
    file.change_line(None, SALES)
    assert file.load().settings.lines == (DESK, SALES)

    file.change_line(DESK, None)
    file.change_line(SALES, None)
    assert file.load().settings.lines == ()
    file.change_line(None, SALES)
    assert file.load().settings.lines == (SALES,)


def test_locked_lines_are_the_administrators(own: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[policy]\nlocked = ["lines"]\n[[lines]]\nline = "104"\n', "utf-8")
    file = SettingsFile(own, [site])
    with pytest.raises(PolicyError):
        file.change_line(None, SALES)
    assert file.load().settings.lines == (LineSettings(line="104"),)
