"""``POST /enrol`` and ``POST /enrol/renew``: where the receiver lets desks in.

A plain ASGI application, to be mounted at ``/enrol``. It answers all that is wrong with
the same status, reads little, and works on few requests at a time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.errors import PayloadError, RelayRefused, ScreenpopError
from screenpop.relay.enrolment_code import ENROL_PATH, RENEW_PATH
from screenpop.relay.grant import JoinRequest

if TYPE_CHECKING:
    from screenpop.relay.enrolment import Enrolment

_log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY: Final = 4096
MOST_AT_ONCE: Final = 8
PATIENCE_SECONDS: Final = 10.0
_HINT: Final = (
    "This is the address of a team's relay. To join, copy the whole code, with what "
    "stands after the #, and give it to screenpop: screenpop team join\n"
)


class EnrolmentDoor:
    """An ASGI application over an ``Enrolment``."""

    def __init__(self, enrolment: Callable[[], Enrolment]) -> None:
        """Let nobody in yet.

        Args:
            enrolment: Asked at each request, for it may come up later than the port.
        """
        self._enrolment = enrolment
        self._at_work = 0

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        """Answer one request."""
        path, method = str(scope.get("path", "")), str(scope.get("method", ""))
        if method == "GET":
            await _answer(send, 200, _HINT.encode(), "text/plain; charset=utf-8")
            return
        if method != "POST" or path not in (ENROL_PATH, RENEW_PATH):
            await _answer(send, 404, b"", "text/plain")
            return
        names = {bytes(name).lower() for name, _ in scope.get("headers", ())}
        if names & {b"origin", b"sec-fetch-site", b"content-encoding"}:
            await _refuse(send, 403, "Not from a browser")
            return
        if self._at_work >= MOST_AT_ONCE:
            await _refuse(send, 503, "The relay is busy", retry=True)
            return
        self._at_work += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._exchange(path == RENEW_PATH, receive, send)
        except TimeoutError:
            await _refuse(send, 503, "The relay is busy", retry=True)
        finally:
            self._at_work -= 1

    async def _exchange(self, is_renewal: bool, receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive)
            request = JoinRequest.from_json(body, is_renewal=is_renewal)
            grant = await self._enrolment().answer(request)
        except (PayloadError, RelayRefused) as error:
            await _refuse(send, 403, error.title)
        except ScreenpopError as error:
            _log.warning("nobody can join: %s", error.title)
            await _refuse(send, 503, "The relay cannot do this now", retry=True)
        else:
            await _answer(send, 200, grant.to_json(), "application/json")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise PayloadError("The request broke off")
        part = bytes(message.get("body", b""))
        size += len(part)
        if size > LARGEST_BODY:
            raise PayloadError("This is no request to join")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _refuse(send: Send, status: int, reason: str, *, retry: bool = False) -> None:
    body = json.dumps({"error": reason}).encode()
    await _answer(send, status, body, "application/json", retry=retry)


async def _answer(
    send: Send, status: int, body: bytes, kind: str, *, retry: bool = False
) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
    ]
    if retry:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
