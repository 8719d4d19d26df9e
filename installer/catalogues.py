"""Compile the catalogues of the program's texts, ``.po`` to ``.mo``.

Standard library only: it runs in the first set-up and in the build of a wheel, where
nothing is installed yet. It reads the files as ``languages.py`` writes them; that one
finds what is wrong with them.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "languages"
_MAGIC = 0x950412DE
_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d+)\])? )?(".*")')


@dataclass
class _Entry:
    parts: dict[str, str] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)

    def pair(self) -> tuple[str, str]:
        """The key and the value of a ``.mo`` file; "" where nothing is translated."""
        key = self.parts.get("msgid", "")
        if "msgctxt" in self.parts:
            key = f"{self.parts['msgctxt']}\x04{key}"
        if "msgid_plural" in self.parts:
            key = f"{key}\0{self.parts['msgid_plural']}"
        return key, "\0".join(self.forms) if all(self.forms) else ""


def compile_all(folder: Path = FOLDER) -> list[Path]:
    """Compile what is newer than its compiled form; return what was written."""
    written: list[Path] = []
    for source in sorted(folder.glob("*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compile_one(source, target)
            written.append(target)
    return written


def compile_one(source: Path, target: Path) -> None:
    """Compile one catalogue."""
    text = source.read_text("utf-8")
    pairs = sorted(
        (key.encode(), value.encode()) for key, value in _pairs(text) if value
    )
    target.write_bytes(_packed(pairs))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for block in re.split(r"\n\s*\n", text):
        lines = block.splitlines()
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        entry, current = _Entry(), ""
        for line in lines:
            found = _LINE.fullmatch(line)
            if found is None:
                continue
            keyword, _, quoted = found.groups()
            piece: str = ast.literal_eval(quoted)
            if keyword == "msgstr":
                entry.forms.append(piece)
            elif keyword:
                entry.parts[keyword] = piece
            elif current == "msgstr":
                entry.forms[-1] += piece
            else:
                entry.parts[current] += piece
            current = keyword or current
        if entry.forms:
            yield entry.pair()


def _packed(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """The bytes of a ``.mo`` file: two tables of lengths and places, then the texts."""
    header_size, row_size = 28, 8
    texts = b""
    tables = [b"", b""]
    start = header_size + 2 * row_size * len(pairs)
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<2I", len(pair[column]), start + len(texts))
            texts += pair[column] + b"\0"
    second = header_size + row_size * len(pairs)
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), header_size, second, 0, start)
    return head + tables[0] + tables[1] + texts


if __name__ == "__main__":
    for path in compile_all():
        print(f"compiled {path.name}")
