"""A stand-in for Microsoft Graph and its sign-in; it is not the service.

Written from its public documentation at learn.microsoft.com/graph: "Use delta query to
track changes" (state tokens, removed items, synchronization reset), "contact: delta",
"contactFolder: delta", "List contactFolders", "user: delta", "Error responses",
"Throttling guidance"; and learn.microsoft.com/entra/identity-platform, "Authorization
code flow". Strict: a token beside another query option, an unknown property, another
method or path is refused. ``/me/contacts/delta`` is taken as well, which the reference
does not name; see docs/sources/microsoft.md.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.lookup.sources.standins.authorization import AuthorizationServer

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request

SCOPES = ("offline_access", "User.Read", "Contacts.Read")
PEOPLE_SCOPE = "User.Read.All"
LOGIN = "/common/oauth2/v2.0"
GRAPH = "/v1.0"
COMMON = ("id", "displayName", "givenName", "surname", "companyName", "jobTitle")
PHONES = ("businessPhones", "mobilePhone")
CONTACT_FIELDS = frozenset(
    (*COMMON, *PHONES, "homePhones", "emailAddresses", "lastModifiedDateTime")
)
USER_FIELDS = frozenset((*COMMON, *PHONES, "mail"))
Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Item:
    """A contact or user, and when it was changed last."""

    feed: str
    data: dict[str, Any]
    version: int
    is_gone: bool = False


@dataclass
class Round:
    """What a state token stands for."""

    feed: str
    select: tuple[str, ...]
    items: list[dict[str, Any]]
    version: int


@dataclass
class Graph:
    """One mailbox and one directory.

    Attributes:
        failing: Answers given in place of the next ones.
        paths: What was asked for, in order.
        held: Nothing is answered before this is set.
    """

    tokens: AuthorizationServer = field(
        default_factory=lambda: AuthorizationServer(scopes=SCOPES, token_length=1_900)
    )
    page_size: int = 500
    folders: dict[str, str] = field(default_factory=dict)
    failing: list[Answer] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    base_url: str = ""
    held: asyncio.Event | None = None
    _items: dict[str, Item] = field(default_factory=dict)
    _states: dict[str, Round] = field(default_factory=dict)
    _version: int = 0

    # --- what happens in the mailbox -------------------------------------------------

    def save(self, item_id: str, name: str, folder: str = "", **more: Any) -> None:
        """Add or change a contact."""
        self._put(f"contacts:{folder}", item_id, name, more)

    def save_user(self, item_id: str, name: str, **more: Any) -> None:
        """Add or change somebody of the organization."""
        self._put("users", item_id, name, more)

    def delete(self, item_id: str) -> None:
        """Delete a contact or user."""
        self._version += 1
        item = self._items[item_id]
        item.is_gone, item.version = True, self._version

    def drop_folder(self, folder: str) -> None:
        """Delete a folder with its contacts."""
        del self.folders[folder]
        for item_id, item in self._items.items():
            if item.feed == f"contacts:{folder}" and not item.is_gone:
                self.delete(item_id)

    def forget_states(self) -> None:
        """No link that was given is known any more."""
        self._states.clear()

    def _put(self, feed: str, item_id: str, name: str, more: dict[str, Any]) -> None:
        self._version += 1
        data = {"id": item_id, "displayName": name, **more}
        self._items[item_id] = Item(feed, data, self._version)

    # --- what is answered ------------------------------------------------------------

    async def __call__(self, request: Request, connection: Connection) -> None:
        if request.path.startswith(LOGIN):
            inner = request.__class__(
                request.method,
                request.target.removeprefix(LOGIN),
                request.headers,
                request.body,
            )
            await self.tokens.handle(inner, connection)
            return
        self.paths.append(request.path)
        if self.held is not None:
            await self.held.wait()
        status, body, headers = self._answered(request)
        await connection.reply(status, json.dumps(body).encode(), **headers)

    def _answered(self, request: Request) -> Answer:
        if not self.tokens.knows(request):
            return _error(401, "InvalidAuthenticationToken")
        if self.failing:
            return self.failing.pop(0)
        pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
        query = dict(pairs)
        path = request.path.removeprefix(GRAPH)
        if request.method != "GET" or len(query) != len(pairs):
            return _error(405, "Request_BadRequest")
        if path == "/me":
            return 200, {"displayName": "Ana Bell", "userPrincipalName": "a@b"}, {}
        if path == "/me/contacts" and query == {"$top": "1", "$select": "id"}:
            return 200, {"value": []}, {}
        found = re.fullmatch(
            r"/me/contactFolders(?:/([^/]+)/childFolders)?", path
        )  # a query option for paging only
        if found and query.keys() <= {"$top", "$select"}:
            inside = found[1] or ""
            value = [{"id": one} for one, up in self.folders.items() if up == inside]
            return 200, {"value": value}, {}
        return self._delta(path, query, request)

    def _delta(self, path: str, query: dict[str, str], request: Request) -> Answer:
        found = re.fullmatch(r"/me(?:/contactFolders/([^/]+))?/contacts/delta", path)
        if found is None and path != "/users/delta":
            return _error(404, "ResourceNotFound")
        feed = "users" if found is None else f"contacts:{found[1] or ''}"
        if feed == "users" and PEOPLE_SCOPE not in self.tokens.scopes:
            return _error(403, "Authorization_RequestDenied")
        if found is not None and found[1] and found[1] not in self.folders:
            return _error(404, "ErrorItemNotFound")
        token = query.get("$deltatoken") or query.get("$skiptoken")
        if token is not None:
            state = self._states.get(token)
            if len(query) != 1:
                return _error(400, "BadRequest")
            if state is None or state.feed != feed:
                return _error(410, "SyncStateNotFound")
            if "$deltatoken" in query:
                state = self._begun(feed, state.select, state.version)
            return self._page(path, state, request)
        known = USER_FIELDS if feed == "users" else CONTACT_FIELDS
        select = tuple(query.get("$select", "").split(","))
        if query.keys() != {"$select"} or not set(select) <= known:
            return _error(400, "BadRequest")
        return self._page(path, self._begun(feed, select, 0), request)

    def _begun(self, feed: str, select: tuple[str, ...], since: int) -> Round:
        items: list[dict[str, Any]] = []
        for item_id, item in self._items.items():
            if item.feed != feed or item.version <= since:
                continue
            if not item.is_gone:
                shown = {key: item.data.get(key) for key in ("id", *select)}
                items.append({"@odata.etag": f'W/"{item.version}"', **shown})
            elif since:
                items.append({"id": item_id, "@removed": {"reason": "deleted"}})
        return Round(feed, select, items, self._version)

    def _page(self, path: str, state: Round, request: Request) -> Answer:
        asked = re.fullmatch(
            r"odata\.maxpagesize=(\d+)", request.headers.get("prefer", "")
        )
        size = min(self.page_size, int(asked[1]) if asked else 10)
        body: dict[str, Any] = {"value": state.items[:size]}
        rest = Round(state.feed, state.select, state.items[size:], state.version)
        name = "skiptoken" if rest.items else "deltatoken"
        token = f"{name}-{len(self._states)}-of-{state.feed}"
        self._states[token] = rest
        link = f"{self.base_url}{path}?{urlencode({f'${name}': token})}"
        body["@odata.nextLink" if rest.items else "@odata.deltaLink"] = link
        return 200, body, {}


def _error(status: int, code: str) -> Answer:
    return status, {"error": {"code": code, "message": f"{code} of the stand-in"}}, {}
