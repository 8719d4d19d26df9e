"""How the text of a CSV file is written, told from its bytes."""

from __future__ import annotations

import codecs
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

from screenpop.domain.frozen import frozen
from screenpop.lookup.codepages import CODEPAGES, codepage_of
from screenpop.lookup.csv_columns import known_headings

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 4096
_HEAD_LINES: Final = 5
_FEW_ZEROS: Final = 0.05
_MANY_ZEROS: Final = 0.3
# The longer mark first: UTF-32 begins like UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LAST_RESORT: Final = "latin-1"
_STRAY_BYTE: Final = re.compile("[\udc80-\udcff]")
_FOREIGN_LETTER: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")


@frozen
class TextForm:
    """How bytes become text.

    Attributes:
        encoding: As Python names it.
        errors: What becomes of bytes that are none of it, as Python names that.
    """

    encoding: str
    errors: str = "strict"

    def open(self, path: Path) -> TextIO:
        """The file as text, line ends as they are."""
        return path.open(encoding=self.encoding, errors=self.errors, newline="")


def text_form(stream: BinaryIO, region: str) -> TextForm | None:
    """How an open file is written, by the whole of its bytes; None for no text.

    Args:
        stream: At its beginning.
        region: Where it comes from, which tells how old programs there write text.
    """
    head = stream.read(_HEAD_BYTES)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            # A file that was put together from several has damage in the middle.
            return TextForm(encoding, "replace")
    zeros = head.count(0)
    if zeros > len(head) * _FEW_ZEROS:
        # Blanks and line ends have their zero in the same half of each character.
        for half, encoding in enumerate(("utf-16-le", "utf-16-be")):
            if 0 not in head[half::2]:
                return TextForm(encoding, "replace")
        if zeros > len(head) * _MANY_ZEROS:
            return None
    return _narrow_form(stream, head, region)


def _narrow_form(stream: BinaryIO, head: bytes, region: str) -> TextForm:
    if _decodes(stream, "utf-8"):
        return TextForm("utf-8")
    letters, strays = _letters_and_strays(stream)
    if letters >= strays:
        return TextForm("utf-8", _repairing(codepage_of(region)))
    for encoding in _codepages(head, region):
        if _decodes(stream, encoding):
            return TextForm(encoding)
    return TextForm(_LAST_RESORT)


def _letters_and_strays(stream: BinaryIO) -> tuple[int, int]:
    """How many letters beyond ASCII the file has as UTF-8, and bytes that are none."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    letters = strays = 0
    for chunk in _chunks(stream):
        if chunk.isascii():
            continue
        text = decoder.decode(chunk)
        strays += len(_STRAY_BYTE.findall(text))
        letters += len(_FOREIGN_LETTER.findall(text))
    strays += len(decoder.decode(b"", final=True))
    return letters, strays


def _codepages(head: bytes, region: str) -> list[str]:
    """All there are, those first in which the headings make most sense."""
    lines = b"\n".join(re.split(rb"\r\n?|\n", head.lstrip())[:_HEAD_LINES])
    candidates = list(dict.fromkeys((codepage_of(region), *CODEPAGES)))
    own = candidates[0]
    known = {
        one: max(map(known_headings, lines.decode(one, "replace").split("\n")))
        for one in candidates
    }
    best = max(known.values())
    # Eastern codepages make letters of nearly everything.
    return [
        one
        for one in sorted(candidates, key=known.__getitem__, reverse=True)
        if one == own or known[one] == best > known[own] or one == CODEPAGES[0]
    ]


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(stream):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The whole file in pieces of a size that memory can bear."""
    stream.seek(0)
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


@cache
def _repairing(codepage: str) -> str:
    """The name of what reads stray bytes in UTF-8 by a codepage: two files in one."""

    def repaired(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        strays = error.object[error.start : error.end]
        return strays.decode(codepage, "replace"), error.end

    name = f"screenpop-{codepage}"
    codecs.register_error(name, repaired)
    return name
