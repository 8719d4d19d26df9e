"""Write results: for people, or as JSON with ``--json``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

# The rest is imported where it is needed: a command that says one line does without.


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """``--json``, which every reading command has."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def say(text: str = "") -> None:
    """One line for people."""
    sys.stdout.write(text + "\n")


def warn(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(text + "\n")


def say_json(value: object) -> None:
    """A value as one line of JSON."""
    import json

    say(json.dumps(as_json(value), ensure_ascii=False))


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
