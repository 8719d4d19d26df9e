"""Contacts out of vCards of any version, as phones and servers write them.

Nothing that stands in a card makes reading fail: a card that is broken costs no other,
and says why it gave no contact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.domain.plain_text import plain
from screenpop.lookup.codepages import codepage_of
from screenpop.lookup.file_numbers import NumberReader, each_once
from screenpop.lookup.vcard_labels import number_label
from screenpop.lookup.vcard_lines import CardLines, cards_in
from screenpop.lookup.vcard_properties import Property, read_property
from screenpop.wording import marked

_LONGEST_NAME: Final = 300
_LONGEST_URL: Final = 2000
_LONGEST_NUMBER: Final = 200
_MOST_NUMBERS: Final = 50
_MOST_EMAILS: Final = 20
_NUMBER_SCHEME: Final = re.compile(r"\s*(?:tel|sips?|callto):", re.IGNORECASE)
_BASIC_TIME: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d):?(\d\d)?(?:[.,]\d+)?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)
_UUID_SCHEME: Final = "urn:uuid:"
NO_NUMBER: Final = marked("it has no phone number that can be read")
IS_GROUP: Final = marked("it is a list of others")


@frozen
class ReadCard:
    """What one card gave.

    Attributes:
        line: Where it begins, from one.
        contact: None when it gave none; ``problem`` says why, quoting nothing.
        uid: What the card calls itself; "" for nothing.
    """

    line: int
    contact: Contact | None
    uid: str = ""
    problem: str = ""


def read_cards(
    chunks: Iterable[bytes], region: str, *, source: str
) -> Iterator[ReadCard]:
    """Every card of a file or an answer, as it comes in pieces of any size.

    Args:
        chunks: The bytes, in an encoding that has ASCII in it.
        region: In which to read numbers without a country code.
        source: What the contacts say they come from.
    """
    reader = CardReader(region, source)
    for lines in cards_in(chunks):
        yield reader.read(lines)


class CardReader:
    """Makes contacts of cards, for one region and one source."""

    def __init__(self, region: str, source: str) -> None:
        self._numbers = NumberReader(region)
        self._codepage = codepage_of(region)
        self._source = source

    @property
    def unreadable_numbers(self) -> int:
        """How many numbers were left out so far."""
        return self._numbers.unreadable

    def read(self, lines: CardLines) -> ReadCard:
        """The contact of one card, or why it gave none."""
        if lines.problem:
            return ReadCard(lines.line, None, problem=lines.problem)
        card = _Card(
            [
                read_property(group, name, line, lines.version, self._codepage)
                for _, group, name, line in lines.lines
            ]
        )
        uid = plain(card.text("UID"), _LONGEST_NAME)
        if uid.casefold().startswith(_UUID_SCHEME):
            uid = uid[len(_UUID_SCHEME) :]
        if card.kind == "group":
            return ReadCard(lines.line, None, uid, IS_GROUP)
        numbers = self._numbers_of(card)
        if not numbers:
            return ReadCard(lines.line, None, uid, NO_NUMBER)
        return ReadCard(lines.line, self._contact(card, uid, numbers), uid)

    def _contact(
        self, card: _Card, uid: str, numbers: tuple[ContactNumber, ...]
    ) -> Contact:
        company = plain(card.part("ORG", 0) or card.part("ORG", 1), _LONGEST_NAME)
        name = plain(card.name(), _LONGEST_NAME)
        if card.is_company:
            name, company = "", company or name
        url = card.text("URL").strip()
        return Contact(
            source=self._source,
            source_id=uid,
            name=name,
            company=company,
            job_title=plain(card.text("TITLE") or card.text("ROLE"), _LONGEST_NAME),
            numbers=numbers,
            emails=tuple(card.emails())[:_MOST_EMAILS],
            url=url if url.isprintable() and len(url) <= _LONGEST_URL else "",
            updated_at=_moment(card.text("REV")),
        )

    def _numbers_of(self, card: _Card) -> tuple[ContactNumber, ...]:
        found: list[ContactNumber] = []
        for each in (*card.all("TEL"), *card.all("X-SIP")):
            if len(found) >= _MOST_NUMBERS:
                break
            label = number_label(each.types, card.label_of(each))
            value = each.text.strip()
            is_uri = _NUMBER_SCHEME.match(value)
            if is_uri:
                number = self._numbers.one(_uri_number(value), label)
                found += [number] if number else []
            elif value:
                text = storable(value)[:_LONGEST_NUMBER]
                found += self._numbers.all_in(text, label)
        return each_once(found[:_MOST_NUMBERS])


class _Card:
    """The properties of one card by their names."""

    def __init__(self, properties: list[Property]) -> None:
        self._by_name: dict[str, list[Property]] = {}
        for each in properties:
            self._by_name.setdefault(each.name, []).append(each)

    def all(self, name: str) -> list[Property]:
        return self._by_name.get(name, [])

    def text(self, name: str) -> str:
        """The first of that name that says anything."""
        return next((p.text for p in self.all(name) if p.text.strip()), "")

    def part(self, name: str, place: int) -> str:
        """A part of the first of that name that says anything."""
        for each in self.all(name):
            if each.text.strip(" ;"):
                return each.parts[place].strip() if place < len(each.parts) else ""
        return ""

    @property
    def kind(self) -> str:
        told = self.text("KIND") or self.text("X-ADDRESSBOOKSERVER-KIND")
        return told.strip().casefold()

    @property
    def is_company(self) -> bool:
        """Whether its name is a company's: Apple's mark, or version 4.0's kind."""
        return self.kind == "org" or "company" in self.text("X-ABSHOWAS").casefold()

    def name(self) -> str:
        """The name to show; "" when only a company is known."""
        given, middle, family = (self.part("N", place) for place in (1, 2, 0))
        parts = " ".join(filter(None, (given, middle, family)))
        formatted = self.text("FN").strip()
        if formatted and not parts and formatted == self.part("ORG", 0):
            return ""
        return formatted or parts or self.text("NICKNAME").strip()

    def emails(self) -> Iterator[str]:
        for each in self.all("EMAIL"):
            address = each.text.strip().removeprefix("mailto:")
            if "@" in address:
                yield plain(address, _LONGEST_NAME)

    def label_of(self, number: Property) -> str:
        """What the user called it: the X-ABLabel of the same group; "" for nothing."""
        if not number.group:
            return ""
        labels = (p.text for p in self.all("X-ABLABEL") if p.group == number.group)
        return next(labels, "")


def _uri_number(value: str) -> str:
    """The number of a ``tel:`` address (RFC 3966), SIP addresses as they are."""
    value = storable(value)[:_LONGEST_NUMBER]
    if value[:4].casefold() != "tel:":
        return value
    return storable(unquote(value[4:]))


def _moment(text: str) -> datetime | None:
    """When a card was changed, in any of the forms that REV has; None for rubbish."""
    found = _BASIC_TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    zone = (zone or "Z").upper().replace("Z", "+00:00")
    written = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}"
    try:
        return datetime.fromisoformat(written + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
