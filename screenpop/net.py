"""The one HTTP client of the program; only it and its transport know httpx.

``HttpClient`` belongs to one account and is kept alive: building one costs an import
and a TLS context (some 60 ms), which happens in a thread at the first request, never
when the client is constructed. Whatever goes wrong on the way comes out as an error of
``screenpop.domain.errors`` that names the host at most: vendors put secrets and
numbers into paths and queries, and httpx prints both in its errors and log lines.

Limits, each of which was found missing in the library: one deadline for the whole
exchange (its own time-out is per read), a cap on the body while it streams, bounded
decompression, no redirects (the account's key never follows one), certificates from
the system's own store. httpx has had no release since 0.28.1 (2024-12); its successor
``httpx2`` is a drop-in, so changing over is a change to this file.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import sys
import zlib
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import screenpop
from screenpop.domain.errors import (
    OutcomeUnknown,
    PayloadError,
    ProviderError,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.http_replies import HttpReply, refusal
from screenpop.domain.service_address import ServiceAddress
from screenpop.net_faults import network_fault
from screenpop.net_lean import lean_imports
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Callable,
        Mapping,
    )
    from datetime import timedelta

    import httpx

    from screenpop.domain.json_fields import JsonValue

_log = logging.getLogger(__name__)

DEFAULT_TIMEOUT_SECONDS: Final = 15.0
DEFAULT_MAX_BYTES: Final = 4 * 1024 * 1024
# Longer than the usual pause between two polls, so that each finds a warm connection.
KEEP_ALIVE_SECONDS: Final = 60.0
_MAX_CONNECTIONS: Final = 8
_CONNECT_SHARE: Final = 0.4
_ZLIB_OR_GZIP: Final = 47
# What `_decompressed` can unpack within bounds.
_ENCODING: Final = {"Accept-Encoding": "gzip"}


class HttpClient:
    """Requests to one service at one base URL."""

    def __init__(
        self,
        base_url: str,
        *,
        service: str,
        allow_plain_http: bool = False,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        max_bytes: int = DEFAULT_MAX_BYTES,
        note_clock: Callable[[timedelta], None] | None = None,
    ) -> None:
        """Check the address; nothing is opened yet.

        Args:
            base_url: ``https://…``; plain ``http`` on this machine only.
            service: The name of the service as users know it, for error texts.
            allow_plain_http: The account's owner accepts that keys and calls can be
                read by anyone on the way.
            timeout_seconds: For a whole exchange, unless a request says otherwise.
            max_bytes: For a whole body, unless a request says otherwise.
            note_clock: Told with each answer how far our clock is from the server's.

        Raises:
            ConfigurationError: The address cannot be used.
        """
        self._base = ServiceAddress.checked(base_url, allow_plain_http=allow_plain_http)
        self._service = service
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        self._note_clock = note_clock
        self._client: httpx.AsyncClient | None = None
        self._building = asyncio.Lock()
        self._is_closed = False

    async def request(
        self,
        method: str,
        path_or_url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: JsonValue = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "application/json",
        timeout_seconds: float | None = None,
        max_bytes: int | None = None,
        send_once: bool = False,
        read_refusal: Callable[[HttpReply], ProviderError | None] | None = None,
    ) -> HttpReply:
        """Send one request, once, and return its 2xx answer.

        Args:
            method: The HTTP method.
            path_or_url: Below the base URL, or a whole URL on the same host.
            params: For the query string.
            json: The body as JSON; None for no body.
            data: The body as a form.
            content: The body as it is; its Content-Type is one of ``headers``.
            headers: Further headers, such as the account's key.
            accept: The media type wanted.
            timeout_seconds: For the whole exchange, the body included.
            max_bytes: The longest body taken.
            send_once: It must not be repeated when it may have arrived: everything
                unclear becomes ``OutcomeUnknown``.
            read_refusal: Makes a better error of an answer other than 2xx than the
                status alone gives; None leaves it at that.

        Raises:
            ProviderError: By kind, see ``screenpop.domain.errors``.
            PayloadError: The answer is too long or broken off.
        """
        client = await self._ready()
        exchange = _Exchange(self._service, self._base.host, send_once=send_once)
        seconds = timeout_seconds or self._timeout_seconds
        async with _translated(exchange, seconds):
            request = client.build_request(
                method,
                self._address(path_or_url),
                params=params,
                json=json,
                data=data,
                content=content,
                headers={**(headers or {}), **_ENCODING, "Accept": accept},
                timeout=_timeouts(seconds),
                extensions={"trace": exchange.trace},
            )
            reply = await self._reply(client, request, max_bytes or self._max_bytes)
        if 200 <= reply.status < 300:
            return reply
        better = read_refusal(reply) if read_refusal else None
        secrets = (headers or {}).values()
        raise better or refusal(reply, send_once=send_once, secrets=secrets)

    async def _reply(
        self, client: httpx.AsyncClient, request: httpx.Request, limit: int
    ) -> HttpReply:
        response = await client.send(request, stream=True)
        try:
            body = await _read_body(response, limit, self._service)
        finally:
            await response.aclose()
        status = response.status_code
        _log.debug("%s to %s: status %d", request.method, self._base.host, status)
        reply = HttpReply(
            status=status,
            headers=dict(response.headers.items()),
            body=body,
            received_at=datetime.now(UTC),
            service=self._service,
        )
        if self._note_clock is not None and reply.clock_skew is not None:
            self._note_clock(reply.clock_skew)
        return reply

    async def warm_up(self) -> None:
        """Do the slow part of the first request now; nothing is sent.

        Raises:
            ProviderUnavailable: The machine's proxy or certificate settings cannot
                be used.
        """
        await self._ready()

    async def aclose(self) -> None:
        """Close all connections; the client is not used afterwards."""
        self._is_closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ready(self) -> httpx.AsyncClient:
        async with self._building:
            if self._client is None and not self._is_closed:
                self._client = await asyncio.to_thread(
                    _build, self._base, self._service
                )
            if self._client is None or self._is_closed:
                raise ProviderUnavailable(
                    tr("The account at {service} is closed", service=self._service)
                )
            return self._client

    def _address(self, path_or_url: str) -> str:
        if path_or_url.startswith("/"):
            return self._base.url + path_or_url
        if not self._base.has_same_origin(path_or_url):
            raise RequestRejected(
                tr("That address does not belong to {service}", service=self._service),
                tr("screenpop sends the account's key to its own address only."),
            )
        return path_or_url


# --- building -------------------------------------------------------------------------


def _build(base: ServiceAddress, service: str) -> httpx.AsyncClient:
    """Make the library's client; slow, so called in a thread."""
    # httpx loads its command line, too, where click and rich happen to be installed:
    # 7 MiB that nobody uses. It does without when that cannot be imported.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    with lean_imports("httpx"):
        import httpx

    # At INFO and DEBUG both print whole URLs, keys and numbers included.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    context = tls_context() if base.is_encrypted else _no_tls()
    headers = {"User-Agent": f"screenpop/{screenpop.__version__}"}
    # Nothing of this machine goes through a proxy to this machine.
    if base.is_local or not _may_have_proxy():
        from screenpop.net_direct import DirectTransport

        direct = DirectTransport(
            context,
            most_connections=_MAX_CONNECTIONS,
            keep_alive_seconds=KEEP_ALIVE_SECONDS,
        )
        return httpx.AsyncClient(transport=direct, trust_env=False, headers=headers)
    try:
        return httpx.AsyncClient(
            verify=context,
            limits=httpx.Limits(
                max_connections=_MAX_CONNECTIONS, keepalive_expiry=KEEP_ALIVE_SECONDS
            ),
            headers=headers,
        )
    except (httpx.InvalidURL, ValueError, ImportError):
        raise ProviderUnavailable(
            tr(
                "The proxy set on this computer cannot be used to reach {service}",
                service=service,
            ),
            tr(
                "Check the system's proxy settings and the variables HTTPS_PROXY, "
                "ALL_PROXY and NO_PROXY."
            ),
        ) from None


