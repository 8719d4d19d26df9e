"""Files of contacts, whatever wrote them: CSV with any columns, vCards."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from screenpop.lookup.vcard_files import (
    VCardContents,
    VCardFile,
    inspect_vcards,
    is_vcard_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.domain.contact_columns import ContactColumns
    from screenpop.domain.contacts import Contact
    from screenpop.lookup.bad_rows import BadRow
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.lookup.csv_contacts import CsvContents

LOCAL_SOURCE: Final = "local"
# What browsers add to the name of a file that was downloaded again.
_AGAIN: Final = re.compile(r"[ _]*\(\d+\)$")
FileContents: TypeAlias = "CsvContents | VCardContents"


class ContactFile(Protocol):
    """Iterates over a file's contacts, once, and counts what it passes over.

    Attributes:
        contacts: How many it gave so far; it may be some ahead of its iterator.
    """

    contacts: int

    @property
    def skipped(self) -> int:
        """How many rows or cards gave none."""
        ...

    @property
    def unreadable_numbers(self) -> int:
        """How many numbers were left out, of contacts and of those that gave none."""
        ...

    @property
    def bad_rows(self) -> list[BadRow]:
        """The first hundred of those."""
        ...

    def __iter__(self) -> Iterator[Contact]:
        """Raises ImportFailed when the file cannot be read to its end."""
        ...

    def columns(self) -> Iterator[ContactColumns]:
        """The same, some hundreds at a time.

        Raises:
            ImportFailed: The file cannot be read to its end.
        """
        ...


def inspect_file(path: Path, region: str) -> FileContents:
    """What a file holds, for the user to confirm.

    Args:
        path: The file.
        region: The user's, which tells how old programs there write text.

    Raises:
        ImportFailed: It cannot be read, or holds no contacts.
    """
    if is_vcard_file(path):
        return inspect_vcards(path, region)
    from screenpop.lookup.csv_contacts import inspect_csv

    return inspect_csv(path, region)


def open_contacts(path: Path, guess: ColumnGuess | None, region: str) -> ContactFile:
    """The contacts of a file, one at a time, however many there are.

    Their ids are such that the contacts of all files can stand side by side.

    Args:
        path: The file.
        guess: What its columns hold; None for vCards, and for a guess.
        region: In which to read numbers without a country code.

    Raises:
        ImportFailed: It cannot be read, or no column has numbers.
    """
    # Two files may both have a customer number 1.
    prefix = f"{_AGAIN.sub('', path.stem)}/"
    if guess is None and is_vcard_file(path):
        return VCardFile(path, region, source=LOCAL_SOURCE, id_prefix=prefix)
    from screenpop.lookup.csv_contacts import read_contacts

    return read_contacts(path, guess, region, source=LOCAL_SOURCE, id_prefix=prefix)
