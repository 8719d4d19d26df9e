"""A dial moves forward only, and is never sent twice."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import StoreError
from screenpop.store.database import Database
from screenpop.store.dials import Dial, Dials, DialState
from tests.builders import LONDON, at

if TYPE_CHECKING:
    from pathlib import Path


ENDS = (DialState.ACCEPTED, DialState.FAILED, DialState.CANCELLED)
ALLOWED = {
    ("intended", "sending"),
    ("intended", "failed"),
    ("intended", "cancelled"),
    ("sending", "accepted"),
    ("sending", "failed"),
    ("sending", "unclear"),
    ("unclear", "accepted"),
    ("unclear", "failed"),
}
WAY_TO = {
    DialState.INTENDED: (),
    DialState.SENDING: (DialState.SENDING,),
    DialState.ACCEPTED: (DialState.SENDING, DialState.ACCEPTED),
    DialState.FAILED: (DialState.FAILED,),
    DialState.UNCLEAR: (DialState.SENDING, DialState.UNCLEAR),
    DialState.CANCELLED: (DialState.CANCELLED,),
}


def a_dial(dial_id: str = "dial-1", **given: Any) -> Dial:
    values: dict[str, Any] = {
        "dial_id": dial_id,
        "account_id": "acme",
        "extension": "101",
        "number_e164": LONDON,
        "number_raw": "020 7946 0123",
        "requested_at": at(),
        "state_at": at(),
        "source": DialOrigin.TYPED,
    }
    return Dial(**values | given)


def bring_to(dials: Dials, state: DialState, dial_id: str = "dial-1") -> None:
    dials.record_intent(a_dial(dial_id)).result()
    for step in WAY_TO[state]:
        assert dials.set_state(dial_id, step, at=at(1)).result()


def test_a_dial_comes_back_as_it_was(dials: Dials) -> None:
    dial = a_dial(
        caller_id=LONDON,
        dial_first="user",
        source=DialOrigin.LINK,
        requested_at=at(0.5),
        vendor_call_id="v-1",
    )
    dials.record_intent(dial).result()
    assert dials.get("dial-1") == dial
    assert dials.get("dial-2") is None


def test_an_id_is_taken_once(dials: Dials) -> None:
    dials.record_intent(a_dial()).result()
    with pytest.raises(StoreError):
        dials.record_intent(a_dial()).result()


@pytest.mark.parametrize(("start", "end"), list(product(DialState, DialState)))
def test_a_dial_moves_forward_only(
    dials: Dials, start: DialState, end: DialState
) -> None:
    bring_to(dials, start)
    moved = dials.set_state("dial-1", end, at=at(9), error_title="why").result()
    dial = dials.get("dial-1")
    assert dial is not None
    assert moved == ((start, end) in ALLOWED)
    assert dial.state is (end if moved else start)
    assert dial.error_title == ("why" if moved else "")


def test_of_two_who_want_to_send_one_may(dials: Dials) -> None:
    dials.record_intent(a_dial()).result()
    tries = [dials.set_state("dial-1", DialState.SENDING, at=at(1)) for _ in range(20)]
    assert sum(each.result() for each in tries) == 1


def test_a_dial_that_does_not_exist_cannot_be_sent(dials: Dials) -> None:
    assert not dials.set_state("dial-9", DialState.SENDING, at=at()).result()


def test_the_vendors_call_id_is_kept_once_known(dials: Dials) -> None:
    bring_to(dials, DialState.SENDING)
    dials.set_state(
        "dial-1", DialState.UNCLEAR, at=at(2), vendor_call_id="v-1"
    ).result()
    dials.set_state("dial-1", DialState.ACCEPTED, at=at(3)).result()
    dial = dials.get("dial-1")
    assert dial is not None
    assert (dial.vendor_call_id, dial.state_at) == ("v-1", at(3))


def test_what_was_being_sent_when_the_app_died_is_unclear(path: Path) -> None:
    with Database(path) as database:
        for state in DialState:
            bring_to(Dials(database), state, dial_id=state.value)
    with Database(path) as database:
        dials = Dials(database)
        unclear = dials.settle_interrupted(at=at(50)).result()
        assert [(dial.dial_id, dial.state) for dial in unclear] == [
            ("sending", DialState.UNCLEAR)
        ]
        assert dials.get("sending") == unclear[0]
        intended = dials.get("intended")
        assert intended is not None
        assert intended.state is DialState.CANCELLED
        assert dials.settle_interrupted(at=at(60)).result() == ()


def test_recent_dials_come_newest_first(dials: Dials) -> None:
    for number in range(3):
        dials.record_intent(a_dial(f"dial-{number}", requested_at=at(number))).result()
    recent = dials.recent(2)
    assert [dial.dial_id for dial in recent] == ["dial-2", "dial-1"]
    assert [dial.dial_id for dial in dials.recent(since=at(2))] == ["dial-2"]
