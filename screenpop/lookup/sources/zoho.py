"""Zoho CRM: contacts and leads of the organisation that was signed in to.

Written from Zoho's public reference (https://www.zoho.com/crm/developer/docs/api/v8):
"Search Records", "Get Organization", "API Limits", "Multi DC", "OAuth", "Status Codes".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact
from screenpop.domain.errors import (
    PayloadError,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.domain.http_replies import said
from screenpop.lookup.crm_records import (
    MOST_RECORDS,
    fewer_requests,
    full_name,
    holders,
    not_allowed,
    numbers_of,
    object_in,
    records_in,
    spellings_of,
    text_of,
)
from screenpop.lookup.manifest import SignIn, SourceContext, SourceField, SourceManifest
from screenpop.lookup.oauth import signed_out
from screenpop.lookup.signed_in_http import SignedInHttp
from screenpop.lookup.token_endpoint import SIGN_IN_AGAIN
from screenpop.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import FieldReader
    from screenpop.domain.numbers import PhoneNumber

_SERVICE: Final = "Zoho CRM"
_API: Final = "/crm/v8"
_CONTACTS: Final = "Contacts"
_LEADS: Final = "Leads"
_LABELS: Final = {
    "Phone": "work",
    "Mobile": "mobile",
    "Home_Phone": "home",
    "Other_Phone": "other",
    "Asst_Phone": "assistant",
}
_SHOWN: Final = {
    _CONTACTS: (
        "Full_Name,First_Name,Last_Name,Account_Name,Title,Email,Modified_Time,"
        "Phone,Mobile,Home_Phone,Other_Phone,Asst_Phone"
    ),
    _LEADS: (
        "Full_Name,First_Name,Last_Name,Company,Designation,Email,Modified_Time,"
        "Phone,Mobile"
    ),
}
_FEWEST_CHARACTERS: Final = 2
_LONGEST_WORD: Final = 100
_LONGEST_WAIT: Final = 3_600.0
_DATA_CENTRES: Final = (
    "zoho.com",
    "zoho.eu",
    "zoho.in",
    "zoho.com.au",
    "zoho.jp",
    "zohocloud.ca",
    "zoho.sa",
    "zoho.uk",
    "zoho.com.cn",
)

SIGN_IN: Final = SignIn(
    authorize_url="https://accounts.{data_centre}/oauth/v2/auth",
    token_url="https://accounts.{data_centre}/oauth/v2/token",  # noqa: S106 - an address
    # One text: Zoho wants commas between its scopes where others want blanks.
    scopes=(
        "ZohoCRM.modules.contacts.READ,ZohoCRM.modules.leads.READ,ZohoCRM.org.READ,"
        "ZohoSearch.securesearch.READ",
    ),
    extra=(("access_type", "offline"), ("prompt", "consent")),
    needs_client_secret=True,
    redirect_host="localhost",
    redirect_path="/callback",
    redirect_port=8792,
)


class _NotThere(RequestRejected):
    """This organisation has no such module, or hides it from the user."""


class ZohoSource:
    """Asks one Zoho CRM organisation."""

    def __init__(self, context: SourceContext) -> None:
        """Nothing is opened yet."""
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._region = context.region
        centre = context.options.get("data_centre", "")
        self._pages = f"https://crm.{centre}/crm/tab" if centre in _DATA_CENTRES else ""
        self._http = SignedInHttp(
            context,
            SIGN_IN,
            service=_SERVICE,
            home_field="api_domain",
            prefix="Zoho-oauthtoken ",
        )
        self._has_leads = True

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Contacts and leads with the number, in this order.

        It is not documented how Zoho compares numbers, so the spellings are tried one
        after the other until somebody has the number.
        """
        if not number.e164:
            return ()
        spellings = spellings_of(number)
        ways = (
            spellings.national,
            spellings.dialled,
            spellings.e164,
            spellings.spaced,
            spellings.spaced_abroad,
        )
        for way in dict.fromkeys(ways):
            everybody = await self._search("phone", way, MOST_RECORDS)
            found = holders(everybody, number, self._region)
            if found:
                return found
        return ()

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Contacts and leads that hold the text in any field."""
        text = text.strip()[:_LONGEST_WORD]
        limit = min(limit, MOST_RECORDS)
        if len(text) < _FEWEST_CHARACTERS or limit < 1:
            return ()
        return (await self._search("word", text, limit))[:limit]

    async def check(self) -> str:
        """Name the organisation, and see that contacts and leads can be searched."""
        reply = await self._http.get(f"{_API}/org", read_refusal=_refusal)
        reply.json()
        found = records_in(object_in(reply).source.get("org"), _SERVICE)
        name = text_of(found[0], "company_name") if found else ""
        self._has_leads = True
        await self._search("phone", "2025550199", 1)
        if self._has_leads:
            return tr("Zoho CRM of {name}", name=name)
        return tr("Zoho CRM of {name}; it does not show leads", name=name)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- asking ----------------------------------------------------------------------

    async def _search(self, by: str, value: str, limit: int) -> tuple[Contact, ...]:
        """Contacts, then leads; both are asked at once."""
        contacts, leads = await asyncio.gather(
            self._search_in(_CONTACTS, by, value, limit),
            self._leads(by, value, limit),
        )
        return (*contacts, *leads)

    async def _leads(self, by: str, value: str, limit: int) -> tuple[Contact, ...]:
        if not self._has_leads:
            return ()
        try:
            return await self._search_in(_LEADS, by, value, limit)
        except (PermissionDenied, _NotThere):
            self._has_leads = False
            return ()

    async def _search_in(
        self, module: str, by: str, value: str, limit: int
    ) -> tuple[Contact, ...]:
        params = {by: value, "fields": _SHOWN[module], "per_page": str(limit)}
        reply = await self._http.get(f"{_API}/{module}/search", params, _refusal)
        if reply.status == 204:
            return ()
        value_read = reply.json()
        if not isinstance(value_read, dict):
            raise PayloadError(
                tr("{service} gave an answer that cannot be read", service=_SERVICE)
            )
        records = records_in(value_read.get("data"), _SERVICE)
        return tuple(self._contact(module, each) for each in records[:limit])

    # --- reading ---------------------------------------------------------------------

    def _contact(self, module: str, record: FieldReader) -> Contact:
        record_id = text_of(record, "id")
        has_page = self._pages and record_id.isascii() and record_id.isdigit()
        account = record.child("Account_Name")
        company = text_of(account, "name") if account else text_of(record, "Company")
        email = text_of(record, "Email")
        return Contact(
            source=self.key,
            source_id=record_id,
            name=text_of(record, "Full_Name")
            or full_name(record, "First_Name", "Last_Name"),
            company=company,
            job_title=text_of(record, "Title", "Designation"),
            numbers=numbers_of(
                (record.text(field), label) for field, label in _LABELS.items()
            ),
            emails=(email,) if email else (),
            url=f"{self._pages}/{module}/{record_id}" if has_page else "",
            updated_at=record.moment("Modified_Time"),
        )


def _refusal(reply: HttpReply) -> ProviderError | None:
    """What Zoho's own refusals mean ("Status Codes", "API Limits")."""
    code = object_in(reply).text("code")
    if code == "OAUTH_SCOPE_MISMATCH":
        return PermissionDenied(
            tr("The sign-in to Zoho CRM does not cover this"), tr_marked(SIGN_IN_AGAIN)
        )
    if code == "INVALID_MODULE" and reply.status == 400:
        return _NotThere(tr("Zoho CRM has no such module"), said(reply))
    if reply.status == 403:
        return not_allowed(reply)
    if reply.status == 429:
        if "credit" in said(reply).casefold():
            return QuotaExceeded(
                tr(
                    "{service}'s requests of these 24 hours are used up",
                    service=_SERVICE,
                ),
                tr(
                    "The whole organisation shares them; Setup, Developer Hub, APIs "
                    "shows "
                    "who uses them."
                ),
            )
        return fewer_requests(reply, _wait_seconds(reply))
    return signed_out(reply)


