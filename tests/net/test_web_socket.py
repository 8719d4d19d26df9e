"""WebSockets that we open, against a real server on this machine."""

from __future__ import annotations

import asyncio
import http
import json
import logging
import os
import socket
import ssl
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import serve

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
)
from screenpop.net_ws import open_web_socket
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request as WsRequest
    from websockets.http11 import Response

    from tests.net.loopback import Connection, Handler, Request

    Talk = Callable[[ServerConnection], Awaitable[None]]

SECRET = "SEKRET-4711"


@asynccontextmanager
async def served(talk: Talk, **options: Any) -> AsyncIterator[str]:
    async with serve(talk, "127.0.0.1", 0, **options) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


async def messages_of(url: str, **options: Any) -> list[bytes]:
    """Everything that comes until the other side closes."""
    async with open_web_socket(url, "/api/ws", service="Example", **options) as opened:
        return [message async for message in opened.messages()]


async def failure_of(url: str, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await messages_of(url, **options)
    error = caught.value
    assert error.title
    assert error.__cause__ is None
    assert SECRET not in str(error)
    return error


async def test_messages_go_both_ways_until_the_other_side_closes() -> None:
    async def talk(connection: ServerConnection) -> None:
        assert connection.request is not None
        assert connection.request.path == "/api/ws"
        sent = json.loads(await connection.recv())
        await connection.send(json.dumps({"heard": sent}))
        await connection.send(b"bytes")

    async with (
        served(talk) as url,
        open_web_socket(url, "/api/ws", service="Example") as opened,
    ):
        await opened.send('{"say": "Zoë"}')
        heard = [message async for message in opened.messages()]
        assert opened.close_code == 1000
    assert [json.loads(heard[0]), heard[1]] == [{"heard": {"say": "Zoë"}}, b"bytes"]


async def test_a_silent_server_is_noticed_by_its_missing_pong() -> None:
    async def talk(request: Request, connection: Connection) -> None:
        # Shakes hands, and never says another word.
        await connection.send(_handshake(request))
        await connection.hang()

    async with LoopbackServer(talk) as server:
        error = await failure_of(server.url, ping_seconds=0.05)
    assert "broke" in error.title


async def test_a_server_that_does_not_pong_is_left_alone_when_told_so() -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.send("late")

    async with served(talk, ping_interval=None) as url:
        assert await messages_of(url, ping_seconds=None) == [b"late"]


@pytest.mark.parametrize("code", [1011, 1008, 4001])
async def test_a_connection_closed_in_anger_is_an_error(code: int) -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.close(code, SECRET)

    async with served(talk) as url:
        assert "broke" in (await failure_of(url)).title


async def test_sending_into_a_closed_connection_is_an_error_of_ours() -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.close()

    async with (
        served(talk) as url,
        open_web_socket(url, "/", service="Example") as opened,
    ):
        assert [message async for message in opened.messages()] == []
        with pytest.raises(ProviderUnavailable):
            await opened.send("too late")


async def test_a_message_too_long_ends_the_connection() -> None:
    async def talk(connection: ServerConnection) -> None:
        # Compresses to next to nothing.
        await connection.send("x" * 100_000)
        await connection.wait_closed()

    async with served(talk) as url:
        await failure_of(url, largest_message=10_000)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (404, NotFound),
        (429, ProviderThrottled),
        (503, ProviderUnavailable),
        (200, ProviderUnavailable),
    ],
)
async def test_a_refused_handshake_is_an_error_by_its_status(
    status: int, kind: type[ProviderError]
) -> None:
    async def talk(_connection: ServerConnection) -> None:
        raise AssertionError

    def refuse(connection: ServerConnection, _request: WsRequest) -> Response:
        return connection.respond(http.HTTPStatus(status), SECRET)

    async with served(talk, process_request=refuse) as url:
        assert type(await failure_of(url)) is kind


