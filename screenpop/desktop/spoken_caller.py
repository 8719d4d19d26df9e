"""Who is calling, said aloud with the voice that the operating system has.

Each system has a program for it, which is given the words on its standard input: what
stands in a command line can be read by every user of the computer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.errors import SoundUnavailable
from screenpop.wording import language, tr

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_SECONDS: Final = 20.0
"""A voice that takes longer has hung."""

_WINDOWS_SCRIPT: Final = (
    "[Console]::InputEncoding = [Text.Encoding]::UTF8; "
    "Add-Type -AssemblyName System.Speech; "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer)"
    ".Speak([Console]::In.ReadToEnd())"
)
_speaking: Final = Lock()


class Voice(Protocol):
    """Says something aloud."""

    def say(self, text: str) -> None:
        """Say it; returns when it was said.

        Raises:
            SoundUnavailable: This computer cannot speak.
        """
        ...


class NoVoice:
    """A computer that has no program to speak with."""

    def say(self, _text: str) -> None:
        """Nothing is said.

        Raises:
            SoundUnavailable: Always.
        """
        raise SoundUnavailable(
            tr("This computer has no voice"),
            tr("Install `speech-dispatcher`, which speaks for programs."),
        )


class ProgramVoice:
    """The system's own program for speaking."""

    def __init__(self, *command: str) -> None:
        self.command = command

    def say(self, text: str) -> None:
        """Say it.

        Raises:
            SoundUnavailable: The program cannot, or took too long.
        """
        try:
            done = subprocess.run(  # noqa: S603 - no shell, fixed words
                self.command,
                # Some wait for the end of the line.
                input=f"{text}\n".encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                timeout=LONGEST_SECONDS,
                check=False,
                creationflags=_no_console(),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SoundUnavailable(
                tr("The voice of this computer did not speak"),
                tr("Check its loudspeaker and its settings for speech."),
            ) from error
        if done.returncode:
            raise SoundUnavailable(
                tr("The voice of this computer did not speak"),
                tr("Check its loudspeaker and its settings for speech."),
            )


def system_voice(
    platform: str = sys.platform,
    find: Callable[[str], str | None] = shutil.which,
) -> Voice:
    """The voice of the operating system.

    Args:
        platform: As in ``sys.platform``.
        find: Where a program is; None for nowhere.
    """
    options: tuple[str, ...]
    if platform == "win32":
        program = find("powershell.exe")
        options = ("-NoProfile", "-NonInteractive", "-Command", _WINDOWS_SCRIPT)
    elif platform == "darwin":
        program, options = find("say"), ("-f", "-")
    else:
        program = find("spd-say")
        options = ("--wait", "--pipe-mode", "--language", language())
    return ProgramVoice(program, *options) if program else NoVoice()


def say_aloud(text: str, voice: Voice | None = None) -> None:
    """Say something; nothing while something else is still being said.

    Raises:
        SoundUnavailable: This computer cannot speak.
    """
    if not _speaking.acquire(blocking=False):
        return
    try:
        (voice or system_voice()).say(text)
    finally:
        _speaking.release()


def _environment() -> dict[str, str]:
    """Ours, in a locale that every system has: spd-say ends where it knows it not."""
    if sys.platform in ("win32", "darwin"):
        return dict(os.environ)
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _no_console() -> int:
    """The flag that keeps Windows from opening a console; 0 elsewhere."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0
