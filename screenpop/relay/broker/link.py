"""One connection to the broker, made once and never mended: a broken one is replaced.

The library would reconnect by itself, but keeps what is published meanwhile in memory,
does not fail what waits for an answer, and gives up for good when it is turned away.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import ParseResult, urlsplit

from nats.aio.client import Client
from nats.aio.transport import TcpTransport, Transport
from nats.errors import Error as NatsError

from screenpop.domain.errors import (
    ConfigurationError,
    ProviderError,
    RelayUnavailable,
    ScreenpopError,
)
from screenpop.domain.service_address import ServiceAddress
from screenpop.net import tls_context
from screenpop.net_ws import WebSocket, open_web_socket
from screenpop.relay.broker import faults
from screenpop.wording import tr

if TYPE_CHECKING:
    import ssl

    from screenpop.relay.broker.protocol import BrokerAddress, BrokerCredentials

_log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5
CLOSE_SECONDS: Final = 2.0
_LONGEST_FRAME: Final = 64 * 1024 * 1024
_WEB_SCHEMES: Final = {"nats": "http", "tls": "https", "ws": "http", "wss": "https"}


class Link(Client):
    """A connection over a transport of ours where the library's will not do."""

    def __init__(self, address: BrokerAddress, on_refusal: Callable[[str], None]):
        """Connect to nothing yet.

        Args:
            address: Where to.
            on_refusal: Told of a subject, in lower case, that is not for us.
        """
        super().__init__()
        self._address = address
        self._on_refusal = on_refusal
        self.gone = asyncio.Event()
        self.fault: BaseException | None = None

    async def open(self) -> None:
        """Connect to one of the address's servers.

        Raises:
            RelayUnavailable: None answers.
            RelayRefused: We are turned away.
            ConfigurationError: The address cannot be used.
        """
        plain = self._address.allows_plain
        for url in self._address.urls:
            checked_url(url, allows_plain=plain)
        encrypted = any(urlsplit(url).scheme == "tls" for url in self._address.urls)
        tls = await asyncio.to_thread(tls_context) if encrypted else None
        try:
            await self.connect(
                list(self._address.urls),
                name=self._address.name,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_SECONDS,
                # The library's type says int, its code sleeps for any number.
                ping_interval=self._address.ping_seconds,  # type: ignore[arg-type]
                error_cb=self._note,
                tls=tls,
                inbox_prefix=self._address.inbox_prefix,
                **_signing(self._address.credentials()),
            )
        except (NatsError, OSError, TimeoutError, ScreenpopError) as error:
            fault = self.fault or error
            await self.shut()
            if isinstance(fault, ProviderError):
                # What the transport says of the way there: it may be mended.
                raise RelayUnavailable(fault.title, fault.advice) from None
            if isinstance(fault, ScreenpopError):
                raise fault from None
            if faults.is_turned_away(fault) or faults.is_turned_away(error):
                raise faults.turned_away() from None
            raise self._unreached(fault) from None
        self.fault = None

    def _unreached(self, fault: BaseException) -> RelayUnavailable:
        """Why there is no connection, as far as the network tells."""
        from screenpop.net_faults import network_fault

        place = urlsplit(self._address.urls[0]).hostname or ""
        known = network_fault(fault, place)
        return RelayUnavailable(*known) if known else faults.not_connected()

    async def shut(self) -> None:
        """Send what is on its way, within bounds, and close."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.close()
        except (NatsError, OSError, TimeoutError) as error:
            _log.debug(
                "the broker's connection did not close: %s", type(error).__name__
            )
        self.gone.set()

    async def _note(self, error: Exception) -> None:
        self.fault = error
        subject = faults.refused_subject(error)
        if subject:
            self._on_refusal(subject)

    async def _process_op_err(self, e: Exception) -> None:
        # Nobody reads what was still to be sent, and failing to send it would break off
        # the library's own closing.
        self._pending = []
        self._pending_data_size = 0
        await super()._process_op_err(e)

    async def _close(self, status: int, do_cbs: bool = True) -> None:
        # Whatever breaks off the library's closing, this must be told.
        try:
            await super()._close(status, do_cbs)
        finally:
            if status == Client.CLOSED:
                self._end()

    def _end(self) -> None:
        if self.fault is None:
            self.fault = self.last_error
        self.gone.set()

    async def _connect_to_server(self, s: Any) -> None:
        # The one place where the library chooses a transport, and takes one that is
        # there already.
        scheme = s.uri.scheme
        if scheme in ("ws", "wss"):
            self._transport = _FrameTransport(self._address.allows_plain)
        elif scheme == "tls":
            self._transport = _EncryptedTransport()
        else:
            self._transport = None
        await super()._connect_to_server(s)

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """For ``wss`` it is made where the frames are."""
        import ssl

        chosen = self.options.get("tls")
        if isinstance(chosen, ssl.SSLContext):
            return chosen
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def checked_url(url: str, *, allows_plain: bool) -> ServiceAddress:
    """The web address that stands for a broker's, by the rules for services.

    Raises:
        ConfigurationError: It is no address of a broker, or not encrypted.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in _WEB_SCHEMES:
        raise ConfigurationError(
            tr("The relay's address is not one of a broker"),
            tr(
                "It should look like wss://relay.example.com/nats or "
                "tls://relay.example.com:4222."
            ),
        )
    return ServiceAddress.checked(
        f"{_WEB_SCHEMES[scheme]}://{rest}", allow_plain_http=allows_plain
    )


