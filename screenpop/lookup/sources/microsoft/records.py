"""What a contact or user of Microsoft Graph is to us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.numbers import read_number

if TYPE_CHECKING:
    from screenpop.domain.json_fields import FieldReader

LONGEST_TEXT: Final = 500
_MOST_NUMBERS: Final = 20


def contact_of(
    record: FieldReader, *, source: str, source_id: str, region: str
) -> Contact:
    """A "contact" or "user" resource; without numbers when it has none."""
    given = " ".join((record.text("givenName"), record.text("surname"))).strip()
    addresses = [each.text("address") for each in record.children("emailAddresses")]
    emails = [each for each in (*addresses, record.text("mail")) if each]
    return Contact(
        source=source,
        source_id=source_id,
        name=(record.text("displayName") or given)[:LONGEST_TEXT],
        company=record.text("companyName")[:LONGEST_TEXT],
        job_title=record.text("jobTitle")[:LONGEST_TEXT],
        numbers=_numbers(record, region),
        emails=tuple(each[:LONGEST_TEXT] for each in emails[:_MOST_NUMBERS]),
        updated_at=record.moment("lastModifiedDateTime"),
    )


def _numbers(record: FieldReader, region: str) -> tuple[ContactNumber, ...]:
    labelled = [
        *((raw, "mobile") for raw in record.texts("mobilePhone")),
        *((raw, "work") for raw in record.texts("businessPhones")),
        *((raw, "home") for raw in record.texts("homePhones")),
    ]
    return tuple(
        ContactNumber(raw, read_number(raw, region).e164, label)
        for raw, label in (
            (raw[:LONGEST_TEXT], label) for raw, label in labelled[:_MOST_NUMBERS]
        )
    )
