"""A stand-in for HubSpot's API, not HubSpot.

Written from its public documentation below https://developers.hubspot.com/docs/:
api-reference/search/guide ("Search the CRM": filters, operators, limits, phone
numbers), api-reference/crm-companies-v3 ("Batch read"),
api-reference/account-account-info-v3 ("Account information") and
api-reference/error-handling ("Error handling").
What it refuses has the documented status, category and wording.
"""

from __future__ import annotations

import fnmatch
import json
from typing import TYPE_CHECKING, Any

import phonenumbers

from tests.lookup.sources.standins.common import Answer, Refused, StandIn, digits_of

if TYPE_CHECKING:
    from tests.net.loopback import Request

TOKEN = "pat-eu1-4f6a7c90-1234-4abc-9def-canary00"
CONTACTS = "crm.objects.contacts.read"
COMPANIES = "crm.objects.companies.read"
PORTAL = 8675309
KNOWN = {
    "contacts": {
        "firstname", "lastname", "email", "phone", "mobilephone", "company",
        "jobtitle", "associatedcompanyid", "lastmodifieddate", "createdate",
        "hs_object_id", "hs_searchable_calculated_phone_number",
        "hs_searchable_calculated_mobile_number",
    },
    "companies": {
        "name", "domain", "phone", "hs_lastmodifieddate", "createdate", "hs_object_id",
    },
}  # fmt: skip
SEARCHED = {
    "contacts": ("firstname", "lastname", "email", "phone", "mobilephone", "company"),
    "companies": ("name", "domain", "phone"),
}
SCOPES = {"contacts": CONTACTS, "companies": COMPANIES}
BODY_KEYS = {"filterGroups", "properties", "sorts", "limit", "query", "after"}


def _error(status: int, category: str, message: str, **more: Any) -> Refused:
    body = {"status": "error", "message": message, "correlationId": "aeb5f871-7f07"}
    return Refused(Answer(status, {**body, "category": category, **more}))


def _searchable(raw: str) -> str:
    """Area code and local number, without country code and leading zeros."""
    try:
        return str(phonenumbers.parse(raw, "GB").national_number)
    except phonenumbers.NumberParseException:
        return digits_of(raw)