def _signing(credentials: BrokerCredentials | None) -> dict[str, Any]:
    if credentials is None:
        return {}
    seed = credentials.seed
    if not credentials.jwt:
        return {"nkeys_seed_str": seed.reveal()}
    jwt = credentials.jwt

    def sign(nonce: str) -> bytes:
        import nkeys

        pair = nkeys.from_seed(bytearray(seed.reveal().encode()))
        try:
            return base64.b64encode(pair.sign(nonce.encode()))
        finally:
            pair.wipe()

    return {"user_jwt_cb": lambda: bytearray(jwt.encode()), "signature_cb": sign}


class _EncryptedTransport(TcpTransport):
    """Says nothing before the connection is encrypted.

    The library speaks on in plain text when whoever answers does not ask for TLS.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._is_encrypted = False

    async def connect_tls(self, *args: Any, **kwargs: Any) -> None:
        await super().connect_tls(*args, **kwargs)
        self._is_encrypted = True

    def write(self, payload: bytes) -> None:
        if not self._is_encrypted:
            raise ConnectionError("the broker does not encrypt")
        super().write(payload)  # type: ignore[no-untyped-call]


class _FrameTransport(Transport):
    """The broker's protocol in WebSocket messages, by way of ``screenpop.net_ws``."""

    def __init__(self, allows_plain: bool) -> None:
        self._allows_plain = allows_plain
        self._stack = AsyncExitStack()
        self._socket: WebSocket | None = None
        self._written: list[bytes] = []
        self._is_at_end = False
        self._closing: asyncio.Task[None] | None = None

    async def connect(
        self, uri: ParseResult, buffer_size: int, connect_timeout: int
    ) -> None:
        del buffer_size
        base = f"{_WEB_SCHEMES[uri.scheme]}://{uri.netloc}"
        path = f"{uri.path or '/'}{'?' if uri.query else ''}{uri.query}"
        self._socket = await self._stack.enter_async_context(
            open_web_socket(
                base,
                path,
                service="The team's relay",
                allow_plain_http=self._allows_plain,
                open_seconds=connect_timeout,
                ping_seconds=None,
                largest_message=_LONGEST_FRAME,
            )
        )
        self._messages = self._socket.messages()

    async def connect_tls(
        self,
        uri: str | ParseResult,
        ssl_context: ssl.SSLContext,
        buffer_size: int,
        connect_timeout: int,
    ) -> None:
        # Called again once the broker has said that TLS is required: it is there.
        if self._socket is None and not isinstance(uri, str):
            await self.connect(uri, buffer_size, connect_timeout)

    def write(self, payload: bytes) -> None:
        self._written.append(bytes(payload))

    def writelines(self, payload: list[bytes]) -> None:
        self._written.extend(bytes(each) for each in payload)

    async def read(self, buffer_size: int) -> bytes:
        del buffer_size
        return await self.readline()

    async def readline(self) -> bytes:
        try:
            return await anext(self._messages)
        except StopAsyncIteration:
            self._is_at_end = True
            return b""
        except ScreenpopError as error:
            self._is_at_end = True
            raise ConnectionError(error.title) from None

    async def drain(self) -> None:
        written, self._written = self._written, []
        if written and self._socket is not None:
            try:
                await self._socket.send(b"".join(written))
            except ScreenpopError as error:
                # Reading tells of it. Raised here, it would break off the library's own
                # closing when the broker hangs up on us, and nobody would hear of that.
                _log.debug("nothing more goes to the broker: %s", error.title)
                self._is_at_end = True

    async def wait_closed(self) -> None:
        if self._closing is not None:
            await self._closing

    def close(self) -> None:
        self._is_at_end = True
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._stack.aclose())

    def at_eof(self) -> bool:
        return self._is_at_end

    def __bool__(self) -> bool:
        return True
