"""One sender, one request, one answer."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from datetime import UTC, datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import ScreenpopError
from screenpop.listener import wire
from screenpop.listener.bodies import Body, BodyTooLarge, BrokenBody, body_of
from screenpop.listener.guard import (
    Refusal,
    check_framing,
    check_head,
    end_of_head,
    kept_headers,
)
from screenpop.listener.heads import RequestHead, read_head

if TYPE_CHECKING:
    from screenpop.listener.reception import Reception
    from screenpop.listener.routes import Destination

logger = logging.getLogger(__name__)

_FIRST_PRINTABLE = 0x21


class Stage(Enum):
    """How far a connection has come."""

    HEAD = auto()
    BODY = auto()
    INTAKE = auto()
    DRAIN = auto()
    CLOSED = auto()


class HookConnection(asyncio.Protocol):
    """Reads one request, has it stored, answers, and closes.

    A protocol and not a pair of streams: most connections then need no task, and a
    silent one costs a timer only.
    """

    def __init__(self, reception: Reception) -> None:
        self.stage = Stage.HEAD
        self.opened_at = 0.0
        self._reception = reception
        self._limits = reception.limits
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._received = bytearray()
        self._has_sender_finished = False
        self._head: RequestHead | None = None
        self._body: Body | None = None

    # --- called by the event loop --------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock of this connection."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("the listener speaks TCP only")
        loop = self._reception.loop
        self.opened_at = loop.time()
        self._transport = transport
        limits = self._limits
        self._timer = loop.call_later(
            max(0.0, limits.deadline_seconds - limits.drain_seconds), self._run_late
        )
        self._reception.admit(self)

    def data_received(self, data: bytes) -> None:
        """Take the next bytes; what comes after the request is thrown away."""
        if self.stage is Stage.HEAD:
            self._read_head(data)
        elif self.stage is Stage.BODY and self._head and self._body:
            self._read_body(self._head, self._body, data)

    def eof_received(self) -> bool:
        """Note that the sender has said all; our answer may still go out."""
        self._has_sender_finished = True
        if self.stage is Stage.BODY:
            self.refuse(Refusal.MALFORMED)
        elif self.stage in (Stage.HEAD, Stage.DRAIN):
            self.close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; a delivery that is being stored still is."""
        del exc
        self.stage = Stage.CLOSED
        self._stop_timer()
        self._transport = None
        self._reception.dismiss(self)

    # --- reading -------------------------------------------------------------------

    def _read_head(self, data: bytes) -> None:
        searched = len(self._received)
        self._received += data
        end = end_of_head(self._received, searched)
        head_bytes = end if end > 0 else len(self._received)
        if self._received[0] < _FIRST_PRINTABLE:
            self.refuse(Refusal.MALFORMED)
        elif head_bytes > self._limits.head_bytes:
            self.refuse(Refusal.HEAD_TOO_LARGE)
        elif end > 0:
            self._take_head(bytes(self._received[:end]), bytes(self._received[end:]))

    def _take_head(self, head: bytes, beginning_of_body: bytes) -> None:
        self._received.clear()
        refusal = check_framing(head)
        self._head = read_head(head) if refusal is None else None
        if self._head is None:
            self.refuse(refusal or Refusal.MALFORMED)
            return
        refusal = check_head(
            self._head.method,
            self._head.headers,
            allowed_hosts=self._reception.door.hosts,
            body_bytes=self._limits.body_bytes,
        )
        if refusal is not None:
            self.refuse(refusal)
            return
        self.stage = Stage.BODY
        self._body = body_of(self._head, self._limits.body_bytes)
        if self._head.is_waiting and not beginning_of_body:
            self._write(wire.CONTINUE)
        self._read_body(self._head, self._body, beginning_of_body)

    def _read_body(self, head: RequestHead, body: Body, data: bytes) -> None:
        try:
            content = body.take(data)
        except BodyTooLarge:
            self.refuse(Refusal.BODY_TOO_LARGE)
        except BrokenBody:
            self.refuse(Refusal.MALFORMED)
        else:
            if content is not None:
                self._take_request(head, content)

    # --- answering -----------------------------------------------------------------

    def _take_request(self, head: RequestHead, body: bytes) -> None:
        destination = self._reception.door.routes.find(head.target)
        if destination is None or not _is_delivery(head, body, destination):
            self._reception.stats.ignore()
            self._answer(wire.nothing_to_say())
            return
        self.stage = Stage.INTAKE
        delivery = _delivery(head, body, destination)
        self._task = self._reception.keep(self._hand_over(delivery))

    async def _hand_over(self, delivery: Delivery) -> None:
        stats = self._reception.stats
        stats.hand_over()
        started = time.perf_counter()
        answer = None
        try:
            answer = await self._store(delivery)
        finally:
            seconds = time.perf_counter() - started
            stats.take_back(seconds if answer is not None else None)
        if answer is None:
            self.refuse(Refusal.NOT_STORED)
        else:
            self._answer(answer)

    async def _store(self, delivery: Delivery) -> bytes | None:
        try:
            answer = wire.accepted(await self._reception.intake.accept(delivery))
        except ScreenpopError as error:
            self._reception.report_failure(f"{type(error).__name__}: {error.title}")
            return None
        except Exception as error:  # noqa: BLE001 - a fault of ours must not become a 2xx
            # The error's own text may quote the delivery, its trace does not.
            trace = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            logger.error("The intake failed with %s\n%s", kind, trace)  # noqa: TRY400
            return None
        self._reception.report_success()
        return answer

    def refuse(self, reason: Refusal) -> None:
        """Turn the sender away, once."""
        if self.stage in (Stage.DRAIN, Stage.CLOSED):
            return
        self._reception.stats.refuse(reason)
        logger.debug("Refused a request: %s", reason.value)
        self._answer(wire.refused(reason))

    def _answer(self, answer: bytes) -> None:
        transport = self._transport
        if transport is None or self.stage in (Stage.DRAIN, Stage.CLOSED):
            return
        self.stage = Stage.DRAIN
        self._stop_timer()
        self._received.clear()
        self._body = None
        self._write(answer)
        if self._has_sender_finished:
            self.close()
            return
        # Closing while the sender still sends would reset the connection, and the
        # answer with it: end our half and read on for a moment.
        try:
            if transport.can_write_eof():
                transport.write_eof()
        except OSError:
            # The sender reset the connection and there is nobody left to read on for.
            self.abort()
            return
        self._timer = self._reception.loop.call_later(
            self._limits.drain_seconds, self.abort
        )

    def _run_late(self) -> None:
        if self.stage is Stage.HEAD and not self._received:
            self.close()
        elif self.stage is Stage.INTAKE:
            self._reception.report_failure("the journal takes too long")
            self.refuse(Refusal.NOT_STORED)
            if self._task is not None:
                self._task.cancel()
        else:
            self.refuse(Refusal.TOO_SLOW)

    # --- closing -------------------------------------------------------------------

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Close once everything written has gone out."""
        self.stage = Stage.CLOSED
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self.stage = Stage.CLOSED
        if self._transport is not None:
            self._transport.abort()


def _is_delivery(head: RequestHead, body: bytes, destination: Destination) -> bool:
    if head.method not in destination.methods:
        return False
    # A vendor that calls back by GET or DELETE says all in the address.
    return bool(body or destination.query or destination.rest.strip("/"))


def _delivery(head: RequestHead, body: bytes, destination: Destination) -> Delivery:
    headers = kept_headers(head.headers)
    return Delivery(
        account_id=destination.account_id,
        source=DeliverySource.WEBHOOK,
        received_at=datetime.now(UTC),
        body=body,
        content_type=dict(headers).get("content-type", ""),
        method=head.method,
        path=destination.rest,
        query=destination.query,
        headers=headers,
    )
