"""Odoo: contacts (``res.partner``) of one database, asked with a user's API key.

Written from Odoo's public reference and the source of its community edition
(``phone_validation``: how ``phone_mobile_search`` looks for numbers).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact
from screenpop.domain.errors import (
    ConfigurationError,
    NotOffered,
    PayloadError,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.lookup.crm_records import (
    LONGEST_TEXT,
    MOST_RECORDS,
    holders,
    numbers_of,
    page,
    records_in,
    spellings_of,
    text_of,
)
from screenpop.lookup.manifest import SourceContext, SourceField, SourceManifest
from screenpop.lookup.sources.odoo.calls import SERVICE, JsonRpc, JsonTwo, OdooCalls
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from screenpop.domain.contacts import ContactNumber
    from screenpop.domain.numbers import PhoneNumber

_MODEL: Final = "res.partner"
_SEARCH: Final = "phone_mobile_search"
_CANONICAL: Final = "phone_sanitized"
# "mobile" went with version 19, "phone_sanitized" comes with the module for SMS.
_TYPED_NUMBERS: Final = ("phone", "mobile")
# As many last digits say that two spellings are of one number of a contact.
_TELLING_DIGITS: Final = 7
_SHOWN: Final = (
    "name",
    "is_company",
    "commercial_company_name",
    "parent_id",
    "function",
    "email",
    "write_date",
)
_WORDS_IN: Final = ("name", "email", "commercial_company_name", *_TYPED_NUMBERS)
_ASKED_FOR: Final = tuple(
    dict.fromkeys((*_SHOWN, _SEARCH, _CANONICAL, *_TYPED_NUMBERS))
)
_LONGEST_WORDS: Final = 100


class OdooSource:
    """Asks one Odoo database."""

    def __init__(self, context: SourceContext) -> None:
        """Nothing is opened yet.

        Raises:
            ConfigurationError: The address cannot be used, or the database is missing.
        """
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._region = context.region
        self._base_url = context.base_url
        database = context.options.get("database", "").strip()
        user = context.options.get("user", "").strip()
        self._is_old = bool(user)
        if user and not database:
            raise ConfigurationError(
                tr("The name of the Odoo database is missing"),
                tr("Odoo 18 and older want it beside the user's name."),
            )
        if not database.isascii() or not database.isprintable():
            raise ConfigurationError(tr("That cannot be the name of an Odoo database"))
        self._calls: OdooCalls = (
            JsonRpc(context, database, user) if user else JsonTwo(context, database)
        )
        self._known_fields: frozenset[str] = frozenset()

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Contacts with the number."""
        if not number.e164:
            return ()
        fields = await self._fields()
        spellings = spellings_of(number)
        ways: list[JsonValue] = []
        if _SEARCH in fields:
            # It passes over blanks, brackets, hyphens, dots and slashes.
            ways.append([_SEARCH, "ilike", spellings.national])
        else:
            # Anything may stand between the digits.
            digits = "%".join(spellings.national)
            ways += [
                [name, "ilike", digits] for name in _TYPED_NUMBERS if name in fields
            ]
        if _CANONICAL in fields:
            ways.append([_CANONICAL, "=", spellings.e164])
        if not ways:
            raise NotOffered(tr("The contacts of this Odoo have no phone numbers"))
        return holders(await self._read(ways, MOST_RECORDS), number, self._region)

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Contacts whose name, company, e-mail or number as typed holds the text."""
        text = text.strip()[:_LONGEST_WORDS]
        limit = min(limit, MOST_RECORDS)
        if not text or limit < 1:
            return ()
        fields = await self._fields()
        words = _literal(text)
        ways: list[JsonValue] = [
            [name, "ilike", words] for name in _WORDS_IN if name in fields
        ]
        return (await self._read(ways, limit))[:limit]

    async def check(self) -> str:
        """Name the key's owner and company, and see that contacts may be read."""
        user_id = await self._calls.user_id()
        found = await self._calls.call(
            "res.users", "read", [user_id], fields=["name", "company_id"]
        )
        users = records_in(found, SERVICE)
        user = users[0] if users else FieldReader({})
        self._known_fields = frozenset()
        await self._fields()
        await self._read([["id", "=", 0]], 1)
        return tr(
            "{service} of {company}, as {name}",
            service=SERVICE,
            company=_name_of(user, "company_id"),
            name=text_of(user, "name"),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._calls.aclose()

    # --- asking ----------------------------------------------------------------------

    async def _fields(self) -> frozenset[str]:
        """Which of the fields we know this Odoo has; asked once."""
        if not self._known_fields:
            found = await self._calls.call(
                _MODEL,
                "fields_get",
                allfields=list(_ASKED_FOR),
                attributes=["type"],
            )
            if not isinstance(found, dict):
                raise PayloadError(tr("Odoo does not say what its contacts hold"))
            self._known_fields = frozenset(found) & frozenset(_ASKED_FOR)
        return self._known_fields

    async def _read(self, ways: list[JsonValue], limit: int) -> tuple[Contact, ...]:
        """Contacts for which any of the conditions holds, changed last first."""
        wanted = self._known_fields - {_SEARCH}
        # Prefix notation: one "|" fewer than there are conditions.
        domain: list[JsonValue] = [*["|"] * (len(ways) - 1), *ways]
        try:
            found = await self._calls.call(
                _MODEL,
                "search_read",
                domain=domain,
                fields=[*sorted(wanted)],
                limit=limit,
                order="write_date desc",
            )
        except (RequestRejected, ProviderUnavailable):
            # After an upgrade the fields may be others.
            self._known_fields = frozenset()
            raise
        return tuple(self._contact(each) for each in records_in(found, SERVICE))

    # --- reading ---------------------------------------------------------------------

    def _contact(self, record: FieldReader) -> Contact:
        record_id = text_of(record, "id")
        name = text_of(record, "name")
        is_company = bool(record.flag("is_company"))
        company = name if is_company else text_of(record, "commercial_company_name")
        email = text_of(record, "email")
        return Contact(
            source=self.key,
            source_id=record_id,
            name="" if is_company else name,
            company=company or _name_of(record, "parent_id"),
            job_title=text_of(record, "function"),
            numbers=_numbers(record),
            emails=(email,) if email else (),
            url=self._page(record_id),
            updated_at=record.moment("write_date"),
        )

    def _page(self, record_id: str) -> str:
        if not (record_id.isascii() and record_id.isdigit()):
            return ""
        place = (
            f"/web#id={record_id}&model={_MODEL}&view_type=form"
            if self._is_old
            else f"/odoo/{_MODEL}/{record_id}"
        )
        return page(f"{self._base_url}{place}")


def _numbers(record: FieldReader) -> tuple[ContactNumber, ...]:
    """The numbers as typed; one in Odoo's canonical form is told of both.

    Odoo reads it by the contact's own country, which we do not know.
    """
    labels = {"phone": "work", "mobile": "mobile"}
    typed = numbers_of((record.text(name), label) for name, label in labels.items())
    canonical = text_of(record, _CANONICAL)
    tail = canonical[-_TELLING_DIGITS:]
    if not (canonical.startswith("+") and tail.isdigit()):
        return typed
    found = tuple(
        replace(each, e164=canonical) if _digits(each.raw).endswith(tail) else each
        for each in typed
    )
    return found if found != typed else (*typed, *numbers_of([(canonical, "")]))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _name_of(record: FieldReader, field: str) -> str:
    """The name in a link to another record, which Odoo gives as [id, name]."""
    value = record.source.get(field)
    is_link = isinstance(value, list) and len(value) == 2
    name = value[1] if is_link and isinstance(value, list) else ""
    return FieldReader({"name": name}).text("name")[:LONGEST_TEXT]


def _literal(text: str) -> str:
    """A text that "ilike" takes as it is, its wildcards included."""
    return "".join(f"\\{char}" if char in "\\%_" else char for char in text)


MANIFEST: Final = SourceManifest(
    key="odoo",
    name="Odoo",
    docs_path="sources/odoo.md",
    create=OdooSource,
    fields=(
        SourceField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            is_required=True,
            help=marked("Such as https://mycompany.odoo.com"),
        ),
        SourceField(
            key="key",
            label=marked("API key"),
            kind="secret",
            is_required=True,
            help=marked("In Odoo under Preferences, Account Security"),
        ),
        SourceField(
            key="database",
            label=marked("Database"),
            help=marked(
                "Needed for Odoo 18 and older, and where one address has several"
            ),
        ),
        SourceField(
            key="user",
            label=marked("User name"),
            help=marked("The login; for Odoo 18 and older only, else empty"),
        ),
    ),
)
