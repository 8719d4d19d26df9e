"""One section of a settings file, read key by key; what is wrong is noted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from screenpop.config.settings import REGIONS
from screenpop.domain.frozen import frozen
from screenpop.wording import Marked, marked, reworded, tr, tr_marked

Number = TypeVar("Number", int, float)
Choice = TypeVar("Choice", bound=str)
Check = Callable[[str], str]
"""Says what is wrong with a text, in words; "" when nothing is."""

LOOKS_SECRET: Final = re.compile(r"(api_?key|secret|token|password|passwd)$")
_LONGEST_TEXT: Final = 2000
_HIGHEST_EXTENSION: Final = 10**12
_KINDS: Final[tuple[tuple[type, Marked], ...]] = (
    (bool, marked("true or false")),
    (int, marked("a number")),
    (float, marked("a number")),
    (str, marked("text")),
    (list, marked("a list")),
    (dict, marked("a section")),
)


@frozen
class SettingsProblem:
    """Something wrong in a settings file, for the user to mend.

    Attributes:
        place: Where: "listener.port", "accounts[2].vendor" (counted from one), a
            file's name when it is about the whole file.
        text: What is wrong and what is used instead.
        is_warning: Nothing was lost: the program works as the file says otherwise.
        source: The administrators' file or key that it is in; "" for the user's own.
    """

    place: str
    text: str
    is_warning: bool = False
    source: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"

    @property
    def shown(self) -> str:
        """The same in the user's language, which the file itself may have set."""
        return f"{self.place}: {reworded(self.text)}"


def check_region(text: str) -> str:
    """What is wrong with a region; "" when nothing is."""
    if text.upper() in REGIONS:
        return ""
    if text.upper() == "UK":
        return tr("the United Kingdom is GB")
    return tr("a region is a country's two letters, such as IT")


