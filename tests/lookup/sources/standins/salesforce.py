"""A stand-in for Salesforce, not Salesforce.

Written from its public documentation (https://developer.salesforce.com/docs): "REST API
Developer Guide" (Search, Query, sObject Describe, Status Codes and Error Responses),
"SOQL and SOSL Reference" (FIND and its reserved characters, IN SearchGroup, RETURNING,
LIKE), "OAuth 2.0 Web Server Flow" (by ``authorization.AuthorizationServer``). The index
holds words as they are parted by blanks and punctuation, as is documented; whether the
service reads telephone numbers more cleverly is not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.lookup.sources.standins.authorization import AuthorizationServer
from tests.lookup.sources.standins.common import Answer, Refused, StandIn, like

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request

PHONES = {
    "Contact": ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"),
    "Lead": ("Phone", "MobilePhone"),
    "Account": ("Phone", "Fax"),
}
FIELDS = {
    "Contact": {"Id", "Name", "Title", "Email", "AccountId", "LastModifiedDate"},
    "Lead": {"Id", "Name", "Title", "Email", "Company", "LastModifiedDate"},
    "Account": {"Id", "Name", "LastModifiedDate"},
}
_RESERVED = re.compile(r"""(?<!\\)[?&|!{}\[\]()^~:"'+\-]""")
_FIND = re.compile(r"FIND \{(.+?)\} IN (PHONE|ALL) FIELDS RETURNING (.+)")
_RETURNED = re.compile(
    r"(\w+)\(([\w., ]+?)( WHERE IsConverted = false)?"
    r" ORDER BY LastModifiedDate DESC LIMIT (\d+)\)(?:, |$)"
)
_SELECT = re.compile(
    r"SELECT ([\w., ]+) FROM (\w+) WHERE SystemModstamp >= YESTERDAY AND "
    r"\((\w+ LIKE '[%\d]+'(?: OR \w+ LIKE '[%\d]+')*)\)( AND IsConverted = false)? "
    r"ORDER BY LastModifiedDate DESC LIMIT (\d+)"
)


def _error(status: int, code: str, message: str) -> Refused:
    return Refused(Answer(status, [{"message": message, "errorCode": code}]))


