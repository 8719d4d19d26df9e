"""A stand-in for Pipedrive's API, not Pipedrive.

Written from its public documentation: https://developers.pipedrive.com/docs/api/v1
("Persons: Search persons" of API v2, "Users: Get current user data" of API v1) and
https://pipedrive.readme.io/docs ("Authentication", "HTTP status codes", "Rate
limiting"). The term is looked for in the number as it was typed: whether the service
passes over blanks is not documented, and this is the harder of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.lookup.sources.standins.common import Answer, Refused, StandIn

if TYPE_CHECKING:
    from tests.net.loopback import Request

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0canary"
KNOWN = {
    "term", "fields", "exact_match", "organization_id", "include_fields", "limit",
    "cursor",
}  # fmt: skip
FIELDS = {"custom_fields", "email", "notes", "phone", "name"}


def _error(status: int, error: str) -> Refused:
    info = "Please check developers.pipedrive.com"
    body = {"success": False, "error": error, "errorCode": status, "error_info": info}
    return Refused(Answer(status, body))


class PipedriveStandIn(StandIn):
    """Attributes:
    has_second_version: Whether ``/api/v2/persons/search`` is there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.has_second_version = True
        self.persons: dict[int, dict[str, Any]] = {}
        self.terms: list[str] = []

    def add(
        self, record_id: int, name: str, *phones: str, organization: str = ""
    ) -> None:
        self.persons[record_id] = {
            "id": record_id,
            "type": "person",
            "name": name,
            "phones": list(phones),
            "emails": ["ana@example.com"],
            "primary_email": "ana@example.com",
            "visible_to": 3,
            "owner": {"id": 1},
            "organization": (
                {"id": 7, "name": organization, "address": None}
                if organization
                else None
            ),
            "custom_fields": [],
            "notes": [],
            "update_time": "2026-11-20T08:00:00.000Z",
        }

    def answer(self, request: Request) -> Answer:
        if request.headers.get("x-api-token") != self.token or (
            "api_token" in request.query
        ):
            raise _error(401, "unauthorized access")
        if request.path == "/api/v1/users/me":
            self._only_get(request)
            return Answer(
                200,
                {
                    "success": True,
                    "data": {
                        "id": 1,
                        "name": "Tess Token",
                        "email": "tess@example.com",
                        "company_id": 12,
                        "company_name": "Example Ltd",
                        "company_domain": "example-ltd",
                    },
                },
            )
        paths = {"/v1/persons/search"}
        if self.has_second_version:
            paths = {"/api/v2/persons/search"}
        if request.path in paths:
            self._only_get(request)
            return self._search(request.query)
        raise _error(404, "Unknown method .")

    def _only_get(self, request: Request) -> None:
        if request.method != "GET" or request.body:
            raise _error(405, "Method not allowed")

    def _search(self, query: dict[str, str]) -> Answer:
        term, limit = query.get("term", ""), query.get("limit", "100")
        fields = query.get("fields", ",".join(sorted(FIELDS))).split(",")
        if set(query) - KNOWN or not set(fields) <= FIELDS:
            raise _error(400, "Bad request")
        exact = query.get("exact_match", "false")
        if exact not in {"true", "false"} or len(term) < (1 if exact == "true" else 2):
            raise _error(400, "Term is too short")
        if not limit.isdigit() or not 1 <= int(limit) <= 500:
            raise _error(400, "limit must be between 1 and 500")
        self.terms.append(term)
        items = [
            {"result_score": 0.29, "item": person}
            for person in self.persons.values()
            if any(
                term.casefold() in text.casefold() for text in _texts(person, fields)
            )
        ]
        more = {"next_cursor": "eyJpZCI6MX0" if len(items) > int(limit) else None}
        shown = {"items": items[: int(limit)]}
        return Answer(200, {"success": True, "data": shown, "additional_data": more})


def _texts(person: dict[str, Any], fields: list[str]) -> list[str]:
    held = {
        "name": [person["name"]],
        "phone": person["phones"],
        "email": person["emails"],
    }
    return [text for field in fields for text in held.get(field, ())]
