"""Contacts of a Google account, copied by the People API with sync tokens.

Sources: developers.google.com/people, "people.connections.list", "Person", "List the
user's contacts that have changed"; developers.google.com/identity/protocols/oauth2,
"OAuth 2.0 for desktop apps"; google.rpc.ErrorInfo.

The mark is the sync token, and in the middle of a round the page token beside it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import (
    PayloadError,
    PermissionDenied,
    ProviderError,
    RequestRejected,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import read_number
from screenpop.lookup.manifest import SignIn, SourceContext, SourceField, SourceManifest
from screenpop.lookup.oauth import OAuthAuthority, signed_out
from screenpop.lookup.protocol import ContactChanges
from screenpop.lookup.source_http import SourceHttp, asks_to_wait
from screenpop.wording import marked, tr, tr_count

if TYPE_CHECKING:
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue

SERVICE: Final = "Google Contacts"
_PATH: Final = "/v1/people/me/connections"
_PERSON_FIELDS: Final = "names,organizations,phoneNumbers,emailAddresses,metadata"
_PAGE_RECORDS: Final = "500"
_PAGE_SECONDS: Final = 30.0
_PERSON: Final = "people/"
_PERSON_PAGE: Final = "https://contacts.google.com/person/"
_LONGEST_TEXT: Final = 500
_MOST_ENTRIES: Final = 20
_MOST_FORMER: Final = 50
_LABELS: Final = {"workMobile": "mobile", "main": "work"}

SIGN_IN: Final = SignIn(
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scopes=("https://www.googleapis.com/auth/contacts.readonly",),
    needs_client_secret=True,
)


class SyncTokenExpired(ProviderError):
    """Everything has to come again."""


@frozen
class _Place:
    """How far the copy has come.

    Attributes:
        sync_token: What the last round ended with; "" while everything comes.
        page_token: The next page of this round; "" between two rounds.
    """

    sync_token: str = ""
    page_token: str = ""

    def mark(self) -> str:
        kept = {"sync": self.sync_token, "page": self.page_token}
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def of(cls, mark: str) -> _Place:
        """What ``mark`` says; the very beginning for nothing that can be used."""
        try:
            value: JsonValue = json.loads(mark) if mark else None
        except ValueError:
            value = None
        reader = FieldReader(value if isinstance(value, dict) else {})
        return cls(reader.text("sync"), reader.text("page"))


class GoogleSource:
    """The contacts of whoever signed in."""

    def __init__(self, context: SourceContext) -> None:
        """Nothing is opened yet.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self._region = context.region
        self._authority = OAuthAuthority(context, SIGN_IN)
        self._http = SourceHttp(context, service=SERVICE, authority=self._authority)

    async def changes(self, mark: str) -> ContactChanges:
        """The next page; see ``SyncedSource``."""
        place = _Place.of(mark)
        try:
            return await self._page(place)
        except (SyncTokenExpired, RequestRejected):
            # A page token may be too old as well, after a break of days.
            if not place.sync_token:
                raise
            return await self._page(_Place())

    async def check(self) -> str:
        """Whether contacts can be read, and how many there are."""
        page = await self._get({"personFields": "metadata", "pageSize": "1"})
        count = page.number("totalItems")
        return tr_count(
            "Signed in, with {count} contact",
            "Signed in, with {count} contacts",
            int(count or 0),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._authority.aclose()
        await self._http.aclose()

    async def _page(self, place: _Place) -> ContactChanges:
        # All but the tokens must be the same from the first call to the last.
        asked = {
            "personFields": _PERSON_FIELDS,
            "pageSize": _PAGE_RECORDS,
            "requestSyncToken": "true",
        }
        if place.sync_token:
            asked["syncToken"] = place.sync_token
        if place.page_token:
            asked["pageToken"] = place.page_token
        page = await self._get(asked)
        following = page.text("nextPageToken")
        if following:
            after = replace(place, page_token=following)
        else:
            after = _Place(page.text("nextSyncToken"))
            if not after.sync_token:
                raise PayloadError(
                    tr(
                        "{service} gave a page without a token to go on",
                        service=SERVICE,
                    )
                )
        changed, gone = self._sorted(page)
        return ContactChanges(
            changed=changed,
            gone_ids=gone,
            mark=after.mark(),
            is_whole=not place.sync_token,
            has_more=bool(following),
        )

    def _sorted(self, page: FieldReader) -> tuple[tuple[Contact, ...], tuple[str, ...]]:
        """Who can call, as they are now, and the names of all that are not there."""
        changed: list[Contact] = []
        gone: list[str] = []
        for person in page.children("connections"):
            name = person.text("resourceName")
            if not name:
                continue
            metadata = person.child("metadata")
            if metadata is not None:
                # A person who is linked with a profile goes on under another name.
                gone += metadata.texts("previousResourceNames")[:_MOST_FORMER]
            contact = self._contact(name, person, metadata)
            is_deleted = metadata is not None and metadata.flag("deleted") is True
            if is_deleted or not contact.numbers:
                gone.append(name)
            else:
                changed.append(contact)
        present = {each.source_id for each in changed}
        return tuple(changed), tuple(each for each in gone if each not in present)

    def _contact(
        self, resource_name: str, person: FieldReader, metadata: FieldReader | None
    ) -> Contact:
        work = _primary(person, "organizations")
        person_id = resource_name.removeprefix(_PERSON)
        sources = metadata.children("sources") if metadata else ()
        moments = [each.moment("updateTime") for each in sources]
        return Contact(
            source=self.key,
            source_id=resource_name,
            name=_primary(person, "names").text("displayName")[:_LONGEST_TEXT],
            company=work.text("name")[:_LONGEST_TEXT],
            job_title=work.text("title")[:_LONGEST_TEXT],
            numbers=tuple(
                self._number(each)
                for each in person.children("phoneNumbers")[:_MOST_ENTRIES]
                if each.text("value")
            ),
            emails=tuple(
                each.text("value")[:_LONGEST_TEXT]
                for each in person.children("emailAddresses")[:_MOST_ENTRIES]
                if each.text("value")
            ),
            url=_PERSON_PAGE + quote(person_id, safe="") if person_id else "",
            updated_at=max((each for each in moments if each), default=None),
        )

    def _number(self, entry: FieldReader) -> ContactNumber:
        raw = entry.text("value")[:_LONGEST_TEXT]
        kind = entry.text("type")
        # Google reads a number without its country code in the account's own country.
        canonical = read_number(entry.text("canonicalForm"), "").e164
        e164 = canonical or read_number(raw, self._region).e164
        return ContactNumber(raw, e164, _LABELS.get(kind, kind)[:_LONGEST_TEXT])

    async def _get(self, params: dict[str, str]) -> FieldReader:
        reply = await self._http.request(
            "GET",
            _PATH,
            params=params,
            timeout_seconds=_PAGE_SECONDS,
            read_refusal=_refusal,
        )
        value = reply.json()
        if not isinstance(value, dict):
            raise PayloadError(
                tr("{service} gave an answer of another shape", service=SERVICE)
            )
        return FieldReader(value)


def _primary(person: FieldReader, name: str) -> FieldReader:
    """The main one of a person's names or organizations; an empty one for none."""
    entries = person.children(name)
    for each in entries:
        metadata = each.child("metadata")
        if metadata is not None and metadata.flag("primary") is True:
            return each
    return entries[0] if entries else FieldReader({})


def _refusal(reply: HttpReply) -> ProviderError | None:
    reasons = _reasons(reply)
    if "EXPIRED_SYNC_TOKEN" in reasons:
        return SyncTokenExpired(
            tr("{service} lists all contacts anew", service=SERVICE)
        )
    if "SERVICE_DISABLED" in reasons:
        return PermissionDenied(
            tr("The People API is not switched on for this client id"),
            tr("Whoever registered screenpop at Google can enable it there."),
        )
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons:
        return PermissionDenied(
            tr("The sign-in does not include the contacts"),
            tr("Sign in again and leave the tick at contacts."),
        )
    return signed_out(reply) or asks_to_wait(reply)


def _reasons(reply: HttpReply) -> frozenset[str]:
    """The reasons in the error's details (google.rpc.ErrorInfo)."""
    try:
        value = reply.json()
    except PayloadError:
        return frozenset()
    error = FieldReader(value).child("error") if isinstance(value, dict) else None
    if error is None:
        return frozenset()
    return frozenset(each.text("reason") for each in error.children("details"))


MANIFEST: Final = SourceManifest(
    key="google",
    name=SERVICE,
    default_base_url="https://people.googleapis.com",
    docs_path="sources/google.md",
    create=GoogleSource,
    sign_in=SIGN_IN,
    fields=(
        SourceField(
            key="client_id",
            label=marked("Client ID"),
            is_required=True,
            help=marked("Of the OAuth client “Desktop app”; your administrator has it"),
        ),
        SourceField(
            key="client_secret",
            label=marked("Client secret"),
            kind="secret",
            is_required=True,
            help=marked("Google shows it beside the client ID"),
        ),
    ),
)
