"""The lines of vCard files, however they are broken, folded and cut.

Folding is undone on bytes: a fold may fall into the middle of a letter. What is longer
than any text that we want, such as a picture, is passed over while it is read, so a
card of any size costs little memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from screenpop.wording import marked

# Beyond that it is a picture; RFC 6350 asks for lines of 75.
LONGEST_LINE: Final = 64 * 1024
_MOST_LINES: Final = 500
_BOM: Final = b"\xef\xbb\xbf"
_BEGIN: Final = re.compile(rb"([ \t]*)BEGIN[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
_END: Final = re.compile(
    rb"[ \t]*END[ \t]*:[ \t]*VCARD[ \t]*(BEGIN[ \t]*:.*)?", re.IGNORECASE
)
_FIRST_OF_MARKS: Final = (b"B", b"b", b"E", b"e", b" ", b"\t")
_VERSION: Final = re.compile(rb"VERSION[ \t]*:[ \t]*([\d.]{1,4})", re.IGNORECASE)
_SOFT_BREAKS: Final = re.compile(rb"[^:]*;[^:]*QUOTED-PRINTABLE", re.IGNORECASE)
_NAME: Final = re.compile(rb"(?:([^.:;\s]{1,80})\.)?([A-Za-z0-9\-]{1,60})[ \t]*[;:]")
WANTED: Final = frozenset(
    b"FN N NICKNAME ORG TITLE ROLE TEL EMAIL URL UID REV KIND X-SIP"
    b" X-ABLABEL X-ABSHOWAS X-ADDRESSBOOKSERVER-KIND".split()
)
_NO_END: Final = marked("it has no end")


@dataclass(slots=True)
class CardLines:
    """The lines of one card that may be wanted, unfolded.

    Attributes:
        line: The file's line where it begins, from one.
        version: As it says, "3.0"; "" when it does not.
        lines: Each with its line's number, its group, its name in capitals and itself.
        problem: Why it cannot be used; "" when it can.
    """

    line: int
    version: str = ""
    lines: list[tuple[int, str, str, bytes]] = field(default_factory=list)
    problem: str = ""


def physical_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without their ends; one that is too long is empty."""
    rest = b""
    for chunk in chunks:
        lines = (rest + chunk).splitlines(keepends=True)
        # The last may go on, and a CR may yet get its LF.
        is_whole = bool(lines) and lines[-1].endswith(b"\n")
        rest = b"" if is_whole or not lines else lines.pop()
        for line in lines:
            yield _bounded(line)
        if len(rest) > 2 * LONGEST_LINE:
            # Nobody wants it any more, but where it ends matters.
            rest = rest[: LONGEST_LINE + 1] + rest[-1:]
    if rest:
        yield _bounded(rest)


def _bounded(line: bytes) -> bytes:
    line = line.rstrip(b"\r\n")
    if b"\0" in line:
        line = line.replace(b"\0", b"")
    return line if len(line) <= LONGEST_LINE else b""


def cards_in(chunks: Iterable[bytes]) -> Iterator[CardLines]:
    """Every card of a file or an answer, broken ones too; never raises by itself."""
    reader = _CardReader()
    for number, line in enumerate(physical_lines(chunks), 1):
        yield from reader.take(number, line.removeprefix(_BOM))
    yield from reader.finish()


class _CardReader:
    """Puts lines together to cards, one line at a time."""

    def __init__(self) -> None:
        self._card: CardLines | None = None
        self._indent = b""
        self._inner_cards = 0
        self._line = 0
        self._pending = bytearray()
        self._has_soft_breaks = False

    def take(self, number: int, line: bytes) -> Iterator[CardLines]:
        """The next line; gives the card that it ends, if it ends one."""
        may_mark = line[:1] in _FIRST_OF_MARKS
        begin = _BEGIN.fullmatch(line) if may_mark else None
        end = _END.fullmatch(line) if may_mark and not begin else None
        if begin:
            yield from self._begin(number, begin.group(1))
        elif end and self._card is not None:
            yield from self._end()
            if end.group(1):
                yield from self.take(number, end.group(1))
        elif self._card is not None and not self._inner_cards:
            self._add(number, line.removeprefix(self._indent))

    def finish(self) -> Iterator[CardLines]:
        """The file is over."""
        if self._card is not None:
            # Its last number may be cut off in the middle.
            self._card.problem = _NO_END
            yield self._card

    def _begin(self, number: int, indent: bytes) -> Iterator[CardLines]:
        if self._card is not None:
            name = _NAME.match(self._pending)
            if self._inner_cards or (name and name.group(2).upper() == b"AGENT"):
                self._inner_cards += 1
                return
            # Its end was forgotten; all its lines are there.
            yield from self._end()
        self._card = CardLines(number)
        self._indent = indent

    def _end(self) -> Iterator[CardLines]:
        if self._inner_cards:
            self._inner_cards -= 1
            return
        self._flush()
        card, self._card = self._card, None
        if card is not None:
            yield card

    def _add(self, number: int, line: bytes) -> None:
        if self._pending.endswith(b"=") and self._has_soft_breaks:
            if line:
                del self._pending[-1]
                self._extend(line)
        elif line[:1] in (b" ", b"\t"):
            is_old = self._card is not None and self._card.version == "2.1"
            # Version 2.1 folds like mail: the blank belongs to the text.
            self._extend(line if is_old else line[1:])
        elif line:
            self._flush()
            self._line = number
            self._pending = bytearray(line)
            self._has_soft_breaks = bool(_SOFT_BREAKS.match(line))

    def _extend(self, more: bytes) -> None:
        if len(self._pending) <= LONGEST_LINE:
            self._pending += more

    def _flush(self) -> None:
        line, self._pending = bytes(self._pending), bytearray()
        found = _NAME.match(line)
        card = self._card
        if found is None or card is None or len(line) > LONGEST_LINE:
            return
        name = found.group(2).upper()
        if name == b"VERSION":
            version = _VERSION.match(line)
            card.version = version.group(1).decode("ascii") if version else ""
        elif name in WANTED and len(card.lines) < _MOST_LINES:
            group = (found.group(1) or b"").decode("latin-1").casefold()
            card.lines.append((self._line, group, name.decode("ascii"), line))
