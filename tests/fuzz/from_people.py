"""What people and their programs write: numbers, links, contact files, settings."""

from __future__ import annotations

import tempfile
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.config.settings_file import SettingsFile
from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import ConfigurationError, ImportFailed
from screenpop.domain.number_reading import is_in_use
from screenpop.domain.numbers import (
    NumberKind,
    country_of,
    format_number,
    is_emergency,
    is_premium,
    probable_key,
    read_number,
)
from screenpop.domain.plain_text import for_markup, plain
from screenpop.lookup.contact_files import inspect_file, open_contacts
from screenpop.lookup.csv_contacts import CsvContents
from screenpop.lookup.vcards import read_cards
from tests.fuzz.target import Target, assert_storable, with_region

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES: Final = Path(__file__).parents[1] / "lookup" / "fixtures" / "contact_files"
_LARGEST_SEED: Final = 4096
_MOST_CONTACTS: Final = 200
_NUMBER_WORDS: Final = (
    "tel:", "sip:", "sips:", "callto:", ";ext=", ";phone-context=", ";isub=", " ext. ",
    "x", "+44", "00", "011", "(0)", "*21*", "#", "*", ",", "p", "w", "%2B", "%00",
    "%ED%A0%80", "@example.com", "anonymous", "\u202e", "\u2011", "\u0661", "\uff0b",
    "112", "999", "+442079460123", "/", "?", "//",
)  # fmt: skip


@cache
def _folder() -> Path:
    """A folder that goes when the process ends."""
    kept = tempfile.TemporaryDirectory(prefix="screenpop-fuzz-")
    _KEPT.append(kept)
    return Path(kept.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def take_number(data: bytes) -> None:
    """Read, format and judge a number, as every caller's is."""
    region, rest = with_region(data)
    text = rest.decode("utf-8", "surrogateescape")
    number = read_number(text, region)
    shown = format_number(number, region)
    probable_key(number.e164)
    country_of(number.e164)
    is_premium(number)
    is_emergency(number, region)
    assert (number.kind is NumberKind.E164) == bool(number.e164)
    if number.e164:
        assert number.e164[1:].isascii()
        assert number.e164[1:].isdigit()
        # Digits that are nobody's number may be taken for another kind of text, and
        # a link may have a longer extension than anybody writes out.
        if is_in_use(number) and not number.extension:
            assert read_number(shown, region).key == number.key
    line = plain(text)
    assert line.isprintable() or not line.isascii()
    assert plain(line) == line
    assert "<" not in for_markup(text)


def take_link(data: bytes) -> None:
    """Read what somebody clicked or pasted; a link gives one plain number or none."""
    region, rest = with_region(data)
    text = rest.decode("utf-8", "surrogateescape")
    for given in (text, f"tel:{text}", f"sip:{text}"):
        target = read_dial_text(given, region)
        for number in target.candidates:
            format_number(number, region)
        assert target.number is None or target.number in target.candidates
        if target.origin is DialOrigin.LINK and target.number:
            assert len(target.candidates) == 1
            dialled = target.number.e164 or target.number.extension
            assert "*" not in dialled
            assert "#" not in dialled
        assert_storable(target.problem)


def take_cards(data: bytes) -> None:
    """Read vCards, whole and in small pieces: the same must come of both."""
    region, rest = with_region(data)
    whole = list(read_cards([rest], region, source="fuzz"))
    assert_storable(whole)
    pieces = [rest[at : at + 7] for at in range(0, len(rest), 7)]
    assert list(read_cards(pieces, region, source="fuzz")) == whole


def take_contacts(data: bytes) -> None:
    """Look into a file of contacts as the import does, then read it."""
    region, rest = with_region(data)
    path = _folder() / "contacts.csv"
    path.write_bytes(rest)
    try:
        contents = inspect_file(path, region)
        guess = contents.guess if isinstance(contents, CsvContents) else None
        contacts = open_contacts(path, guess, region)
        found = list(islice(contacts, _MOST_CONTACTS))
    except ImportFailed as error:
        assert_storable(error.title)
        return
    assert_storable(found)
    assert_storable(contacts.bad_rows)


def take_settings(data: bytes) -> None:
    """Load a settings file, change a value in it, and load it again."""
    path = _folder() / "config.toml"
    path.write_bytes(data)
    file = SettingsFile(path)
    loaded = file.load()
    for problem in loaded.problems:
        str(problem)
    if loaded.kept_aside is None:
        try:
            file.set_value("listener.port", 8787)
        except ConfigurationError:
            return
        assert file.load().settings.listener.port == 8787
    for aside in path.parent.glob("config.toml.broken-*"):
        aside.unlink()


def _files(*endings: str) -> Iterator[bytes]:
    for file in sorted(_FILES.iterdir()):
        data = file.read_bytes()
        if file.suffix in endings:
            yield b"G" + data[:_LARGEST_SEED]


def _links() -> Iterator[bytes]:
    for file in (Path(__file__).parents[1] / "domain" / "corpus").glob("*.csv"):
        for line in file.read_bytes().splitlines()[1::5]:
            yield b"G" + line.partition(b",")[0]


_CARD_WORDS: Final = (
    "BEGIN:VCARD\r\n", "END:VCARD\r\n", "VERSION:4.0\r\n", "VERSION:2.1\r\n", "\r\n ",
    "TEL;TYPE=", "TEL:", "N:", "FN:", "ORG:", "UID:urn:uuid:", "REV:", "EMAIL:",
    "KIND:group", "ENCODING=QUOTED-PRINTABLE", "CHARSET=UTF-16", "CHARSET=utf-7",
    "CHARSET=punycode", "CHARSET=hex", "=\r\n", "=00", "=ED=A0=80", "\\n", "\\,",
    "item1.X-ABLabel:", "ENCODING=b", "20260302T090000Z", "VALUE=uri:tel:",
)  # fmt: skip
_ROW_WORDS: Final = (
    "Name,Phone\r\n", '"', '""', ";", "\t", "|", "\r\n", "sep=;", "\ufeff", "Telefon",
    "Mobile", "E-mail", "Company", "First name", "+442079460123", "4.42079E+11",
    "=HYPERLINK(", "\x00", "\xff\xfe",
)  # fmt: skip
_SETTING_WORDS: Final = (
    "[listener]\n", "[[accounts]]\n", "[card]\n", "[dialing]\n", "[ui]\n", "[lookup]\n",
    "[[sources]]\n", "[[lines]]\n", "[[card.rules]]\n", "[policy]\n", "[retention]\n",
    "[hotkeys]\n", "[team]\n", "[logging]\n", "port = ", "host = ", "id = ",
    'vendor = "voxloud"\n', 'base_url = "', 'region = "IT"\n', '"""', "'''", "= [",
    "{}", "= inf\n", "= nan\n", "= 1979-05-27T07:32:00Z\n", "= 0x7fffffffffffffff\n",
    "= -1\n", "= true\n", '= ""\n', "accounts = 1\n", "listener = []\n", "\\ud800",
)  # fmt: skip

TARGETS: Final = (
    Target("numbers", take_number, _NUMBER_WORDS, _links),
    Target("links", take_link, _NUMBER_WORDS, _links),
    Target("vcard", take_cards, _CARD_WORDS, lambda: _files(".vcf")),
    Target("csv", take_contacts, _ROW_WORDS, lambda: _files(".csv", ".vcf")),
    Target("config", take_settings, _SETTING_WORDS),
)
