"""Pipedrive: persons and their organisations, asked with a user's API token.

Written from Pipedrive's public reference: "Search persons" (API v2), "Get current user
data" (API v1), "Rate limiting", "HTTP status codes"
(https://developers.pipedrive.com/docs/api/v1, https://pipedrive.readme.io/docs).
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.contacts import Contact
from screenpop.domain.errors import (
    NotFound,
    NotOffered,
    PayloadError,
    ProviderError,
    ProviderThrottled,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.domain.http_replies import said
from screenpop.lookup.crm_records import (
    MOST_RECORDS,
    fewer_requests,
    header_number,
    holders,
    not_allowed,
    numbers_of,
    object_in,
    records_in,
    spellings_of,
    text_of,
)
from screenpop.lookup.manifest import SourceContext, SourceField, SourceManifest
from screenpop.lookup.source_http import KeyHeader, SourceHttp
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import FieldReader
    from screenpop.domain.numbers import PhoneNumber

_log = logging.getLogger(__name__)

_SERVICE: Final = "Pipedrive"
_SEARCH: Final = "/api/v2/persons/search"
_OLD_SEARCH: Final = "/v1/persons/search"
_ME: Final = "/api/v1/users/me"
_FEWEST_CHARACTERS: Final = 2
_LONGEST_TERM: Final = 100
_DOMAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_GENERAL_HOSTS: Final = frozenset({"api", "app", "www"})


class PipedriveSource:
    """Asks one Pipedrive company."""

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
            header="x-api-token",
        )
        self._http = SourceHttp(context, service=_SERVICE, authority=authority)
        self._domain = _domain_in(context.base_url)
        self._path = _SEARCH

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Persons with the number.

        Pipedrive looks for the term inside the number. It is not documented whether
        it passes over blanks, so spaced spellings are tried where the digits alone
        find nobody.
        """
        if not number.e164:
            return ()
        spellings = spellings_of(number)
        terms = (spellings.national, spellings.spaced, spellings.spaced_abroad)
        for term in dict.fromkeys(terms):
            persons = await self._search(term, MOST_RECORDS, fields="phone")
            found = holders(persons, number, self._region)
            if found:
                return found
        return ()

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Persons whose name, address, number or notes hold the text."""
        text = text.strip()[:_LONGEST_TERM]
        limit = min(limit, MOST_RECORDS)
        if len(text) < _FEWEST_CHARACTERS or limit < 1:
            return ()
        return (await self._search(text, limit))[:limit]

    async def check(self) -> str:
        """Name the company and the user, and see that persons may be searched."""
        user = await self._user()
        await self._search("00", 1, fields="phone")
        company, name = text_of(user, "company_name"), text_of(user, "name")
        return tr(
            "{service} of {company}, as {name}",
            service=_SERVICE,
            company=company or self._domain,
            name=name,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- asking ----------------------------------------------------------------------

    async def _search(
        self, term: str, limit: int, fields: str = ""
    ) -> tuple[Contact, ...]:
        params = {"term": term, "limit": str(limit), "exact_match": "false"}
        if fields:
            params["fields"] = fields
        try:
            reply = await self._get(self._path, params)
        except NotFound:
            if self._path == _OLD_SEARCH:
                raise
            # A company that has not got the second version of the interface yet.
            self._path = _OLD_SEARCH
            reply = await self._get(self._path, params)
        data = _answer(reply).child("data")
        if data is None:
            raise PayloadError(
                tr("Pipedrive gave no list of persons"),
                tr("The service may have changed."),
            )
        found = records_in(data.source.get("items"), _SERVICE)
        domain = await self._known_domain() if found else ""
        items = (each.child("item") for each in found)
        return tuple(self._contact(each, domain) for each in items if each is not None)

    async def _get(self, path: str, params: dict[str, str] | None = None) -> HttpReply:
        return await self._http.request(
            "GET", path, params=params, read_refusal=_refusal
        )

    async def _user(self) -> FieldReader:
        user = _answer(await self._get(_ME)).child("data")
        if user is None:
            raise PayloadError(tr("Pipedrive does not say whose token it is"))
        domain = text_of(user, "company_domain").casefold()
        if not self._domain and _DOMAIN.fullmatch(domain):
            self._domain = domain
        return user

    async def _known_domain(self) -> str:
        """The company's name in addresses; "" if it cannot be found out now."""
        if not self._domain:
            try:
                await self._user()
            except (ProviderError, PayloadError) as error:
                # Who calls is worth more than the way to their page.
                _log.debug("no record links of %s: %s", self.key, error.title)
        return self._domain

    def _contact(self, item: FieldReader, domain: str) -> Contact:
        record_id = text_of(item, "id")
        has_page = domain and record_id.isascii() and record_id.isdigit()
        organisation = item.child("organization")
        return Contact(
            source=self.key,
            source_id=record_id,
            name=text_of(item, "name"),
            company=text_of(organisation, "name") if organisation else "",
            numbers=numbers_of((each, "") for each in item.texts("phones")),
            emails=tuple(each[:320] for each in item.texts("emails")[:MOST_RECORDS]),
            url=f"https://{domain}.pipedrive.com/person/{record_id}"
            if has_page
            else "",
            updated_at=item.moment("update_time"),
        )


