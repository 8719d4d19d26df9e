"""The event stream: a connection that we open, so that no public address is needed.

First a one-time key is asked for, then a WebSocket opened whose first message is that
key. Events are then what the webhooks would bring, one in each message. What else the
stream may say is not documented: messages that are no events are not handed on.
"""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import (
    PayloadError,
    PermissionDenied,
    ProviderUnavailable,
)
from screenpop.domain.json_fields import read_json
from screenpop.net_ws import PING_SECONDS, open_web_socket
from screenpop.providers.tele2.client import SERVICE
from screenpop.providers.tele2.payloads import EVENT_TYPES, is_event, stream_refusal
from screenpop.providers.tele2.requests import auth_message
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from screenpop.net_ws import WebSocket
    from screenpop.providers.protocol import ProviderContext
    from screenpop.providers.tele2.client import SmartMexClient

_log = logging.getLogger(__name__)

STREAM_PATH: Final = "/api/ws"
# Not questions of the form: whoever must change them writes them into config.toml.
SCOPE_OPTION: Final = "stream_scope"
EVENTS_OPTION: Final = "stream_events"
PING_OPTION: Final = "stream_ping_seconds"
DEFAULT_SCOPE: Final = "company"
_SHORTEST_PING: Final = 5.0
_LONGEST_PING: Final = 3600.0


class EventStream:
    """Opens the stream of one account."""

    def __init__(self, client: SmartMexClient, context: ProviderContext) -> None:
        """Remember whom to ask; nothing is opened yet."""
        self._client = client
        self._account_id = context.account_id
        self._scope = context.options.get(SCOPE_OPTION, "").strip() or DEFAULT_SCOPE
        self._event_types = _event_types(context.options)
        self._ping_seconds = _ping_seconds(context.options)

    async def new_key(self) -> str:
        """A key that opens the stream once.

        Raises:
            NotOffered: This phone system has no event stream.
        """
        return await self._client.session_key(self._scope, self._event_types)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AsyncIterator[Delivery]]:
        """One connection, signed in; what it gives ends when it does."""
        key = await self.new_key()
        async with open_web_socket(
            self._client.base_url,
            STREAM_PATH,
            service=SERVICE,
            allow_plain_http=self._client.allows_plain_http,
            ping_seconds=self._ping_seconds,
        ) as socket:
            await socket.send(json.dumps(auth_message(key)))
            yield self._deliveries(socket)

    async def _deliveries(self, socket: WebSocket) -> AsyncIterator[Delivery]:
        async for message in socket.messages():
            if self._is_delivery(message):
                yield Delivery(
                    account_id=self._account_id,
                    source=DeliverySource.STREAM,
                    received_at=datetime.now(UTC),
                    body=message,
                    content_type="application/json",
                )

    def _is_delivery(self, message: bytes) -> bool:
        """Whether a message is news; what cannot be read is handed on to be seen.

        Raises:
            ProviderError: It says that the stream was refused.
        """
        try:
            value = read_json(message).value
        except PayloadError:
            return True
        if is_event(value):
            return True
        if isinstance(value, dict):
            self._client.key_names.note("event stream", value)
        status = stream_refusal(value)
        if status == 403:
            raise PermissionDenied(
                tr("{service} does not open its event stream to us", service=SERVICE)
            )
        if status is not None:
            raise ProviderUnavailable(
                tr(
                    "{service} refused the event stream (status {status})",
                    service=SERVICE,
                    status=status,
                )
            )
        return False


def _event_types(options: Mapping[str, str]) -> tuple[str, ...]:
    """Which events to ask for: all that are known, unless the account names some."""
    named = options.get(EVENTS_OPTION, "").replace(",", " ").split()
    return tuple(dict.fromkeys(named)) or EVENT_TYPES


def _ping_seconds(options: Mapping[str, str]) -> float | None:
    """How often to ask whether the stream still lives; 0 for never."""
    text = options.get(PING_OPTION, "").strip()
    if not (text.isascii() and text.replace(".", "", 1).isdigit()):
        return PING_SECONDS
    seconds = float(text)
    return min(max(seconds, _SHORTEST_PING), _LONGEST_PING) if seconds else None
