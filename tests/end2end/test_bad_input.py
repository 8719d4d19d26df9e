"""Whatever is posted: a clear status, a living process, nothing lost, nobody quoted."""

from __future__ import annotations

import asyncio
import codecs
import json
import random
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.services.application import LARGEST_WEBHOOK
from tests.end2end.running_app import Sender
from tests.end2end.voxloud_calls import webhook
from tests.services.conftest import office
from tests.waiting import eventually, until

if TYPE_CHECKING:
    from tests.end2end.running_app import DeskHome
    from tests.services.office import Office

__all__ = ["office"]

CALLER = "+442079460555"
CALLER_SHOWN = "020 7946 0555"
MARK = "Zanzibar"
"""Stands in every unreadable body and must never be repeated elsewhere."""


_MOMENT = 1_111_111_111_111


def _ring(**changes: object) -> bytes:
    return webhook("c-1", "INCOMING", CALLER, at_ms=_MOMENT, **changes)


def _fresh(body: bytes) -> bytes:
    """The body as if it had been made this moment: what is old does not pop."""
    now = str(int(time.time() * 1000))
    for encoding in ("ascii", "utf-16-le"):
        body = body.replace(str(_MOMENT).encode(encoding), now.encode(encoding))
    return body


def _without(name: str) -> bytes:
    envelope = json.loads(_ring())
    del envelope["data"][name]
    return json.dumps(envelope).encode()


def _typed(type_: object, **changes: object) -> bytes:
    envelope = json.loads(_ring(**changes))
    return json.dumps(envelope | {"type": type_}).encode()


def _with_raw(value: bytes, name: str = "originatorName") -> bytes:
    return _ring(**{name: "HERE"}).replace(b'"HERE"', value)


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "not JSON": (f"hello {MARK}".encode(), "It is not JSON"),
    "half JSON": (_ring(originatorName=MARK)[:-9], "It is not JSON"),
    "HTML": (f"<html>{MARK}</html>".encode(), "It is not JSON"),
    "a form": (f"type=CALL_INCOMING&name={MARK}".encode(), "It is not JSON"),
    "two documents": (_ring() + _ring(), "It is not JSON"),
    "NUL alone": (b"\0", "It is not JSON"),
    "NULs": (b"\0" * 1000, "It is not JSON"),
    "a raw NUL in a name": (_with_raw(b'"Zan\0zibar"'), "It is not JSON"),
    "a BOM and no more": (codecs.BOM_UTF8, "It is not JSON"),
    "UTF-32 debris": (b"\xff\xfe\0\0\xff", "It is not JSON"),
    "100,000 lists deep": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "100,000 objects deep": (b'{"data":' * 100_000, "nested too deeply|not JSON"),
    "deep inside a field": (
        _with_raw(b"[" * 100_000 + b"]" * 100_000),
        "nested too deeply",
    ),
    "a string": (json.dumps(MARK).encode(), "not an object"),
    "a number": (b"17", "not an object"),
    "a huge integer": (b"9" * 5_000, "not an object"),
    "null": (b"null", "not an object"),
    "true": (b"true", "not an object"),
    "an empty list": (b"[]", "an empty list"),
    "a list of scalars": (b"[1, null, []]", "not an object"),
    "an empty object": (b"{}", "type is missing"),
    "an unknown type": (
        _typed("CALL_PARKED", type=f"PARKED-{MARK}"),
        "type is none that is known",
    ),
    "a type of a wrong type": (_typed({"mark": 1}, type=[MARK]), "type is not text"),
    "data of a wrong type": (
        json.dumps({"type": "CALL_INCOMING", "data": MARK}).encode(),
        "data is not an object",
    ),
    "nobody named": (
        json.dumps({"type": "CALL_INCOMING", "data": {"type": "INCOMING"}}).encode(),
        "callId and both numbers are missing",
    ),
}

