"""The head of a request is read as h11 reads it, and nothing that h11 refuses."""

from __future__ import annotations

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.listener.guard import check_framing
from screenpop.listener.heads import read_head

_ODD = st.sampled_from(
    [b" ", b"\t", b":", b"\x00", b"\x7f", b"\xe9", b"\x0b", b"(", b""]
)
_WORDS = st.one_of(
    st.sampled_from([b"GET", b"POST", b"/hooks/a/b?c=d", b"HTTP/1.1", b"HTTP/1.0"]),
    st.binary(max_size=4),
)
_NAMES = st.one_of(
    st.sampled_from([b"Host", b"Content-Length", b"X-Token", b"Expect", b"Accept"]),
    st.binary(max_size=4),
)
_VALUES = st.one_of(
    st.sampled_from([b"127.0.0.1", b"12", b"100-continue", b" a  b ", b""]),
    st.binary(max_size=4),
)


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    first = [draw(_WORDS) for _ in range(draw(st.integers(2, 4)))]
    if draw(st.booleans()):
        first = [b"POST", b"/hooks/a/b", b"HTTP/1.1"]
    lines = [
        draw(_NAMES) + draw(_ODD) + b":" + draw(_ODD) + draw(_VALUES)
        for _ in range(draw(st.integers(0, 4)))
    ]
    return b"\r\n".join([b" ".join(first), b"Host: x", *lines, b"", b""])


@given(heads())
@example(b"POST / HTTP/1.1\r\nHost: x\r\nX:\x80\t\r\n\r\n")
@example(b"POST / HTTP/1.1\r\nHost: x\r\nX :1\r\n\r\n")
@example(b"POST  / HTTP/1.1\r\nHost: x\r\n\r\n")
def test_whatever_is_read_is_what_h11_reads(head: bytes) -> None:
    if check_framing(head) is not None:
        return
    ours = read_head(head)
    try:
        machine = h11.Connection(h11.SERVER)
        machine.receive_data(head)
        theirs = machine.next_event()
    except h11.RemoteProtocolError:
        assert ours is None
        return
    if ours is None:
        return
    assert isinstance(theirs, h11.Request)
    assert ours.method.encode() == theirs.method
    assert ours.target.encode() == theirs.target
    assert [(n.encode("latin-1"), v.encode("latin-1")) for n, v in ours.headers] == [
        (bytes(name), bytes(value)) for name, value in theirs.headers
    ]
    assert ours.is_waiting == machine.they_are_waiting_for_100_continue


def test_a_vendors_usual_head_is_read() -> None:
    head = read_head(
        b"POST /hooks/a/b?x=1 HTTP/1.1\r\nHost: example.com\r\n"
        b"Content-Type: application/json \r\nContent-Length: 12\r\n\r\n"
    )
    assert head is not None
    assert (head.method, head.target, head.length) == ("POST", "/hooks/a/b?x=1", 12)
    assert ("content-type", "application/json") in head.headers
    assert not head.is_chunked
