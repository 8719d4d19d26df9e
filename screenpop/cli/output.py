"""Write results: for people, or as JSON with ``--json``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import argparse
    from typing import TextIO

# Controls of both sets but for the ends of lines and tabs, marks that turn the writing
# around, halves of surrogate pairs.
_UNSAFE: Final = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
    r"\ud800-\udfff]"
)

# The rest is imported where it is needed: a command that says one line does without.


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """``--json``, which every reading command has."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def say(text: str = "") -> None:
    """One line for people."""
    _write(sys.stdout, as_terminal_text(text))


def warn(text: str) -> None:
    """One line on standard error."""
    _write(sys.stderr, as_terminal_text(text))


def say_json(value: object) -> None:
    """A value as one line of JSON."""
    import json
    import re

    line = json.dumps(as_json(value), ensure_ascii=False)
    # What no terminal may see is written as JSON allows: it stays the same value.
    line = re.sub(_UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", line)
    _write(sys.stdout, line)


def as_terminal_text(text: str) -> str:
    """``text`` without what a terminal obeys: escapes, and marks that turn lines.

    Names, notes and errors hold what callers, vendors and files say.
    """
    if text.isascii() and text.isprintable():
        return text
    import re

    return re.sub(_UNSAFE, "", text)


def _write(stream: TextIO, line: str) -> None:
    try:
        stream.write(f"{line}\n")
    except UnicodeEncodeError:
        # Not every terminal has every letter.
        encoding = stream.encoding or "ascii"
        known = line.encode(encoding, "backslashreplace").decode(encoding)
        stream.write(f"{known}\n")


def as_json(value: object) -> Any:
    """What ``json`` can write of our types."""
    import dataclasses
    from datetime import datetime
    from enum import Enum
    from pathlib import Path

    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: as_json(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return [as_json(each) for each in value]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns for people; foreign text is made plain and cut."""
    from screenpop.domain.plain_text import plain

    shown = [[plain(cell, 48) for cell in row] for row in rows]
    widths = [
        max(len(row[index]) for row in (list(header), *shown))
        for index in range(len(header))
    ]
    for row in (list(header), *shown):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
