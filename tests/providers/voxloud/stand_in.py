"""A small strict Voxloud, written from the vendor's reference for these tests alone.

Every request must have the right method, header, media type, JSON body and, where the
reference says so, E.164 numbers; anything else gets the documented error and is noted
in ``complaints``, which the tests expect to be empty.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Handler, Request

KEY = "SEKRET-4711-canary"
FIXTURES = Path(__file__).parent / "fixtures"
EVENT_TYPES = {
    "CALL_INCOMING",
    "CALL_STARTED",
    "CALL_ANSWERED",
    "CALL_HANGUP",
    "PHONE_CALL",
    "FAX_CALL",
    "CLICK_TO_CALL",
}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")


def recorded(name: str) -> Any:
    """A recorded payload or answer."""
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


class Refused(Exception):
    """The request gets this status and body."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass
class StandIn:
    """The state of the phone system; ``handle`` is its HTTP side."""

    key: str = KEY
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: list[dict[str, Any]] = field(
        default_factory=lambda: recorded("answer_users")
    )
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    groups: int = 0
    offers_click_to_call: bool = True
    types_refused: set[str] = field(default_factory=set)
    lists_type_for_event_type: bool = False
    quota_refusal: tuple[int, str] = (403, "click-to-call quota exceeded")
    connected: list[tuple[str, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faults: deque[tuple[str, Handler]] = field(default_factory=deque)
    log: list[str] = field(default_factory=list)
    _made: int = 0

    def fail_next(self, target: str, handler: Handler) -> None:
        """Answer the next request like ``"POST /api/v1/contacts"`` with ``handler``."""
        self.faults.append((target, handler))

    async def handle(self, request: Request, connection: Connection) -> None:
        self.log.append(f"{request.method} {request.path}")
        if self.faults and self.faults[0][0] == self.log[-1]:
            await self.faults.popleft()[1](request, connection)
            return
        try:
            status, value = self._answer(request)
        except Refused as refused:
            if refused.status in (400, 405, 406):
                self.complaints.append(f"{self.log[-1]}: {refused.text}")
            body = json.dumps({"message": refused.text}).encode()
            await connection.reply(refused.status, body)
            return
        if isinstance(value, bytes):
            await connection.reply(status, value, "text/csv")
        else:
            body = b"" if value is None else json.dumps(value).encode()
            await connection.reply(status, body, Date="Sun, 22 Nov 2026 10:00:00 GMT")

    def _answer(self, request: Request) -> tuple[int, Any]:
        if request.headers.get("voverc-auth") != self.key:
            raise Refused(401, "wrong key")
        accept = request.headers.get("accept", "")
        path = request.path
        wanted = {"application/json"}
        if (request.method, path) == ("POST", "/api/v1/telephony-events"):
            wanted.add("text/csv")
        if accept not in wanted:
            raise Refused(406, accept)
        if path == "/api/v2/users":
            self._need(request, "GET")
            return 200, self.users
        collection, _, item = path.removeprefix("/api/v1/").partition("/")
        if not path.startswith("/api/v1/"):
            raise Refused(404, path)
        routes = {
            "validate-auth": self._validate_auth,
            "contacts": self._contacts,
            "webhook-subscriptions": self._subscriptions,
            "telephony-events": self._events,
            "click-to-call": self._click_to_call,
        }
        if collection not in routes:
            raise Refused(404, path)
        return routes[collection](request, item)

    # --- checks -----------------------------------------------------------------------

    def _need(self, request: Request, *methods: str) -> None:
        if request.method not in methods:
            raise Refused(405, f"{request.method} {request.path}")

    def _body(
        self, request: Request, required: set[str], optional: set[str]
    ) -> dict[str, Any]:
        if request.headers.get("content-type") != "application/json":
            raise Refused(400, "the body is not declared as JSON")
        try:
            body = request.json()
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "the body is no object")
        if missing := required - body.keys():
            raise Refused(400, f"missing: {sorted(missing)}")
        if unknown := body.keys() - required - optional:
            raise Refused(400, f"unknown: {sorted(unknown)}")
        return body

    def _need_e164(self, *numbers: Any) -> None:
        for number in numbers:
            if not isinstance(number, str) or not _E164.fullmatch(number):
                raise Refused(400, "a number is not in E.164")

    def _new_id(self) -> str:
        self._made += 1
        return f"00000000-0000-4000-8000-{self._made:012}"

    def _found(self, collection: dict[str, Any], item: str) -> Any:
        if item not in collection:
            raise Refused(404, "unknown id")
        return collection[item]

    # --- endpoints --------------------------------------------------------------------

    def _validate_auth(self, request: Request, item: str) -> tuple[int, Any]:
        self._need(request, "POST")
        if item:
            raise Refused(404)
        return 200, {"name": "Acme", "email": "admin@example.com"}

    def _contacts(self, request: Request, item: str) -> tuple[int, Any]:
        if not item:
            self._need(request, "GET", "POST")
            if request.method == "GET":
                return 200, self._search(request.query)
            item = self._new_id()
        else:
            self._need(request, "GET", "PUT", "DELETE")
            self._found(self.contacts, item)
            if request.method == "DELETE":
                del self.contacts[item]
                return 204, None
            if request.method == "GET":
                return 200, self.contacts[item]
        text = {
            "last_name",
            "primary_email",
            "company_name",
            "job_title",
            "website",
            "crm_name",
            "crm_contact_url",
        }
        body = self._body(
            request, {"first_name", "primary_phone"}, text | {"phones", "emails"}
        )
        self._need_e164(body["primary_phone"], *body.get("phones", ()))
        stamp = "2026-11-22T10:00:00+01:00"
        stored = {"id": item, "crm_name": "Voxloud", "phones": [], **body}
        self.contacts[item] = stored | {"created_at": stamp, "updated_at": stamp}
        return 200, self.contacts[item]

    def _search(self, query: dict[str, str]) -> Any:
        known = {"first_name", "last_name", "phone", "email", "offset", "limit"}
        if query.keys() - known or "" in query.values():
            raise Refused(400, f"unknown or empty parameter: {sorted(query)}")
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "20"))
        if offset < 0 or not 0 < limit <= 100:
            raise Refused(400, "offset or limit out of range")

        def fits(contact: dict[str, Any]) -> bool:
            numbers = [contact["primary_phone"], *contact.get("phones", ())]
            emails = [contact.get("primary_email", ""), *contact.get("emails", ())]
            texts = {
                "first_name": [contact.get("first_name", "")],
                "last_name": [contact.get("last_name", "")],
                "phone": numbers,
                "email": emails,
            }
            return all(
                any(query[name].casefold() in text.casefold() for text in values)
                for name, values in texts.items()
                if name in query
            )

        found = [contact for contact in self.contacts.values() if fits(contact)]
        page = found[offset : offset + limit]
        return {"data": page, "has_next": len(found) > offset + limit}

    def _subscriptions(self, request: Request, item: str) -> tuple[int, Any]:
        if not item:
            self._need(request, "GET", "POST")
            if request.method == "GET":
                return 200, list(map(self._listed, self.subscriptions.values()))
            body = self._body(
                request, {"callback_url", "event_type"}, {"notification_email"}
            )
            item = self._new_id()
        else:
            self._need(request, "GET", "PUT", "DELETE")
            self._found(self.subscriptions, item)
            if request.method == "DELETE":
                del self.subscriptions[item]
                return 204, None
            if request.method == "GET":
                return 200, self.subscriptions[item]
            body = self._body(
                request,
                {"id", "callback_url", "event_type"},
                {"enabled", "notification_email"},
            )
            if body["id"] != item:
                raise Refused(400, "the ids differ")
        if body["event_type"] in self.types_refused:
            raise Refused(422, "unknown event type")
        if body["event_type"] not in EVENT_TYPES:
            raise Refused(400, "unknown event type")
        present = {"id": item, "enabled": True, "failed_count": 0}
        self.subscriptions[item] = present | body
        return 200, self.subscriptions[item]

    def _listed(self, subscription: dict[str, Any]) -> dict[str, Any]:
        if not self.lists_type_for_event_type:
            return subscription
        rest = {k: v for k, v in subscription.items() if k != "event_type"}
        return rest | {"type": subscription["event_type"]}

    def _events(self, request: Request, item: str) -> tuple[int, Any]:
        if item:
            self._need(request, "GET")
            found = [event for event in self.events if str(event["id"]) == item]
            return (200, found[0]) if found else self._unknown()
        self._need(request, "GET", "POST")
        if request.method == "GET":
            call_id = request.query.get("callId", "")
            found = [event for event in self.events if event.get("callId") == call_id]
            return (200, found[0]) if found else self._unknown()
        query = self._body(request, set(), {"number", "date_time_from", "date_time_to"})
        for name in ("date_time_from", "date_time_to"):
            if name in query and not _ISO.fullmatch(query[name]):
                raise Refused(400, f"{name} is not ISO 8601 with milliseconds and zone")
        found = [event for event in self.events if _fits(event, query)]
        order = request.query.get("sort", "timestamp,desc")
        if order not in ("timestamp,asc", "timestamp,desc"):
            raise Refused(400, "unknown sort")
        found.sort(key=lambda e: e["timestamp"], reverse=order.endswith("desc"))
        size, page = int(request.query["size"]), int(request.query["page"])
        content = found[page * size : (page + 1) * size]
        if request.headers["accept"] == "text/csv":
            lines = [
                "id,type",
                *(f"{event['id']},{event['type']}" for event in content),
            ]
            return 200, "\r\n".join(lines).encode()
        pages = -(-len(found) // size)
        return 200, {
            "content": content,
            "first": page == 0,
            "last": page + 1 >= pages,
            "totalElements": len(found),
            "totalPages": pages,
            "numberOfElements": len(content),
            "size": size,
            "number": page,
        }

    def _unknown(self) -> tuple[int, Any]:
        raise Refused(404, "unknown id")

    def _click_to_call(self, request: Request, item: str) -> tuple[int, Any]:
        if not self.offers_click_to_call:
            raise Refused(403, "not part of your plan")
        item, _, action = item.partition("/")
        if action:
            self._need(request, "POST")
            self._found(self.resources, item)
            if action != "connect":
                raise Refused(404)
            body = self._body(request, {"contact"}, set())
            self._need_e164(body["contact"])
            self.connected.append((item, body["contact"]))
            return 200, body
        if item:
            self._need(request, "GET", "DELETE")
            found = self._found(self.resources, item)
            if request.method == "DELETE":
                del self.resources[item]
                return 204, None
            return 200, found
        self._need(request, "GET", "POST")
        if request.method == "GET":
            return 200, list(self.resources.values())
        return 200, self._new_resource(request)

    def _new_resource(self, request: Request) -> dict[str, Any]:
        required = {"name", "extension", "outboundNumber"}
        body = self._body(request, required, {"dial_first"})
        if not isinstance(body["extension"], str):
            raise Refused(400, "the extension is no text")
        if body.get("dial_first", "extension") not in ("extension", "contact"):
            raise Refused(400, "dial_first")
        owned = {
            did["number"]
            for user in self.users
            for did in user["outbound_cli"]["available_dids"]
        }
        if body["outboundNumber"] not in owned:
            raise Refused(400, "outboundNumber is none of the PBX")
        if len(self.resources) >= len(self.users) + self.groups:
            raise Refused(*self.quota_refusal)
        made = {"id": self._new_id(), "dial_first": "extension"} | body
        self.resources[made["id"]] = made | {"name": f"ctc-{body['name']}"}
        return self.resources[made["id"]]


def _fits(event: dict[str, Any], query: dict[str, Any]) -> bool:
    number = query.get("number", "")
    numbers = (event.get("originatorNumber", ""), event.get("destinationNumber", ""))
    return (
        any(number in found for found in numbers)
        and event["timestamp"] >= query.get("date_time_from", "")
        and event["timestamp"] <= query.get("date_time_to", "9999")
    )