async def test_no_redirect_is_followed() -> None:
    visits = []

    async def talk(_connection: ServerConnection) -> None:
        visits.append(1)

    async with AsyncExitStack() as stack:
        elsewhere = await stack.enter_async_context(served(talk))

        async def redirect(_request: Request, connection: Connection) -> None:
            await connection.reply(302, Location=f"{elsewhere}/{SECRET}")

        server = await stack.enter_async_context(LoopbackServer(redirect))
        error = await failure_of(server.url)
    assert "another address" in error.title
    assert visits == []


async def _not_http(_request: Request, connection: Connection) -> None:
    await connection.send(b"SSH-2.0-whatever\r\n\r\n")


async def _wrong_accept(request: Request, connection: Connection) -> None:
    await connection.send(_handshake(request).replace(b"Accept: ", b"Accept: x"))


async def _hang_up(_request: Request, connection: Connection) -> None:
    await connection.hang_up()


@pytest.mark.parametrize("handler", [_not_http, _wrong_accept, _hang_up])
async def test_what_is_no_web_socket_is_an_error_of_ours(handler: Handler) -> None:
    async with LoopbackServer(handler) as server:
        assert type(await failure_of(server.url)) is ProviderUnavailable


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def hang(_request: Request, connection: Connection) -> None:
        await connection.hang()

    async with LoopbackServer(hang) as server:
        error = await failure_of(server.url, open_seconds=0.1)
    assert "in time" in error.title


async def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "takes connections" in (await failure_of(f"http://127.0.0.1:{port}")).title
    error = await failure_of("https://nobody.invalid", open_seconds=5)
    assert "Cannot find nobody.invalid" in error.title


async def test_plain_http_elsewhere_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigurationError):
        await messages_of("http://example.com")


async def test_a_certificate_nobody_trusts_is_refused(certificate: Path) -> None:
    async with served(_say_hello, ssl=_tls(certificate)) as url:
        error = await failure_of(url.replace("http", "https"))
    assert error.title == "The certificate of 127.0.0.1 is not trusted"


async def test_an_encrypted_connection_carries_messages(certificate: Path) -> None:
    os.environ["SSL_CERT_FILE"] = f"{certificate}.crt"
    async with served(_say_hello, ssl=_tls(certificate)) as url:
        assert await messages_of(url.replace("http", "https")) == [b"hello"]


async def _say_hello(connection: ServerConnection) -> None:
    await connection.send("hello")


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "ftp://127.0.0.1:9"])
async def test_a_proxy_that_cannot_be_used_is_told(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("WSS_PROXY", proxy)
    error = await failure_of("https://nobody.invalid")
    assert "proxy" in error.title


async def test_the_systems_proxy_is_used_and_its_refusal_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(_request: Request, connection: Connection) -> None:
        await connection.reply(407)

    async with LoopbackServer(refuse) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        error = await failure_of("https://nobody.invalid")
        assert [request.method for request in server.requests] == ["CONNECT"]
    assert "proxy refuses the way" in error.title


async def test_no_message_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def talk(connection: ServerConnection) -> None:
        await connection.send(await connection.recv())

    async with (
        served(talk, logger=_quiet()) as url,
        open_web_socket(url, "/", service="Example") as opened,
    ):
        await opened.send(SECRET)
        assert [message async for message in opened.messages()] == [SECRET.encode()]
    assert SECRET not in caplog.text


async def test_leaving_early_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closed.set()

    async with served(talk) as url:
        with pytest.raises(KeyError):
            async with open_web_socket(url, "/", service="Example"):
                raise KeyError
        async with asyncio.timeout(5):
            await closed.wait()


def _quiet() -> logging.Logger:
    logger = logging.getLogger("tests.quiet")
    logger.setLevel(logging.CRITICAL)
    return logger


def _handshake(request: Request) -> bytes:
    import base64
    import hashlib

    key = request.headers["sec-websocket-key"]
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    digest = hashlib.sha1(f"{key}{guid}".encode(), usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
        + base64.b64encode(digest)
        + b"\r\n\r\n"
    )
