"""What the HTTP client sends and gives back when all is well."""

from __future__ import annotations

import asyncio
import gzip
import logging
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import screenpop
from screenpop.domain.errors import (
    PayloadError,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.net import HttpClient
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.domain.http_replies import HttpReply
    from tests.net.conftest import Connect
    from tests.net.loopback import Connection, Request


async def _empty(_request: Request, connection: Connection) -> None:
    await connection.reply()


async def test_a_request_goes_out_as_asked(connect: Connect) -> None:
    client, server = await connect(_empty)
    await client.request(
        "PUT",
        "/things/a%2Fb",
        params={"phone": "+44 20"},
        json={"name": "Ünal"},
        headers={"X-Key": "k"},
        accept="text/csv",
    )
    (request,) = server.requests
    assert request.method == "PUT"
    assert request.target == "/things/a%2Fb?phone=%2B44+20"
    assert request.json() == {"name": "Ünal"}
    assert request.headers["x-key"] == "k"
    assert request.headers["accept"] == "text/csv"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"screenpop/{screenpop.__version__}"


async def test_a_form_goes_out_as_a_form(connect: Connect) -> None:
    client, server = await connect(_empty)
    await client.request("POST", "/", data={"a": "1 2"})
    assert server.requests[0].body == b"a=1+2"


async def test_the_answer_comes_back_whole(connect: Connect) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(
            201, b'{"a": [1, "x"]}', Date="Sun, 22 Nov 2026 10:00:00 GMT"
        )

    client, _server = await connect(handler)
    reply = await client.request("GET", "/")
    assert reply.status == 201
    assert reply.json() == {"a": [1, "x"]}
    assert reply.server_date == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert reply.received_at.tzinfo is UTC


async def test_one_connection_serves_many_requests(connect: Connect) -> None:
    client, server = await connect(_empty)
    for _ in range(3):
        await client.request("GET", "/")
    assert server.connections == 1


async def test_requests_at_once_build_one_client(connect: Connect) -> None:
    client, server = await connect(_empty)
    await asyncio.gather(*(client.request("GET", f"/{n}") for n in range(5)))
    assert sorted(request.target for request in server.requests) == [
        f"/{n}" for n in range(5)
    ]


async def test_a_packed_answer_is_unpacked(connect: Connect) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        body = gzip.compress(b'{"a": 1}')
        await connection.reply(body=body, Content_Encoding="gzip")

    client, _server = await connect(handler)
    assert (await client.request("GET", "/")).json() == {"a": 1}


async def test_a_whole_url_on_the_same_host_is_allowed(connect: Connect) -> None:
    client, server = await connect(_empty)
    await client.request("GET", f"{server.url}/recording")
    assert server.requests[0].target == "/recording"


@pytest.mark.parametrize(
    "url",
    ["https://other.example.com/", "http://127.0.0.1:1/", "zz.example", "", "http://["],
)
async def test_the_key_never_goes_to_another_host(connect: Connect, url: str) -> None:
    client, server = await connect(_empty)
    with pytest.raises(RequestRejected) as caught:
        await client.request("GET", url, headers={"X-Key": "k"})
    assert url == "" or url not in str(caught.value)
    assert server.requests == []


async def test_a_redirect_is_not_followed(connect: Connect) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(302, Location="/sign-in")

    client, server = await connect(handler)
    with pytest.raises(ProviderUnavailable, match="another address"):
        await client.request("GET", "/")
    assert len(server.requests) == 1


async def test_the_caller_may_read_a_refusal_better(connect: Connect) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(400, b"quota")

    def read(reply: HttpReply) -> ProviderError | None:
        return QuotaExceeded("full") if reply.body == b"quota" else None

    client, _server = await connect(handler)
    with pytest.raises(QuotaExceeded):
        await client.request("GET", "/", read_refusal=read)


async def test_a_closed_client_says_so(connect: Connect) -> None:
    client, server = await connect(_empty)
    await client.warm_up()
    await client.aclose()
    with pytest.raises(ProviderUnavailable, match="closed"):
        await client.request("GET", "/")
    assert server.requests == []


async def test_nothing_of_a_request_is_logged(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, _server = await connect(_empty)
    await client.request(
        "GET",
        "/hooks/SEKRET-PATH",
        params={"number": "+12025550123"},
        headers={"X-Key": "SEKRET-KEY"},
    )
    written = "\n".join(
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith("asyncio")
    )
    assert "GET" in written
    assert "SEKRET" not in written
    assert "2025550123" not in written


async def test_a_web_page_is_no_answer(connect: Connect) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b"\n <!DOCTYPE html><p>Sign in", "text/plain")

    client, _server = await connect(handler)
    reply = await client.request("GET", "/")
    with pytest.raises(PayloadError, match="web page"):
        reply.json()


def test_importing_and_constructing_loads_no_http_library() -> None:
    code = (
        "import sys, screenpop.net as n;"
        "n.HttpClient('https://example.com', service='X');"
        "sys.exit(any(m in sys.modules for m in ('httpx', 'h11', 'truststore')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_warming_up_sends_nothing(connect: Connect) -> None:
    client, server = await connect(_empty)
    await client.warm_up()
    assert isinstance(client, HttpClient)
    assert server.connections == 0


async def test_a_connection_that_the_server_closed_is_not_used_again(
    connect: Connect,
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply()
        await connection.hang_up()

    client, server = await connect(handler)
    await client.request("GET", "/")
    await eventually(lambda: not server.open_connections, "the connection to end")
    await client.request("POST", "/", send_once=True)
    assert server.connections == 2


async def test_a_connection_with_an_unasked_answer_on_it_is_not_used_again(
    connect: Connect,
) -> None:
    late = b"HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n"

    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply()
        if len(connection.server.requests) == 1:
            await connection.send(late)

    client, server = await connect(handler)
    await client.request("GET", "/")
    await eventually(lambda: not server.open_connections, "the connection to end")
    reply = await client.request("GET", "/")
    assert reply.status == 200
    assert server.connections == 2


async def test_a_server_that_wants_its_connection_closed_gets_it_closed(
    connect: Connect,
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(Connection="close")

    client, server = await connect(handler)
    await client.request("GET", "/")
    await eventually(lambda: not server.open_connections, "the connection to end")
    await client.request("GET", "/")
    assert server.connections == 2


async def test_closing_amid_a_request_leaves_no_connection_behind(
    connect: Connect,
) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def handler(_request: Request, connection: Connection) -> None:
        asked.set()
        await answer.wait()
        await connection.reply()

    client, server = await connect(handler)
    request = asyncio.create_task(client.request("GET", "/"))
    await asked.wait()
    await client.aclose()
    answer.set()
    await asyncio.wait((request,))
    request.exception()
    await eventually(lambda: not server.open_connections, "the connection to end")


async def test_more_requests_than_connections_wait_their_turn(connect: Connect) -> None:
    client, server = await connect(_empty)
    await asyncio.gather(*(client.request("GET", "/") for _ in range(40)))
    assert len(server.requests) == 40
    assert server.connections <= 8


async def test_an_answer_in_many_pieces_comes_whole(connect: Connect) -> None:
    piece = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"

    async def handler(_request: Request, connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(64):
            await connection.send(piece)
        await connection.send(b"0\r\n\r\n")

    client, server = await connect(handler)
    reply = await client.request("GET", "/")
    assert len(reply.body) == 0x4000 * 64
    await client.request("GET", "/")
    assert server.connections == 1


async def test_a_key_that_cannot_stand_in_a_header_sends_nothing(
    connect: Connect,
) -> None:
    client, server = await connect(_empty)
    with pytest.raises(RequestRejected) as caught:
        await client.request("GET", "/", headers={"X-Key": "SEKRET\r\nX-Other: 1"})
    assert "SEKRET" not in str(caught.value)
    assert server.requests == []


_WITHOUT_A_PROXY = """
import asyncio, sys, screenpop.net as n
heads = []
async def main():
    async def answer(reader, writer):
        for _ in range(2):
            heads.append(await reader.readuntil(b"\\r\\n\\r\\n"))
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n"
                         b"Set-Cookie: a=b\\r\\n\\r\\n")
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = n.HttpClient(f"http://127.0.0.1:{port}", service="X")
    await client.request("GET", "/")
    await client.request("GET", "/")
    await client.aclose()
    server.close()
asyncio.run(main())
large = ("httpcore", "anyio", "email", "http.cookiejar", "idna", "mimetypes",
         "urllib.request")
print("large:", *(name for name in large if name in sys.modules))
print("cookies:", *(head for head in heads if b"cookie" in head.lower()))
import httpx
print(httpx.URL("https://m\u00fcller.de").raw_host.decode())
headers = {"Content-Type": "text/plain; charset=latin-1"}
print(ascii(httpx.Response(200, headers=headers, content=b"\\xfc").text))
form = httpx.Request("POST", "https://example.com", files={"a": ("a.png", b"x")})
print(b"image/png" in form.read())
import http.cookiejar, urllib.request
print(http.cookiejar.CookieJar.__module__, urllib.request.Request.__module__)
"""


def test_a_request_without_a_proxy_loads_no_more_than_it_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_A_PROXY],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "large:",
        "cookies:",
        # What was left out is there once it is wanted, and for everybody else.
        "xn--mller-kva.de",
        r"'\xfc'",
        "True",
        "http.cookiejar urllib.request",
    ]
