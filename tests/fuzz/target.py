"""What a search aims at: a reader, the words of its language, and examples."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from screenpop.domain.privacy import Secret

CORPUS: Final = Path(__file__).with_name("corpus")
REGIONS: Final = ("GB", "US", "IT", "LT", "IN", "DE", "", "ZZ")


class JsonPlace(Enum):
    """Where in the bytes JSON stands, if anywhere."""

    NOWHERE = auto()
    ALL = auto()
    FIRST_LINE = auto()
    AFTER_FIRST_LINE = auto()

    def parts(self, data: bytes) -> tuple[bytes, bytes, bytes]:
        """What stands before it, the JSON, and what stands behind it."""
        line, end, rest = data.partition(b"\n")
        if self is JsonPlace.FIRST_LINE:
            return b"", line, end + rest
        if self is JsonPlace.AFTER_FIRST_LINE:
            return line + end, rest, b""
        return b"", data, b""


@dataclass(frozen=True)
class Target:
    """One reader of foreign bytes.

    Attributes:
        name: What the command calls it, and its folder in the corpus.
        take: Reads any bytes; raises what no reader may raise.
        words: What a search should try to put in.
        seeds: Further examples that lie elsewhere.
        json: Where it has JSON.
    """

    name: str
    take: Callable[[bytes], None]
    words: tuple[str, ...] = ()
    seeds: Callable[[], Iterable[bytes]] = tuple
    json: JsonPlace = JsonPlace.NOWHERE

    @property
    def corpus(self) -> Path:
        """The folder of what is kept."""
        return CORPUS / self.name


def with_region(data: bytes) -> tuple[str, bytes]:
    """The first byte as a region, and the rest."""
    return REGIONS[data[0] % len(REGIONS)] if data else "", data[1:]


def assert_storable(value: object) -> None:
    """Every text in a result can be written by a database and shown by a window.

    Half a surrogate pair breaks both.
    """
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, Secret):
        assert_storable(value.reveal())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            assert_storable(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            assert_storable(key)
            assert_storable(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            assert_storable(each)
