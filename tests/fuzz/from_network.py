"""What comes in at our own doors: requests, control messages, a team's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import h11

from screenpop.desktop.control_message import (
    ControlRequest,
    decode_answer,
    decode_request,
    encode_error,
    encode_request,
    encode_result,
)
from screenpop.domain.errors import ScreenpopError
from screenpop.domain.privacy import Secret
from screenpop.listener.bodies import BodyTooLarge, BrokenBody, body_of
from screenpop.listener.guard import (
    check_framing,
    check_head,
    end_of_head,
    kept_headers,
)
from screenpop.listener.heads import read_head
from screenpop.listener.routes import HookRoute, RouteTable, digest_of
from screenpop.relay.devices import Device, Line
from screenpop.relay.enrolment import Invitation
from screenpop.relay.enrolment_code import EnrolmentCode
from screenpop.relay.envelope import (
    DELIVERY_HEADER,
    Notice,
    enclose,
    message_id,
    read_notice,
    unfold,
)
from screenpop.relay.grant import DeviceGrant, GrantedAccount, JoinRequest
from screenpop.relay.identity import jwt
from screenpop.relay.identity.nkey import KeyKind, KeyPair
from screenpop.relay.names import TeamVerb
from screenpop.relay.team_hashes import TeamHashes
from screenpop.relay.team_words import (
    Claim,
    ClaimState,
    Item,
    Presence,
    PresenceState,
    Rule,
    TeamAnswer,
    TeamNews,
    TeamRequest,
    Verdict,
    read_answer,
    read_item,
    read_news,
    read_request,
    write_answer,
    write_item,
    write_news,
    write_request,
)
from tests.fuzz.from_vendors import MOMENT, delivery_of
from tests.fuzz.target import JsonPlace, Target, assert_storable

if TYPE_CHECKING:
    from screenpop.listener.heads import RequestHead

_TOKEN: Final = "made-up-hook-token-0123456789abcdefghijklmn"
_ROUTES: Final = RouteTable(
    [HookRoute(account_id="acme", digest=digest_of(Secret(_TOKEN)))]
)
_MOST_BODY: Final = 256
_TEAM_KEY: Final = "made-up-team-key-0123456789abcdef"


def take_request(data: bytes) -> None:
    """Take a request in; what is let through reads the same to another parser."""
    end = end_of_head(data, 0)
    if end < 0:
        return
    head = data[:end]
    if check_framing(head) is not None:
        return
    ours = read_head(head)
    if ours is None:
        return
    _assert_read_alike(ours, head)
    refusal = check_head(
        ours.method, ours.headers, allowed_hosts=frozenset(), body_bytes=_MOST_BODY
    )
    kept_headers(ours.headers)
    found = _ROUTES.find(ours.target)
    assert found is None or ours.target.startswith(f"/hooks/acme/{_TOKEN}")
    if refusal is None:
        whole = _body(ours, [data[end:]])
        pieces = [b"", *(data[at : at + 3] for at in range(end, len(data), 3))]
        assert whole is None or _body(ours, pieces) == whole


def _body(head: RequestHead, pieces: list[bytes]) -> bytes | None:
    body = body_of(head, _MOST_BODY)
    try:
        for piece in pieces:
            whole = body.take(piece)
            if whole is not None:
                return whole
    except (BodyTooLarge, BrokenBody):
        return None
    return None


def _assert_read_alike(ours: RequestHead, head: bytes) -> None:
    machine = h11.Connection(h11.SERVER)
    machine.receive_data(head)
    theirs = machine.next_event()
    assert isinstance(theirs, h11.Request)
    assert ours.method.encode() == theirs.method
    assert ours.target.encode() == theirs.target
    # It writes some words, such as "chunked", in lower case.
    assert [value.encode("latin-1").lower() for _, value in ours.headers] == [
        bytes(value).lower() for _, value in theirs.headers
    ]


def take_control(data: bytes) -> None:
    """Read what a second start says, and what the running app answers."""
    try:
        request = decode_request(data)
    except ScreenpopError:
        pass
    else:
        assert decode_request(encode_request(request)) == request
    try:
        answer = decode_answer(data)
    except ScreenpopError:
        return
    f"{answer.title} {answer.advice}".encode()


def take_envelope(data: bytes) -> None:
    """Read a message of the relay: the first line is its header."""
    line, _, body = data.partition(b"\n")
    headers = {DELIVERY_HEADER: line.decode("utf-8", "surrogateescape")}
    read_notice(headers)
    try:
        delivery = unfold(headers, body)
    except ScreenpopError:
        return
    message_id(delivery)
    again = enclose(delivery)
    assert unfold(again.headers, again.body) == delivery


def _quietly(read: Callable[[bytes], object], data: bytes) -> None:
    """Read it; what is refused in words of ours is refused well."""
    try:
        found = read(data)
    except ScreenpopError as error:
        assert_storable(error.title)
        return
    assert_storable(found)


def take_enrolment(data: bytes) -> None:
    """Read a code, a request to join, what is granted, and what is kept of each."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        code = EnrolmentCode.read(text)
    except ScreenpopError:
        pass
    else:
        assert EnrolmentCode.read(code.text().reveal()) == code
    _quietly(lambda raw: JoinRequest.from_json(raw, is_renewal=False), data)
    _quietly(lambda raw: JoinRequest.from_json(raw, is_renewal=True), data)
    for read in (DeviceGrant.from_json, Device.from_json, Invitation.from_json):
        _quietly(read, data)
    _quietly(lambda _: jwt.read(text), data)


