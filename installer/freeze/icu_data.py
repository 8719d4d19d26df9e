"""Make ICU's data of Qt small: 32 MB hold every language's names for everything.

Qt asks ICU for three things: how to sort, upper and lower case, and the names of time
zones and of character sets of old. This program sorts, so that stays, for every
language; what it never asks for goes. Only Linux is concerned: elsewhere Qt asks the
system.

The format is ICU's "common data": a header, a table of contents (two offsets for each
item, counted from the table's start), the names, the items. It is documented in ICU's
``ucmndata.h`` and the same since 1999. The new library holds a table of the same kind
under the same symbol; no code of ICU or Qt changes.
"""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

LIBRARY_NAME = re.compile(r"libicudata\.so\.(\d+)")
_ALIGNMENT = 16
_MAGIC = b"CmnD"
_MAGIC_OFFSET = 12
_KEPT = re.compile(
    # How to sort, in each language; normal forms; what characters are.
    r"coll/.*|[^/]*\.(?:icu|nrm)|"
    # What is read before anything else is found.
    r"(?:root|pool|res_index|supplementalData|likelySubtags|langInfo|keyTypeData"
    r"|numberingSystems|zoneinfo64|timezoneTypes|metaZones|windowsZones)\.res"
)
_NEVER = re.compile(r"unames\.icu|confusables\.cfu")


class NotIcuData(ValueError):
    """The library holds something else."""


def slim(library: Path) -> int:
    """Put a small library in place of ``library``; return how many bytes are saved.

    Raises:
        NotIcuData: It is none.
    """
    found = LIBRARY_NAME.fullmatch(library.name)
    if found is None:
        raise NotIcuData(f"{library.name} is no ICU data")
    before = library.stat().st_size
    packed = kept_of(library.read_bytes())
    _link(packed, library, symbol=f"icudt{found[1]}_dat")
    return before - library.stat().st_size


def kept_of(library: bytes) -> bytes:
    """The common data in the bytes of a library, with what is wanted of it.

    Raises:
        NotIcuData: There is none in it.
    """
    start = library.find(_MAGIC) - _MAGIC_OFFSET
    if start < 0:
        raise NotIcuData("no common data of ICU in it")
    (header_bytes,) = struct.unpack_from("<H", library, start)
    header = library[start : start + header_bytes]
    items = [
        (name, data)
        for name, data in _items(library, start + header_bytes)
        if is_kept(name)
    ]
    return header + _table(items)


def is_kept(name: str) -> bool:
    """Whether an item is wanted; before its name stands ICU's version."""
    bare = name.partition("/")[2]
    return bool(_KEPT.fullmatch(bare)) and not _NEVER.fullmatch(bare)


def _items(library: bytes, table: int) -> Iterator[tuple[str, bytes]]:
    """Each item's name and what it holds, in the order of the names."""
    (count,) = struct.unpack_from("<I", library, table)
    places = [
        struct.unpack_from("<II", library, table + 4 + 8 * index)
        for index in range(count)
    ]
    for index, (name_at, data_at) in enumerate(places):
        name_end = library.index(b"\0", table + name_at)
        name = library[table + name_at : name_end].decode("ascii")
        is_last = index + 1 == count
        # The last one's length is not told; the rest of the library does no harm.
        end = len(library) if is_last else table + places[index + 1][1]
        yield name, library[table + data_at : end]


def _table(items: list[tuple[str, bytes]]) -> bytes:
    names = b"".join(name.encode("ascii") + b"\0" for name, _ in items)
    names_at = 4 + 8 * len(items)
    data_at = _aligned(names_at + len(names))
    rows, data, name_at = b"", b"", names_at
    for name, content in items:
        rows += struct.pack("<II", name_at, data_at + len(data))
        name_at += len(name) + 1
        data += content.ljust(_aligned(len(content)), b"\0")
    head = struct.pack("<I", len(items)) + rows + names
    return head.ljust(data_at, b"\0") + data


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


def _link(packed: bytes, library: Path, *, symbol: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, code, object_file = (
            Path(folder, f"icu.{end}") for end in ("dat", "s", "o")
        )
        data.write_bytes(packed)
        code.write_text(
            f".section .rodata\n.balign {_ALIGNMENT}\n"
            f".global {symbol}\n.type {symbol}, %object\n"
            f'{symbol}:\n.incbin "{data}"\n.size {symbol}, . - {symbol}\n'
            '.section .note.GNU-stack,"",%progbits\n',
            encoding="ascii",
        )
        subprocess.run(["as", "-o", object_file, code], check=True)
        library.unlink()
        options = ("-shared", "-s", "-z", "noexecstack", "-soname", library.name)
        subprocess.run(["ld", *options, "-o", library, object_file], check=True)
