"""Salesforce: contacts, leads and accounts of the organisation that was signed in to.

Written from Salesforce's public reference (https://developer.salesforce.com/docs):
"REST API Developer Guide" (Search, Query, sObject Describe, Status Codes and Error
Responses), "SOQL and SOSL Reference", "OAuth 2.0 Web Server Flow".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact
from screenpop.domain.errors import NotFound, NotOffered, PayloadError
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import read_number
from screenpop.lookup.crm_records import (
    MOST_RECORDS,
    holders,
    numbers_of,
    object_in,
    page,
    records_in,
    spellings_of,
    text_of,
)
from screenpop.lookup.manifest import SignIn, SourceContext, SourceField, SourceManifest
from screenpop.lookup.signed_in_http import SignedInHttp
from screenpop.lookup.sources.salesforce.queries import (
    NUMBERS,
    fields_of,
    fresh_query,
    phone_search,
    text_search,
)
from screenpop.lookup.sources.salesforce.refusals import UnknownField, refusal
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue
    from screenpop.domain.numbers import PhoneNumber

_SERVICE: Final = "Salesforce"
_DATA: Final = "/services/data/v62.0"
_LONGEST_WORDS: Final = 100
_LABELS: Final = {
    "Phone": "work",
    "MobilePhone": "mobile",
    "HomePhone": "home",
    "OtherPhone": "other",
    "AssistantPhone": "assistant",
}
_PEOPLE: Final = ("Contact", "Lead")
_NOBODYS: Final = "+12025550199"

SIGN_IN: Final = SignIn(
    authorize_url="{base_url}/services/oauth2/authorize",
    token_url="{base_url}/services/oauth2/token",  # noqa: S106 - an address
    scopes=("api", "refresh_token"),
    # Salesforce wants the registered address met to the letter, its port included.
    redirect_host="localhost",
    redirect_path="/callback",
    redirect_port=8791,
)


class SalesforceSource:
    """Asks one Salesforce organisation."""

    def __init__(self, context: SourceContext) -> None:
        """Nothing is opened yet."""
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._region = context.region
        self._http = SignedInHttp(
            context, SIGN_IN, service=_SERVICE, home_field="instance_url"
        )
        self._fields = {kind: fields_of(kind) for kind in NUMBERS}

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Contacts, leads and accounts with the number, in this order.

        Where the search index knows nobody, contacts and leads that were changed
        since yesterday are looked through as well.
        """
        if not number.e164:
            return ()
        try:
            return await self._by_number(number)
        except UnknownField:
            await self._describe()
            return await self._by_number(number)

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Records that hold words beginning as those of the text do."""
        limit = min(limit, MOST_RECORDS)
        text = text[:_LONGEST_WORDS]
        if limit < 1 or not text_search(text, self._fields, limit):
            return ()
        try:
            found = await self._search(text_search(text, self._fields, limit))
        except UnknownField:
            await self._describe()
            found = await self._search(text_search(text, self._fields, limit))
        return found[:limit]

    async def check(self) -> str:
        """Name the organisation, and see that it can be searched."""
        self._fields = {kind: fields_of(kind) for kind in NUMBERS}
        found = await self._get(
            "query", "SELECT Name, IsSandbox FROM Organization LIMIT 1"
        )
        records = records_in(found.get("records"), _SERVICE)
        organisation = records[0] if records else FieldReader({})
        await self.by_number(read_number(_NOBODYS, "US"))
        name = text_of(organisation, "Name")
        if organisation.flag("IsSandbox"):
            name = tr("{name} (a sandbox)", name=name)
        lacking = ", ".join(
            each.lower() for each in NUMBERS if each not in self._fields
        )
        if not lacking:
            return tr("Salesforce of {name}", name=name)
        return tr(
            "Salesforce of {name}; it does not show: {lacking}",
            name=name,
            lacking=lacking,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- asking ----------------------------------------------------------------------

    async def _by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        spellings = spellings_of(number)
        everybody = await self._search(
            phone_search(spellings, self._fields, MOST_RECORDS)
        )
        found = holders(everybody, number, self._region)
        if found:
            return found
        questions = [
            fresh_query(kind, spellings.national, self._fields[kind], MOST_RECORDS)
            for kind in _PEOPLE
            if kind in self._fields
        ]
        answers = await asyncio.gather(
            *(self._get("query", each) for each in questions)
        )
        home = await self._http.home()
        fresh = [
            self._contact(record, home)
            for answer in answers
            for record in records_in(answer.get("records"), _SERVICE)
        ]
        return holders(fresh, number, self._region)

    async def _search(self, question: str) -> tuple[Contact, ...]:
        """The records that SOSL finds, contacts first."""
        found = await self._get("search", question)
        home = await self._http.home()
        order = list(NUMBERS)
        records = [
            each
            for each in records_in(found.get("searchRecords"), _SERVICE)
            if _kind_of(each) in order
        ]
        records.sort(key=lambda record: order.index(_kind_of(record)))
        return tuple(self._contact(each, home) for each in records)

    async def _get(self, what: str, question: str) -> dict[str, JsonValue]:
        reply = await self._http.get(f"{_DATA}/{what}", {"q": question}, refusal)
        value = reply.json()
        if not isinstance(value, dict):
            raise PayloadError(
                tr("{service} gave an answer that cannot be read", service=_SERVICE)
            )
        return value

    async def _describe(self) -> None:
        """Leave out what this organisation, or this user, does not have."""
        known: dict[str, tuple[str, ...]] = {}
        for kind in NUMBERS:
            try:
                reply = await self._http.get(
                    f"{_DATA}/sobjects/{kind}/describe", read_refusal=refusal
                )
            except NotFound:
                continue
            fields = object_in(reply).children("fields")
            names = {text_of(each, "name") for each in fields}
            names |= {"Account.Name"} if "AccountId" in names else set()
            wanted = tuple(each for each in fields_of(kind) if each in names)
            if set(wanted) & set(NUMBERS[kind]):
                known[kind] = wanted
        if not known:
            raise NotOffered(
                tr(
                    "Salesforce shows this user no numbers of contacts, leads or "
                    "accounts"
                ),
                tr("Ask whoever runs your Salesforce for the permission to read them."),
            )
        self._fields = known

    # --- reading ---------------------------------------------------------------------

    def _contact(self, record: FieldReader, home: str) -> Contact:
        kind, record_id = _kind_of(record), text_of(record, "Id")
        account = record.child("Account")
        name, email = text_of(record, "Name"), text_of(record, "Email")
        company = text_of(record, "Company")
        if account is not None:
            company = text_of(account, "Name")
        elif kind == "Account":
            name, company = "", name
        return Contact(
            source=self.key,
            source_id=record_id,
            name=name,
            company=company,
            job_title=text_of(record, "Title"),
            numbers=numbers_of(
                (record.text(field), _LABELS[field]) for field in NUMBERS.get(kind, ())
            ),
            emails=(email,) if email else (),
            url=page_of(home, kind, record_id),
            updated_at=record.moment("LastModifiedDate"),
        )


def page_of(home: str, kind: str, record_id: str) -> str:
    """The address of a record's page in Lightning; "" for a record without id."""
    is_usable = record_id.isascii() and record_id.isalnum()
    return page(f"{home}/lightning/r/{kind}/{record_id}/view") if is_usable else ""


def _kind_of(record: FieldReader) -> str:
    attributes = record.child("attributes")
    return text_of(attributes, "type") if attributes else ""


MANIFEST: Final = SourceManifest(
    key="salesforce",
    name=_SERVICE,
    default_base_url="https://login.salesforce.com",
    docs_path="sources/salesforce.md",
    create=SalesforceSource,
    sign_in=SIGN_IN,
    fields=(
        SourceField(
            key="client_id",
            label=marked("Consumer key"),
            is_required=True,
            help=marked("Of the app that your administrator registered for screenpop"),
        ),
        SourceField(
            key="base_url",
            label=marked("Sign-in address"),
            kind="url",
            help=marked(
                "https://test.salesforce.com for a sandbox, or your own domain there"
            ),
        ),
        SourceField(
            key="redirect_port",
            label=marked("Port of the callback address"),
            kind="number",
            default="8791",
            help=marked("As registered: http://localhost:8791/callback"),
        ),
    ),
)
