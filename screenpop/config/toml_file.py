"""TOML files of settings, read whatever they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from screenpop.wording import tr

LARGEST_BYTES: Final = 1_000_000
"""More than this is no file of settings."""


class UnreadableError(Exception):
    """The file cannot be opened; its content may be in order."""


class BrokenError(Exception):
    """The file's content is no TOML."""


def read_bytes(path: Path) -> bytes:
    """The file's bytes; none when it does not exist.

    Raises:
        UnreadableError: It cannot be opened.
        BrokenError: It is far too large.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UnreadableError(
            tr("it cannot be read: {reason}", reason=error.strerror)
        ) from error
    if len(data) > LARGEST_BYTES:
        raise BrokenError(tr("it is far too large for settings"))
    return data


def parse_toml(data: bytes) -> dict[str, Any]:
    """The table that the bytes spell.

    Raises:
        BrokenError: They spell none.
    """
    if not data:
        return {}
    import tomllib

    try:
        # Windows editors like to start a file with a byte order mark.
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BrokenError(
            tr("it is not UTF-8 text (byte {position})", position=error.start + 1)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BrokenError(tr("it is not valid TOML: {error}", error=error)) from error
    except (ValueError, RecursionError) as error:
        raise BrokenError(tr("it holds a value that nobody can read")) from error
