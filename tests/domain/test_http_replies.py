"""What statuses and headers mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from screenpop.domain.errors import ProviderUnavailable
from screenpop.domain.http_replies import HttpReply, refusal, said
from screenpop.domain.service_address import ServiceAddress

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def _reply(status: int, body: bytes = b"", **headers: str) -> HttpReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpReply(status, named, body, NOW, "Example")


def test_a_date_without_zone_is_utc() -> None:
    assert _reply(200, date="Sun, 22 Nov 2026 10:00:00 -0000").server_date == NOW
    assert _reply(200, date="Fri, 31 Dec 9999 23:59:59 -1400").server_date is None


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 22 Nov 2026 10:00:00 GMT",
        "Sunday, 22-Nov-26 10:00:00 GMT",
        "22 Nov 2026 10:00:00 +0000",
    ],
)
def test_a_date_is_read_in_its_preferred_and_its_old_forms(text: str) -> None:
    assert _reply(200, date=text).server_date == NOW


@pytest.mark.parametrize(
    "text", ["", "Sun, 22 Foo 2026 10:00:00 GMT", "Sun, 32 Nov 2026 10:00:00 GMT"]
)
def test_what_is_no_date_counts_for_nothing(text: str) -> None:
    assert _reply(200, date=text).server_date is None


def test_without_a_server_date_our_own_clock_counts() -> None:
    reply = _reply(429, retry_after="Sun, 22 Nov 2026 10:01:00 GMT")
    assert reply.retry_after_seconds == 60


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "no\\n  room"}', "It said: “no room”."),
        (b'{"error": {"message": "no room"}}', "It said: “no room”."),
        (b'{"error": "call +1 (202) 555-0123 now"}', "It said: “call +*** now”."),
        (b'{"detail": "a@example.com at https://x.example/y"}', "It said: “… at …”."),
        (b'{"detail": "key k-1234 and abc"}', "It said: “key *** and abc”."),
        (b'[{"message": "no room"}, {"message": "x"}]', "It said: “no room”."),
        (b'{"detail": "key pat-eu1-4f6a7c90-aaaa-bbbb"}', "It said: “key ***”."),
        (
            b'{"detail": "lacks crm.objects.contacts.read"}',
            "It said: “lacks crm.objects.contacts.read”.",
        ),
        (b'{"code": 7}', ""),
        (b"[]", ""),
        (b"<html>", ""),
    ],
)
def test_the_servers_words_are_safe_to_show(body: bytes, words: str) -> None:
    assert said(_reply(400, body), secrets=["k-1234", "abc"]) == words


def test_long_words_are_cut_without_giving_half_of_anything_away() -> None:
    text = f"{'x' * 990} SEKRET-4711-canary"
    shown = said(
        _reply(400, f'{{"message": "{text}"}}'.encode()), ["SEKRET-4711-canary"]
    )
    assert "SEK" not in shown
    huge = said(_reply(400, b'{"message": "' + b"x" * 1_000_000 + b'"}'))
    assert huge == ""


@pytest.mark.parametrize("status", [407, 408, 511])
def test_what_is_not_about_the_request_is_unavailable(status: int) -> None:
    assert isinstance(refusal(_reply(status)), ProviderUnavailable)


def test_an_address_knows_its_origin() -> None:
    address = ServiceAddress.checked(" https://API.example.com/v1/ ")
    assert address.url == "https://API.example.com/v1"
    assert address.has_same_origin("https://api.example.com:443/other")
    assert not address.has_same_origin("http://api.example.com/v1")