def _domain_in(base_url: str) -> str:
    """The company in ``https://acme.pipedrive.com``; "" in any other address."""
    host = (urlsplit(base_url).hostname or "").casefold()
    name = host.removesuffix(".pipedrive.com")
    is_company = name != host and _DOMAIN.fullmatch(name) is not None
    return name if is_company and name not in _GENERAL_HOSTS else ""


def _answer(reply: HttpReply) -> FieldReader:
    """The answer's object.

    Raises:
        PayloadError: It holds none.
        RequestRejected: It says that it failed, although its status does not.
    """
    reply.json()
    answer = object_in(reply)
    if answer.flag("success") is False:
        raise RequestRejected(
            tr("{service} did not accept the request", service=_SERVICE), said(reply)
        )
    if not answer.source:
        raise PayloadError(
            tr("{service} gave an answer that cannot be read", service=_SERVICE)
        )
    return answer


def _refusal(reply: HttpReply) -> ProviderError | None:
    """What Pipedrive's own refusals mean ("HTTP status codes", "Rate limiting")."""
    if reply.status == 402:
        return NotOffered(
            tr("Pipedrive has closed this company's account or asks for a payment"),
            tr(
                "Whoever runs your Pipedrive sees more under Company settings, Billing."
            ),
        )
    if reply.status == 403:
        if "html" in reply.headers.get("content-type", ""):
            # From whoever stands before Pipedrive, after too many requests.
            return ProviderThrottled(
                tr("Pipedrive blocks requests after there were too many"),
                tr(
                    "screenpop waits and tries again by itself; other programs with "
                    "the "
                    "same token may be the cause."
                ),
                retry_after_seconds=reply.retry_after_seconds,
            )
        return not_allowed(reply)
    if reply.status == 429:
        if header_number(reply, "x-daily-ratelimit-token-remaining") == 0:
            return QuotaExceeded(
                tr("{service}'s requests of this day are used up", service=_SERVICE),
                tr(
                    "The whole company shares them; they are renewed at midnight. "
                    "Company settings show who uses them."
                ),
            )
        return fewer_requests(reply, header_number(reply, "x-ratelimit-reset"))
    return None


MANIFEST: Final = SourceManifest(
    key="pipedrive",
    name="Pipedrive",
    default_base_url="https://api.pipedrive.com",
    docs_path="sources/pipedrive.md",
    create=PipedriveSource,
    fields=(
        SourceField(
            key="key",
            label=marked("API token"),
            kind="secret",
            is_required=True,
            help=marked("In Pipedrive under Personal preferences, API"),
        ),
    ),
)
