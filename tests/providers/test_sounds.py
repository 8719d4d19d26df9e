"""Sounds that vendors link to: what is fetched, and what is refused unseen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from screenpop.domain.errors import NotFound, PayloadError
from screenpop.domain.http_replies import HttpReply
from screenpop.providers.sounds import fetch_linked, sound_of


def reply(body: bytes, kind: str = "audio/mpeg; rate=8000") -> HttpReply:
    return HttpReply(
        status=200,
        headers={"content-type": kind},
        body=body,
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
        service="Tele2",
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://media.example.com/1.wav",
        "http://127.0.0.1:8787/hooks",
        "file:///etc/passwd",
        "https://key@media.example.com/1.wav",
        "https://[broken/1.wav",
        "//media.example.com/1.wav",
    ],
)
async def test_only_plain_https_is_asked_for(url: str) -> None:
    with pytest.raises(NotFound) as refused:
        await fetch_linked(url, service="Tele2")
    assert "media.example.com" not in refused.value.title + refused.value.advice


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("audio/mpeg; rate=8000", "audio/mpeg"),
        ("application/octet-stream", "audio/wav"),
    ],
)
def test_a_sound_keeps_its_kind_where_that_is_one(kind: str, known: str) -> None:
    found = sound_of(reply(b"ID3", kind))
    assert (found.data, found.media_type) == (b"ID3", known)


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b' {"status": 404}'])
def test_a_page_or_message_is_no_sound(body: bytes) -> None:
    with pytest.raises(PayloadError):
        sound_of(reply(body))
