"""Write results: for people, or as JSON with ``--json``."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    import argparse


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
    say(json.dumps(as_json(value), ensure_ascii=False))


def as_json(value: object) -> Any:
    """What ``json`` can write of our types."""
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
    shown = [[plain(cell, 48) for cell in row] for row in rows]
    widths = [
        max(len(row[index]) for row in (list(header), *shown))
        for index in range(len(header))
    ]
    for row in (list(header), *shown):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
