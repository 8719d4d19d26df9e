"""What the vendors' stand-ins share: whatever a document does not allow is noted.

Each stand-in is written from the vendor's documents alone, not from the simulator: a
reading that only one of us has shows as a complaint.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.net.loopback import Connection, Request


class Refused(Exception):
    """The request gets this status; a wrong one is complained about as well."""

    def __init__(self, status: int, text: str, *, is_wrong: bool = True) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.is_wrong = is_wrong


@dataclass(frozen=True)
class Reply:
    """An answer; a value that is not bytes goes out as JSON."""

    value: Any = None
    status: int = 200
    content_type: str = "application/json"


@dataclass
class StrictCloud:
    """Answers requests one by one and remembers them.

    Attributes:
        log: What was asked, such as "GET /api/v1/users".
        complaints: What was wrong with it.
    """

    complaints: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        """What the vendor would say.

        Raises:
            Refused: It would not.
        """
        raise NotImplementedError

    def error(self, refused: Refused) -> Any:
        """The body of a refusal, as the vendor words it."""
        return {"message": refused.text}

    async def handle(self, request: Request, connection: Connection) -> None:
        """The HTTP side, for a ``LoopbackServer``."""
        self.log.append(f"{request.method} {request.path}")
        try:
            # Beside the loop: a vendor may call us back before it answers.
            reply = await asyncio.to_thread(self.answer, request)
        except Refused as refused:
            if refused.is_wrong:
                self.complaints.append(f"{self.log[-1]}: {refused.text}")
            reply = Reply(self.error(refused), refused.status)
        body = reply.value
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        await connection.reply(reply.status, body, reply.content_type)


def need_method(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise Refused(405, f"{request.method} is not for this path")


def need_no_body(request: Request) -> None:
    if request.body:
        raise Refused(400, "there is a body")


def query_of(request: Request) -> dict[str, str]:
    """The parameters of the address, each given once."""
    return _once(urlsplit(request.target).query)


def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that says it is one."""
    if request.headers.get("content-type") != "application/x-www-form-urlencoded":
        raise Refused(400, "the body is not declared as a form")
    return _once(request.body.decode("ascii"))


def _once(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict"
        )
    except ValueError:
        raise Refused(400, "the parameters are not well encoded") from None
    if len(dict(pairs)) != len(pairs):
        raise Refused(400, "a parameter is given twice")
    return dict(pairs)


def object_of(request: Request) -> dict[str, Any]:
    """The JSON object that the body says it is."""
    if request.headers.get("content-type") != "application/json":
        raise Refused(400, "the body is not declared as JSON")
    try:
        value = json.loads(request.body)
    except ValueError:
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body is no object")
    return value


def check_fields(
    given: Mapping[str, Any],
    required: Mapping[str, str],
    optional: Mapping[str, str] | None = None,
) -> None:
    """Every field is known and, as text, fits the expression given for it."""
    known = dict(required) | dict(optional or {})
    if missing := required.keys() - given.keys():
        raise Refused(400, f"missing: {sorted(missing)}")
    if unknown := given.keys() - known.keys():
        raise Refused(400, f"unknown: {sorted(unknown)}")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Refused(400, f"{name} is neither text nor number")
        if not re.fullmatch(known[name], str(value), re.ASCII | re.DOTALL):
            raise Refused(400, f"{name} is not written as it should be")
