"""Policies with anything in them: nothing raises, and no slip frees what is locked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.config.policy import policy_of
from screenpop.config.policy_files import layer_of_file
from screenpop.config.policy_layer import PolicyOrigin
from screenpop.config.policy_plist import layer_of_plist, layer_of_preferences
from screenpop.config.settings_reader import read_settings

PATH = Path("/etc/screenpop/policy.toml")
LINES = (
    "# set by IT",
    "[card]",
    'corner = "top-left"',
    "[dialing]",
    'abroad = "refuse"',
    "[[accounts]]",
    'id = "acme"',
    'vendor = "voxloud"',
    "[policy]",
    'locked = ["dialing", "card.corner"]',
    "programs = false",
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_SECTIONS = st.sampled_from(
    ("card", "accounts", "sources", "policy", "language", "lines", "Recommended", "x")
)


@given(st.binary(max_size=400))
@settings(max_examples=60)
def test_any_bytes_are_a_layer_with_something_wrong_or_nothing_in_it(
    data: bytes,
) -> None:
    for layer in (
        layer_of_file(PATH, data, PolicyOrigin.MACHINE_FILE),
        layer_of_plist(PATH, data, PolicyOrigin.MANAGED_MACHINE),
    ):
        read_settings(policy_of((layer,)).table)
        assert layer.problems or not layer.locked


@given(st.dictionaries(_SECTIONS, _VALUES, max_size=5))
@settings(max_examples=60)
def test_any_preferences_are_a_layer(preferences: dict[str, Any]) -> None:
    layer = layer_of_preferences("made up", preferences, PolicyOrigin.MANAGED_USER)
    read_settings(policy_of((layer,)).table)


SLIPS = (
    "[policy",
    "policy]",
    "[[policy]]",
    "[card]",
    "[dialing.abroad]",
    "[dialing]",
    'x = """',
    "x = '''",
    "locked = []",
    "locked =",
    'locked = "ui.theme"',
    "]",
    "}",
    "x = {",
    "x = [",
    "\\",
    "card = 5",
    "policy = 5",
    "dialing.abroad = 1",
)


@given(
    st.integers(0, len(LINES)),
    st.sampled_from(SLIPS)
    | st.text(
        st.characters(codec="utf-8", exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85"),
        max_size=40,
    ),
    st.binary(max_size=4),
)
@settings(max_examples=120)
def test_one_bad_line_anywhere_frees_nothing(
    place: int, garbage: str, tail: bytes
) -> None:
    lines = [*LINES[:place], garbage, *LINES[place:]]
    data = "\n".join(lines).encode() + b"\n# " + tail.replace(b"\n", b"") + b"\n"
    layer = layer_of_file(PATH, data, PolicyOrigin.MACHINE_FILE)
    assert {"dialing", "card.corner"} <= set(layer.locked)
    policy = read_settings(policy_of((layer,)).table).settings.policy
    # After another section's head a line is that section's, whoever meant it.
    is_head = garbage in ("[card]", "[dialing]", "[dialing.abroad]")
    assert policy.programs is False or is_head
