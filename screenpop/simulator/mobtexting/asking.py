"""Requests that start calls: ``voice/c2c`` and ``outgoing/send``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from screenpop.simulator.http_server import json_answer
from screenpop.simulator.mobtexting.calls import AskedCall
from screenpop.simulator.mobtexting.spelling import is_number, success
from screenpop.simulator.mobtexting.strict_fields import StrictFields
from screenpop.simulator.routing import Refusal, Route

if TYPE_CHECKING:
    from screenpop.simulator.http_server import Answer, JsonObject, Request
    from screenpop.simulator.mobtexting.calls import Exchange
    from screenpop.simulator.routing import Question

CLICK_TO_CALL = "/api/v2/voice/c2c"
SEND = "/api/v2/outgoing/send"
MOST_REDIALS = 2
RETRY_MINUTES = ("0", "5", "15", "30", "45", "60")
_VARIABLE = re.compile(r"variables\[\w+\]")
_FLOW = re.compile(r"flow:[0-9]+")


class Asking:
    """Starts calls when asked to.

    Args:
        lines: The account's own numbers, in E.164.
        is_spent: Whether the account has no credit left.
        placed: Shows a call that was started.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        lines: tuple[str, ...],
        is_spent: Callable[[], bool],
        placed: Callable[[AskedCall], None],
    ) -> None:
        self._exchange = exchange
        self._lines = lines
        self._is_spent = is_spent
        self._placed = placed

    def routes(self) -> tuple[Route, ...]:
        """The two requests."""
        return (
            Route(
                method="POST", path=CLICK_TO_CALL, respond=self._click, takes_body=True
            ),
            Route(method="POST", path=SEND, respond=self._send, takes_body=True),
        )

    def _click(self, question: Question) -> Answer:
        fields = StrictFields(_without_variables(question.content))
        bridge = self._line(fields.required("bridge"))
        first = _number(fields.required("from"), "from")
        then = fields.required("to")
        if not _FLOW.fullmatch(then):
            then = _number(then, "to")
        recorded = fields.small_number("record", "0", ("0", "1"))
        minutes = fields.small_number("duration", "")
        redials = fields.small_number("attempts", str(MOST_REDIALS), ("0", "1", "2"))
        call = AskedCall(
            self._exchange,
            bridge=bridge,
            first=first,
            then=then,
            reference=fields.optional("mid"),
            webhook_id=self._webhook(fields.optional("webhook_id")),
            is_recorded=recorded == "1",
            redials=int(redials),
        )
        # Of an older page: an address to call afterwards. Webhooks took its place.
        fields.optional("callback")
        fields.finish()
        if minutes and int(minutes) == 0:
            raise Refusal(422, "The duration must be at least 1")
        self._start(call)
        answer: JsonObject = {"message": "Call initiated successfully", "status": 200}
        if then.startswith("flow:") or self._exchange.options.plain_call_has_id:
            answer["callId"] = call.call_id
        return json_answer(answer)

    def _send(self, question: Question) -> Answer:
        fields = StrictFields(_without_variables(question.content))
        bridge = self._line(fields.required("bridge"))
        number = _number(fields.required("to"), "to")
        flow, audio = fields.small_number("flow_id", ""), fields.optional("audio")
        campaign = fields.optional("name")
        retry = fields.small_number("interval", "0", RETRY_MINUTES)
        webhook_id = self._webhook(fields.optional("webhook_id"))
        fields.finish()
        if bool(flow) == bool(audio):
            raise Refusal(422, "Either flow_id or audio is required")
        call = AskedCall(
            self._exchange,
            bridge=bridge,
            first=number,
            then=number,
            service="OBD",
            webhook_id=webhook_id,
            campaign=campaign,
            retry_minutes=int(retry),
        )
        self._start(call)
        queued: JsonObject = {
            "id": call.call_id,
            "channel": "outgoing",
            "caller_id": bridge.removeprefix("+"),
            "mobile": number.removeprefix("+"),
            "flow_id": flow or None,
            "credits": 1,
            "foreign_id": None,
            "options": None,
            "status": "queued",
        }
        return success([queued], "Calls queued successfully")

    def _start(self, call: AskedCall) -> None:
        if self._is_spent():
            raise Refusal(403, "You do not have enough credits")
        call.ring()
        self._placed(call)

    def _line(self, text: str) -> str:
        number = _number(text, "bridge")
        if number not in self._lines:
            raise Refusal(422, "The bridge is none of your numbers")
        return number

    def _webhook(self, webhook_id: str) -> str:
        if webhook_id and not self._exchange.registrations.is_active(webhook_id):
            raise Refusal(422, "There is no such webhook")
        return webhook_id


def as_now_documented(request: Request) -> Request:
    """A click-to-call as an older page has it, by GET or with a form, written anew."""
    is_form = "form-urlencoded" in request.headers.get("content-type", "").lower()
    is_bare = request.method in ("GET", "POST") and (is_form or not request.body)
    if request.path != CLICK_TO_CALL or not is_bare:
        return request
    form = request.body.decode("utf-8", "replace") if is_form else ""
    pairs = [
        pair
        for text in (request.query, form)
        for pair in parse_qsl(text, keep_blank_values=True)
    ]
    if not pairs:
        return request
    return replace(
        request,
        method="POST",
        query="",
        headers={**request.headers, "content-type": "application/json"},
        body=json.dumps(dict(pairs)).encode(),
    )


def _number(text: str, name: str) -> str:
    if not is_number(text):
        raise Refusal(422, f"The {name} must be a number with country code")
    return f"+{text}"


def _without_variables(content: JsonObject) -> JsonObject:
    """The flow's variables may be called anything."""
    found: JsonObject = {}
    for name, value in content.items():
        is_variable = name == "variables" or _VARIABLE.fullmatch(name)
        if not is_variable:
            found[name] = value
        elif not isinstance(value, str | dict):
            raise Refusal(422, "A variable must be a text")
    return found