def _wait_seconds(reply: HttpReply) -> float | None:
    """From ``X-RATELIMIT-RESET``, which is milliseconds since 1970."""
    text = reply.headers.get("x-ratelimit-reset", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return None
    seconds = int(text) / 1000 - reply.received_at.timestamp()
    return min(max(seconds, 0.0), _LONGEST_WAIT)


MANIFEST: Final = SourceManifest(
    key="zoho",
    name=_SERVICE,
    # Where to ask comes with the sign-in.
    default_base_url="https://www.zohoapis.com",
    docs_path="sources/zoho.md",
    create=ZohoSource,
    sign_in=SIGN_IN,
    fields=(
        SourceField(
            key="client_id",
            label=marked("Client ID"),
            is_required=True,
            help=marked(
                "Of the client that your administrator added in Zoho's API console"
            ),
        ),
        SourceField(
            key="client_secret",
            label=marked("Client secret"),
            kind="secret",
            is_required=True,
            help=marked("From the same place"),
        ),
        SourceField(
            key="data_centre",
            label=marked("Data centre"),
            kind="choice",
            choices=_DATA_CENTRES,
            default=_DATA_CENTRES[0],
            help=marked("As in the address where you open Zoho CRM"),
        ),
        SourceField(
            key="redirect_port",
            label=marked("Port of the redirect address"),
            kind="number",
            default="8792",
            help=marked("As registered: http://localhost:8792/callback"),
        ),
    ),
)