def take_team(data: bytes) -> None:
    """Read what desks and relay tell each other of claims, presence and rules."""
    for verb in TeamVerb:
        _quietly(lambda raw, verb=verb: read_request(verb, raw), data)  # type: ignore[misc]
    for read in (read_answer, read_news, read_item):
        _quietly(read, data)


_REQUEST: Final = f"POST /hooks/acme/{_TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:8787\r\n"
_REQUEST_WORDS: Final = (
    _REQUEST, "GET ", " HTTP/1.0\r\n", "Content-Length: ", "Expect: 100-continue\r\n",
    "Transfer-Encoding: chunked\r\n", "\r\n\r\n", "0\r\n\r\n", "5\r\nhello\r\n",
    "Sec-Fetch-Site: cross-site\r\n", "Origin: null\r\n", "Host: [::1]\r\n",
    "Content-Encoding: gzip\r\n", "\r\n ", "/../", "%2e%2e/", "//", ";", "\x0b",
)  # fmt: skip
_JSON_WORDS: Final = (
    '{"', '":', '"}', "[]", "{}", "null", "true", "1e999", "\\ud800", "9" * 40,
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
)  # fmt: skip
_CODE_WORDS: Final = (
    *_JSON_WORDS, "https://pop.example.com/enrol#", "abcdefghijklmnopqrstuvwxyz", ".",
)  # fmt: skip


def _requests() -> Iterator[bytes]:
    length = "Content-Length: 5\r\n\r\nhello"
    chunks = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    for rest in (length, chunks, "Origin: null\r\n\r\n", f"Cookie: a\r\n{length}"):
        yield (_REQUEST + rest).encode()


def _control_messages() -> Iterator[bytes]:
    yield encode_request(ControlRequest(7, "dial", {"number": "+442079460123"}))
    yield encode_result("a", {"pid": 1, "accounts": [{"id": "acme"}]})
    yield encode_error(None, "UsageError", "No such verb", "Update screenpop.")


def _envelopes() -> Iterator[bytes]:
    for data in (
        b"POST /x?a=b text/plain\nhello",
        b'GET /?n=%2B442079460123 -\n{"a":1}',
    ):
        envelope = enclose(delivery_of("acme", data))
        yield envelope.headers[DELIVERY_HEADER].encode() + b"\n" + envelope.body
    yield Notice(30.0).to_header().encode() + b"\n"


def _enrolments() -> Iterator[bytes]:
    key = KeyPair(bytes(range(32)), KeyKind.USER)
    account = KeyPair(bytes(range(1, 33)), KeyKind.ACCOUNT)
    token = "abcdefghijklmnopqrstuvwxyz"
    statement = jwt.signed(
        {"type": "user"},
        subject=key.public,
        name="robin",
        signer=account,
        now=MOMENT,
        expires_at=MOMENT,
    )
    lines = (Line("acme", "101"),)
    yield (
        EnrolmentCode("https://pop.example.com", Secret(token)).text().reveal().encode()
    )
    yield statement.encode()
    for proof, is_renewal in ((token, False), ("robin-7f3k", True)):
        yield JoinRequest(
            proof_of=proof, public_key=key.public, host="desk", is_renewal=is_renewal
        ).to_json(key)
    yield Invitation(agent="robin", lines=lines, expires_at=MOMENT).to_json()
    yield Device(
        device_id="robin-7f3k",
        agent="robin",
        host="desk",
        public_key=key.public,
        lines=lines,
        joined_at=MOMENT,
    ).to_json()
    yield DeviceGrant(
        device_id="robin-7f3k",
        team="Example",
        agent="robin",
        statement=statement,
        expires_at=MOMENT,
        told_at=MOMENT,
        servers=("wss://pop.example.com",),
        team_key=Secret(_TEAM_KEY),
        accounts=(
            GrantedAccount(account_id="acme", vendor="voxloud", extension="101"),
        ),
    ).to_json()


def _team_messages() -> Iterator[bytes]:
    digest = TeamHashes(Secret(_TEAM_KEY)).number("+442079460123")
    who: dict[str, Any] = {"device": "robin-7f3k", "agent": "robin", "at": MOMENT}
    items: tuple[Item, ...] = (
        Claim(key=digest, state=ClaimState.CLAIMED, **who),
        Presence(extension="101", state=PresenceState.CALL, **who),
        Rule(key=digest, verdict=Verdict.PERSON, persons=(digest,), **who),
    )
    for item in items:
        yield write_item(item)
        yield write_answer(TeamAnswer(item=item))
    raw = tuple(write_item(item) for item in items)
    yield write_news(TeamNews(boot="b", number=1, more="m"), raw)
    for verb in TeamVerb:
        request = TeamRequest(account_id="acme", key=digest)
        yield write_request(verb, request)


TARGETS: Final = (
    Target("request", take_request, _REQUEST_WORDS, _requests),
    Target("control", take_control, _JSON_WORDS, _control_messages, JsonPlace.ALL),
    Target("envelope", take_envelope, _JSON_WORDS, _envelopes, JsonPlace.FIRST_LINE),
    Target("enrolment", take_enrolment, _CODE_WORDS, _enrolments, JsonPlace.ALL),
    Target("team", take_team, _JSON_WORDS, _team_messages, JsonPlace.ALL),
)