def check_url(text: str) -> str:
    """What is wrong with a base address; "" when nothing is."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return tr("this is no web address")
    if parts.scheme not in ("http", "https") or not has_host:
        return tr("a web address starts with https:// or http:// and names a host")
    if parts.username is not None or parts.password is not None:
        return tr("an address must not hold a user name or password")
    if parts.query or parts.fragment or re.search(r"[\s\x00-\x1f\\]", text):
        return tr("an address must not hold ?, #, blanks or backslashes")
    return ""


class SectionReader:
    """Reads the keys of one section, notes what is wrong, remembers what was asked."""

    def __init__(
        self,
        table: Mapping[str, Any],
        place: str,
        problems: list[SettingsProblem],
    ) -> None:
        self._table = table
        self._place = place
        self._problems = problems
        self._asked: set[str] = set()

    def complain(self, key: str, text: str, *, is_warning: bool = False) -> None:
        """Note a problem with one key."""
        place = f"{self._place}.{key}" if self._place else key
        self._problems.append(SettingsProblem(place, text, is_warning))

    def warn_of_unknown(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                text = tr("screenpop does not know this setting; it is ignored")
                self.complain(key, text, is_warning=True)

    def has(self, key: str) -> bool:
        """Whether anything stands there."""
        return key in self._table

    def text(self, key: str, default: str, check: Check | None = None) -> str:
        """A text; the empty one stands for the default."""
        value: str | None = self._of_kind(key, str, tr("text"))
        if not value:
            return default
        wrong = _check_text(value) or (check(value) if check else "")
        if wrong:
            self.complain(key, _instead(wrong, default))
            return default
        return value

    def required_text(self, key: str, check: Check) -> str:
        """A text the account cannot do without; "" when it has no good one."""
        value: str | None = self._of_kind(key, str, tr("text"), complain=False)
        has_any = bool(self._table.get(key))
        absent = tr("this must be text") if has_any else tr("this is missing")
        wrong = check(value) if value else absent
        if wrong:
            self.complain(key, tr("{wrong}; the account is left out", wrong=wrong))
            return ""
        return value or ""

    def digits(self, key: str) -> str:
        """A text that people also write as a number: an extension."""
        value = self._take(key)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and 0 <= value < _HIGHEST_EXTENSION:
            return str(value)
        return self.text(key, "")

    def region(self, key: str) -> str:
        """A region in capitals, or ""."""
        return self.text(key, "", check_region).upper()

    def url(self, key: str) -> str:
        """A web address without a trailing slash, or ""."""
        return self.text(key, "", check_url).rstrip("/")

    def choice(self, key: str, default: Choice, allowed: tuple[Choice, ...]) -> Choice:
        """One of some words."""
        value = self._of_kind(key, str, tr("text"))
        if value is None:
            return default
        for word in allowed:
            if value.lower() == word:
                return word
        words = ", ".join(allowed)
        wrong = tr("this must be one of {words}", words=words)
        self.complain(key, _instead(wrong, default))
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._of_kind(key, bool, tr("true or false"))
        return default if value is None else bool(value)

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number."""
        value = self._of_kind(key, int, tr("a whole number"))
        if value is None:
            return default
        return self._fit(key, int(value), default, least, most)

    def number(self, key: str, default: float, least: float, most: float) -> float:
        """A number, whole or not."""
        value = self._of_kind(key, (int, float), tr("a number"))
        if value is None:
            return default
        try:
            return self._fit(key, float(value), default, least, most)
        except OverflowError:
            return self._fit(key, float("inf"), default, least, most)

    def moment(self, key: str) -> datetime | None:
        """A date with time; one without an offset is local time."""
        value = self._of_kind(key, datetime, tr("a date with time"))
        try:
            return None if value is None else value.astimezone(UTC)
        except (OverflowError, ValueError, OSError):
            self.complain(key, tr("this date is out of range; it is ignored"))
            return None

    def texts(self, key: str, check: Check, if_none_good: str = "") -> tuple[str, ...]:
        """A list of texts; the bad ones are left out.

        Where an empty list means "any", ``if_none_good`` is what a list of nothing but
        bad ones comes to: something that nothing is.
        """
        values = self._of_kind(key, list, tr("a list"))
        good = []
        for value in values or ():
            wrong = check(value) if isinstance(value, str) else tr("this is not text")
            if wrong:
                self.complain(key, tr("{wrong}; this entry is left out", wrong=wrong))
            else:
                good.append(value)
        if values and not good and if_none_good:
            return (if_none_good,)
        return tuple(good)

    def section(self, key: str) -> SectionReader:
        """A section of this one; an empty one when it is absent or no section."""
        table = self._of_kind(key, dict, tr("a section"))
        return SectionReader(table or {}, key, self._problems)

    def sections(self, key: str) -> list[SectionReader]:
        """The sections ``[[key]]``."""
        readers = []
        tables = self._of_kind(key, list, tr("written as [[{key}]]", key=key)) or []
        for position, table in enumerate(tables, start=1):
            place = f"{key}[{position}]"
            if self._place:
                place = f"{self._place}.{place}"
            if isinstance(table, dict):
                readers.append(SectionReader(table, place, self._problems))
            else:
                text = tr("this must be written as [[{key}]]; it is ignored", key=key)
                self._problems.append(SettingsProblem(place, text))
        return readers

    def rest(self) -> dict[str, str]:
        """Every key nobody asked for, as text."""
        rest = {}
        for key, value in self._table.items():
            if key in self._asked:
                continue
            text = _as_text(value)
            if text is None or _check_text(text):
                self.complain(key, tr("this must be a short text; it is ignored"))
                continue
            if LOOKS_SECRET.search(key.lower()):
                advice = tr("this looks like a secret; those belong in the keychain")
                self.complain(key, advice, is_warning=True)
            rest[key] = text
        return rest

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        return self._table.get(key)

    def _of_kind(
        self, key: str, kind: Any, words: str, *, complain: bool = True
    ) -> Any:
        """The value if it is of that kind; None, with a complaint, if it is not."""
        value = self._take(key)
        if value is None:
            return None
        # To Python a bool is a whole number.
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        if complain:
            text = tr(
                "this must be {wanted}, not {kind}; the default is used",
                wanted=words,
                kind=_kind_of(value),
            )
            self.complain(key, text)
        return None

    def _fit(
        self, key: str, value: Number, default: Number, least: float, most: float
    ) -> Number:
        if least <= value <= most:
            return value
        text = tr(
            "this must be from {least} to {most}; {default} is used",
            least=f"{least:g}",
            most=f"{most:g}",
            default=f"{default:g}",
        )
        self.complain(key, text)
        return default


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value) if isinstance(value, str | int | float) else None
    except ValueError:  # Python writes no number of more than 4,300 digits
        return None


def _check_text(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        return tr("this text is too long")
    if not text.isprintable():
        return tr("this text holds control characters")
    return ""


def _instead(wrong: str, default: str) -> str:
    if default:
        return tr("{wrong}; {default} is used", wrong=wrong, default=default)
    return tr("{wrong}; it is ignored", wrong=wrong)


def _kind_of(value: object) -> str:
    fitting = [words for kind, words in _KINDS if isinstance(value, kind)]
    return tr_marked(fitting[0]) if fitting else tr("a date or time")
