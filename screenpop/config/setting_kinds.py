"""Which settings there are and what each can be, as the reader of settings asks.

Taken from the reader itself by letting it read through ``_Recorder``, so that what
is written about settings cannot differ from what is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from screenpop.config.section_reader import Choice, SectionReader
from screenpop.config.settings_reader import settings_from
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.config.section_reader import Check


class Kind(StrEnum):
    """What a setting is."""

    TEXT = "text"
    DIGITS = "digits"
    FLAG = "flag"
    WHOLE = "whole"
    NUMBER = "number"
    CHOICE = "choice"
    TEXTS = "texts"
    MOMENT = "moment"
    SECTIONS = "sections"


@frozen(kw_only=True)
class SettingKind:
    """One setting.

    Attributes:
        place: "card.corner"; "accounts[].id" within a section of which there are many.
        default: What holds where nothing is said.
        choices: All that it can be; empty for anything of its kind.
        least: Of a number.
        most: Of a number.
        is_required: Its section is worth nothing without it.
        is_open: Of sections: further keys are taken as text.
    """

    place: str
    kind: Kind
    default: object = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    is_required: bool = False
    is_open: bool = False

    @property
    def section(self) -> str:
        """The part before the last point; "" at the top."""
        return self.place.rpartition(".")[0]


@cache
def setting_kinds() -> dict[str, SettingKind]:
    """Every setting by its place, in the order in which they are read."""
    found: dict[str, SettingKind] = {}
    settings_from(_Recorder("", found))
    return found


def is_setting(place: str) -> bool:
    """Whether a place is a setting, or a section of settings."""
    kinds = setting_kinds()
    return place in kinds or any(one.section == place for one in kinds.values())


def places_in(table: Mapping[str, Any]) -> Iterator[str]:
    """The places of everything that a table says, known or not, but for its lists."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from (f"{key}.{inner}" for inner in value)
        else:
            yield key


class _Recorder(SectionReader):
    """Reads nothing and remembers what was asked for."""

    def __init__(self, place: str, found: dict[str, SettingKind]) -> None:
        super().__init__({}, place, [])
        self._found = found
        self._looked_for: set[str] = set()

    def _note(self, key: str, kind: Kind, **facts: Any) -> None:
        if key in self._looked_for:
            facts["default"] = None
        place = self._full(key)
        self._found[place] = SettingKind(place=place, kind=kind, **facts)

    def _full(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def has(self, key: str) -> bool:
        """Asked before it is read, it may be absent; afterwards, it must not."""
        known = self._found.get(self._full(key))
        if known is not None:
            self._found[known.place] = replace(known, is_required=True)
        self._looked_for.add(key)
        return True

    def text(self, key: str, default: str, check: Check | None = None) -> str:
        self._note(key, Kind.TEXT, default=default)
        return default

    def required_text(self, key: str, check: Check) -> str:
        self._note(key, Kind.TEXT, is_required=True)
        return ""

    def digits(self, key: str) -> str:
        self._note(key, Kind.DIGITS, default="")
        return ""

    def choice(self, key: str, default: Choice, allowed: tuple[Choice, ...]) -> Choice:
        self._note(key, Kind.CHOICE, default=default, choices=tuple(allowed))
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        self._note(key, Kind.FLAG, default=default)
        return default

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        self._note(key, Kind.WHOLE, default=default, least=least, most=most)
        return default

    def number(self, key: str, default: float, least: float, most: float) -> float:
        self._note(key, Kind.NUMBER, default=default, least=least, most=most)
        return default

    def moment(self, key: str) -> datetime | None:
        self._note(key, Kind.MOMENT)
        return None

    def texts(self, key: str, check: Check, if_none_good: str = "") -> tuple[str, ...]:
        self._note(key, Kind.TEXTS, default=())
        return ()

    def section(self, key: str) -> SectionReader:
        return _Recorder(key, self._found)

    def sections(self, key: str) -> list[SectionReader]:
        self._note(key, Kind.SECTIONS, default=())
        return [_Recorder(f"{self._full(key)}[]", self._found)]

    def rest(self) -> dict[str, str]:
        name = self._place.removesuffix("[]")
        self._found[name] = replace(self._found[name], is_open=True)
        return {}

    def complain(self, key: str, text: str, *, is_warning: bool = False) -> None:
        return
