"""Desktop entries: how Linux desktops learn about programs.

Written by the Desktop Entry Specification 1.5 (freedesktop.org).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADER: Final = "[Desktop Entry]"
_PLAIN_ARGUMENT: Final = re.compile(r"[A-Za-z0-9_@+=:,./-]+")
_FIELD_CODES: Final = frozenset({"%u", "%U", "%f", "%F"})


def desktop_entry(fields: Mapping[str, str]) -> str:
    """The text of an entry with these keys."""
    lines = [f"{key}={_string(value)}" for key, value in fields.items()]
    return "\n".join([_HEADER, *lines, ""])


def exec_line(command: Sequence[str]) -> str:
    """The ``Exec`` value that runs ``command``; ``%u`` alone stays a field code."""
    return " ".join(_argument(argument) for argument in command)


def read_entry(text: str) -> dict[str, str]:
    """The keys of the entry's main group, values as written."""
    _, _, group = text.partition(_HEADER)
    group = re.split(r"^\[", group, maxsplit=1, flags=re.MULTILINE)[0]
    pairs = (
        line.partition("=")
        for line in group.splitlines()
        if "=" in line and not line.startswith("#")
    )
    return {key.strip(): value.strip() for key, _, value in pairs}


def user_folder(variable: str, fallback: str) -> Path:
    """An XDG folder of this user: of the variable, or below the home folder."""
    named = Path(os.environ.get(variable, ""))
    return named if named.is_absolute() else Path.home() / fallback


def site_data_folders() -> tuple[Path, ...]:
    """The XDG folders of data for everybody, strongest first."""
    named = os.environ.get("XDG_DATA_DIRS", "") or "/usr/local/share:/usr/share"
    return tuple(Path(each) for each in named.split(":") if Path(each).is_absolute())


def hidden_entry(name: str) -> str:
    """The text of an entry that says: not for this user."""
    return desktop_entry({"Type": "Application", "Name": name, "Hidden": "true"})


def write_file(path: Path, content: bytes) -> None:
    """Put a small file in place as a whole.

    Raises:
        ConfigurationError: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise ConfigurationError(
            tr("{path} cannot be written: {reason}", path=path, reason=error.strerror),
            tr("See that its folder belongs to you and has room."),
        ) from error


def remove_file(path: Path) -> None:
    """Delete a file; one that is not there is fine.

    Raises:
        ConfigurationError: It cannot be deleted.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            tr("{path} cannot be deleted: {reason}", path=path, reason=error.strerror),
            tr("Delete it by hand."),
        ) from error


def _argument(argument: str) -> str:
    if argument in _FIELD_CODES:
        return argument
    if _PLAIN_ARGUMENT.fullmatch(argument):
        return argument
    quoted = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return f'"{quoted}"'


def _string(value: str) -> str:
    return (
        value.replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\t", "\\t")
        .replace("\r", "\\r")
    )
