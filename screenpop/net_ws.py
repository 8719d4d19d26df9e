"""WebSockets that we open, and the only module that knows the library for them.

The library is ``websockets``: without dependencies of its own, it goes through the
system's proxy, answers and sends pings, and bounds what it takes, compressed or not;
bare frames (``wsproto``) would leave all of that to us. It is imported at the first
connection only.

Like ``net``, this lets nothing but errors of ``screenpop.domain.errors`` out, which
name the host at most, and follows no redirect: what is sent first is a secret.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import screenpop
from screenpop.domain.errors import ProviderError, ProviderUnavailable
from screenpop.domain.http_replies import HttpReply, refusal
from screenpop.domain.service_address import ServiceAddress
from screenpop.net import tls_context
from screenpop.net_faults import network_fault
from screenpop.wording import tr

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from websockets.asyncio.client import ClientConnection
    from websockets.http11 import Response

OPEN_SECONDS: Final = 15.0
PING_SECONDS: Final = 20.0
LARGEST_MESSAGE: Final = 1024 * 1024
_CLOSE_SECONDS: Final = 1.0


class WebSocket:
    """An open connection to ``service``."""

    def __init__(self, connection: ClientConnection, service: str) -> None:
        self._connection = connection
        self._service = service

    async def send(self, message: str | bytes) -> None:
        """Send one message: of text, or of bytes.

        Raises:
            ProviderUnavailable: The connection is gone.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(message)
        except (ConnectionClosed, OSError):
            raise _lost(self._service) from None

    async def messages(self) -> AsyncIterator[bytes]:
        """What comes, one message after the other; ends when the other side closes.

        Raises:
            ProviderUnavailable: The connection broke, or the other side fell silent.
        """
        from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

        while True:
            try:
                message = await self._connection.recv(decode=False)
            except ConnectionClosedOK:
                return
            except (ConnectionClosed, OSError):
                raise _lost(self._service) from None
            yield message

    @property
    def close_code(self) -> int | None:
        """Why the other side closed (RFC 6455, 7.4); None while it is open."""
        return self._connection.close_code


@asynccontextmanager
async def open_web_socket(
    base_url: str,
    path: str,
    *,
    service: str,
    allow_plain_http: bool = False,
    open_seconds: float = OPEN_SECONDS,
    ping_seconds: float | None = PING_SECONDS,
    largest_message: int = LARGEST_MESSAGE,
) -> AsyncIterator[WebSocket]:
    """Connect to ``path`` of the service at ``base_url``: wss for https, ws for http.

    Args:
        base_url: As for ``HttpClient``: https, or plain http on this machine.
        path: With its leading slash.
        service: The name of the service as users know it, for error texts.
        allow_plain_http: The account's owner accepts plain http elsewhere too.
        open_seconds: For finding, connecting, encrypting and the handshake together.
        ping_seconds: After so long a ping is sent, and an answer expected within as
            long; None for none.
        largest_message: In bytes, unpacked.

    Raises:
        ConfigurationError: The address cannot be used.
        ProviderError: By kind, see ``screenpop.domain.errors``.
    """
    base = ServiceAddress.checked(base_url, allow_plain_http=allow_plain_http)
    # Loading certificates and the library takes some 60 ms the first time.
    context = await asyncio.to_thread(_prepare, base)
    connection = await _connected(
        base,
        path,
        service=service,
        context=context,
        open_seconds=open_seconds,
        ping_seconds=ping_seconds,
        largest_message=largest_message,
    )
    try:
        yield WebSocket(connection, service)
    finally:
        await connection.close()


def _prepare(base: ServiceAddress) -> ssl.SSLContext | None:
    import websockets.asyncio.client  # noqa: F401 - slow, so loaded in this thread

    # At DEBUG it prints every message: the session's key, and callers' numbers.
    logging.getLogger("websockets").setLevel(logging.WARNING)
    return tls_context() if base.is_encrypted else None


async def _connected(
    base: ServiceAddress,
    path: str,
    *,
    service: str,
    context: ssl.SSLContext | None,
    open_seconds: float,
    ping_seconds: float | None,
    largest_message: int,
) -> ClientConnection:
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus, WebSocketException

    class DirectConnect(connect):
        """Follows no redirect."""

        def process_redirect(self, exc: Exception) -> Exception | str:
            """Whatever the server answered, it is no reason to go elsewhere."""
            return exc

    scheme = "wss" if base.is_encrypted else "ws"
    try:
        return await DirectConnect(
            f"{scheme}://{base.url.partition('://')[2]}{path}",
            ssl=context,
            # Nothing of this machine goes through a proxy to this machine.
            proxy=None if base.is_local else True,
            user_agent_header=f"screenpop/{screenpop.__version__}",
            open_timeout=open_seconds,
            ping_interval=ping_seconds,
            ping_timeout=ping_seconds,
            close_timeout=_CLOSE_SECONDS,
            max_size=largest_message,
        )
    except InvalidStatus as error:
        raise _refused(error.response, service) from None
    except TimeoutError:
        raise ProviderUnavailable(
            tr("No connection to {host} in time", host=base.host),
            tr("Check the internet connection; a firewall may block the way."),
        ) from None
    # Proxy settings that make no sense are ValueError, SOCKS without its library is
    # ImportError.
    except (WebSocketException, OSError, EOFError, ValueError, ImportError) as error:
        raise _failure(error, base.host, service) from None


def _refused(response: Response, service: str) -> ProviderError:
    """The error that an answer other than an open connection stands for."""
    if 200 <= response.status_code < 300:
        return ProviderUnavailable(
            tr("{service} does not open an event stream there", service=service),
            tr("The account's address may be wrong, or a proxy stands in between."),
        )
    reply = HttpReply(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.raw_items()},
        body=b"",
        received_at=datetime.now(UTC),
        service=service,
    )
    return refusal(reply)


def _failure(error: Exception, host: str, service: str) -> ProviderError:
    from websockets.exceptions import InvalidHandshake, InvalidProxy, ProxyError

    if isinstance(error, ProxyError):
        return ProviderUnavailable(
            tr("The network's proxy refuses the way to {host}", host=host),
            tr("Check the proxy settings of this computer, its password included."),
        )
    # A certificate that is not trusted is a ValueError as well.
    fault = network_fault(error, host)
    if fault is not None:
        return ProviderUnavailable(*fault)
    if isinstance(error, InvalidProxy | ValueError | ImportError):
        return ProviderUnavailable(
            tr(
                "The proxy set on this computer cannot be used to reach {service}",
                service=service,
            ),
            tr(
                "Check the system's proxy settings and the variables HTTPS_PROXY, "
                "ALL_PROXY and NO_PROXY."
            ),
        )
    if isinstance(error, InvalidHandshake):
        return ProviderUnavailable(
            tr("{service} does not open an event stream there", service=service),
            tr("The account's address may be wrong, or a proxy stands in between."),
        )
    return ProviderUnavailable(
        tr("No connection to {host}", host=host), tr("Check the internet connection.")
    )


def _lost(service: str) -> ProviderUnavailable:
    return ProviderUnavailable(tr("The connection to {service} broke", service=service))
