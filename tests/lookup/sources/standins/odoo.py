"""A stand-in for an Odoo server, not Odoo.

Written from its public documentation (https://www.odoo.com/documentation/19.0, under
Developer, Reference): "External JSON-2 API" (request, response, errors, database,
migration), "External RPC API" (common and object services), "ORM API: Search
domains"; and from what the module ``phone_validation`` of the community edition does:
the term is looked for in the number without blanks, brackets, hyphens, dots, slashes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import phonenumbers

from tests.lookup.sources.standins.common import Answer, Refused, StandIn

if TYPE_CHECKING:
    from tests.net.loopback import Request

KEY = "6578616d706c65206a736f6e206170694b4559canary"
DATABASE = "mycompany"
LOGIN = "tess@example.com"
USER_ID = 8
BASIC = {
    "id", "name", "is_company", "commercial_company_name", "parent_id", "function",
    "email", "write_date", "phone",
}  # fmt: skip
_PASSED_OVER = re.compile(r"[\s\\./()\-]")


class _Fault(Exception):
    """An exception inside Odoo."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message

    @property
    def fields(self) -> dict[str, Any]:
        debug = f"Traceback (most recent call last):\n{self.name}: {self.message}"
        return {
            "name": self.name,
            "message": self.message,
            "arguments": [self.message],
            "context": {},
            "debug": debug,
        }


