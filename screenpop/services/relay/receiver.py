"""The public door of a team's relay, as an ASGI application.

It keeps nothing between two requests, so that any number of instances may stand side by
side. Whom it lets in is decided as at the desktop's own listener: by the account's
secret in the path, compared in constant time; browsers are turned away, and whatever is
well formed but for nobody gets the answer that an empty delivery would get.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from screenpop.domain.delivery import Delivery, DeliveryAnswer, DeliverySource
from screenpop.domain.errors import ScreenpopError
from screenpop.domain.frozen import frozen
from screenpop.listener.guard import (
    Refusal,
    check_head,
    host_without_port,
    kept_headers,
)
from screenpop.listener.routes import HookRoute, RouteTable
from screenpop.relay.names import LONGEST_BODY

if TYPE_CHECKING:
    from screenpop.listener.routes import Destination
    from screenpop.services.relay.meters import RelayMeters

_log = logging.getLogger(__name__)

Scope: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Headers: TypeAlias = tuple[tuple[str, str], ...]

BODY_SECONDS: Final = 5.0
RETRY_AFTER_SECONDS: Final = 5
_MEDIA_TYPE: Final = re.compile(r"[ -~]*")
_NO_STORE: Final = (b"cache-control", b"no-store")


class Intake(Protocol):
    """Takes a delivery."""

    async def accept(self, delivery: Delivery) -> DeliveryAnswer:
        """Keep it and give the vendor's answer.

        Raises:
            ScreenpopError: It is not kept.
        """
        ...


@frozen
class PageReply:
    """The answer of a page besides the hooks."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


Page: TypeAlias = Callable[[str, bytes], Awaitable[PageReply]]
"""A page besides the hooks: given the method and the body, never raises."""


class _TooLongError(Exception):
    """The body is longer than is taken."""


class Receiver:
    """The application; call it as ASGI 3 has it."""

    def __init__(
        self, intake: Intake, meters: RelayMeters, *, allowed_hosts: Iterable[str] = ()
    ) -> None:
        """Let nobody in yet; see ``set_routes``.

        Args:
            intake: Takes what comes.
            meters: What counts it.
            allowed_hosts: Names by which senders may know us, besides the loopback's.
        """
        self._intake = intake
        self._meters = meters
        named = (host_without_port(host) for host in allowed_hosts)
        self._hosts = frozenset(name for name in named if name)
        self._routes = RouteTable()
        self._pages: dict[str, Page] = {}
        self._unkept = 0
        self.is_leaving = False
        self.is_ready: Callable[[], bool] = lambda: True

    def set_routes(self, routes: Iterable[HookRoute]) -> None:
        """Replace all ways in."""
        self._routes = RouteTable(routes)

    def add_page(self, path: str, page: Page) -> None:
        """Serve a page besides the hooks, such as ``/enrol``."""
        self._pages[path] = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request."""
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError("the relay speaks HTTP only")
        path = str(scope["path"])
        if path == "/healthz":
            is_well = self.is_ready() and not self.is_leaving
            status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
            await self._answer(send, status, b"")
            return
        headers = _headers(scope)
        try:
            refusal = _check(scope, headers, self._hosts)
            if refusal is None:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await _body(receive)
                await self._take(scope, headers, body, send)
                return
        except _TooLongError:
            refusal = Refusal.BODY_TOO_LARGE
        except TimeoutError:
            refusal = Refusal.TOO_SLOW
        except ConnectionError:
            self._meters.requests.add(outcome="broken_off")
            return
        self._meters.requests.add(outcome=refusal.value)
        await self._answer(send, refusal.status, b"")

    async def _take(
        self, scope: Scope, headers: Headers, body: bytes, send: Send
    ) -> None:
        page = self._pages.get(str(scope["path"]))
        if page is not None:
            reply = await page(str(scope["method"]), body)
            self._meters.requests.add(outcome="page")
            await self._answer(send, reply.status, reply.body, reply.content_type)
            return
        destination = self._routes.find(_target(scope))
        if destination is None or not _is_delivery(scope, body, destination):
            self._meters.requests.add(outcome="ignored")
            await self._answer(send, HTTPStatus.OK, b"")
            return
        started = time.perf_counter()
        delivery = _delivery(scope, headers, body, destination)
        try:
            answer = await self._intake.accept(delivery)
        except ScreenpopError as error:
            self._note_unkept(f"a delivery for {delivery.account_id}", error.title)
            self._meters.requests.add(outcome=Refusal.NOT_STORED.value)
            await self._answer(send, Refusal.NOT_STORED.status, b"")
            return
        self._note_kept()
        self._meters.requests.add(outcome="accepted")
        self._meters.answers.note(time.perf_counter() - started)
        await self._answer(send, answer.status, answer.body, answer.content_type)

    def _note_unkept(self, what: str, problem: str) -> None:
        """Once for all that follow: there may be a thousand a second."""
        self._unkept += 1
        if self._unkept == 1:
            _log.error("%s is not kept: %s", what, problem)

    def _note_kept(self) -> None:
        if self._unkept:
            _log.info("deliveries are kept again; %d were not", self._unkept)
        self._unkept = 0

    async def _answer(
        self, send: Send, status: int, body: bytes, content_type: str = ""
    ) -> None:
        reply = PageReply(status, body, content_type)
        # So that a proxy keeps no connection that is about to go.
        await send_reply(send, reply, is_last=self.is_leaving)


async def send_reply(send: Send, reply: PageReply, *, is_last: bool = False) -> None:
    """Answer a request.

    Args:
        send: As ASGI has it.
        reply: What to answer.
        is_last: The connection is closed after it.
    """
    headers = [_NO_STORE]
    if reply.status != HTTPStatus.NO_CONTENT:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    kind = reply.content_type
    if reply.body and kind and _MEDIA_TYPE.fullmatch(kind):
        headers.append((b"content-type", kind.encode("ascii")))
    if reply.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    if is_last:
        headers.append((b"connection", b"close"))
    status = int(reply.status)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _check(scope: Scope, headers: Headers, hosts: frozenset[str]) -> Refusal | None:
    try:
        return check_head(
            str(scope["method"]),
            headers,
            allowed_hosts=hosts,
            body_bytes=LONGEST_BODY,
        )
    except ValueError:
        # A length that is no number.
        return Refusal.MALFORMED


def _headers(scope: Scope) -> Headers:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1").strip(" \t"))
        for name, value in scope["headers"]
    )


def _target(scope: Scope) -> str:
    path: bytes = scope.get("raw_path") or b""
    query: bytes = scope.get("query_string") or b""
    target = path.partition(b"?")[0].decode("latin-1")
    return f"{target}?{query.decode('latin-1')}" if query else target


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LONGEST_BODY:
            raise _TooLongError
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _is_delivery(scope: Scope, body: bytes, destination: Destination) -> bool:
    if scope["method"] not in destination.methods:
        return False
    return bool(body or destination.query or destination.rest.strip("/"))


def _delivery(
    scope: Scope, headers: Headers, body: bytes, destination: Destination
) -> Delivery:
    kept = kept_headers(headers)
    return Delivery(
        account_id=destination.account_id,
        source=DeliverySource.WEBHOOK,
        received_at=datetime.now(UTC),
        body=body,
        content_type=dict(kept).get("content-type", ""),
        method=str(scope["method"]),
        path=destination.rest,
        query=destination.query,
        headers=kept,
    )


async def live(receive: Receive, send: Send) -> None:
    """Begin and end as the server asks; what runs beside it is nobody's but ours."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
