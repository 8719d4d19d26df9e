"""Measure screenpop against the targets; keep the table and a picture in docs/.

    python3 installer/dev.py bench [--rows start,idle,…] [--rounds N] [--full]
        [--out FILE]

The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from tests.bench import machine
from tests.bench.figures import Row, table
from tests.bench.picture import picture
from tests.bench.stage import ROOT, Stage, open_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENT = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "pictures" / "benchmarks.svg"
ROWS = {
    "start": "start to tray",
    "idle": "idle memory and idle work",
    "card": "webhook received to card painted",
    "answer": "webhook answer and UI tick lag",
    "intake": "durable intake",
    "lookup": "exact look-up beside the bare index",
    "search": "search as you type",
    "import": "import of a contact file",
    "dial": "dial by command to the running app",
    "poll": "poll of 500 records",
}
# Only when asked for: they need more than the program itself.
FURTHER_ROWS = {
    "frozen": "start of the frozen program beside the source's",
    "day": "a day of calls",
    "growth": "ten times the contacts and calls",
    "relay": "a team's relay under load",
    "relay-desks": "a team that grows to 5,000 desks",
}
_MODULES = {"import": "contact_import", "relay-desks": "relay_desks"}


class Measured(Protocol):
    """What every module of ``tests.bench.rows`` offers."""

    @staticmethod
    def measure(stage: Stage, rounds: int) -> list[Row]:
        """Measure both sides, alternately, that many rounds."""
        ...


def main() -> int:
    arguments = _arguments()
    described = machine.description()
    rows: list[Row] = []
    with open_stage(is_full=arguments.full) as stage:
        for name in arguments.rows:
            _say(f"measuring {(ROWS | FURTHER_ROWS)[name]} …")
            module = importlib.import_module(
                f"tests.bench.rows.{_MODULES.get(name, name)}"
            )
            taken = cast("Measured", module).measure(stage, arguments.rounds)
            _say(table(taken))
            rows += taken
    document = _document(rows, described, arguments.rounds)
    arguments.out.write_text(document, encoding="utf-8")
    if arguments.out == DOCUMENT:
        PICTURE.write_text(picture(rows), encoding="utf-8")
    missed = [row.what for row in rows if not row.is_met]
    _say(f"\n{table(rows)}\n\nwritten to {arguments.out}")
    if missed:
        _say(f"missed: {'; '.join(missed)}")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py bench",
        description="Measure screenpop against its targets.",
        epilog="rows: " + "; ".join(f"{name}: {what}" for name, what in ROWS.items()),
    )
    parser.add_argument("--rows", type=_names, default=list(ROWS), metavar="A,B,…")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--full",
        action="store_true",
        help="look-up and search also among ten million contacts: ten minutes and 4 GB "
        "more",
    )
    parser.add_argument("--out", type=Path, default=DOCUMENT)
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = set(names) - set(ROWS) - set(FURTHER_ROWS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no such rows: {', '.join(sorted(unknown))}")
    return names


def _document(rows: Sequence[Row], described: str, rounds: int) -> str:
    floors = "\n".join(
        f"- `tests/bench/floors/{path.name}`: {_first_line(path)}"
        for path in sorted((Path(__file__).parent / "floors").glob("[a-z]*.*"))
    )
    return f"""# Benchmarks

Written by `python3 installer/dev.py bench`, which overwrites this file. An absolute
figure holds for its run alone, so what counts are the ratios: both sides were measured
alternately in one run, {rounds} rounds; a figure is the median of the rounds, with the
least and the greatest in parentheses.

{described}

{table(rows)}

![How much of each target is used](pictures/benchmarks.svg)

## How the floors are built

{floors}
"""


def _first_line(path: Path) -> str:
    text = path.read_text("utf-8").lstrip('/*" ')
    return text.partition("\n")[0].strip()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