class OdooStandIn(StandIn):
    """Attributes:
    has_json_two: Version 19 or newer.
    fields: The fields of ``res.partner``; what modules add is to be added.
    """

    def __init__(self, *, has_json_two: bool = True) -> None:
        super().__init__()
        self.key = KEY
        self.has_json_two = has_json_two
        self.databases = {DATABASE}
        self.fields = BASIC | {"phone_sanitized", "phone_mobile_search"}
        if not has_json_two:
            self.fields |= {"mobile"}
        self.partners: dict[int, dict[str, Any]] = {}
        self.domains: list[Any] = []
        self.is_partner_allowed = True

    def add(self, record_id: int, name: str, **values: Any) -> None:
        empty = dict.fromkeys(self.fields - {"phone_mobile_search"}, False)
        record = {**empty, "id": record_id, "write_date": "2026-11-20 08:00:00"}
        self.partners[record_id] = {**record, "name": name, "active": True, **values}

    def answer(self, request: Request) -> Answer:
        if request.path == "/jsonrpc":
            return self._json_rpc(request)
        found = re.fullmatch(r"/json/2/([\w.]+)/(\w+)", request.path)
        if found and self.has_json_two:
            try:
                return Answer(200, self._json_two(request, *found.groups()))
            except _Fault as fault:
                raise Refused(Answer(fault.status, fault.fields)) from None
        page = b"<!doctype html><title>404 Not Found</title>"
        return Answer(404, page, content_type="text/html; charset=utf-8")

    def _json_two(self, request: Request, model: str, method: str) -> Any:
        if request.method != "POST":
            raise _Fault(405, "werkzeug.exceptions.MethodNotAllowed", "POST")
        database = request.headers.get("x-odoo-database", "")
        if database not in self.databases and (database or len(self.databases) > 1):
            raise _Fault(404, "werkzeug.exceptions.NotFound", "no such database")
        if request.headers.get("authorization") != f"bearer {self.key}":
            raise _Fault(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise _Fault(415, "werkzeug.exceptions.UnsupportedMediaType", "JSON")
        arguments = json.loads(request.body)
        arguments.pop("context", None)
        return self._call(model, method, arguments.pop("ids", []), arguments)

    def _json_rpc(self, request: Request) -> Answer:
        body = json.loads(request.body)
        assert request.method == "POST"
        assert request.headers["content-type"].startswith("application/json")
        assert (body["jsonrpc"], body["method"]) == ("2.0", "call")
        assert set(body["params"]) == {"service", "method", "args"}
        reply = {"jsonrpc": "2.0", "id": body["id"]}
        try:
            return Answer(200, {**reply, "result": self._service(**body["params"])})
        except _Fault as fault:
            error = {"code": 200, "message": "Odoo Server Error", "data": fault.fields}
            return Answer(200, {**reply, "error": error})

    def _service(self, service: str, method: str, args: list[Any]) -> Any:
        if args[0] not in self.databases:
            message = f'FATAL:  database "{args[0]}" does not exist'
            raise _Fault(200, "psycopg2.OperationalError", message)
        if (service, method) == ("common", "authenticate"):
            _database, login, key, _environment = args
            return USER_ID if (login, key) == (LOGIN, self.key) else False
        assert (service, method) == ("object", "execute_kw")
        _database, user, key, model, name, positional, named = args
        if (user, key) != (USER_ID, self.key):
            raise _Fault(200, "odoo.exceptions.AccessDenied", "Access Denied")
        ids = positional[0] if positional else []
        return self._call(model, name, ids, named)

    def _call(
        self, model: str, method: str, ids: list[int], named: dict[str, Any]
    ) -> Any:
        if (model, method) == ("res.users", "context_get"):
            return {"lang": "en_GB", "tz": "Europe/London", "uid": USER_ID}
        if (model, method) == ("res.users", "read"):
            assert ids == [USER_ID]
            user = {"name": "Tess Token", "company_id": [1, "Example Ltd"]}
            return [{"id": USER_ID, **{name: user[name] for name in named["fields"]}}]
        if model != "res.partner":
            raise _Fault(404, "werkzeug.exceptions.NotFound", f"no model {model!r}")
        if not self.is_partner_allowed:
            message = (
                "You are not allowed to access 'Contact' (res.partner) records.\n\n"
                "This operation is allowed for these groups:\n\t- Contact Creation"
            )
            raise _Fault(403, "odoo.exceptions.AccessError", message)
        if method == "fields_get" and set(named) == {"allfields", "attributes"}:
            known = self.fields & set(named["allfields"])
            return {name: {"type": "char"} for name in sorted(known)}
        if method == "search_read" and not ids:
            return self._search_read(**named)
        raise _Fault(422, "werkzeug.exceptions.UnprocessableEntity", "wrong arguments")

    def _search_read(
        self, *, domain: list[Any], fields: list[str], limit: int, order: str
    ) -> list[dict[str, Any]]:
        assert order == "write_date desc"
        unknown = set(fields) - self.fields
        unknown |= {each[0] for each in domain if each not in ("|", "&")} - self.fields
        if unknown:
            message = f"Invalid field {sorted(unknown)[0]!r} on model 'res.partner'"
            raise _Fault(500, "builtins.ValueError", message)
        self.domains.append(domain)
        found = [
            record
            for record in self.partners.values()
            if record["active"] and _holds(record, domain)
        ]
        return [
            {name: each[name] for name in {"id", *fields}} for each in found[:limit]
        ]


def _holds(record: dict[str, Any], domain: list[Any]) -> bool:
    """Whether the conditions hold, in prefix notation."""
    rest = list(domain)

    def next_one() -> bool:
        item = rest.pop(0)
        if item == "|":
            first, second = next_one(), next_one()
            return first or second
        return _fits(record, *item)

    is_true = next_one()
    assert not rest, "a domain with too few operators"
    return is_true


def _fits(record: dict[str, Any], field: str, operator: str, value: Any) -> bool:
    if field == "phone_mobile_search":
        if len(value) < 3:
            raise _Fault(422, "odoo.exceptions.UserError", "at least 3 characters")
        assert operator == "ilike"
        bare = [_PASSED_OVER.sub("", record.get(n) or "") for n in ("phone", "mobile")]
        wanted = _PASSED_OVER.sub("", value)
        if value.startswith(("+", "00")):
            ends = wanted[1 if value.startswith("+") else 2 :]
            return any(each.startswith((f"00{ends}", f"+{ends}")) for each in bare)
        return any(wanted in each for each in bare)
    held = record[field]
    if operator == "=":
        return bool(held == value)
    assert operator == "ilike"
    return isinstance(held, str) and _ilike(f"%{value}%", held)


def _ilike(pattern: str, text: str) -> bool:
    """PostgreSQL's ILIKE: ``%`` anything, ``_`` one character, ``\\`` quotes."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    regex = "".join(
        re.escape(part[1:]) if len(part) == 2 else wild.get(part, re.escape(part))
        for part in parts
    )
    return re.fullmatch(regex, text, re.IGNORECASE | re.DOTALL) is not None


def sanitized(raw: str, region: str) -> str:
    """What Odoo makes of a number by the contact's country."""
    parsed = phonenumbers.parse(raw, region)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
