"""What all stand-ins of web services share: faults on demand, answers as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request


@dataclass(frozen=True)
class Answer:
    """An answer; ``body`` as bytes goes out as it is, anything else as JSON."""

    status: int
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    @property
    def raw(self) -> bytes:
        return (
            self.body
            if isinstance(self.body, bytes)
            else json.dumps(self.body).encode()
        )


class Refused(Exception):
    """A request that the service refuses, with its documented answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class StandIn:
    """A stateful server; its subclass says what a request is answered with.

    Attributes:
        fault: Answers everything, while it is set.
        is_silent: Nothing is answered, while it is set.
        paths: The paths asked for, in order.
    """

    def __init__(self) -> None:
        self.fault: Answer | None = None
        self.is_silent = False
        self.paths: list[str] = []

    async def __call__(self, request: Request, connection: Connection) -> None:
        self.paths.append(request.path)
        if self.is_silent:
            await connection.hang()
            return
        answer = self.fault or self._answer(request)
        await connection.reply(
            answer.status, answer.raw, answer.content_type, **answer.headers
        )

    def _answer(self, request: Request) -> Answer:
        try:
            return self.answer(request)
        except Refused as refused:
            return refused.answer

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError


def like(pattern: str, text: str) -> bool:
    """SQL's LIKE without regard to case: ``%`` is anything, ``_`` one character."""
    import re

    parts = (
        ".*" if char == "%" else "." if char == "_" else re.escape(char)
        for char in pattern
    )
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL) is not None


def digits_of(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