class SalesforceStandIn(StandIn):
    """Attributes:
    fields: What each kind of record has; a kind that is left out is not shown.
    unindexed: Ids of records that were entered just now.
    """

    def __init__(self) -> None:
        super().__init__()
        self.server = AuthorizationServer(
            scopes=("api", "refresh_token"), lifetime=None, rotates=False
        )
        self.fields = {kind: FIELDS[kind] | set(PHONES[kind]) for kind in FIELDS}
        self.records: dict[str, dict[str, Any]] = {}
        self.unindexed: set[str] = set()
        self.questions: list[str] = []

    def add(self, kind: str, record_id: str, **values: Any) -> None:
        changed = "2026-11-20T08:00:00.000+0000"
        self.records[record_id] = {
            "kind": kind, "Id": record_id, "LastModifiedDate": changed,
            "IsConverted": False, **values,
        }  # fmt: skip

    async def __call__(self, request: Request, connection: Connection) -> None:
        if request.path.startswith("/services/oauth2/"):
            target = request.target.removeprefix("/services/oauth2")
            await self.server.handle(replace(request, target=target), connection)
            return
        await super().__call__(request, connection)

    def answer(self, request: Request) -> Answer:
        if not self.server.knows(request):
            raise _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if request.method != "GET":
            raise _error(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed.")
        what = request.path.removeprefix("/services/data/v62.0/")
        if what == "search":
            return self._search(request.query["q"])
        if what == "query":
            return self._query(request.query["q"])
        found = re.fullmatch(r"sobjects/(\w+)/describe", what)
        if found and found.group(1) in self.fields:
            names = [{"name": name} for name in sorted(self.fields[found.group(1)])]
            return Answer(200, {"name": found.group(1), "fields": names})
        raise _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _search(self, question: str) -> Answer:
        self.questions.append(question)
        parts = _FIND.fullmatch(question)
        if parts is None:
            raise _error(400, "MALFORMED_SEARCH", f"unexpected token: {question}")
        terms, group, returning = parts.groups()
        wanted = _RETURNED.findall(returning)
        if "".join(_RETURNED.sub("", returning)):
            raise _error(400, "MALFORMED_SEARCH", f"unexpected token: {returning}")
        found: list[dict[str, Any]] = []
        # The kinds of records come in no order that is promised.
        for kind, names, only, limit in reversed(wanted):
            self._know(kind, names.split(", "))
            fits = [
                record
                for record in self._of(kind, is_open=bool(only))
                if record["Id"] not in self.unindexed
                and _matches(terms, self._texts(record, group))
            ]
            found += [self._shown(each, names) for each in fits[: int(limit)]]
        return Answer(200, {"searchRecords": found})

    def _query(self, question: str) -> Answer:
        self.questions.append(question)
        if question == "SELECT Name, IsSandbox FROM Organization LIMIT 1":
            values = {"Name": "Example Ltd", "IsSandbox": False}
            record = {"attributes": {"type": "Organization"}, **values}
            return Answer(200, {"totalSize": 1, "done": True, "records": [record]})
        parts = _SELECT.fullmatch(question)
        if parts is None:
            raise _error(400, "MALFORMED_QUERY", f"unexpected token: {question}")
        names, kind, conditions, only, limit = parts.groups()
        asked = re.findall(r"(\w+) LIKE '([^']*)'", conditions)
        self._know(kind, [*names.split(", "), *(field for field, _ in asked)])
        fits = [
            self._shown(record, names)
            for record in self._of(kind, is_open=bool(only))
            if record["Id"] in self.unindexed
            and any(like(pattern, record.get(name) or "") for name, pattern in asked)
        ]
        shown = fits[: int(limit)]
        return Answer(200, {"totalSize": len(shown), "done": True, "records": shown})

    def _of(self, kind: str, *, is_open: bool) -> list[dict[str, Any]]:
        return [
            record
            for record in self.records.values()
            if record["kind"] == kind and not (is_open and record["IsConverted"])
        ]

    def _know(self, kind: str, names: list[str]) -> None:
        if kind not in self.fields:
            raise _error(
                400, "INVALID_TYPE", f"sObject type '{kind}' is not supported."
            )
        known = set(self.fields[kind])
        known |= {"Account.Name"} if "AccountId" in known else set()
        for name in names:
            if name not in known:
                message = f"No such column '{name}' on entity '{kind}'."
                raise _error(400, "INVALID_FIELD", message)

    def _texts(self, record: dict[str, Any], group: str) -> list[str]:
        names = PHONES[record["kind"]]
        if group == "ALL":
            names = (*names, "Name", "Title", "Email", "Company")
        return [record[name] for name in names if record.get(name)]

    def _shown(self, record: dict[str, Any], names: str) -> dict[str, Any]:
        kind = record["kind"]
        url = f"/services/data/v62.0/sobjects/{kind}/{record['Id']}"
        shown: dict[str, Any] = {"attributes": {"type": kind, "url": url}}
        for name in names.split(", "):
            if name == "Account.Name":
                account = record.get("Account")
                shown["Account"] = account and {
                    "attributes": {"type": "Account"},
                    "Name": account,
                }
            else:
                shown[name] = record.get(name)
        return shown


def _matches(terms: str, texts: list[str]) -> bool:
    alternatives = terms.split(" OR ")
    words = alternatives if len(alternatives) > 1 else re.findall(r'"[^"]*"|\S+', terms)
    hits = [any(_has(text, term) for text in texts) for term in words]
    return any(hits) if len(alternatives) > 1 else all(hits)


def _has(text: str, term: str) -> bool:
    quoted = re.fullmatch(r'"(.*)"', term)
    inner = quoted.group(1) if quoted else term
    is_open = not quoted and inner.endswith("*")
    inner = inner.removesuffix("*") if is_open else inner
    if _RESERVED.search(inner) or len(re.sub(r"\W", "", inner)) < 2:
        raise _error(400, "MALFORMED_SEARCH", f"unexpected token: {term}")
    wanted = re.findall(r"\w+", inner.casefold())
    held = re.findall(r"\w+", text.casefold())
    for place in range(len(held) - len(wanted) + 1):
        piece = held[place : place + len(wanted)]
        if piece == wanted or (is_open and piece[0].startswith(wanted[0])):
            return True
    return False
