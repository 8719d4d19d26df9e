"""The company's contact list: create, change, search and delete."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.simulator.fields import Fields, whole_number
from screenpop.simulator.http_server import Answer, JsonObject, json_answer
from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.voxloud.pbx import new_uuid

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.people import Person
    from screenpop.simulator.routing import Question
    from screenpop.simulator.voxloud.options import VoxloudOptions

_PATH = "/api/v1/contacts"


@frozen(kw_only=True)
class CloudContact:
    """One contact, its fields named as in the API."""

    contact_id: str
    created_at: datetime
    updated_at: datetime
    first_name: str
    primary_phone: str
    last_name: str = ""
    phones: tuple[str, ...] = ()
    primary_email: str = ""
    emails: tuple[str, ...] = field(default=())
    company_name: str = ""
    job_title: str = ""
    website: str = ""
    crm_name: str = "Voxloud"
    crm_contact_url: str = ""

    def all_phones(self) -> tuple[str, ...]:
        """The primary one and the others."""
        return (self.primary_phone, *self.phones)

    def spelled(self) -> JsonObject:
        """As the API writes it."""
        return {
            "id": self.contact_id,
            "first_name": self.first_name,
            "last_name": self.last_name or None,
            "primary_phone": self.primary_phone,
            "phones": list(self.phones),
            "primary_email": self.primary_email or None,
            "emails": list(self.emails),
            "company_name": self.company_name or None,
            "job_title": self.job_title or None,
            "website": self.website or None,
            "crm_name": self.crm_name,
            "crm_contact_url": self.crm_contact_url or None,
            "created_at": self.created_at.isoformat(timespec="seconds"),
            "updated_at": self.updated_at.isoformat(timespec="seconds"),
        }


class ContactBook:
    """All contacts and their API."""

    def __init__(
        self, options: VoxloudOptions, clock: Clock, chance: random.Random
    ) -> None:
        self._options = options
        self._clock = clock
        self._random = chance
        self._by_id: dict[str, CloudContact] = {}

    def routes(self) -> tuple[Route, ...]:
        """The contacts API."""
        one = f"{_PATH}/{{id}}"
        search = frozenset(
            {"first_name", "last_name", "phone", "email", "offset", "limit"}
        )
        return (
            Route(method="POST", path=_PATH, respond=self._create, takes_body=True),
            Route(method="GET", path=_PATH, respond=self._search, query=search),
            Route(method="GET", path=one, respond=self._get),
            Route(method="PUT", path=one, respond=self._update, takes_body=True),
            Route(method="DELETE", path=one, respond=self._delete),
        )

    def add(self, person: Person) -> None:
        """Put `person` into the list."""
        now = self._clock.now()
        contact = CloudContact(
            contact_id=new_uuid(self._random),
            created_at=now,
            updated_at=now,
            first_name=person.first_name,
            last_name=person.last_name,
            primary_phone=person.number,
            primary_email=person.email,
            company_name=person.company,
            job_title=person.job_title,
        )
        self._by_id[contact.contact_id] = contact

    def crm_details(self, number: str) -> JsonObject:
        """A call record's fields about the contact with `number`; empty for none."""
        for contact in self._by_id.values():
            if number in contact.all_phones() and contact.crm_contact_url:
                return {
                    "contactCrm": contact.crm_name,
                    "contactCrmUrl": contact.crm_contact_url,
                }
        return {}

    def _create(self, question: Question) -> Answer:
        now = self._clock.now()
        contact = _read(
            question.content, new_uuid(self._random), created_at=now, updated_at=now
        )
        self._by_id[contact.contact_id] = contact
        return json_answer(contact.spelled(), self._options.created_status)

    def _update(self, question: Question) -> Answer:
        known = self._find(question)
        contact = _read(
            question.content,
            known.contact_id,
            created_at=known.created_at,
            updated_at=self._clock.now(),
        )
        self._by_id[contact.contact_id] = contact
        return json_answer(contact.spelled())

    def _get(self, question: Question) -> Answer:
        return json_answer(self._find(question).spelled())

    def _delete(self, question: Question) -> Answer:
        del self._by_id[self._find(question).contact_id]
        return Answer(status=self._options.deleted_status)

    def _search(self, question: Question) -> Answer:
        # A form sends every parameter that it has, also those left empty.
        query = {name: value for name, value in question.query.items() if value}
        phone = query.get("phone", "")
        # An unencoded "+" arrives as a space, and is refused like any other rubbish.
        if phone and not re.fullmatch(r"\+?[0-9]+", phone):
            raise Refusal(400, "phone must be in E.164 format")
        offset = whole_number(query, "offset", default=0, least=0)
        limit = whole_number(query, "limit", default=20, least=1, most=100)
        found = [one for one in self._by_id.values() if _matches(one, query)]
        shown = found[offset : offset + limit]
        return json_answer(
            {
                "data": [contact.spelled() for contact in shown],
                "has_next": offset + limit < len(found),
            }
        )

    def _find(self, question: Question) -> CloudContact:
        found = self._by_id.get(question.names["id"])
        if found is None:
            raise Refusal(404, "No such contact")
        return found


def _read(
    content: JsonObject, contact_id: str, *, created_at: datetime, updated_at: datetime
) -> CloudContact:
    fields = Fields(content)
    contact = CloudContact(
        contact_id=contact_id,
        created_at=created_at,
        updated_at=updated_at,
        first_name=fields.text("first_name", required=True),
        last_name=fields.text("last_name"),
        primary_phone=fields.number("primary_phone"),
        phones=fields.numbers("phones"),
        primary_email=fields.text("primary_email"),
        emails=fields.texts("emails"),
        company_name=fields.text("company_name"),
        job_title=fields.text("job_title"),
        website=fields.text("website"),
        crm_name=fields.text("crm_name", default="Voxloud"),
        crm_contact_url=fields.text("crm_contact_url"),
    )
    fields.finish()
    return contact


def _matches(contact: CloudContact, query: Mapping[str, str]) -> bool:
    """Whether each filter is part of its field, whatever the case."""
    values = {
        "first_name": (contact.first_name,),
        "last_name": (contact.last_name,),
        "phone": contact.all_phones(),
        "email": (contact.primary_email, *contact.emails),
    }
    return all(
        any(wanted.casefold() in value.casefold() for value in values[name])
        for name, wanted in query.items()
        if name in values
    )
