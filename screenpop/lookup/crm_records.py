"""What CRM sources share: a caller's number in several spellings, records read safely.

CRMs keep numbers as people typed them and search them as text. So each is asked for
more than one spelling, and what comes back is looked through here once more: a record
that merely holds some of the digits is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import ContactNumber
from screenpop.domain.errors import PayloadError, PermissionDenied, ProviderThrottled
from screenpop.domain.frozen import frozen
from screenpop.domain.http_replies import said
from screenpop.domain.json_fields import FieldReader, storable
from screenpop.domain.numbers import country_of, format_number, national_significant
from screenpop.lookup.ranking import verify
from screenpop.wording import sentences, tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.contacts import Contact
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.domain.numbers import PhoneNumber

MOST_RECORDS: Final = 50
LONGEST_TEXT: Final = 500
# More than a service is asked for, so that one that ignores the limit is no burden.
_MOST_READ: Final = 200
# Not a region: a number written for it is written internationally.
_ABROAD: Final = "ZZ"


@frozen
class Spellings:
    """One number as CRMs may hold it.

    Attributes:
        e164: "+442079460123".
        digits: "442079460123".
        national: "2079460123", without the country's code and without a trunk zero.
        dialled: "02079460123", as dialled within the country.
        spaced: "020 7946 0123", as written within the country.
        spaced_abroad: "+44 20 7946 0123".
    """

    e164: str
    digits: str
    national: str
    dialled: str
    spaced: str
    spaced_abroad: str

    def bare(self) -> tuple[str, ...]:
        """Those without blanks, each once."""
        plain = (self.e164, self.digits, self.dialled, self.national)
        return tuple(dict.fromkeys(each for each in plain if each))


def spellings_of(number: PhoneNumber) -> Spellings:
    """The spellings of a number that has a canonical form."""
    e164 = number.e164
    national = national_significant(e164)
    spaced = format_number(e164, country_of(e164) or _ABROAD)
    is_national = not spaced.startswith("+")
    dialled = "".join(char for char in spaced if char.isdigit()) if is_national else ""
    return Spellings(
        e164=e164,
        digits=e164.removeprefix("+"),
        national=national,
        dialled=dialled or national,
        spaced=spaced,
        spaced_abroad=format_number(e164, _ABROAD),
    )


def holders(
    contacts: Iterable[Contact], number: PhoneNumber, region: str
) -> tuple[Contact, ...]:
    """Those of them that have the number, however they write it."""
    having = (
        each
        for each in contacts
        if verify(each, number, region, source_label="") is not None
    )
    return tuple(having)[:MOST_RECORDS]


def records_in(value: JsonValue, service: str) -> tuple[FieldReader, ...]:
    """The objects of a list; a list too long is cut.

    Raises:
        PayloadError: It is no list.
    """
    if not isinstance(value, list):
        raise PayloadError(
            tr("{service} gave no list of records", service=service),
            tr("The service may have changed."),
        )
    found = (FieldReader(item) for item in value if isinstance(item, dict))
    return tuple(each for each, _ in zip(found, range(_MOST_READ), strict=False))


def text_of(record: FieldReader, *names: str) -> str:
    """The first of these fields that says anything, no longer than is sensible."""
    return record.text(*names)[:LONGEST_TEXT]


def numbers_of(written: Iterable[tuple[str, str]]) -> tuple[ContactNumber, ...]:
    """Numbers as the source wrote them.

    Args:
        written: Each number with its label; empty ones are left out.
    """
    found: dict[str, ContactNumber] = {}
    for text, label in written:
        raw = storable(text).strip()[:LONGEST_TEXT]
        if raw and len(found) < MOST_RECORDS:
            found.setdefault(raw, ContactNumber(raw, label=label))
    return tuple(found.values())


def full_name(record: FieldReader, *names: str) -> str:
    """The parts of a name that are there, with a blank between."""
    parts = (record.text(name) for name in names)
    return " ".join(part for part in parts if part)[:LONGEST_TEXT]


def page(url: str) -> str:
    """The address of a record's page, if it is an encrypted one; else ""."""
    return url if url.startswith("https://") else ""


def object_in(reply: HttpReply) -> FieldReader:
    """The object that an answer holds; an empty one if it holds no such thing."""
    try:
        value = reply.json()
    except PayloadError:
        value = None
    return FieldReader(value if isinstance(value, dict) else {})


def not_allowed(reply: HttpReply, lacking: str = "") -> PermissionDenied:
    """The error for a key that may not do what was asked.

    Args:
        reply: The service's answer.
        lacking: What the key lacks, where the service says; else its own words.
    """
    asked = tr(
        "Ask whoever runs your {service} for the permission.", service=reply.service
    )
    words = tr("It lacks: {lacking}.", lacking=lacking) if lacking else said(reply)
    return PermissionDenied(
        tr("{service} does not allow this with the key", service=reply.service),
        sentences(asked, words),
    )


def fewer_requests(reply: HttpReply, seconds: float | None) -> ProviderThrottled:
    """The error for too many requests; ``Retry-After`` goes before ``seconds``."""
    asked = reply.retry_after_seconds
    return ProviderThrottled(
        tr("{service} asks for fewer requests", service=reply.service),
        retry_after_seconds=seconds if asked is None else asked,
    )


def header_number(reply: HttpReply, name: str) -> float | None:
    """A header's number of at most nine digits; None when there is none."""
    text = reply.headers.get(name, "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