class HubSpotStandIn(StandIn):
    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.scopes = {CONTACTS, COMPANIES}
        self.records: dict[str, dict[str, dict[str, str]]] = {
            "contacts": {},
            "companies": {},
        }
        self.archived: set[str] = set()

    def add(self, kind: str, record_id: str, **properties: str) -> None:
        changed = "2026-11-20T08:00:00Z"
        name = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        self.records[kind][record_id] = {
            name: changed, "hs_object_id": record_id, **properties
        }  # fmt: skip

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise _error(
                401,
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 "
                "authentication and you can find more details at "
                "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            )
        if (request.method, request.path) == ("GET", "/account-info/v3/details"):
            return Answer(
                200,
                {
                    "portalId": PORTAL,
                    "accountType": "STANDARD",
                    "timeZone": "Europe/London",
                    "companyCurrency": "GBP",
                    "additionalCurrencies": [],
                    "utcOffset": "+00:00",
                    "utcOffsetMilliseconds": 0,
                    "uiDomain": "app-eu1.hubspot.com",
                    "dataHostingLocation": "eu1",
                },
            )
        for kind in KNOWN:
            if request.path == f"/crm/v3/objects/{kind}/search":
                return self._search(kind, self._body(request, kind, BODY_KEYS))
            if request.path == f"/crm/v3/objects/{kind}/batch/read":
                keys = {"inputs", "properties", "propertiesWithHistory", "idProperty"}
                return self._batch(kind, self._body(request, kind, keys))
        return Answer(404, b"<html>Not found</html>", content_type="text/html")

    def _body(self, request: Request, kind: str, keys: set[str]) -> dict[str, Any]:
        if request.method != "POST":
            raise Refused(Answer(405, b""))
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise Refused(Answer(415, b""))
        if SCOPES[kind] not in self.scopes:
            raise _error(
                403,
                "MISSING_SCOPES",
                "This app hasn't been granted all required scopes to make this call. "
                "Read more about required scopes here: "
                "https://developers.hubspot.com/scopes.",
                errors=[
                    {
                        "message": "One or more of the following scopes are required.",
                        "context": {"requiredGranularScopes": [SCOPES[kind]]},
                    }
                ],
            )
        body: dict[str, Any] = json.loads(request.body)
        if set(body) - keys:
            raise _error(400, "VALIDATION_ERROR", "Invalid input JSON on line 1")
        unknown = set(body.get("properties", ())) - KNOWN[kind]
        assert not unknown, unknown  # HubSpot leaves them out in silence
        return body

    def _search(self, kind: str, body: dict[str, Any]) -> Answer:
        groups, limit = body.get("filterGroups", []), body.get("limit", 10)
        wrong = _problem(groups, kind)
        if not 1 <= limit <= 200:
            wrong = "limit must be between 1 and 200"
        if len(body.get("query", "")) > 3000:
            wrong = "query is too long"
        if wrong:
            raise _error(400, "VALIDATION_ERROR", f"There was a problem: {wrong}")
        found = [
            (record_id, fields)
            for record_id, fields in self.records[kind].items()
            if record_id not in self.archived
            and (not groups or any(self._fits(fields, group) for group in groups))
            and self._has_words(kind, fields, body.get("query", ""))
        ]
        shown = [self._shown(*each, body) for each in found[:limit]]
        return Answer(200, {"total": len(found), "results": shown})

    def _fits(self, fields: dict[str, str], group: dict[str, Any]) -> bool:
        return all(_passes(fields, each) for each in group["filters"])

    def _has_words(self, kind: str, fields: dict[str, str], query: str) -> bool:
        held = " ".join(fields.get(name, "") for name in SEARCHED[kind]).casefold()
        return all(word in held for word in query.casefold().split())

    def _batch(self, kind: str, body: dict[str, Any]) -> Answer:
        ids = [each["id"] for each in body["inputs"]]
        if not 1 <= len(ids) <= 100 or not all(isinstance(each, str) for each in ids):
            raise _error(400, "VALIDATION_ERROR", "Invalid input JSON")
        known = self.records[kind]
        results = [
            self._shown(each, known[each], body) for each in ids if each in known
        ]
        status = 200 if len(results) == len(ids) else 207
        return Answer(status, {"status": "COMPLETE", "results": results})

    def _shown(
        self, record_id: str, fields: dict[str, str], body: dict[str, Any]
    ) -> dict[str, Any]:
        names = {"hs_object_id", *body.get("properties", ())}
        return {
            "id": record_id,
            "properties": {name: fields.get(name) for name in sorted(names)},
            "createdAt": "2026-01-05T10:00:00.000Z",
            "updatedAt": "2026-11-20T08:00:00.000Z",
            "archived": False,
        }


def _problem(groups: list[dict[str, Any]], kind: str) -> str:
    filters = [each for group in groups for each in group["filters"]]
    if len(groups) > 5 or len(filters) > 18:
        return "at most 5 filter groups and 18 filters"
    for each in filters:
        if each["propertyName"] not in KNOWN[kind]:
            return f"unknown property {each['propertyName']}"
        wanted = "values" if each["operator"] == "IN" else "value"
        if set(each) != {"propertyName", "operator", wanted}:
            return f"{each['operator']} wants {wanted}"
        if each["operator"] not in {"EQ", "IN", "CONTAINS_TOKEN"}:
            return "operator"
        # "IN" compares texts in lower case only.
        if wanted == "values" and any(text != text.lower() for text in each["values"]):
            return "values of IN must be in lower case"
    return ""


def _passes(fields: dict[str, str], asked: dict[str, Any]) -> bool:
    name = asked["propertyName"]
    if name.startswith("hs_searchable_calculated_"):
        plain = "phone" if name.endswith("phone_number") else "mobilephone"
        held = _searchable(fields.get(plain, "")) if fields.get(plain) else ""
    else:
        held = fields.get(name, "")
    if asked["operator"] == "EQ":
        return bool(held == asked["value"])
    if asked["operator"] == "IN":
        return held.lower() in asked["values"]
    # One word of the text, "*" standing for any letters of it.
    return any(fnmatch.fnmatchcase(word, asked["value"]) for word in held.split())
