"""Asks Microsoft Graph for contacts, page by page, with delta queries.

Sources: learn.microsoft.com/graph, "Use delta query to track changes" (links, removed
items, synchronization reset), "contact: delta", "user: delta", "contactFolder: list",
"Microsoft Graph throttling guidance", "Redirect URI restrictions".

A round asks for the changes of each feed in turn: the default folder, every other
folder, and the organization's people where that was wished and granted. How far it has
come, and each feed's delta link, is the mark.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.errors import (
    NotFound,
    PayloadError,
    ProviderError,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.json_fields import FieldReader
from screenpop.lookup.manifest import SignIn, SourceContext
from screenpop.lookup.oauth import OAuthAuthority, signed_out
from screenpop.lookup.protocol import ContactChanges
from screenpop.lookup.source_http import SourceHttp, asks_to_wait
from screenpop.lookup.sources.microsoft.place import (
    FOLDER,
    OWN,
    USERS,
    Place,
    first_page,
)
from screenpop.lookup.sources.microsoft.records import LONGEST_TEXT, contact_of
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact
    from screenpop.domain.http_replies import HttpReply

SERVICE: Final = "Microsoft 365"
PEOPLE: Final = "organization_people"
_PEOPLE_SCOPE: Final = "User.Read.All"
_PAGE_SECONDS: Final = 30.0
_PAGE_RECORDS: Final = 500
_MOST_FOLDERS: Final = 50
# "410 Gone", or one of these with another status ("Synchronization reset").
_FORGOTTEN: Final = frozenset(
    {
        "syncstatenotfound",
        "syncstateinvalid",
        "resyncrequired",
        "errorinvalidsyncstatedata",
    }
)

SIGN_IN: Final = SignIn(
    authorize_url="{login_url}/{tenant}/oauth2/v2.0/authorize",
    token_url="{login_url}/{tenant}/oauth2/v2.0/token",  # noqa: S106 - an address
    scopes=("offline_access", "User.Read", "Contacts.Read"),
    optional_scopes=((PEOPLE, _PEOPLE_SCOPE),),
    # Entra ID leaves the port of "localhost" open, and of no other name or address.
    redirect_host="localhost",
)


class MarkForgotten(ProviderError):
    """The service does not know the link any more: everything has to come again."""


class MicrosoftSource:
    """The contacts of whoever signed in."""

    def __init__(self, context: SourceContext) -> None:
        """Nothing is opened yet.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self._region = context.region
        self._wants_people = context.options.get(PEOPLE) == "yes"
        self._authority = OAuthAuthority(context, SIGN_IN)
        self._http = SourceHttp(context, service=SERVICE, authority=self._authority)

    async def changes(self, mark: str) -> ContactChanges:
        """The next page; see ``SyncedSource``."""
        place = Place.of(mark)
        has_people = await self._may_read_people()
        if place is None or place.has_people != has_people:
            place = Place(has_people, is_whole=True)
        if not place.todo:
            place = await self._begun(place)
        try:
            return await self._page(place)
        except (MarkForgotten, NotFound, RequestRejected) as error:
            if not place.is_whole:
                return await self._page(await self._begun(Place(has_people)))
            if isinstance(error, MarkForgotten):
                # Half of what came belongs to a state that is gone.
                raise ProviderUnavailable(error.title) from None
            raise

    async def check(self) -> str:
        """Who is signed in, and whether contacts can be read."""
        me = await self._get("/me?$select=displayName,userPrincipalName")
        await self._get("/me/contacts?$top=1&$select=id")
        name = me.text("displayName")[:LONGEST_TEXT]
        name = name or me.text("userPrincipalName")[:LONGEST_TEXT]
        if self._wants_people and not await self._may_read_people():
            return tr(
                "Signed in as {name}, without the right to read the organization's "
                "people",
                name=name,
            )
        return tr("Signed in as {name}", name=name)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._authority.aclose()
        await self._http.aclose()

    async def _may_read_people(self) -> bool:
        """Whether the organization's people are wished for and granted."""
        if not self._wants_people:
            return False
        granted = (await self._authority.extra()).get("scope", "").split()
        return any(one.rpartition("/")[2] == _PEOPLE_SCOPE for one in granted)

    # --- one round -------------------------------------------------------------------

    async def _begun(self, place: Place) -> Place:
        """The beginning of a round over every feed there is now."""
        folders = await self._folders()
        feeds = (OWN, *(f"{FOLDER}{each}" for each in folders))
        if place.has_people:
            feeds = (*feeds, USERS)
        # Nobody says which contacts were in a folder that is gone.
        is_whole = not place.links or not place.links.keys() <= set(feeds)
        links = {} if is_whole else place.links
        return replace(place, links=links, todo=feeds, next_link="", is_whole=is_whole)

    async def _page(self, place: Place) -> ContactChanges:
        feed, *rest = place.todo
        link = place.next_link or place.links.get(feed, "")
        page = await self._get(link or first_page(feed))
        next_link, delta_link = (
            page.text("@odata.nextLink"),
            page.text("@odata.deltaLink"),
        )
        if bool(next_link) == bool(delta_link):
            raise PayloadError(
                tr(
                    "{service} gave a page without a link to go on with",
                    service=SERVICE,
                )
            )
        if next_link:
            place = replace(place, next_link=next_link)
        else:
            links = {**place.links, feed: delta_link}
            place = replace(place, links=links, todo=tuple(rest), next_link="")
        changed, gone = self._sorted(feed, page)
        is_whole, has_more = place.is_whole, bool(place.todo)
        if not has_more:
            place = replace(place, is_whole=False)
        return ContactChanges(
            changed=changed,
            gone_ids=gone,
            mark=place.mark(),
            is_whole=is_whole,
            has_more=has_more,
        )

    def _sorted(
        self, feed: str, page: FieldReader
    ) -> tuple[tuple[Contact, ...], tuple[str, ...]]:
        """Who can call, as they are now, and the ids of all others on the page."""
        changed, gone = [], []
        prefix = f"{USERS}:" if feed == USERS else ""
        for record in page.children("value"):
            record_id = record.text("id")
            if not record_id:
                continue
            contact = contact_of(
                record,
                source=self.key,
                source_id=prefix + record_id,
                region=self._region,
            )
            if record.has("@removed") or not contact.numbers:
                gone.append(contact.source_id)
            else:
                changed.append(contact)
        return tuple(changed), tuple(gone)

    # --- asking ----------------------------------------------------------------------

    async def _folders(self) -> tuple[str, ...]:
        """The ids of all contact folders but the default one, in a fixed order."""
        found: dict[str, None] = {}
        waiting = [f"/me/contactFolders?$top={_MOST_FOLDERS}&$select=id"]
        while waiting and len(found) < _MOST_FOLDERS:
            page = await self._get(waiting.pop(0))
            for each in page.children("value"):
                folder_id = each.text("id")
                if folder_id and folder_id not in found:
                    found[folder_id] = None
                    inner = f"/me/contactFolders/{quote(folder_id, safe='')}"
                    waiting.append(
                        f"{inner}/childFolders?$top={_MOST_FOLDERS}&$select=id"
                    )
            if page.has("@odata.nextLink"):
                waiting.append(page.text("@odata.nextLink"))
        return tuple(sorted(found))

    async def _get(self, path_or_link: str) -> FieldReader:
        """One answer. A link is used on our own address only, or not at all."""
        reply = await self._http.request(
            "GET",
            path_or_link,
            headers={"Prefer": f"odata.maxpagesize={_PAGE_RECORDS}"},
            timeout_seconds=_PAGE_SECONDS,
            read_refusal=_refusal,
        )
        value = reply.json()
        if not isinstance(value, dict):
            raise PayloadError(
                tr("{service} gave an answer of another shape", service=SERVICE)
            )
        return FieldReader(value)


def _refusal(reply: HttpReply) -> ProviderError | None:
    if reply.status == 410 or _code(reply) in _FORGOTTEN:
        return MarkForgotten(f"{SERVICE} lists all contacts anew")
    return signed_out(reply) or asks_to_wait(reply)


def _code(reply: HttpReply) -> str:
    """The error's code ("Microsoft Graph error responses")."""
    try:
        value = reply.json()
    except PayloadError:
        return ""
    error = FieldReader(value).child("error") if isinstance(value, dict) else None
    return error.text("code").casefold() if error else ""
