"""A stand-in for Google's People API and its sign-in; it is not the service.

Written from its public documentation: developers.google.com/people/api/rest/v1,
"people.connections.list" and "people" (Person); developers.google.com/people/v1,
"List the user's contacts that have changed"; cloud.google.com/apis/design/errors;
developers.google.com/identity/protocols/oauth2/native-app. Strict: other parameters
than in the first call of a round, an unknown field or a page too large are refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.lookup.sources.standins.authorization import (
    CLIENT_SECRET,
    AuthorizationServer,
)

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request

SCOPES = ("https://www.googleapis.com/auth/contacts.readonly",)
FIELDS = frozenset(
    ("names", "organizations", "phoneNumbers", "emailAddresses", "metadata")
)
Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Person:
    """A contact, and when it was changed last."""

    data: dict[str, Any]
    version: int


@dataclass
class People:
    """One account's contacts.

    Attributes:
        failing: Answers given in place of the next ones.
        queries: The parameters of each call, in order.
    """

    tokens: AuthorizationServer = field(
        default_factory=lambda: AuthorizationServer(
            scopes=SCOPES, client_secret=CLIENT_SECRET, rotates=False
        )
    )
    page_size: int = 1_000
    failing: list[Answer] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    _people: dict[str, Person] = field(default_factory=dict)
    _states: dict[str, tuple[dict[str, str], int, list[dict[str, Any]]]] = field(
        default_factory=dict
    )
    _version: int = 0

    # --- what happens in the account -------------------------------------------------

    def save(self, name: str, shown: str, *numbers: str, **metadata: Any) -> None:
        """Add or change a contact, ``name`` such as "people/c1"."""
        self._put(
            name,
            {
                "names": [
                    {"displayName": "Other name"},
                    {"displayName": shown, "metadata": {"primary": True}},
                ],
                "phoneNumbers": [
                    {"value": each, "type": "workMobile"} for each in numbers
                ],
                "metadata": metadata,
            },
        )

    def put(self, name: str, **data: Any) -> None:
        """Add or change a contact, field by field."""
        self._put(name, data)

    def delete(self, name: str) -> None:
        """Delete a contact."""
        self._put(name, {"metadata": {"deleted": True}})

    def forget_states(self) -> None:
        """Seven days have gone by since the last full sync."""
        self._states.clear()

    def _put(self, name: str, data: dict[str, Any]) -> None:
        self._version += 1
        person = {"resourceName": name, "etag": f"%{self._version}", **data}
        self._people[name] = Person(person, self._version)

    # --- what is answered ------------------------------------------------------------

    async def __call__(self, request: Request, connection: Connection) -> None:
        if await self.tokens.handle(request, connection):
            return
        status, body, headers = self._answered(request)
        await connection.reply(status, json.dumps(body).encode(), **headers)

    def _answered(self, request: Request) -> Answer:
        if not self.tokens.knows(request):
            return _error(401, "UNAUTHENTICATED", "CREDENTIALS_MISSING")
        pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
        query = dict(pairs)
        self.queries.append(query)
        if self.failing:
            return self.failing.pop(0)
        if request.path != "/v1/people/me/connections" or request.method != "GET":
            return _error(404, "NOT_FOUND")
        fields = set(query.get("personFields", "").split(","))
        size = query.get("pageSize", "100")
        known = {
            "personFields",
            "pageSize",
            "pageToken",
            "syncToken",
            "requestSyncToken",
        }
        if (
            len(query) != len(pairs)
            or not query.keys() <= known
            or not fields <= FIELDS
            or not size.isdigit()
            or not 1 <= int(size) <= 1_000
        ):
            return _error(400, "INVALID_ARGUMENT")
        return self._listed(query, fields, min(int(size), self.page_size))

    def _listed(self, query: dict[str, str], fields: set[str], size: int) -> Answer:
        asked = {k: v for k, v in query.items() if k not in ("syncToken", "pageToken")}
        present = [
            one
            for one in self._people.values()
            if not one.data.get("metadata", {}).get("deleted")
        ]
        page, sync = query.get("pageToken"), query.get("syncToken")
        version = self._version
        if page is not None:
            if page not in self._states:
                return _error(400, "INVALID_ARGUMENT")
            first, version, waiting = self._states[page]
            if first != {**asked, "syncToken": sync or ""}:
                return _error(400, "INVALID_ARGUMENT")
        elif sync is not None:
            if sync not in self._states:
                return _error(400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN")
            first, since, _ = self._states[sync]
            if first != asked:
                return _error(400, "INVALID_ARGUMENT")
            waiting = [o.data for o in self._people.values() if o.version > since]
        else:
            waiting = [one.data for one in present]
        shown = [_masked(one, fields) for one in waiting[:size]]
        body: dict[str, Any] = {"totalItems": len(present), "totalPeople": len(present)}
        if shown:
            body["connections"] = shown
        name = f"token-{len(self._states)}"
        if waiting[size:]:
            kept = {**asked, "syncToken": sync or ""}
            self._states[name] = kept, version, waiting[size:]
            body["nextPageToken"] = name
        elif query.get("requestSyncToken") == "true":
            self._states[name] = asked, version, []
            body["nextSyncToken"] = name
        return 200, body, {}


def _masked(person: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    always = {"resourceName", "etag"}
    return {key: value for key, value in person.items() if key in fields | always}


def _error(status: int, word: str, reason: str = "") -> Answer:
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "people.googleapis.com",
        }
    ]
    error = {
        "code": status,
        "message": f"{word} of the stand-in",
        "status": word,
        "details": details if reason else [],
    }
    return status, {"error": error}, {}