def _may_have_proxy() -> bool:
    """Whether this computer is set to reach others through a proxy."""
    if sys.platform in ("win32", "darwin"):
        from urllib.request import getproxies

        return bool(getproxies())
    # What that does elsewhere, without 1 MiB of modules.
    return any(
        value and name.lower().endswith("_proxy") and name.lower() != "no_proxy"
        for name, value in os.environ.items()
    )


def _timeouts(seconds: float) -> httpx.Timeout:
    """The library's own time-outs, below the deadline of the whole exchange.

    Connecting and encrypting may take this long each; the library closes the socket
    when its own time-out ends them, but not when our deadline cancels them.
    """
    import httpx

    return httpx.Timeout(seconds, connect=seconds * _CONNECT_SHARE)


def _no_tls() -> ssl.SSLContext:
    """A context that trusts nobody, for a client that never encrypts: it is cheap."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def tls_context() -> ssl.SSLContext:
    """The system's certificates, checked the way the system does.

    A variable that points nowhere would be passed over in silence, and every
    connection fail later for a reason that nobody could guess.

    Raises:
        ProviderUnavailable: Such a variable points nowhere.
    """
    import truststore

    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if file:
            _no_tls().load_verify_locations(cafile=file)
    except OSError:  # ssl.SSLError is one too
        raise _bad_certificates("SSL_CERT_FILE") from None
    if folder and not any(Path(part).is_dir() for part in folder.split(os.pathsep)):
        raise _bad_certificates("SSL_CERT_DIR")
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _bad_certificates(variable: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        tr(
            "The certificates that {variable} points to cannot be read",
            variable=variable,
        ),
        tr(
            "Mend or remove the environment variable {variable} and start again.",
            variable=variable,
        ),
    )


# --- one exchange ---------------------------------------------------------------------


@dataclass(slots=True)
class _Exchange:
    """One request on its way, and how far it got.

    Attributes:
        dialled: The host that was connected to: a proxy, or the service itself.
        was_sent: Some of the request may have arrived.
    """

    service: str
    host: str
    send_once: bool
    dialled: str = ""
    was_sent: bool = False

    async def trace(self, event: str, details: Mapping[str, Any]) -> None:
        """Follow the library's progress (httpcore's ``trace`` extension)."""
        if event.endswith("connect_tcp.started"):
            self.dialled = str(details.get("host", ""))
        elif event.endswith("send_request_headers.started"):
            # A CONNECT goes to the proxy, which does not act on our request.
            self.was_sent = getattr(details.get("request"), "method", b"") != b"CONNECT"

    def failure(self, title: str, advice: str = "") -> ProviderUnavailable:
        if self.send_once and self.was_sent:
            return OutcomeUnknown(
                tr(
                    "{title}, so it is not known whether the request took effect",
                    title=title,
                )
            )
        return ProviderUnavailable(title, advice)

    def place(self) -> str:
        if self.dialled and self.dialled != self.host:
            return tr("the proxy {name}", name=self.dialled)
        return self.host


@asynccontextmanager
async def _translated(exchange: _Exchange, seconds: float) -> AsyncIterator[None]:
    """Give the exchange its deadline, and make our errors of all that goes wrong."""
    import httpx

    try:
        async with asyncio.timeout(seconds):
            yield
    except (httpx.TimeoutException, TimeoutError):
        raise _too_slow(exchange) from None
    except PayloadError as error:
        if exchange.send_once:
            raise exchange.failure(error.title) from None
        raise
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise _transport_failure(exchange, error) from None


def _too_slow(exchange: _Exchange) -> ProviderError:
    if exchange.was_sent:
        return exchange.failure(
            tr("{service} took too long to answer", service=exchange.service)
        )
    return exchange.failure(
        tr("No connection to {place} in time", place=exchange.place()),
        tr("Check the internet connection; a firewall may block the way."),
    )


def _transport_failure(exchange: _Exchange, error: Exception) -> ProviderError:
    import httpx

    unfit = httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError
    if isinstance(error, unfit | UnicodeError):
        return RequestRejected(
            tr("The request to {service} cannot be written", service=exchange.service)
        )
    place = exchange.place()
    if isinstance(error, httpx.ProxyError):
        return exchange.failure(
            tr("The network's proxy refuses the way to {host}", host=exchange.host),
            tr("Check the proxy settings of this computer, its password included."),
        )
    fault = network_fault(error, place)
    if fault is not None:
        return exchange.failure(*fault)
    if exchange.was_sent:
        return exchange.failure(
            tr("{service} broke off its answer", service=exchange.service)
        )
    return exchange.failure(
        tr("No connection to {place}", place=place),
        tr("Check the internet connection."),
    )


# --- the body -------------------------------------------------------------------------


async def _read_body(response: httpx.Response, limit: int, service: str) -> bytes:
    """The whole body, decompressed, of at most ``limit`` bytes.

    Raises:
        PayloadError: It is longer, or its compression is unknown or broken.
    """
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise _too_long(service)
    body = bytearray()
    async with aclosing(
        cast("AsyncGenerator[bytes, None]", response.aiter_raw())
    ) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise _too_long(service)
    encoding = response.headers.get("content-encoding", "").strip().casefold()
    if encoding in ("", "identity") or not body:
        return bytes(body)
    return _decompressed(bytes(body), limit, service, encoding)


def _decompressed(body: bytes, limit: int, service: str, encoding: str) -> bytes:
    broken = PayloadError(
        tr("{service} gave an answer that cannot be unpacked", service=service)
    )
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise broken
    unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise broken from None
    if len(unpacked) > limit:
        raise _too_long(service)
    if not unpacker.eof:
        raise broken
    return unpacked


def _too_long(service: str) -> PayloadError:
    return PayloadError(
        tr("{service} gave a longer answer than screenpop takes", service=service),
        tr("Ask for less at a time. If it stays so, the account's address is wrong."),
    )
