"""Delivers webhooks the way a vendor does, and as badly as asked for."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from screenpop.domain.frozen import frozen
from screenpop.simulator.protocol import DeliveryResult, WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

    from screenpop.simulator.clock import Scheduler
    from screenpop.simulator.faults import Faults, FaultSource
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.logbook import Logbook

REORDER_SECONDS = 1.0
"""How long the first webhook of a pair waits for one to overtake it."""


@frozen
class Webhook:
    """Something that happened, for one receiver.

    Attributes:
        event_type: As the vendor spells it.
        recipient: Which registration it is for; the cloud's own id.
        headers: Sent with it, such as the receiver's secret.
    """

    event_type: str
    url: str
    payload: JsonObject
    recipient: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@frozen
class WebhookFormat:
    """What the faults must know about a vendor's payloads.

    Attributes:
        type_keys: Names of the fields that hold the event type.
        call_id_keys: Names of the fields that hold the call's id.
        number_keys: Names of the fields that hold phone numbers.
        unknown_type: An event type that the vendor does not have.
    """

    type_keys: frozenset[str]
    call_id_keys: frozenset[str]
    number_keys: frozenset[str]
    unknown_type: str
    content_type: str = "application/json"
    encode: Callable[[JsonObject], bytes] = lambda payload: json.dumps(payload).encode()
    headers: Mapping[str, str] = field(default_factory=dict)


@frozen(kw_only=True)
class RetryPolicy:
    """How hard a vendor tries.

    Attributes:
        attempts: At most so many for one webhook.
        pause_seconds: Between two of them.
        timeout_seconds: How long a receiver may take.
        good_statuses: What counts as accepted; empty for every 2xx.
    """

    attempts: int = 3
    pause_seconds: float = 1.0
    timeout_seconds: float = 5.0
    good_statuses: frozenset[int] = frozenset()

    def accepts(self, status: int) -> bool:
        """Whether a receiver that answers so has taken the webhook."""
        return status in (self.good_statuses or range(200, 300))


@frozen
class Parcel:
    """A webhook on its way, as the bytes it has become."""

    webhook: Webhook
    body: bytes


class Deliverer:
    """Sends webhooks, one after the other, on the scheduler's thread.

    Args:
        is_wanted: Asked before each attempt; a webhook whose registration is gone
            is not sent any more.
        report: Told of each attempt's error, "" for none.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        faults: FaultSource,
        log: Logbook[WebhookDelivery],
        format: WebhookFormat,
        retry: RetryPolicy,
        is_wanted: Callable[[Webhook], bool],
        report: Callable[[Webhook, str], None],
    ) -> None:
        self._scheduler = scheduler
        self._faults = faults
        self._log = log
        self._format = format
        self._retry = retry
        self._is_wanted = is_wanted
        self._report = report
        self._lock = threading.Lock()
        self._held: tuple[Webhook, Faults] | None = None
        self._connection: http.client.HTTPConnection | None = None

    def send(self, webhook: Webhook) -> None:
        """Deliver `webhook` soon, or as the faults in force say."""
        faults = self._faults.faults
        if self._faults.drops(webhook.event_type):
            body = self._format.encode(webhook.payload)
            self._note(Parcel(webhook, body), DeliveryResult.DROPPED, attempt=0)
            return
        with self._lock:
            if faults.reorder and self._held is None:
                self._held = (webhook, faults)
                self._scheduler.after(REORDER_SECONDS, self._release)
                return
        self._dispatch(webhook, faults)
        self._release()

    def stop(self) -> None:
        """Break off the attempt in hand."""
        with self._lock:
            self._held = None
            sock = None if self._connection is None else self._connection.sock
        if isinstance(sock, socket.socket):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            self._dispatch(*held)

    def _dispatch(self, webhook: Webhook, faults: Faults) -> None:
        parcels = [Parcel(webhook, spoil(webhook.payload, faults, self._format))]
        parcels *= 1 + faults.duplicate
        if faults.unknown_event_type:
            strange = _retyped(webhook.payload, self._format)
            parcels.append(Parcel(webhook, spoil(strange, faults, self._format)))
        for parcel in parcels:
            self._scheduler.after(
                faults.delay_seconds, partial(self._attempt, parcel, 1)
            )

    def _attempt(self, parcel: Parcel, attempt: int) -> None:
        if not self._is_wanted(parcel.webhook):
            return
        status, error = self.carry(parcel)
        self._report(parcel.webhook, error)
        result = DeliveryResult.FAILED if error else DeliveryResult.ACCEPTED
        self._note(parcel, result, attempt=attempt, status=status, error=error)
        if error and attempt < self._retry.attempts:
            self._scheduler.after(
                self._retry.pause_seconds, partial(self._attempt, parcel, attempt + 1)
            )

    def carry(self, parcel: Parcel) -> tuple[int, str]:
        """The receiver's status (0: none) and what went wrong ("": nothing)."""
        parts = urlsplit(parcel.webhook.url)
        target = parts.path or "/"
        if parts.query:
            target += f"?{parts.query}"
        headers = {
            "Content-Type": self._format.content_type,
            "User-Agent": "screenpop-simulator",
            **self._format.headers,
            **parcel.webhook.headers,
        }
        try:
            connection = self._connect(parts)
            try:
                connection.request("POST", target, parcel.body, headers)
                answer = connection.getresponse()
                answer.read()
            finally:
                connection.close()
        except TimeoutError:
            return 0, "The receiver took too long"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return 0, f"The receiver could not be reached ({type(error).__name__})"
        if self._retry.accepts(answer.status):
            return answer.status, ""
        return answer.status, f"The receiver answered {answer.status}"

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        seconds = self._retry.timeout_seconds
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                host, parts.port, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=seconds)
        with self._lock:
            self._connection = connection
        return connection

    def _note(
        self,
        parcel: Parcel,
        result: DeliveryResult,
        *,
        attempt: int,
        status: int = 0,
        error: str = "",
    ) -> None:
        self._log.add(
            WebhookDelivery(
                event_type=parcel.webhook.event_type,
                result=result,
                attempt=attempt,
                status=status,
                error=error,
                url=parcel.webhook.url,
                body=parcel.body,
            )
        )


