"""The golden corpus: what each text means, one line each, and open to additions.

``corpus/numbers.csv`` holds the text (``\\uXXXX``, ``\\t`` and ``\\n`` escaped), the
region it is read in, the vendor that writes it so (empty: contact files, e-mail) and
what it has to be read as. ``corpus/pasted.csv`` holds what people paste from e-mail,
and the numbers that are to be found in it, in their order. Numbers are reserved for
fiction, vendors' own examples, or made up.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.numbers import NumberKind, format_number, read_number

_CORPUS = Path(__file__).with_name("corpus") / "numbers.csv"
_PASTED = _CORPUS.with_name("pasted.csv")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|([tn]))")
_FEWEST_LINES = 2_500


@dataclass(frozen=True, slots=True)
class Line:
    place: int
    text: str
    region: str
    vendor: str
    expected: tuple[str, str, str]


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else {"t": "\t", "n": "\n"}[found[2]]


def _lines() -> list[Line]:
    with _CORPUS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        return [
            Line(
                place=place,
                text=_ESCAPE.sub(_unescaped, row["input"]),
                region=row["region"],
                vendor=row["vendor"],
                expected=(row["kind"], row["e164"], row["extension"]),
            )
            for place, row in enumerate(rows, start=2)
        ]


def test_every_line_of_the_corpus_is_read_as_it_says() -> None:
    wrong = []
    for line in _lines():
        number = read_number(line.text, line.region)
        got = (number.kind.value, number.e164, number.extension)
        if got != line.expected:
            wrong.append(
                f"numbers.csv:{line.place}: {line.text!r} in {line.region or '-'}:"
                f" expected {line.expected}, got {got}"
            )
    assert not wrong, "\n" + "\n".join(wrong)


def test_what_is_shown_of_a_line_is_read_as_the_same_number() -> None:
    wrong = []
    for line in _lines():
        number = read_number(line.text, line.region)
        again = read_number(format_number(number, line.region), line.region)
        if number.key != again.key:
            wrong.append(f"numbers.csv:{line.place}: {number.key} became {again.key}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    lines = _lines()
    seen = Counter((line.text, line.region, line.vendor) for line in lines)
    assert [place for place, times in seen.items() if times > 1] == []
    assert len(lines) >= _FEWEST_LINES
    assert {line.expected[0] for line in lines} == set(NumberKind)


def test_every_number_of_a_pasted_text_is_found_and_nothing_else() -> None:
    wrong = []
    with _PASTED.open(encoding="utf-8", newline="") as file:
        for place, row in enumerate(csv.DictReader(file, strict=True), start=2):
            text = _ESCAPE.sub(_unescaped, row["text"])
            found = read_dial_text(text, row["region"]).candidates
            keys = " ".join(number.key for number in found)
            if keys != row["numbers"]:
                wrong.append(f"pasted.csv:{place}: found {keys or 'nothing'}")
    assert not wrong, "\n" + "\n".join(wrong)
