"""Whose desks hear of a delivery, by what the real adapters make of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from screenpop.config.relay_settings import LineRule
from screenpop.config.secrets import MemorySecretStore
from screenpop.config.settings import AccountSettings, Settings
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.relay.devices import Device, Line
from screenpop.services.connections import Connections
from screenpop.services.relay.routing import Routes, Seen

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SALES = "+12025550100"


def routes(*rules: LineRule, most_bytes: int = 10**6) -> Routes:
    connections = Connections(MemorySecretStore())
    connections.adopt(
        Settings(
            region="US",
            accounts=(
                AccountSettings(id="acme", vendor="voxloud"),
                AccountSettings(id="prime", vendor="primevox"),
            ),
        )
    )
    made = Routes(connections.find, rules, most_bytes=most_bytes)
    made.set_desks(
        [
            desk("amy", ("acme", "101"), ("prime", "101")),
            desk("rui", ("acme", "102"), ("prime", "102")),
            desk("rui-laptop", ("acme", "102")),
            desk("boss", ("acme", ""), ("prime", "")),
            desk("other", ("other", "")),
        ]
    )
    return made


def desk(device_id: str, *lines: tuple[str, str]) -> Device:
    return Device(
        device_id=device_id,
        agent=device_id,
        host="",
        public_key="",
        lines=tuple(Line(*line) for line in lines),
        joined_at=MOMENT,
    )


def voxloud(seq: int, kind: str, extension: int | None, call: str = "c1") -> Seen:
    data: dict[str, object] = {
        "timestamp": 1772442000000 + seq,
        "callId": call,
        "type": "INCOMING",
        "originatorNumber": "+442079460123",
        "destinationNumber": SALES,
    }
    if extension is not None:
        data["userExtension"] = extension
    body = {"timestamp": data["timestamp"], "type": kind, "data": data}
    return seen(seq, "acme", body)


def seen(seq: int, account_id: str, body: object) -> Seen:
    return Seen(
        seq,
        Delivery(
            account_id=account_id,
            source=DeliverySource.WEBHOOK,
            received_at=MOMENT,
            body=json.dumps(body).encode(),
            content_type="application/json",
        ),
    )


def sent(made: Routes, each: Seen) -> set[tuple[str, int]]:
    copies = [(copy.device_id, copy.seen.seq) for copy in made.take(each)]
    assert len(copies) == len(set(copies)), "a copy went twice"
    return set(copies)


def test_a_call_goes_to_the_extension_it_rings_at_and_to_those_for_everyone() -> None:
    made = routes()
    assert sent(made, voxloud(1, "CALL_INCOMING", 101)) == {("amy", 1), ("boss", 1)}


def test_a_ring_group_sees_who_answered() -> None:
    made = routes()
    sent(made, voxloud(1, "CALL_INCOMING", 101))
    both = {("rui", 1), ("rui-laptop", 1), ("rui", 2), ("rui-laptop", 2)}
    joined = sent(made, voxloud(2, "CALL_INCOMING", 102))
    assert joined == both | {("amy", 2), ("boss", 2)}
    answered = sent(made, voxloud(3, "CALL_ANSWERED", 102))
    assert answered == {("amy", 3), ("rui", 3), ("rui-laptop", 3), ("boss", 3)}


def test_who_joins_late_gets_what_was_before_in_order() -> None:
    made = routes()
    for seq, kind in ((1, "CALL_INCOMING"), (2, "CALL_ANSWERED")):
        sent(made, voxloud(seq, kind, 101))
    copies = made.take(voxloud(3, "CALL_INCOMING", 102))
    for device_id in ("rui", "rui-laptop"):
        seqs = [copy.seen.seq for copy in copies if copy.device_id == device_id]
        assert seqs == [1, 2, 3]


def test_another_call_tells_colleagues_nothing() -> None:
    made = routes()
    sent(made, voxloud(1, "CALL_INCOMING", 101))
    other = sent(made, voxloud(2, "CALL_INCOMING", 102, call="c2"))
    assert other == {("rui", 2), ("rui-laptop", 2), ("boss", 2)}


@pytest.mark.parametrize("line", ["+1 202 555 0100", "(202) 555-0100", "2025550100"])
def test_a_call_that_names_nobody_goes_by_its_line(line: str) -> None:
    made = routes(LineRule(account="acme", line=line, extensions=("102",)))
    ringing = sent(made, voxloud(1, "CALL_INCOMING", None))
    assert ringing == {("rui", 1), ("rui-laptop", 1), ("boss", 1)}


def test_a_call_that_names_nobody_goes_to_those_for_everyone_only() -> None:
    made = routes(LineRule(account="acme", line="+12025550199", extensions=("102",)))
    assert sent(made, voxloud(1, "CALL_INCOMING", None)) == {("boss", 1)}


def test_what_cannot_be_read_goes_to_those_for_everyone_only() -> None:
    made = routes()
    assert sent(made, seen(1, "acme", "nonsense")) == {("boss", 1)}
    assert sent(made, seen(2, "gone", {})) == set()


def test_a_take_over_sends_the_same_again() -> None:
    first, second = routes(), routes()
    story = [
        voxloud(1, "CALL_INCOMING", 101),
        voxloud(2, "CALL_INCOMING", 102),
        voxloud(3, "CALL_ANSWERED", 102),
    ]
    expected = [sent(first, each) for each in story]
    for each in story:
        # It only reads along.
        second.take(each)
    again = [sent(second, each) for each in story]
    assert all(wanted <= got for wanted, got in zip(expected, again, strict=True))


def test_what_is_remembered_is_bounded() -> None:
    made = routes(most_bytes=5_000)
    for number in range(1, 101):
        made.take(voxloud(number, "CALL_INCOMING", 101, call=f"c{number}"))
    assert 1 < made.calls < 20