def spoil(payload: JsonObject, faults: Faults, format: WebhookFormat) -> bytes:
    """The body of `payload`, as wrong as `faults` want it."""
    spoilt = _spoil_fields(payload, faults, format)
    if faults.extra_fields:
        spoilt["added_last_week"] = {"level": 3, "notes": [None, "new"]}
    if faults.padding_bytes:
        spoilt["padding"] = "x" * faults.padding_bytes
    body = format.encode(spoilt)
    return body[: len(body) * 2 // 3] if faults.broken_json else body


def _spoil_fields(
    payload: JsonObject, faults: Faults, format: WebhookFormat
) -> JsonObject:
    spoilt: JsonObject = {}
    for key, value in payload.items():
        if faults.missing_call_id and key in format.call_id_keys:
            continue
        if isinstance(value, dict):
            spoilt[key] = _spoil_fields(value, faults, format)
        elif isinstance(value, str) and key in format.number_keys:
            spoilt[key] = _spoil_number(value, faults)
        else:
            spoilt[key] = value
    return spoilt


def _spoil_number(number: str, faults: Faults) -> str | int:
    digits = number.removeprefix("+")
    if faults.numbers_as_json_numbers and digits.isdigit():
        return int(digits)
    return digits if faults.bare_numbers else number


def _retyped(payload: JsonObject, format: WebhookFormat) -> JsonObject:
    retyped: JsonObject = {}
    for key, value in payload.items():
        if key in format.type_keys:
            retyped[key] = format.unknown_type
        else:
            retyped[key] = _retyped(value, format) if isinstance(value, dict) else value
    return retyped
