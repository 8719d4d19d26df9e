"""What travels is what arrives, and nothing else is taken for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import PayloadError
from screenpop.relay.envelope import DELIVERY_HEADER, enclose, message_id, unfold

_TEXT = st.text(max_size=20)
DELIVERY = Delivery(
    account_id="acme",
    source=DeliverySource.WEBHOOK,
    received_at=datetime(2026, 1, 2, 3, 4, 5, 678, UTC),
    body=b"\x00\xff",
)


@settings(max_examples=30)
@given(_TEXT, _TEXT, _TEXT, st.lists(st.tuples(_TEXT, _TEXT), max_size=3))
def test_what_is_enclosed_comes_out_again(
    path: str, query: str, kind: str, headers: list[tuple[str, str]]
) -> None:
    sent = replace(
        DELIVERY, path=path, query=query, content_type=kind, headers=tuple(headers)
    )
    envelope = enclose(sent)
    assert all(
        text.isascii() and text.isprintable() for text in envelope.headers.values()
    )
    assert unfold(envelope.headers, envelope.body) == sent


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"v":2}', "[" * 100_000, '{"v":1,"account":1}', "\ud800"],
)
def test_nothing_else_is_taken_for_a_delivery(text: str) -> None:
    with pytest.raises(PayloadError):
        unfold({DELIVERY_HEADER: text}, b"")
    with pytest.raises(PayloadError):
        unfold({}, b"")


def test_a_message_id_tells_apart_what_differs_in_any_part() -> None:
    several = {
        message_id(DELIVERY),
        message_id(replace(DELIVERY, account_id="acm", method="ePOST")),
        message_id(replace(DELIVERY, path="/a")),
        message_id(replace(DELIVERY, query="/a")),
        message_id(replace(DELIVERY, body=b"\x00")),
        message_id(DELIVERY, vendor_id="7"),
    }
    assert len(several) == 6
    assert message_id(DELIVERY) == message_id(replace(DELIVERY, headers=(("a", "b"),)))
