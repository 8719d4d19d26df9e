"""Contacts out of a vCard file, one at a time, however many there are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from screenpop.domain.contact_columns import ContactColumns
from screenpop.domain.errors import ImportFailed
from screenpop.domain.frozen import frozen
from screenpop.lookup.bad_rows import BadRow, BadRows
from screenpop.lookup.vcard_lines import cards_in
from screenpop.lookup.vcards import CardReader
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact

_CHUNK_BYTES: Final = 256 * 1024
_HEAD_BYTES: Final = 4096
_SAMPLE_CARDS: Final = 8
_CARDS_AT_ONCE: Final = 200
_SHORTEST_OWN_UID: Final = 16
_BEGIN: Final = re.compile(rb"BEGIN[ \t]*:[ \t]*VCARD", re.IGNORECASE)
_LONGEST_BEGIN: Final = 40
_SUFFIXES: Final = frozenset({".vcf", ".vcard"})
# The longer mark first: UTF-32 begins like UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@frozen
class VCardContents:
    """What a vCard file holds, for the user to see before it is imported.

    Attributes:
        cards: How many cards it has, good and bad.
        sample: The first contacts.
        problems: The first cards among them that give none.
    """

    cards: int
    sample: tuple[Contact, ...]
    problems: tuple[BadRow, ...] = ()


def is_vcard_file(path: Path) -> bool:
    """Whether the file holds vCards, or has a name that says so.

    Raises:
        ImportFailed: It cannot be read.
    """
    head = next(_chunks(path), b"")
    return bool(_BEGIN.search(head[:_HEAD_BYTES])) or path.suffix.lower() in _SUFFIXES


def inspect_vcards(path: Path, region: str) -> VCardContents:
    """How many cards the file has, and the first contacts in it.

    Raises:
        ImportFailed: It cannot be read, or has no vCard in it.
    """
    cards = _count(path)
    if not cards:
        raise ImportFailed(
            tr("{name} has no vCard in it", name=path.name),
            tr("Choose a file with contacts."),
        )
    reader = VCardFile(path, region, source="")
    sample = tuple(islice(reader, _SAMPLE_CARDS))
    return VCardContents(cards, sample, tuple(reader.bad_rows))


class VCardFile:
    """Iterates over a file's contacts, once, and counts what it passes over.

    Attributes:
        contacts: How many it gave so far.
    """

    def __init__(
        self, path: Path, region: str, *, source: str, id_prefix: str = ""
    ) -> None:
        """Nothing is opened yet.

        Args:
            path: The file.
            region: In which to read numbers without a country code.
            source: What the contacts say they come from.
            id_prefix: What is put before ids that other files may have, too.
        """
        self.contacts = 0
        self._id_prefix = id_prefix
        self._path = path
        self._reader = CardReader(region, source)
        self._bad = BadRows()

    @property
    def skipped(self) -> int:
        """How many cards gave no contact."""
        return self._bad.count

    @property
    def unreadable_numbers(self) -> int:
        """How many numbers were left out."""
        return self._reader.unreadable_numbers

    @property
    def bad_rows(self) -> list[BadRow]:
        """The first hundred of those, by the line they begin on."""
        return self._bad.first

    def __iter__(self) -> Iterator[Contact]:
        """Raises ImportFailed when the file cannot be read to its end."""
        for lines in cards_in(_chunks(self._path)):
            card = self._reader.read(lines)
            if card.contact is None:
                self._bad.add(card.line, card.problem)
            else:
                self.contacts += 1
                yield self._named(card.contact)

    def columns(self) -> Iterator[ContactColumns]:
        """See ``ContactFile``."""
        contacts = iter(self)
        while some := list(islice(contacts, _CARDS_AT_ONCE)):
            yield ContactColumns.of(some)

    def _named(self, contact: Contact) -> Contact:
        own_id = contact.source_id
        if not own_id or _is_own_uid(own_id):
            return contact
        return replace(contact, source_id=self._id_prefix + own_id)


def _is_own_uid(uid: str) -> bool:
    """Whether two files that have a card of this name mean the same contact.

    "1" is what a bad exporter counts; a UUID is nobody else's.
    """
    return len(uid) >= _SHORTEST_OWN_UID


def _count(path: Path) -> int:
    """How many cards begin in the file, picture data and all, without reading them."""
    found, rest = 0, b""
    for chunk in _chunks(path):
        block = rest + chunk
        last = 0
        for match in _BEGIN.finditer(block):
            found, last = found + 1, match.end()
        # A beginning may be cut in two by the end of the block.
        rest = block[max(last, len(block) - _LONGEST_BEGIN) :]
    return found


def _chunks(path: Path) -> Iterator[bytes]:
    """The file in pieces, UTF-16 and UTF-32 turned into UTF-8.

    Raises:
        ImportFailed: It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            encoding = _wide_encoding(stream.read(_HEAD_BYTES))
            stream.seek(0)
            if encoding:
                yield from _narrowed(stream, encoding)
            else:
                while chunk := stream.read(_CHUNK_BYTES):
                    yield chunk
    except OSError as error:
        raise ImportFailed(
            tr(
                "{name} cannot be read: {reason}", name=path.name, reason=error.strerror
            ),
            tr("Check the file's place and permissions."),
        ) from error


def _wide_encoding(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # "BEGIN" with a zero before or behind each letter.
    if head[1:8:2] == b"\0\0\0\0":
        return "utf-16-le"
    return "utf-16-be" if head[0:8:2] == b"\0\0\0\0" else ""


def _narrowed(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while chunk := stream.read(_CHUNK_BYTES):
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
