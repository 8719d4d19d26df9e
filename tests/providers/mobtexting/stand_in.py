"""A small strict MobTexting, written from the pages and examples of its documents."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.providers.strict_cloud import (
    Refused,
    Reply,
    StrictCloud,
    check_fields,
    need_method,
    need_no_body,
    object_of,
    query_of,
)

if TYPE_CHECKING:
    from tests.net.loopback import Request

TOKEN = "SEKRET-4711-canary"
BRIDGE, AGENT = "442079460100", "442079460150"
EVENTS = ("voice:message:out", "voice:unsubscription")
_DIGITS = r"[1-9]\d{7,14}"
_DAY = r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-3]\d, \d{4}"
_DATE = r"\d{4}-[01]\d-[0-3]\d"
_CALL = {"bridge": _DIGITS, "from": _DIGITS, "to": rf"{_DIGITS}|flow:\d+"}
_CALL_MORE = {
    "mid": r".{1,64}",
    "webhook_id": r"[\w-]+",
    "record": "[01]",
    "duration": r"[1-9]\d*",
    "attempts": "[0-2]",
}
_PAGE_SIZE = 15


@dataclass
class StandIn(StrictCloud):
    """The state of the account."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[int, dict[str, Any]] = field(default_factory=dict)
    started: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "Unauthenticated.", is_wrong=False)
        if request.headers.get("accept") != "application/json":
            raise Refused(406, "Accept is not JSON")
        path = request.path.removeprefix("/api/v2/")
        section, _, item = path.removeprefix("developer/").partition("/")
        if path.startswith("developer/") and section == "webhooks":
            return self._webhooks(request, item)
        if path.startswith("developer/") and section == "subscriptions":
            return self._subscriptions(request, item)
        paths = {
            "auth/me": self._me,
            "voice/c2c": self._click,
            "voice/calls": self._calls,
            "voice/recordings": self._recordings,
            "outgoing/callstatus": self._state,
            "outgoing/send": self._send,
        }
        if path not in paths:
            raise Refused(404, "there is no such path")
        return paths[path](request)

    def error(self, refused: Refused) -> Any:
        return {"status": refused.status, "message": refused.text}

    def _me(self, request: Request) -> Reply:
        _get(request)
        return Reply(
            {"status": 200, "data": {"name": "Acme", "email": "a@example.com"}}
        )

    # --- calls ------------------------------------------------------------------------

    def _click(self, request: Request) -> Reply:
        need_method(request, "POST")
        body = object_of(request)
        plain, variables = _split(body)
        check_fields(plain, _CALL, _CALL_MORE)
        if variables and not plain["to"].startswith("flow:"):
            raise Refused(422, "variables are for flows")
        self.started.append(body)
        if plain["to"].startswith("flow:"):
            return Reply({"callId": "call-1", "message": "initiated", "status": 200})
        return Reply({"status": 200, "message": "Call initiated successfully"})

    def _send(self, request: Request) -> Reply:
        need_method(request, "POST")
        body = object_of(request)
        plain, _ = _split(body)
        optional = {"flow_id": r"\d+", "audio": r"[\w.-]+|https?://.+", "name": ".+"}
        optional |= {"interval": "0|5|15|30|45|60", "webhook_id": r"[\w-]+"}
        check_fields(plain, {"bridge": _DIGITS, "to": _DIGITS}, optional)
        if ("flow_id" in plain) == ("audio" in plain):
            raise Refused(422, "either flow_id or audio")
        self.started.append(body)
        return Reply({"status": 200, "data": [{"id": "out-1", "status": "queued"}]})

    def _calls(self, request: Request) -> Reply:
        return _paged(_get(request), "datetime[end_at]", self.calls)

    def _recordings(self, request: Request) -> Reply:
        return _paged(_get(request), "datetime[r.created_at]", self.recordings)

    def _state(self, request: Request) -> Reply:
        given = _get(request)
        one = {"id": ".+", "cid": ".+", "date": _DATE, "mobile": _DIGITS}
        check_fields(given, {}, one)
        if len(given) != 1:
            raise Refused(422, "one of id, cid, date, mobile")
        return Reply({"status": 200, "data": []})

    # --- registrations ----------------------------------------------------------------

    def _webhooks(self, request: Request, item: str) -> Reply:
        if not item:
            need_method(request, "GET", "POST")
            if request.method == "GET":
                check = {"filter[name]": ".+", "page": r"[1-9]\d*"}
                check_fields(_get(request), {}, check)
                return _page(list(self.webhooks.values()), query_of(request))
            body = object_of(request)
            required = {"name": ".+", "uri": r"https?://.+"}
            optional = {"status": "[01]", "secret": ".+", "token": ".+"}
            check_fields(body, required, optional)
            item = f"00000000-0000-4000-8000-{len(self.webhooks) + 1:012}"
            self._challenge(body["uri"])
            self.webhooks[item] = {"id": item, "status": 1, "secret": None} | body
            return Reply({"data": self.webhooks[item]}, 201)
        need_method(request, "GET", "PUT", "DELETE")
        if item not in self.webhooks:
            raise Refused(404, "Not found", is_wrong=False)
        if request.method == "DELETE":
            need_no_body(request)
            del self.webhooks[item]
            return Reply({"data": []})
        if request.method == "PUT":
            body = object_of(request)
            optional = {"name": ".+", "uri": r"https?://.+", "status": "[01]"}
            check_fields(body, {}, optional | {"secret": ".+"})
            self.webhooks[item] |= body
        return Reply({"data": self.webhooks[item]})

    def _challenge(self, uri: str) -> None:
        """Call the receiver before anything is stored, as the help page says."""
        sent = {"validation_key": "v-1", "challenge": "c-4711"}
        request = urllib.request.Request(  # noqa: S310 - an address of the test's
            f"{uri}?token=v-1",
            json.dumps(sent).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            if json.load(answer) != {"challenge": "c-4711"}:
                raise Refused(422, "the challenge was not repeated")

    def _subscriptions(self, request: Request, item: str) -> Reply:
        if not item:
            need_method(request, "GET", "POST")
            if request.method == "GET":
                check_fields(_get(request), {}, {"page": r"[1-9]\d*"})
                return _page(list(self.subscriptions.values()), query_of(request))
            body = object_of(request)
            required = {"event": "|".join(EVENTS), "identity": "all"}
            check_fields(body, required | {"webhook_id": r"[\w-]{36}"})
            if body["webhook_id"] not in self.webhooks:
                raise Refused(422, "there is no such webhook")
            number = max(self.subscriptions, default=40) + 1
            self.subscriptions[number] = {"id": number, "payload": None} | body
            return Reply({"data": self.subscriptions[number]}, 201)
        need_method(request, "GET", "DELETE")
        need_no_body(request)
        if not item.isdigit() or int(item) not in self.subscriptions:
            raise Refused(404, "Not found", is_wrong=False)
        if request.method == "GET":
            return Reply({"data": self.subscriptions[int(item)]})
        del self.subscriptions[int(item)]
        return Reply({"data": []})


def _get(request: Request) -> dict[str, str]:
    need_method(request, "GET")
    need_no_body(request)
    return query_of(request)


def _split(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of the table, and the variables with their flat names."""
    named = {name for name in body if re.fullmatch(r"variables\[\w+\]", name)}
    for name in named:
        if not isinstance(body[name], str):
            raise Refused(422, f"{name} is no text")
    plain = {name: value for name, value in body.items() if name not in named}
    return plain, {name: body[name] for name in named}


def _paged(given: dict[str, str], name: str, items: list[dict[str, Any]]) -> Reply:
    check_fields(given, {}, {name: f"{_DAY} - {_DAY}", "page": r"[1-9]\d*"})
    return _page(items, given)


def _page(items: list[dict[str, Any]], given: dict[str, str]) -> Reply:
    number = int(given.get("page", "1"))
    shown = items[(number - 1) * _PAGE_SIZE : number * _PAGE_SIZE]
    last = max(1, -(-len(items) // _PAGE_SIZE))
    following = f"?page={number + 1}" if number < last else None
    meta = {"current_page": number, "last_page": last, "per_page": _PAGE_SIZE}
    return Reply({"data": shown, "links": {"next": following}, "meta": meta})
