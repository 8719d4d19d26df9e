"""Answers to what we asked, each brought to whoever waits for it.

One subscription for all of them. The library's own way makes a task and a random name
for each request, which took most of the time of a publish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from screenpop.relay.broker import faults

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from screenpop.domain.errors import RelayError


@dataclass(slots=True)
class _Expected:
    answer: asyncio.Future[Msg]
    subject: str
    late: asyncio.TimerHandle


class Replies:
    """Those who wait, by the last token of the subject that they are answered on."""

    def __init__(self, prefix: str) -> None:
        """Wait for nobody yet.

        Args:
            prefix: Of the subjects of all answers, with its last dot.
        """
        self._prefix = prefix
        self._count = 0
        self._expected: dict[str, _Expected] = {}

    @property
    def subject(self) -> str:
        """What to subscribe to."""
        return f"{self._prefix}*"

    def expect(
        self, subject: str, timeout_seconds: float
    ) -> tuple[str, asyncio.Future[Msg]]:
        """Where the answer to a question on ``subject`` shall go, and the answer.

        The answer may turn out to be a ``RelayError``.
        """
        loop = asyncio.get_running_loop()
        self._count += 1
        token = str(self._count)
        answer: asyncio.Future[Msg] = loop.create_future()
        late = loop.call_later(timeout_seconds, self._fail, token, faults.no_answer)
        self._expected[token] = _Expected(answer, subject.lower(), late)
        answer.add_done_callback(partial(self._forget, token))
        return f"{self._prefix}{token}", answer

    async def take(self, message: Msg) -> None:
        """Bring an answer to whoever waits for it; it may be too late."""
        found = self._expected.get(message.subject[len(self._prefix) :])
        if found is not None and not found.answer.done():
            found.answer.set_result(message)

    def fail_all(self) -> None:
        """The connection is gone."""
        for token in tuple(self._expected):
            self._fail(token, faults.not_connected)

    def fail_subject(self, subject: str) -> None:
        """The broker says that ``subject`` is not for us."""
        for token, each in tuple(self._expected.items()):
            if each.subject == subject:
                self._fail(token, faults.not_permitted)

    def _fail(self, token: str, error: Callable[[], RelayError]) -> None:
        found = self._expected.get(token)
        if found is not None and not found.answer.done():
            found.answer.set_exception(error())

    def _forget(self, token: str, answer: asyncio.Future[Msg]) -> None:
        found = self._expected.pop(token, None)
        if found is not None:
            found.late.cancel()
        if not answer.cancelled():
            # Whoever asked may have gone meanwhile; then nobody looks at it.
            answer.exception()
