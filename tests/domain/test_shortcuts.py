"""Shortcuts are read however people write them; what typing needs is refused."""

from __future__ import annotations

import pytest

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.shortcuts import KEYS, read_shortcut


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ctrl+Alt+Space", "Ctrl+Alt+Space"),
        ("alt + control + d", "Ctrl+Alt+D"),
        ("super+shift+f", "Shift+Meta+F"),
        ("F9", "F9"),
        ("ctrl+PAGEUP", "Ctrl+PageUp"),
    ],
)
def test_a_shortcut_is_read_and_written_in_one_way(text: str, read: str) -> None:
    assert str(read_shortcut(text)) == read


@pytest.mark.parametrize(
    "text", ["", "d", "Shift+D", "Shift+Space", "Ctrl+", "Hyper+D"]
)
def test_what_is_no_shortcut_or_needed_for_typing_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        read_shortcut(text)


def test_every_key_can_be_used_with_ctrl() -> None:
    assert [read_shortcut(f"Ctrl+{key}").key for key in KEYS] == list(KEYS)
