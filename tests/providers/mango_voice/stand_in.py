"""A small strict Mango Voice: call records, voicemail and Click2Call.

Of the older interface, as its historical document describes it. Where that has lost
its tables, what is read into it stands in ``docs/vendors/mango_voice.md``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tests.providers.strict_cloud import (
    Refused,
    Reply,
    StrictCloud,
    check_fields,
    form_of,
    need_method,
    need_no_body,
    query_of,
)

if TYPE_CHECKING:
    from tests.net.loopback import Request

FIXTURES = Path(__file__).parent / "fixtures"
TOKENS = ("SEKRET-one", "SEKRET-two", "SEKRET-three")
CLICK_TOKEN = "SEKRET-click-4711"
PAIRS = {"userid": "SEKRET-user-7", "pbx": "12"}
_DAY = r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?"
_RANGE = rf"(start_date={_DAY})?&?(end_date={_DAY})?"
# Name of a filter, how its value looks, and whether a count takes it.
_FILTERS = {
    "extension": (r"\d{2,6}", True),
    "daterange": (rf"(?=.){_RANGE}", True),
    "direction": (r"inbound|outbound|internal", True),
    "recording": (r"\d+", False),
    "call_uuid": (r"[\w-]{8,64}", False),
}


def record(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return found


@dataclass
class StandIn(StrictCloud):
    """The state of the phone system."""

    records: list[dict[str, Any]] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    dialled: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        segments = [
            unquote(each) for each in urlsplit(request.target).path.split("/")[1:]
        ]
        match segments:
            case ["api", "v1", "cdr", one, two, three, kind, *rest]:
                if (one, two, three) != TOKENS:
                    raise Refused(401, "unknown tokens", is_wrong=False)
                return self._records(request, kind, rest)
            case ["api", "v2", "vm", one, two, three, *rest]:
                if (one, two, three) != TOKENS:
                    raise Refused(401, "unknown token", is_wrong=False)
                return self._voicemail(request, rest)
            case ["api", "v2", "iclicktocall", token] if token == CLICK_TOKEN:
                return self._click(request)
        raise Refused(404, "there is no such path")

    # --- call records -----------------------------------------------------------------

    def _records(self, request: Request, kind: str, rest: list[str]) -> Reply:
        need_method(request, "GET")
        need_no_body(request)
        check_fields(query_of(request), {}, {"format": "json|api"})
        if kind not in ("list", "count") or len(rest) % 2:
            raise Refused(404, "there is no such list")
        filters = dict(zip(rest[::2], rest[1::2], strict=True))
        if len(filters) * 2 != len(rest):
            raise Refused(400, "a filter is given twice")
        for name, value in filters.items():
            expression, counts = _FILTERS.get(name, ("", False))
            if not expression or not re.fullmatch(expression, value, re.ASCII):
                raise Refused(400, f"no filter {name}, or not with this value")
            if kind == "count" and not counts:
                raise Refused(400, f"{name} is for lists only")
        found = [each for each in self.records if _fits(each, filters)]
        return Reply(found if kind == "list" else {"count": len(found)})

    # --- voicemail --------------------------------------------------------------------

    def _voicemail(self, request: Request, rest: list[str]) -> Reply:
        need_no_body(request)
        if not rest:
            need_method(request, "GET")
            check_fields(query_of(request), {}, {"ext": r"\d{2,6}"})
            return Reply(list(self.messages.values()))
        need_method(request, "GET", "PUT", "DELETE")
        check_fields(query_of(request), {})
        if len(rest) != 1 or rest[0] not in self.messages:
            raise Refused(404, "there is no such message", is_wrong=False)
        message = self.messages[rest[0]]
        if request.method == "PUT":
            message["read_epoch"] = 1795342999
        if request.method == "DELETE":
            del self.messages[rest[0]]
        return Reply(message)

    # --- Click2Call -------------------------------------------------------------------

    def _click(self, request: Request) -> Reply:
        need_method(request, "POST")
        fields = form_of(request)
        expected = {name: re.escape(value) for name, value in PAIRS.items()}
        check_fields(fields, expected | {"tonumber": r"\+?\d{8,15}"})
        self.dialled.append(fields)
        return Reply({"status": "success"})


def _fits(one: dict[str, Any], filters: dict[str, str]) -> bool:
    extension = filters.get("extension", "")
    return (
        extension in ("", one["src_ext"], one["dst_ext"])
        and filters.get("direction", one["call_direction"]) == one["call_direction"]
        and filters.get("recording", str(one["id"])) == str(one["id"])
        and filters.get("call_uuid", one["call_uuid"]) == one["call_uuid"]
    )
