"""Browsers, strangers and malformed requests stay outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.privacy import Secret
from screenpop.listener import HookRoute, Limits, digest_of
from screenpop.listener.guard import end_of_head, host_without_port
from screenpop.listener.routes import RouteTable, host_of_url
from tests.listener.senders import (
    BODY,
    PATH,
    TOKEN,
    Answer,
    chunked,
    connect,
    exchange,
    read_all,
    request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.listener import ListenerThread
    from tests.listener.senders import RecordingIntake

WRONG = "/hooks/acme/" + "x" * len(TOKEN)

WRONG_TARGETS = [
    "/",
    "/favicon.ico",
    "/hooks",
    "/hooks/",
    "/hooks/acme",
    "/hooks/acme/",
    WRONG,
    f"/hooks/acme/{TOKEN[:-1]}",
    f"/hooks/acme/{TOKEN}x",
    f"/hooks/acme/{TOKEN.swapcase()}",
    f"/hooks/other/{TOKEN}",
    f"/hooks//{TOKEN}",
    f"/hooks/acme//{TOKEN}",
    f"//hooks/acme/{TOKEN}",
    f"/hooks//acme/{TOKEN}",
    f"/x/../hooks/acme/{TOKEN}",
    f"/hooks/./acme/{TOKEN}",
    f"/hooks/acme/../acme/{TOKEN}",
    f"/hooks/%61cme/{TOKEN}",
    f"/hooks/acme%2F{TOKEN}",
    f"/%2e%2e/hooks/acme/{TOKEN}",
    f"/Hooks/acme/{TOKEN}",
    f"hooks/acme/{TOKEN}",
    f"http://127.0.0.1/hooks/acme/{TOKEN}",
    f"http://evil.example/hooks/acme/{TOKEN}",
    "*",
    "/hooks/acme/" + "a" * 8_000,
    "/" + "../" * 2_000 + "etc/passwd",
    "/hooks/acme/\x7e\x7e",
    f"/hooks?path=/hooks/acme/{TOKEN}",
    f"/hooks/acme?/{TOKEN}",
]


@pytest.mark.parametrize("target", WRONG_TARGETS, ids=lambda text: text[:40])
def test_a_wrong_path_looks_like_a_right_one_with_nothing_in_it(
    port: int, intake: RecordingIntake, target: str
) -> None:
    right = exchange(port, request(port, body=b""))
    wrong = exchange(port, request(port, target=target))
    assert right.status == 200
    assert right.body == b""
    assert wrong.timeless == right.timeless
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"extra": ["Origin: http://evil.example"]},
        {"extra": ["Content-Encoding: gzip"]},
        {"extra": ["Content-Length: 5"]},
        {"extra": ["Transfer-Encoding: chunked"]},
        {"extra": ["X: a\r\n folded"]},
        {"host": "evil.example"},
        {"method": "PATCH"},
        {"method": "OPTIONS"},
        {"method": "HEAD"},
        {"method": "PUT"},
        {"method": "GET"},
        {"length": 10**9},
        {"body": b""},
    ],
    ids=str,
)
def test_no_other_fault_tells_a_wrong_path_from_a_right_one(
    port: int, intake: RecordingIntake, spoil: dict[str, object]
) -> None:
    options = dict(spoil)
    extra = options.pop("extra", [])
    assert isinstance(extra, list)
    right = exchange(port, request(port, *extra, **options))  # type: ignore[arg-type]
    wrong = exchange(port, request(port, *extra, target=WRONG, **options))  # type: ignore[arg-type]
    assert right.timeless == wrong.timeless
    assert intake.deliveries == []


def test_a_method_that_the_vendor_does_not_use_is_not_stored(
    port: int, intake: RecordingIntake
) -> None:
    answer = exchange(port, request(port, method="PUT"))
    assert answer.timeless == exchange(port, request(port, body=b"")).timeless
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "header",
    [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin:",
        "ORIGIN: http://127.0.0.1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: none",
        "sec-fetch-mode: no-cors",
        "Sec-Fetch-Dest: image",
    ],
)
def test_a_browser_is_refused(port: int, intake: RecordingIntake, header: str) -> None:
    answer = exchange(port, request(port, header))
    assert answer.status == 403
    assert answer.body == b""
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "method", ["OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT", "post"]
)
def test_other_methods_are_refused_and_no_answer_speaks_of_origins(
    port: int, method: str
) -> None:
    answer = exchange(port, request(port, method=method))
    assert answer.status == 405
    assert answer.headers["allow"] == "DELETE, GET, POST, PUT"
    preflight = request(
        port, "Access-Control-Request-Method: POST", method=method, body=b""
    )
    assert b"access-control" not in exchange(port, preflight).raw.lower()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "evil.example#127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.2",
        "0.0.0.0",  # noqa: S104 - a name to refuse
        "2130706433",
        "localhost.",
        "[::2]",
        "127.0.0.1:port",
        "127.0.0.1:123456",
        "",
        " ",
    ],
)
def test_a_foreign_name_for_us_is_refused(
    port: int, intake: RecordingIntake, host: str
) -> None:
    raw = request(port, host="HOST").replace(b"HOST", host.encode())
    assert exchange(port, raw).status == 421
    assert intake.deliveries == []


def test_a_request_without_a_host_is_refused(
    port: int, intake: RecordingIntake
) -> None:
    for version in (b"1.0", b"1.1"):
        raw = b"POST %b HTTP/%b\r\nContent-Length: 2\r\n\r\n{}" % (
            PATH.encode(),
            version,
        )
        assert exchange(port, raw).status == 421
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8787",
        "localhost",
        "LOCALHOST:8787",
        "[::1]",
        "[::1]:8787",
        "pop.example.com",
        "pop.example.com:443",
        "Pop.Example.Com",
    ],
)
def test_our_own_names_are_welcome(
    port: int, intake: RecordingIntake, host: str
) -> None:
    assert exchange(port, request(port, host=host)).status == 200
    assert len(intake.deliveries) == 1


def test_the_names_for_us_change_while_it_runs(listener: ListenerThread) -> None:
    port = listener.port
    listener.set_allowed_hosts([host_of_url("https://new.example.org:8443/x")])
    assert exchange(port, request(port, host="new.example.org")).status == 200
    assert exchange(port, request(port, host="pop.example.com")).status == 421


def test_the_routes_change_while_it_runs(
    listener: ListenerThread, intake: RecordingIntake
) -> None:
    port = listener.port
    listener.set_routes(
        [
            HookRoute(account_id="acme", digest=digest_of(Secret("a" * 43))),
            HookRoute(account_id="b / c", digest=digest_of(Secret("b" * 43))),
        ]
    )
    exchange(port, request(port))
    exchange(port, request(port, target=f"/hooks/acme/{'b' * 43}"))
    assert intake.deliveries == []
    exchange(port, request(port, target=f"/hooks/acme/{'a' * 43}"))
    exchange(port, request(port, target=f"/hooks/b%20%2F%20c/{'b' * 43}"))
    assert [found.account_id for found in intake.deliveries] == ["acme", "b / c"]


def test_an_account_without_a_token_has_no_route() -> None:
    table = RouteTable([HookRoute(account_id="acme", digest=digest_of(Secret("")))])
    assert table.find("/hooks/acme/") is None
    assert table.find("/hooks/acme") is None


@pytest.mark.parametrize(
    "rest", ["/a/b", "/../x", "/%2e%2e/x", "//", "/a?b=/../c", "/;x=1"]
)
def test_what_follows_the_token_is_kept_as_sent(
    port: int, intake: RecordingIntake, rest: str
) -> None:
    exchange(port, request(port, target=PATH + rest))
    [delivery] = intake.deliveries
    query = f"?{delivery.query}" if delivery.query else ""
    assert delivery.path + query == rest


@pytest.mark.parametrize(
    "spoilt",
    [
        "Content-Length: {length}",
        "Content-Length: 5",
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length: 0x5",
        "Content-Length: 5, 5",
        "Content-Length: five",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
        "X-Folded: a\r\n b",
        "X-Folded: a\r\n\tb",
        "X-Null: a\0b",
        "X-Bare: a\nX-Other: b",
        "X-Return: a\rb",
        "X-Space : a",
        ": no name",
        "no colon",
        "Host: 127.0.0.1",
        "X-Contr\x01l: a",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(
    port: int, intake: RecordingIntake, spoilt: str
) -> None:
    raw = request(port, spoilt.format(length=len(BODY)))
    assert exchange(port, raw).status == 400
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "spoilt",
    [
        "Content-Length: 2, 2",
        "Content-Length: +2",
        "Content-Length: 2\x0b",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
    ],
)
def test_an_odd_length_or_encoding_alone_is_refused(
    port: int, intake: RecordingIntake, spoilt: str
) -> None:
    raw = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n{spoilt}\r\n\r\n{{}}"
    assert exchange(port, raw.encode()).status == 400
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "raw",
    [
        b"GET\r\n\r\n",
        b"POST " + PATH.encode() + b"\r\n\r\n",
        b"POST " + PATH.encode() + b" HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST  " + PATH.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\r\nPOST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\n\n",
        b"{}\n\n",
    ],
    ids=repr,
)
def test_rubbish_is_refused(port: int, intake: RecordingIntake, raw: bytes) -> None:
    assert exchange(port, raw).status == 400
    assert intake.deliveries == []


@pytest.mark.parametrize(
    "chunks",
    [
        b"z\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}XX0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=repr,
)
def test_bad_chunks_are_refused(
    port: int, intake: RecordingIntake, chunks: bytes
) -> None:
    head = chunked(port).removesuffix(b"0\r\n\r\n")
    assert exchange(port, head + chunks).status == 400
    assert intake.deliveries == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x", "identity, gzip"])
def test_a_packed_body_is_refused(
    port: int, intake: RecordingIntake, encoding: str
) -> None:
    answer = exchange(port, request(port, f"Content-Encoding: {encoding}"))
    assert answer.status == 415
    twice = ["Content-Encoding: gzip", "Content-Encoding: identity"]
    assert exchange(port, request(port, *twice)).status == 415
    assert intake.deliveries == []
    assert exchange(port, request(port, "Content-Encoding: identity")).status == 200
    assert len(intake.deliveries) == 1


def test_a_body_may_be_as_long_as_the_limit_and_no_byte_longer(
    listen: Callable[..., ListenerThread], intake: RecordingIntake
) -> None:
    port = listen(Limits(body_bytes=1_000)).port
    for size, status in ((999, 200), (1_000, 200), (1_001, 413)):
        body = b"x" * size
        assert exchange(port, request(port, body=body)).status == status
        assert exchange(port, chunked(port, body)).status == status
        assert exchange(port, chunked(port, body[:500], body[500:])).status == status
    assert sorted(len(found.body) for found in intake.deliveries) == (
        [999] * 3 + [1_000] * 3
    )


def test_an_announced_flood_is_refused_before_it_comes(port: int) -> None:
    assert exchange(port, request(port, length=10**9, body=b"")).status == 413


def test_the_answer_survives_a_sender_that_is_still_sending(port: int) -> None:
    assert exchange(port, request(port, body=b"x" * 3_000_000)).status == 413


def test_a_body_shorter_than_announced_is_not_stored(
    port: int, intake: RecordingIntake
) -> None:
    with connect(port) as sender:
        sender.sendall(request(port, length=len(BODY) + 1))
        sender.shutdown(1)
        assert Answer(read_all(sender)).status == 400
    assert intake.deliveries == []


def test_a_head_may_be_as_long_as_the_limit_and_no_byte_longer(
    listen: Callable[..., ListenerThread],
) -> None:
    port = listen(Limits(head_bytes=2_000)).port
    empty = len(request(port, "X-Pad: ", body=b""))
    for size, status in ((2_000, 200), (2_001, 431)):
        raw = request(port, "X-Pad: " + "x" * (size - empty), body=b"")
        assert len(raw) == size
        assert exchange(port, raw).status == status
    assert exchange(port, b"GET /" + b"x" * 5_000).status == 431


def test_the_end_of_a_head_is_found_across_packets() -> None:
    raw = b"a\r\nb\r\n\r\nbody"
    for cut in range(len(raw)):
        if end_of_head(raw[:cut], 0) < 0:
            assert end_of_head(raw, cut) == raw.index(b"body")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("a.example:80", "a.example"),
        ("[2001:DB8::1]:80", "[2001:db8::1]"),
        ("a:b:c", None),
        ("a example", None),
        ("a/b", None),
    ],
)
def test_a_host_is_read_strictly(text: str, host: str | None) -> None:
    assert host_without_port(text) == host