READABLE: dict[str, tuple[bytes, str, str]] = {
    "a call id of a wrong type": (_ring(callId=[MARK]), CALLER_SHOWN, "callId is not"),
    "no call id": (_without("callId"), CALLER_SHOWN, "callId is missing"),
    "an empty call id": (_ring(callId=""), CALLER_SHOWN, "callId is missing"),
    "a call id that is a number": (_ring(callId=12345), CALLER_SHOWN, ""),
    "a caller that is a number": (
        _ring(originatorNumber=442079460555),
        CALLER_SHOWN,
        "",
    ),
    "a caller that is a float": (
        _ring(originatorNumber=442079460555.0),
        CALLER_SHOWN,
        "",
    ),
    "a caller of a wrong type": (
        _ring(originatorNumber={"e164": MARK}),
        "",
        "originatorNumber is not text",
    ),
    "no caller": (_without("originatorNumber"), "", ""),
    "a withheld caller": (_ring(originatorNumber="anonymous"), "", ""),
    "an extension": (_ring(originatorNumber="177", destinationNumber="101"), "177", ""),
    "an extension that is a number": (
        _ring(originatorNumber=177, destinationNumber=101),
        "177",
        "",
    ),
    "our extension as text": (_ring(userExtension="101"), CALLER_SHOWN, ""),
    "our extension as float": (_ring(userExtension=101.0), CALLER_SHOWN, ""),
    "a mail address of a wrong type": (
        _ring(userEmail={MARK: []}),
        CALLER_SHOWN,
        "userEmail is not text",
    ),
    "a time that is text": (_ring(timestamp="1512552226000"), CALLER_SHOWN, ""),
    "a time of a wrong type": (
        _ring(timestamp=[MARK]),
        CALLER_SHOWN,
        "timestamp is not a point in time",
    ),
    "a time before the epoch": (_ring(timestamp=-1), CALLER_SHOWN, "timestamp"),
    "a time of 5,000 digits": (
        _with_raw(b"9" * 5_000, "timestamp"),
        CALLER_SHOWN,
        "timestamp is not a point in time",
    ),
    "a name of 5,000 digits": (_with_raw(b"9" * 5_000), CALLER_SHOWN, ""),
    "a time that is infinite": (
        _with_raw(b"Infinity", "timestamp"),
        CALLER_SHOWN,
        "NaN or Infinity",
    ),
    "half a surrogate pair": (
        _with_raw(b'"Ana \\ud800"'),
        "Ana \N{REPLACEMENT CHARACTER}",
        "",
    ),
    "an escaped NUL": (_with_raw(b'"A\\u0000na"'), "Ana", ""),
    "a BOM": (codecs.BOM_UTF8 + _ring(), CALLER_SHOWN, ""),
    "UTF-16": (_ring().decode().encode("utf-16"), CALLER_SHOWN, ""),
    "latin-1": (_with_raw('"Zoë"'.encode("latin-1")), "Zoë", "not in UTF-8"),
    "a field given twice": (
        _ring().replace(b'"callId"', b'"callId": "other", "callId"'),
        CALLER_SHOWN,
        "a field given twice",
    ),
    "markup": (_with_raw(b'"<img src=x>&amp;"'), "<img src=x>&amp;", ""),
    "a very long name": (_with_raw(b'"' + b"n" * 500_000 + b'"'), "n", ""),
    "10,000 unknown fields": (
        _ring(**{f"field{number}": number for number in range(10_000)}),
        CALLER_SHOWN,
        "",
    ),
    "a list of one": (b"[" + _ring() + b"]", CALLER_SHOWN, ""),
    "no envelope": (
        json.dumps(json.loads(_ring())["data"]).encode(),
        CALLER_SHOWN,
        "",
    ),
}


def _sender(office: Office) -> Sender:
    path = office.hook_url().partition(str(office.app.listener.port))[2]
    return Sender(office.app.listener.port, path)


async def _post(office: Office, body: bytes, kind: str = "application/json") -> int:
    return await asyncio.to_thread(_sender(office).post, _fresh(body), kind)


async def _problem(office: Office, body: bytes) -> str:
    """What the journal says of the body, once it was read; "" for nothing."""
    journal = office.app.journal
    await eventually(lambda: not journal.pending(), "the delivery to be read")
    (kept,) = [each for each in journal.iter_since() if each.body == body]
    problems = {each.seq: each.problem for each in journal.problems()}
    return problems.get(kept.seq or 0, "")


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_cannot_be_read_is_kept_counted_and_never_quoted(
    office: Office, name: str
) -> None:
    body, wanted = UNREADABLE[name]
    body = _fresh(body)
    assert await _post(office, body) == 200
    problem = await _problem(office, body)
    assert any(each in problem for each in wanted.split("|"))
    assert MARK not in problem
    assert office.pops == []
    assert await _post(office, _ring(callId="c-2")) == 200
    assert (await office.popped()).title == CALLER_SHOWN


