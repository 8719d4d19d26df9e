"""Lines of ours and the wrap-up, as the settings file tells them."""

from __future__ import annotations

from screenpop.config.card_settings import MOST_DISPOSITIONS, LineSettings
from screenpop.config.settings_reader import read_settings


def test_a_line_is_named_coloured_greeted_and_heard() -> None:
    table = {
        "lines": [
            {
                "line": "+442079460100",
                "name": "Sales UK",
                "color": "teal",
                "greeting": "Good morning, Example Sales",
                "sound": "chime",
            },
            {"line": 104, "color": "mauve"},
            {"name": "Nowhere"},
        ]
    }
    found = read_settings(table)
    assert found.settings.lines == (
        LineSettings(
            line="+442079460100",
            name="Sales UK",
            color="teal",
            greeting="Good morning, Example Sales",
            sound="chime",
        ),
        LineSettings(line="104"),
    )
    assert [one.place for one in found.problems] == ["lines[2].color", "lines[3].line"]


def test_dispositions_are_short_and_each_there_once() -> None:
    wanted = ["Sold", "Sold", "", "x" * 41, *(f"Reason {n}" for n in range(40))]
    found = read_settings({"wrap_up": {"dispositions": wanted, "seconds": 0}})
    dispositions = found.settings.dispositions
    assert dispositions[:2] == ("Sold", "Reason 0")
    assert len(dispositions) == MOST_DISPOSITIONS
    assert found.settings.wrap_up.seconds == 0
    assert len(found.problems) == 3


def test_what_administrators_let_calls_come_to_counts() -> None:
    table = {
        "wrap_up": {"dispositions": ["Mine"]},
        "policy": {"dispositions": ["Sale", "No sale"]},
    }
    assert read_settings(table).settings.dispositions == ("Sale", "No sale")


def test_a_card_comes_up_on_a_chosen_screen_and_becomes_slim() -> None:
    card = {"screen": "fixed", "screen_name": "DP-2", "answered_as": "slim"}
    found = read_settings({"card": card}).settings.card
    assert (found.screen, found.screen_name) == ("fixed", "DP-2")
    assert (found.answered_as, found.answered_seconds) == ("slim", 10.0)
