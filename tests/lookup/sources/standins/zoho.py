"""A stand-in for Zoho CRM, not Zoho CRM.

Written from its public documentation (https://www.zoho.com/crm/developer/docs/api/v8):
"Search Records", "Get Organization", "Status Codes", "API Limits"; and "OAuth" and
"Multi DC" (by ``authorization.AuthorizationServer``). A number is looked for in the
text as it was typed: whether the service passes over blanks is not documented.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.lookup.sources.standins.authorization import (
    CLIENT_SECRET,
    AuthorizationServer,
)
from tests.lookup.sources.standins.common import Answer, Refused, StandIn

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request

SCOPES = (
    "ZohoCRM.modules.contacts.READ,ZohoCRM.modules.leads.READ,ZohoCRM.org.READ,"
    "ZohoSearch.securesearch.READ"
)
PHONES = {
    "Contacts": ("Phone", "Mobile", "Home_Phone", "Other_Phone", "Asst_Phone"),
    "Leads": ("Phone", "Mobile"),
}
FIELDS = {
    "Contacts": {"Account_Name", "Title", *PHONES["Contacts"]},
    "Leads": {"Company", "Designation", *PHONES["Leads"]},
}
COMMON = {"Full_Name", "First_Name", "Last_Name", "Email", "Modified_Time"}
KINDS_OF_SEARCH = {"criteria", "email", "phone", "word"}


def _error(status: int, code: str, message: str, **details: Any) -> Refused:
    body = {"code": code, "details": details, "message": message, "status": "error"}
    return Refused(Answer(status, body))


class ZohoStandIn(StandIn):
    """Attributes:
    refused_modules: The answer of modules that the user may not read.
    lacking_scopes: Whether the consent covers less than is asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.server = AuthorizationServer(
            scopes=(SCOPES,),
            client_secret=CLIENT_SECRET,
            required={"access_type": "offline", "prompt": "consent"},
            rotates=False,
        )
        self.records: dict[str, dict[str, Any]] = {}
        self.refused_modules: dict[str, str] = {}
        self.lacking_scopes = False
        self.asked: list[tuple[str, str]] = []

    def add(self, module: str, record_id: str, **values: Any) -> None:
        changed = "2026-11-20T09:00:00+01:00"
        self.records[record_id] = {
            "module": module, "id": record_id, "Modified_Time": changed,
            "is_converted": False, **values,
        }  # fmt: skip

    async def __call__(self, request: Request, connection: Connection) -> None:
        for place, own in (
            ("/oauth/v2/auth", "/authorize"),
            ("/oauth/v2/token", "/token"),
        ):
            if request.path == place:
                target = request.target.replace(place, own, 1)
                await self.server.handle(replace(request, target=target), connection)
                return
        await super().__call__(request, connection)

    def answer(self, request: Request) -> Answer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Zoho-oauthtoken" or token not in self.server.access:
            raise _error(401, "INVALID_TOKEN", "invalid oauth token")
        if self.lacking_scopes:
            raise _error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")
        if request.method != "GET":
            raise _error(400, "INVALID_REQUEST_METHOD", "The http request method")
        if request.path == "/crm/v8/org":
            org = {"company_name": "Example Ltd", "domain_name": "org42", "zgid": "42"}
            return Answer(200, {"org": [org]})
        module = request.path.removeprefix("/crm/v8/").removesuffix("/search")
        if request.path != f"/crm/v8/{module}/search" or module not in FIELDS:
            raise _error(404, "INVALID_URL_PATTERN", "Please check if the URL is right")
        return self._search(module, request.query)

    def _search(self, module: str, query: dict[str, str]) -> Answer:
        why = self.refused_modules.get(module)
        if why == "NO_PERMISSION":
            raise _error(403, why, "permission denied", permissions=["Crm_View_Leads"])
        if why:
            raise _error(400, why, "the module name given seems to be invalid")
        by = set(query) & KINDS_OF_SEARCH
        if len(by) != 1 or set(query) - KINDS_OF_SEARCH - {
            "fields",
            "per_page",
            "page",
        }:
            raise _error(400, "INVALID_QUERY", "invalid query formed")
        names = query["fields"].split(",")
        unknown = set(names) - FIELDS[module] - COMMON
        if unknown or not 1 <= int(query["per_page"]) <= 200:
            raise _error(400, "INVALID_DATA", "invalid data", name=sorted(unknown))
        (kind,) = by
        term = query[kind]
        if len(term) < 2:
            raise _error(400, "INVALID_DATA", "minimum length")
        self.asked.append((module, term))
        found = [
            {"id": record["id"], **{name: record.get(name) for name in names}}
            for record in self.records.values()
            if record["module"] == module
            and not record["is_converted"]
            and any(term.casefold() in text.casefold() for text in _texts(record, kind))
        ]
        if not found:
            return Answer(204)
        shown = found[: int(query["per_page"])]
        info = {"per_page": 50, "count": len(shown), "page": 1, "more_records": False}
        return Answer(200, {"data": shown, "info": info})


def _texts(record: dict[str, Any], kind: str) -> list[str]:
    names = PHONES[record["module"]] if kind == "phone" else tuple(record)
    return [record[name] for name in names if isinstance(record.get(name), str)]