@pytest.mark.parametrize("name", READABLE)
async def test_what_can_be_read_pops_whatever_else_is_wrong_with_it(
    office: Office, name: str
) -> None:
    body, title, wanted = READABLE[name]
    body = _fresh(body)
    assert await _post(office, body) == 200
    card = await office.popped()
    assert len(office.pops) == 1
    problem = await _problem(office, body)
    assert (wanted in problem) if wanted else (problem == "")
    assert MARK not in problem
    assert card.title.startswith(title)
    assert bool(card.title) == bool(title)
    assert "\0" not in card.title
    assert card.title == card.title.encode("utf-8", "replace").decode()
    (entry,) = await office.logged(1)
    assert entry.ref == card.ref


@pytest.mark.parametrize("size", [LARGEST_WEBHOOK + 1, 10 * 1024 * 1024])
async def test_a_body_that_is_too_large_is_refused_and_not_kept(
    office: Office, size: int
) -> None:
    body = _ring().ljust(size)
    assert await _post(office, body) == 413
    assert not list(office.app.journal.iter_since())
    assert await _post(office, _ring()) == 200
    assert (await office.popped()).title == CALLER_SHOWN


async def test_a_body_of_the_largest_size_is_read(office: Office) -> None:
    assert await _post(office, _ring().ljust(LARGEST_WEBHOOK)) == 200
    assert (await office.popped()).title == CALLER_SHOWN


async def test_the_media_type_does_not_matter(office: Office) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "nonsense"):
        assert await _post(office, _ring(callId=f"c-{len(kind)}"), kind) == 200
    await office.popped(3)


async def test_one_body_with_very_many_calls_is_taken_without_harm(
    office: Office,
) -> None:
    calls = [json.loads(_ring(callId=f"c-{number}"))["data"] for number in range(300)]
    assert await _post(office, json.dumps(calls).encode()) == 200
    await office.popped(300)
    await eventually(lambda: len(office.log()) >= 100, "the calls to be logged")


def _garbage(rng: random.Random) -> bytes:
    """Anything between a good webhook and noise."""

    def value(depth: int) -> Any:
        scalars = [None, True, -1, 1e300, "", "\ud800", "x" * 300, 10**30, "+44\0"]
        if depth == 0 or rng.random() < 0.6:
            return rng.choice(scalars)
        if rng.random() < 0.5:
            return [value(depth - 1) for _ in range(rng.randrange(4))]
        return {rng.choice("abc"): value(depth - 1) for _ in range(3)}

    envelope = json.loads(_ring(callId=rng.choice(["", "a", None, 7])))
    for _ in range(rng.randrange(4)):
        part = rng.choice([envelope, envelope["data"]])
        if isinstance(part, dict):
            part[rng.choice(list(part))] = value(3)
        if not isinstance(envelope["data"], dict):
            break
    body = bytearray(json.dumps(envelope).encode())
    for _ in range(rng.choice([0, 0, 1, 5])):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body)


def _shout(port: int, data: bytes) -> None:
    """Send bytes that are no request, and go."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
        stranger.sendall(data)


def test_the_process_outlives_all_of_it(home: DeskHome) -> None:
    app = home.start("--headless", watched=False).wait_for_listener()
    sender = app.sender()
    rng = random.Random(20)  # noqa: S311
    bodies = [body for body, _ in UNREADABLE.values()]
    bodies += [body for body, _, _ in READABLE.values()]
    bodies += [_garbage(rng) for _ in range(300)]
    for body in bodies:
        assert sender.post(body) == 200
    for noise in (b"\0" * 100, b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01", b"POST "):
        _shout(sender.port, noise)
    assert sender.post(_ring(callId="last")) == 200
    until(home.all_read, "everything to be read", seconds=30)
    kept = home.value("SELECT count(*) FROM deliveries WHERE source = 'webhook'")
    assert kept == len(bodies) + 1
    assert home.value("SELECT count(*) FROM calls WHERE call_id = 'last'") == 1
    named = home.select("SELECT unreadable FROM deliveries WHERE unreadable <> ''")
    assert len(named) >= len(UNREADABLE)
    assert not any(MARK in text for (text,) in named)
    assert app.terminate() == 0
    assert not any(MARK in json.dumps(line) for line in home.log_lines())
    assert home.run("replay", "--dry-run", "--json").json["differences"] == []
    assert home.run("calls", "--json", "--limit", "500").status == 0
    assert len(home.run("events").rows) == kept
