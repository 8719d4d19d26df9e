"""A small strict PrimeVOX, written from the vendor's pages.

They name no path for call details, recordings and notes: any will do here, as it is
the account that says which. Names of parameters are case-sensitive and mixed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
KEY = "SEKRET-4711-canary"
CONTAINER = "100200"
DETAILS, RECORDING, NOTES = "/x/details", "/x/recording", "/x/notes"
_SIGNED = {"auth": r".+", "containerID": r"\d{6}"}
_MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_YES_NO = r"[01]"
_OFFSET = r"-?\d{1,3}"
_NUMBER = r"\+?[\d]{3,15}"
_EXTENSION = r"\d{2,6}"
_SUMMARY = {
    "fromDate": _MOMENT,
    "toDate": _MOMENT,
    "utcOffset": _OFFSET,
    "page": r"[1-9]\d*",
    "showInbound": _YES_NO,
    "showOutbound": _YES_NO,
    "showInternal": _YES_NO,
    "filterInboundCallerNumber": _NUMBER,
    "filterInboundDid": _NUMBER,
    "filterInboundExtenReceived": _EXTENSION,
    "filterOutboundNumberDialed": _NUMBER,
    "filterOutboundExtenDialed": _EXTENSION,
    "filterInternalExten": _EXTENSION,
    "filterInternalApp": r"[1-6]",
    "filterWentToVoicemail": "1",
    "filterSpokeToPerson": "1",
    "filterFlaggedFollowup": "1",
    "filterCallSeverity": r"[0-5]",
    "filterCallHasNotes": "1",
    "filterIvrId": r"[\w-]+",
    "filterIvrEventType": r"0|52|53|54",
    "filterIvrPushed": r"[0-9*#]",
}
_NEEDS = {
    "filterInbound": "showInbound",
    "filterOutbound": "showOutbound",
    "filterInternal": "showInternal",
}


def recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


@dataclass
class StandIn(StrictCloud):
    """What it knows, and what it was asked to do."""

    asked: list[dict[str, str]] = field(default_factory=list)
    dialled: list[tuple[str, str]] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    list_answer: Any = field(default_factory=lambda: recorded("answer_call_list"))

    def answer(self, request: Request) -> Reply:
        paths = {
            "/api/call_list.php": self._summary,
            DETAILS: self._details,
            RECORDING: self._recording,
            "/api/c2c_v2.php": self._click,
            "/api/reports/raw/ringgroup": self._ring_groups,
            "/api/messaging/v1/conversations": self._conversations,
            "/api/messaging/v1/conversation": self._conversation,
        }
        if request.path == NOTES:
            return self._note(request)
        if request.path not in paths:
            raise Refused(404, "there is no such path")
        need_method(request, "GET")
        need_no_body(request)
        given = query_of(request)
        self._sign_in(given)
        self.asked.append(given)
        return paths[request.path](given)

    def error(self, refused: Refused) -> Any:
        return {"error": refused.text}

    def _sign_in(self, given: dict[str, str]) -> None:
        signed = {name: given[name] for name in given if name in _SIGNED}
        check_fields(signed, _SIGNED)
        if (given["auth"], given["containerID"]) != (KEY, CONTAINER):
            raise Refused(200, "Your API Auth Key is invalid.", is_wrong=False)

    def _summary(self, given: dict[str, str]) -> Reply:
        check_fields(given, _SIGNED, _SUMMARY | {"tenantID": r"\d{1,3}"})
        for start, shown in _NEEDS.items():
            is_hidden = given.get(shown, "1") == "0"
            if is_hidden and any(name.startswith(start) for name in given):
                raise Refused(400, f"{start}… needs {shown}=1")
        if "filterIvrPushed" in given and given.get("filterIvrEventType") != "52":
            raise Refused(400, "filterIvrPushed needs filterIvrEventType=52")
        return Reply(self.list_answer, content_type="text/html; charset=UTF-8")

    def _details(self, given: dict[str, str]) -> Reply:
        required = _SIGNED | {"callUUID": r"[\w-]+"}
        optional = {"utcOffset": _OFFSET, "page": r"\d+", "tenantID": r"\d{1,3}"}
        check_fields(given, required, optional)
        return Reply(recorded("answer_call_details"))

    def _recording(self, given: dict[str, str]) -> Reply:
        check_fields(
            given, _SIGNED | {"fileName": r"[\w.-]+\.wav"}, {"tenantID": r"\d{1,3}"}
        )
        return Reply(b"RIFF....WAVE", content_type="audio/x-wav")

    def _click(self, given: dict[str, str]) -> Reply:
        required = _SIGNED | {
            "extension": _EXTENSION,
            "phoneNumber": r"\d{10}|1\d{10}|011\d{7,15}",
        }
        check_fields(given, required, {"tenantID": r"\d{1,3}"})
        self.dialled.append((given["extension"], given["phoneNumber"]))
        return Reply({"success": "Call placed."})

    def _ring_groups(self, given: dict[str, str]) -> Reply:
        optional = {"utcOffset": _OFFSET, "tenantID": r"\d{1,3}"}
        required = _SIGNED | {"fromDate": _MOMENT, "toDate": _MOMENT}
        check_fields(given, required, optional)
        return Reply(recorded("answer_ring_group"))

    def _conversations(self, given: dict[str, str]) -> Reply:
        # No tenant here: the page lists three parameters.
        check_fields(given, _SIGNED | {"phoneNumber": r"1?\d{10}"})
        one = {
            "conversationWith": "2025550123",
            "hasUnreadMessages": False,
            "lastMessageDate": "2026-11-22 09:00:00",
        }
        return Reply({"conversations": {"c-1": one}})

    def _conversation(self, given: dict[str, str]) -> Reply:
        check_fields(given, _SIGNED | {"conversationID": r"[\w-]+"})
        one = {
            "messageDate": "2026-11-22 09:00:00",
            "messageFrom": "2025550123",
            "messageText": "See you &amp; thanks",
        }
        return Reply({"messages": {"m-1": one}})

    def _note(self, request: Request) -> Reply:
        need_method(request, "POST")
        if query_of(request):
            raise Refused(400, "parameters must be in the body")
        given = form_of(request)
        self._sign_in(given)
        required = _SIGNED | {
            "callUuid": r"[\w-]+",
            "callFlagged": _YES_NO,
            "callSeverity": r"[0-5]",
            "callNotes": r".{0,255}",
        }
        check_fields(given, required, {"tenantID": r"\d{1,3}"})
        self.notes.append(given)
        return Reply({"success": "Your call notes have been submitted."})
