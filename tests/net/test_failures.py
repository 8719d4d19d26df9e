"""What the HTTP client says when something goes wrong on the way."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    OutcomeUnknown,
    PayloadError,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
    ScreenpopError,
)
from screenpop.net import HttpClient
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.net.conftest import Connect
    from tests.net.loopback import Connection, Handler, Request

SECRET_PATH = "/hooks/SEKRET-4711"
NUMBER = "+12025550123"


async def _hang(_request: Request, connection: Connection) -> None:
    await connection.hang()


async def _hang_up(_request: Request, connection: Connection) -> None:
    await connection.hang_up()


async def _half(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await connection.hang_up()


async def _drip(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not connection.server.over.is_set():
        await connection.send(b"1\r\nx\r\n")


async def _not_http(_request: Request, connection: Connection) -> None:
    await connection.send(b"SSH-2.0-whatever\r\n\r\n")


def _answers(status: int, body: bytes = b"", **headers: str) -> Handler:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(status, body, **headers)

    return handler


async def _failure(client: HttpClient, *, send_once: bool = False) -> ScreenpopError:
    """What the client raises for a request with a secret and a number in it."""
    with pytest.raises(ScreenpopError) as caught:
        await client.request(
            "POST",
            SECRET_PATH,
            params={"number": NUMBER},
            headers={"X-Key": "SEKRET-KEY"},
            send_once=send_once,
        )
    error = caught.value
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for hidden in ("SEKRET", NUMBER, NUMBER[1:]):
        assert hidden not in str(error)
    return error


# --- statuses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (300, ProviderUnavailable),
        (400, RequestRejected),
        (401, AuthenticationFailed),
        (402, RequestRejected),
        (403, PermissionDenied),
        (404, NotFound),
        (405, RequestRejected),
        (406, RequestRejected),
        (407, ProviderUnavailable),
        (408, ProviderUnavailable),
        (409, RequestRejected),
        (410, NotFound),
        (422, RequestRejected),
        (429, ProviderThrottled),
        (500, ProviderUnavailable),
        (502, ProviderUnavailable),
        (503, ProviderUnavailable),
    ],
)
async def test_a_status_is_an_error_of_ours(
    connect: Connect, status: int, kind: type[ProviderError]
) -> None:
    client, _server = await connect(_answers(status))
    error = await _failure(client)
    assert type(error) is kind
    assert error.title


async def test_the_servers_words_are_quoted_without_what_must_stay_hidden(
    connect: Connect,
) -> None:
    text = (
        f"no such number: {NUMBER}, key SEKRET-KEY, see https://x.example/SEKRET-4711"
    )
    client, _server = await connect(_answers(400, f'{{"message": "{text}"}}'.encode()))
    error = await _failure(client)
    assert "no such number" in error.advice


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"message": {"a": 1}}',
        b"<html>",
        b'{"message": "\\u0000\\ud800"}',
    ],
)
async def test_an_odd_error_body_does_not_matter(connect: Connect, body: bytes) -> None:
    client, _server = await connect(_answers(422, body))
    assert isinstance(await _failure(client), RequestRejected)


async def test_nested_and_long_words_are_found_and_cut(connect: Connect) -> None:
    body = b'{"error": {"message": "wrong ' + b"x " * 9_000 + b'"}}'
    client, _server = await connect(_answers(400, body))
    error = await _failure(client)
    assert "wrong" in error.advice
    assert len(error.advice) < 250


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 30}, None),
        ({"Retry-After": "soon"}, None),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            0.0,
        ),
    ],
)
async def test_a_throttling_server_says_how_long_to_wait(
    connect: Connect, headers: dict[str, str], seconds: float | None
) -> None:
    client, _server = await connect(_answers(429, b"", **headers))
    error = await _failure(client)
    assert isinstance(error, ProviderThrottled)
    assert error.retry_after_seconds == seconds


# --- transport ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handler", "words"),
    [(_hang, "too long"), (_drip, "too long"), (_hang_up, "broke off")],
)
async def test_a_server_that_does_not_answer_well_is_unavailable(
    connect: Connect, handler: Handler, words: str
) -> None:
    client, _server = await connect(handler, timeout_seconds=0.4)
    error = await _failure(client)
    assert type(error) is ProviderUnavailable
    assert words in error.title


@pytest.mark.parametrize("handler", [_half, _not_http])
async def test_half_and_foreign_answers_are_broken_off(
    connect: Connect, handler: Handler
) -> None:
    client, _server = await connect(handler)
    error = await _failure(client)
    assert type(error) is ProviderUnavailable
    assert "broke off" in error.title


@pytest.mark.parametrize(
    "handler", [_hang, _hang_up, _half, _answers(502), _answers(504), _answers(524)]
)
async def test_a_request_to_be_sent_once_that_may_have_arrived_is_unclear(
    connect: Connect, handler: Handler
) -> None:
    client, server = await connect(handler, timeout_seconds=0.4)
    assert isinstance(await _failure(client, send_once=True), OutcomeUnknown)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_a_clear_refusal_stays_clear_for_a_request_to_be_sent_once(
    connect: Connect, status: int
) -> None:
    client, _server = await connect(_answers(status))
    assert not isinstance(await _failure(client, send_once=True), OutcomeUnknown)


async def test_an_answer_too_long_to_read_leaves_a_single_request_unclear(
    connect: Connect,
) -> None:
    client, _server = await connect(_answers(200, b"x" * 100), max_bytes=10)
    assert isinstance(await _failure(client, send_once=True), OutcomeUnknown)


async def test_a_request_that_never_left_is_not_unclear() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = HttpClient(
            f"http://127.0.0.1:{taken.getsockname()[1]}", service="Example"
        )
        error = await _failure(client, send_once=True)
        await client.aclose()
    assert type(error) is ProviderUnavailable
    assert "Nothing takes connections at 127.0.0.1" in error.title


async def test_a_connection_that_is_never_made_is_not_unclear() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as waiting:
            waiting.setblocking(False)
            waiting.connect_ex(address)
            client = HttpClient(
                f"http://127.0.0.1:{address[1]}", service="Example", timeout_seconds=0.4
            )
            error = await _failure(client, send_once=True)
            await client.aclose()
    assert type(error) is ProviderUnavailable
    assert "No connection to 127.0.0.1 in time" in error.title


async def test_an_unknown_host_is_named() -> None:
    client = HttpClient("https://api.nowhere.invalid", service="Example")
    error = await _failure(client, send_once=True)
    await client.aclose()
    assert type(error) is ProviderUnavailable
    assert error.title == "Cannot find api.nowhere.invalid on the network"


# --- long answers ---------------------------------------------------------------------


async def _declared_gigabyte(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx")
    await connection.hang()


async def _endless(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    while True:
        await connection.send(block)


_BOMB = gzip.compress(bytes(8 * 1024 * 1024))


@pytest.mark.parametrize(
    "handler",
    [
        _declared_gigabyte,
        _endless,
        _answers(200, _BOMB, Content_Encoding="gzip"),
    ],
)
async def test_an_answer_is_taken_up_to_the_limit_only(
    connect: Connect, handler: Handler
) -> None:
    client, _server = await connect(handler, max_bytes=1024 * 1024)
    error = await _failure(client)
    assert isinstance(error, PayloadError)
    assert "longer" in error.title


async def test_an_answer_of_just_the_limit_is_taken(connect: Connect) -> None:
    client, _server = await connect(_answers(200, b"x" * 100), max_bytes=100)
    assert len((await client.request("GET", "/")).body) == 100


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"x"),
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b"x" * 99, mtime=0)[:-9]),
    ],
)
async def test_an_answer_that_cannot_be_unpacked_is_unreadable(
    connect: Connect, encoding: str, body: bytes
) -> None:
    client, _server = await connect(_answers(200, body, Content_Encoding=encoding))
    assert isinstance(await _failure(client), PayloadError)


@pytest.mark.parametrize("body", [b"", b'{"a": ', b"\xff\xfe\x00", b"[" * 100_000])
async def test_half_json_is_unreadable(connect: Connect, body: bytes) -> None:
    client, _server = await connect(_answers(200, body))
    reply = await client.request("GET", "/")
    with pytest.raises(PayloadError, match="cannot be read"):
        reply.json()


# --- TLS, proxies, addresses ----------------------------------------------------------


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_certificate_nobody_trusts_is_refused(certificate: Path) -> None:
    async with LoopbackServer(_answers(200), tls=_tls(certificate)) as server:
        client = HttpClient(server.url, service="Example")
        error = await _failure(client, send_once=True)
        await client.aclose()
        assert server.requests == []
    assert type(error) is ProviderUnavailable
    assert error.title == "The certificate of 127.0.0.1 is not trusted"


async def test_a_company_certificate_in_the_environment_is_trusted(
    certificate: Path,
) -> None:
    os.environ["SSL_CERT_FILE"] = f"{certificate}.crt"
    async with LoopbackServer(_answers(204), tls=_tls(certificate)) as server:
        client = HttpClient(server.url, service="Example")
        assert (await client.request("GET", "/")).status == 204
        await client.aclose()


async def test_no_encryption_where_it_is_expected_is_named() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = HttpClient(f"https://127.0.0.1:{port}", service="Example")
        error = await _failure(client)
        await client.aclose()
    assert error.title == "No encrypted connection to 127.0.0.1 could be made"


async def test_an_encrypted_connection_that_is_never_made_is_closed() -> None:
    async with LoopbackServer(_answers(200)) as server:
        url = server.url.replace("http:", "https:")
        client = HttpClient(url, service="Example", timeout_seconds=0.4)
        error = await _failure(client, send_once=True)
        await client.aclose()
    assert type(error) is ProviderUnavailable
    assert "in time" in error.title


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_a_certificate_variable_that_points_nowhere_is_named(
    variable: str, tmp_path: Path
) -> None:
    os.environ[variable] = str(tmp_path / "gone")
    client = HttpClient("https://127.0.0.1:1", service="Example")
    error = await _failure(client)
    assert isinstance(error, ProviderUnavailable)
    assert variable in error.title


async def test_a_certificate_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    os.environ["SSL_CERT_FILE"] = str(tmp_path / "empty.pem")
    client = HttpClient("https://127.0.0.1:1", service="Example")
    assert "SSL_CERT_FILE" in (await _failure(client)).title


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x"])
async def test_a_proxy_setting_that_cannot_be_used_is_named(proxy: str) -> None:
    os.environ["HTTPS_PROXY"] = proxy
    client = HttpClient("https://api.nowhere.invalid", service="Example")
    error = await _failure(client)
    assert "proxy" in error.title


async def test_a_proxy_that_refuses_is_named() -> None:
    async with LoopbackServer(_answers(407)) as proxy:
        os.environ["HTTPS_PROXY"] = proxy.url
        client = HttpClient("https://api.nowhere.invalid", service="Example")
        error = await _failure(client, send_once=True)
        await client.aclose()
    assert type(error) is ProviderUnavailable
    assert "proxy refuses the way to api.nowhere.invalid" in error.title


async def test_a_proxy_that_is_down_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        os.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{port}"
        client = HttpClient("https://api.nowhere.invalid", service="Example")
        error = await _failure(client, send_once=True)
        await client.aclose()
    assert error.title == "Nothing takes connections at the proxy 127.0.0.1"


async def test_this_machine_is_reached_without_the_proxy(connect: Connect) -> None:
    os.environ["HTTP_PROXY"] = "http://proxy.invalid:3128"
    client, server = await connect(_answers(200))
    await client.request("GET", "/")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://192.0.2.1",
        "ftp://example.com",
        "example.com",
        "",
        "https://",
        "https://user:SEKRET@example.com",
        "https://example.com/?key=SEKRET",
        "https://example.com/#SEKRET",
        "https://example.com:99999",
        "https://exa mple.com",
        "https://example.com\\@evil.example",
        "https://[::1",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpClient(url, service="Example")
    assert caught.value.advice
    assert "SEKRET" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1",
        "http://127.0.0.5/x/",
        "http://[::1]:1",
        "http://a.localhost",
    ],
)
def test_plain_http_is_fine_on_this_machine(url: str) -> None:
    HttpClient(url, service="Example")


def test_plain_http_elsewhere_needs_the_owners_word() -> None:
    HttpClient("http://192.0.2.1", service="Example", allow_plain_http=True)
