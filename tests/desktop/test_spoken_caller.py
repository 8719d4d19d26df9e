"""Who is calling, said aloud by the system, or that there is nothing to say it with."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.spoken_caller import (
    NoVoice,
    ProgramVoice,
    say_aloud,
    system_voice,
)
from screenpop.domain.errors import SoundUnavailable

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Incoming call from Ona Žemaitė, +44 20 7946 0123"
_KEEP_INPUT = """
import sys
from pathlib import Path
Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())
"""


def test_the_words_go_to_the_programs_input_and_not_into_its_command_line(
    tmp_path: Path,
) -> None:
    heard = tmp_path / "heard.txt"
    voice = ProgramVoice(sys.executable, "-c", _KEEP_INPUT, str(heard))
    say_aloud(TEXT, voice)
    assert heard.read_text("utf-8").strip() == TEXT
    assert "Ona" not in shlex.join(voice.command)


@pytest.mark.parametrize(
    ("platform", "program", "word"),
    [
        ("linux", "spd-say", "--pipe-mode"),
        ("darwin", "say", "-f"),
        ("win32", "powershell.exe", "-NonInteractive"),
    ],
)
def test_each_system_has_a_program_of_its_own(
    platform: str, program: str, word: str
) -> None:
    voice = system_voice(platform, lambda name: f"/programs/{name}")
    assert isinstance(voice, ProgramVoice)
    assert voice.command[0] == f"/programs/{program}"
    assert word in voice.command
    assert isinstance(system_voice(platform, lambda _name: None), NoVoice)


def test_a_computer_that_cannot_speak_says_so_with_advice() -> None:
    failing = ProgramVoice(sys.executable, "-c", "raise SystemExit(1)")
    for voice in (NoVoice(), failing, ProgramVoice("/nowhere/spd-say")):
        with pytest.raises(SoundUnavailable) as told:
            say_aloud(TEXT, voice)
        assert told.value.advice
        assert "Ona" not in str(told.value)
