"""HubSpot: contacts and companies, asked with a private app's access token.

Written from HubSpot's public reference: "Search the CRM", "Batch read", "Account
information" and "Error handling" (https://developers.hubspot.com/docs).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact
from screenpop.domain.errors import PermissionDenied, ProviderError
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.lookup.crm_records import (
    MOST_RECORDS,
    full_name,
    holders,
    numbers_of,
    page,
    spellings_of,
    text_of,
)
from screenpop.lookup.manifest import SourceContext, SourceField, SourceManifest
from screenpop.lookup.source_http import KeyHeader, SourceHttp
from screenpop.lookup.sources.hubspot.questions import (
    SERVICE,
    company_groups,
    person_groups,
    refusal,
    results,
    search_body,
)
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from screenpop.domain.numbers import PhoneNumber

_log = logging.getLogger(__name__)

_NAMES: Final = ("firstname", "lastname", "email", "company", "jobtitle")
_PERSON: Final = (
    *_NAMES,
    "phone",
    "mobilephone",
    "associatedcompanyid",
    "lastmodifieddate",
)
_COMPANY: Final = ("name", "domain", "phone", "hs_lastmodifieddate")
# HubSpot's numbers for kinds of records, as they stand in addresses of their pages.
_PERSON_KIND: Final = "0-1"
_COMPANY_KIND: Final = "0-2"
_LONGEST_QUERY: Final = 200


class HubSpotSource:
    """Asks one HubSpot account."""

    def __init__(self, context: SourceContext) -> None:
        """Nothing is opened yet.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._region = context.region
        authority = KeyHeader(
            context,
            secret_name="key",  # noqa: S106 - the name of a secret, not one
            prefix="Bearer ",
        )
        self._http = SourceHttp(context, service=SERVICE, authority=authority)
        self._account: FieldReader | None = None
        self._may_read_companies = True

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Contacts with the number; companies where no contact has it."""
        if not number.e164:
            return ()
        spellings = spellings_of(number)
        body = search_body(person_groups(spellings), _PERSON, "lastmodifieddate")
        people = await self._people(body)
        found = holders(people, number, self._region)
        if found:
            return await self._with_companies(found, people)
        body = search_body(company_groups(spellings), _COMPANY, "hs_lastmodifieddate")
        return holders(await self._companies(body), number, self._region)

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Contacts whose name, address or number holds the words."""
        text = text.strip()[:_LONGEST_QUERY]
        if not text or limit < 1:
            return ()
        body: dict[str, JsonValue] = {
            "query": text,
            "limit": min(limit, MOST_RECORDS),
            "properties": list(_PERSON),
        }
        return tuple(await self._people(body))[: min(limit, MOST_RECORDS)]

    async def check(self) -> str:
        """Name the account, and see that its contacts may be searched."""
        account = await self._details()
        one: dict[str, JsonValue] = {"limit": 1, "properties": ["phone"]}
        await self._search("contacts", one)
        self._may_read_companies = True
        await self._companies({**one, "properties": ["name"]})
        name, host = text_of(account, "portalId"), text_of(account, "uiDomain")
        if host:
            name = tr("{name} at {host}", name=name, host=host)
        if self._may_read_companies:
            return tr("HubSpot account {name}", name=name)
        return tr("HubSpot account {name}; it may not read companies", name=name)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- asking ----------------------------------------------------------------------

    async def _search(
        self, kind: str, body: dict[str, JsonValue]
    ) -> tuple[FieldReader, ...]:
        path = f"/crm/v3/objects/{kind}/search"
        reply = await self._http.request("POST", path, json=body, read_refusal=refusal)
        return results(reply)

    async def _people(self, body: dict[str, JsonValue]) -> dict[Contact, str]:
        """Contacts, each with the id of its company; "" where it needs none."""
        found = await self._search("contacts", body)
        page_start = await self._page_start(_PERSON_KIND) if found else ""
        people: dict[Contact, str] = {}
        for record in found:
            fields = record.child("properties")
            if fields is None or record.flag("archived"):
                continue
            contact = self._person(record, fields, page_start)
            missing = "" if contact.company else text_of(fields, "associatedcompanyid")
            people[contact] = missing
        return people

    async def _companies(self, body: dict[str, JsonValue]) -> list[Contact]:
        """Companies; none where the token may not read them."""
        if not self._may_read_companies:
            return []
        try:
            found = await self._search("companies", body)
        except PermissionDenied:
            self._may_read_companies = False
            return []
        page_start = await self._page_start(_COMPANY_KIND) if found else ""
        pairs = [(record, record.child("properties")) for record in found]
        return [
            self._company(record, fields, page_start)
            for record, fields in pairs
            if fields is not None and not record.flag("archived")
        ]

    async def _with_companies(
        self, contacts: tuple[Contact, ...], company_ids: dict[Contact, str]
    ) -> tuple[Contact, ...]:
        """The contacts, with the names of the companies they are linked to."""
        ids = {company_ids[each] for each in contacts} - {""}
        if not ids or not self._may_read_companies:
            return contacts
        body: dict[str, JsonValue] = {
            "inputs": [{"id": each} for each in sorted(ids)],
            "properties": ["name"],
        }
        try:
            reply = await self._http.request(
                "POST",
                "/crm/v3/objects/companies/batch/read",
                json=body,
                read_refusal=refusal,
            )
        except PermissionDenied:
            self._may_read_companies = False
            return contacts
        names: dict[str, str] = {}
        for record in results(reply):
            fields = record.child("properties")
            names[text_of(record, "id")] = text_of(fields, "name") if fields else ""
        return tuple(
            replace(each, company=names.get(company_ids[each], each.company))
            for each in contacts
        )

    async def _page_start(self, kind: str) -> str:
        """The address of a record's page without the record; "" if not known."""
        try:
            account = self._account or await self._details()
        except ProviderError as error:
            # Who calls is worth more than the way to their page.
            _log.debug("no record links of %s: %s", self.key, error.title)
            account = FieldReader({})
            if isinstance(error, PermissionDenied):
                self._account = account
        portal, host = text_of(account, "portalId"), text_of(account, "uiDomain")
        host = host or "app.hubspot.com"
        return page(f"https://{host}/contacts/{portal}/record/{kind}/") * bool(portal)

    async def _details(self) -> FieldReader:
        reply = await self._http.request(
            "GET", "/account-info/v3/details", read_refusal=refusal
        )
        value = reply.json()
        self._account = FieldReader(value if isinstance(value, dict) else {})
        return self._account

    # --- reading ---------------------------------------------------------------------

    def _person(
        self, record: FieldReader, fields: FieldReader, page_start: str
    ) -> Contact:
        record_id = text_of(record, "id")
        email = text_of(fields, "email")
        return Contact(
            source=self.key,
            source_id=record_id,
            name=full_name(fields, "firstname", "lastname") or email,
            company=text_of(fields, "company"),
            job_title=text_of(fields, "jobtitle"),
            numbers=numbers_of(
                (
                    (fields.text("phone"), "work"),
                    (fields.text("mobilephone"), "mobile"),
                )
            ),
            emails=(email,) if email else (),
            url=_page_of(page_start, record_id),
            updated_at=fields.moment("lastmodifieddate"),
        )

    def _company(
        self, record: FieldReader, fields: FieldReader, page_start: str
    ) -> Contact:
        record_id = text_of(record, "id")
        return Contact(
            source=self.key,
            source_id=f"company-{record_id}",
            company=text_of(fields, "name", "domain"),
            numbers=numbers_of(((fields.text("phone"), "work"),)),
            url=_page_of(page_start, record_id),
            updated_at=fields.moment("hs_lastmodifieddate"),
        )


def _page_of(page_start: str, record_id: str) -> str:
    is_usable = record_id.isascii() and record_id.isdigit()
    return f"{page_start}{record_id}" if page_start and is_usable else ""


MANIFEST: Final = SourceManifest(
    key="hubspot",
    name="HubSpot",
    default_base_url="https://api.hubapi.com",
    docs_path="sources/hubspot.md",
    create=HubSpotSource,
    fields=(
        SourceField(
            key="key",
            label=marked("Access token"),
            kind="secret",
            is_required=True,
            help=marked("Of a private app that may read contacts and companies"),
        ),
    ),
)
