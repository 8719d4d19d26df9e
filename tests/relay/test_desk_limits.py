"""A desk reads its own copies and nothing else, whatever it tries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from screenpop.domain.errors import RelayRefused
from screenpop.relay.broker import BrokerAddress, BrokerCredentials
from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.relay.grant import JoinRequest
from screenpop.relay.names import (
    DESKS_STREAM,
    INTAKE_STREAM,
    desk_consumer,
    desk_subject,
    device_inbox,
)
from screenpop.relay.removal import remove_device
from tests.relay.team_server import Desk, TeamServer, enrolment, fresh_key, joined, now
from tests.waiting import eventually

_FETCH = "$JS.API.CONSUMER.MSG.NEXT.DESKS."


class Intruder:
    """The computer of somebody who is in the team and wants more."""

    def __init__(self, team: TeamServer, desk: Desk) -> None:
        self.desk = desk
        self.broker = connect(desk.address(team.nats.url))
        self.heard: list[str] = []

    async def listens(self, subject: str) -> None:
        async def take(message: object) -> None:
            self.heard.append(str(message))

        await self.broker.hear(subject, take)

    async def is_refused(self, subject: str) -> bool:
        """Whether the broker says that ``subject`` is not for this computer."""
        try:
            await eventually(
                lambda: self.broker.refusal_of(subject), "a refusal", seconds=2
            )
        except TimeoutError:
            return False
        return True


@pytest.fixture
async def ana(team: TeamServer, relay: NatsBroker) -> AsyncIterator[Intruder]:
    intruder = Intruder(team, await joined(team, relay, "Ana"))
    await intruder.broker.connected(10)
    yield intruder
    await intruder.broker.close()


@pytest.fixture
async def bob(team: TeamServer, relay: NatsBroker) -> Desk:
    return await joined(team, relay, "Bob")


async def kept(relay: NatsBroker, bob: Desk) -> tuple[int, int, int]:
    """What nobody but the relay may change: both streams, and Bob's consumer."""
    state = await relay.consumer_state(DESKS_STREAM, desk_consumer(bob.device_id))
    return (
        await relay.last_seq(INTAKE_STREAM),
        await relay.last_seq(DESKS_STREAM),
        state.pending + state.unacked,
    )


async def test_a_desk_reads_and_acknowledges_its_own_copies(
    team: TeamServer, relay: NatsBroker, ana: Intruder
) -> None:
    consumer = desk_consumer(ana.desk.device_id)
    await relay.publish(desk_subject(ana.desk.device_id), b"ring")
    async with ana.broker.reader(DESKS_STREAM, consumer) as reader:
        (message,) = await reader.fetch(10, 5)
        await reader.ack(message)
        assert message.body == b"ring"
        assert await reader.fetch(10, 0.2) == ()
    state = await relay.consumer_state(DESKS_STREAM, consumer)
    assert (state.pending, state.unacked) == (0, 0)


async def test_no_subject_of_others_can_be_heard(
    relay: NatsBroker, ana: Intruder, bob: Desk
) -> None:
    subjects = (
        "desk.>",
        desk_subject(bob.device_id),
        "intake.>",
        "team.>",
        f"team.{bob.device_id}.*",
        "teamnews.other",
        "teamnews.>",
        f"{device_inbox(bob.device_id)}.>",
        "_INBOX.>",
        "_R_.>",
        "$JS.>",
        "$KV.>",
        "$SYS.>",
        ">",
    )
    for subject in subjects:
        await ana.listens(subject)
    for subject in subjects:
        assert await ana.is_refused(subject), subject
    await relay.publish(desk_subject(bob.device_id), b"for Bob")
    await relay.send("teamnews.other", b"news")
    await relay.request("$JS.API.INFO", b"")
    assert ana.heard == []


async def test_nothing_can_be_published_or_asked_in_others_names(
    relay: NatsBroker, ana: Intruder, bob: Desk
) -> None:
    await relay.publish(desk_subject(bob.device_id), b"for Bob")
    before = await kept(relay, bob)
    his, own = desk_consumer(bob.device_id), desk_consumer(ana.desk.device_id)
    subjects = (
        "intake.acme",
        desk_subject(bob.device_id),
        desk_subject(ana.desk.device_id),
        "teamnews.acme",
        f"team.{bob.device_id}.claim",
        f"{device_inbox(bob.device_id)}.1",
        f"{_FETCH}{his}",
        f"$JS.ACK.DESKS.{his}.1.1.1.1.0",
        f"$JS.API.CONSUMER.INFO.DESKS.{his}",
        f"$JS.API.CONSUMER.CREATE.DESKS.{own}",
        f"$JS.API.CONSUMER.DURABLE.CREATE.DESKS.{own}",
        f"$JS.API.CONSUMER.CREATE.DESKS.spy.{desk_subject(bob.device_id)}",
        f"$JS.API.CONSUMER.DELETE.DESKS.{his}",
        "$JS.API.STREAM.INFO.DESKS",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.PURGE.DESKS",
        "$JS.API.STREAM.DELETE.INTAKE",
        "$JS.API.STREAM.MSG.GET.DESKS",
        "$JS.API.DIRECT.GET.DESKS",
        "$KV.DEVICES.x",
        "$KV.ENROLMENTS.x",
        "$JS.API.STREAM.MSG.GET.KV_ENROLMENTS",
        "$SYS.REQ.CLAIMS.UPDATE",
        "$SYS.REQ.SERVER.PING",
    )
    for subject in subjects:
        await ana.broker.tell(subject, b"", "")
    for subject in subjects:
        assert await ana.is_refused(subject), subject
    assert await kept(relay, bob) == before


async def test_an_answer_on_somebody_elses_subject_does_nothing(
    relay: NatsBroker, ana: Intruder, bob: Desk
) -> None:
    """The broker answers where it is told to; an empty answer can be an order."""
    asked: list[str] = []

    async def answer(request: object) -> bytes:
        asked.append(str(request))
        return b"{}"

    answering = await relay.answer("team.*.*", answer)
    await relay.publish(desk_subject(bob.device_id), b"for Bob")
    before = await kept(relay, bob)
    # The broker counts what was just published a moment later.
    for _ in range(500):
        if before[2] == 1:
            break
        before = await kept(relay, bob)
    own = ana.desk.device_id
    targets = (
        "$JS.API.STREAM.DELETE.INTAKE",
        "$JS.API.STREAM.PURGE.DESKS",
        f"$JS.API.CONSUMER.DELETE.DESKS.{desk_consumer(bob.device_id)}",
        f"{_FETCH}{desk_consumer(bob.device_id)}",
        f"$JS.ACK.DESKS.{desk_consumer(bob.device_id)}.1.1.1.1.0",
        "intake.acme",
        desk_subject(bob.device_id),
        f"team.{bob.device_id}.claim",
        "$KV.DEVICES.x",
    )
    for target in targets:
        # Nothing is there for it: the answer has no body.
        once = b'{"batch":1,"no_wait":true}'
        await ana.broker.tell(f"{_FETCH}{desk_consumer(own)}", once, target)
        await ana.broker.tell(
            f"$JS.ACK.DESKS.{desk_consumer(own)}.1.1.1.1.0", b"", target
        )
        await ana.broker.tell(f"team.{own}.time", b"", target)
    # Behind all of them, on the same connection.
    await ana.broker.request(f"team.{own}.snapshot", b"")
    assert {each.split("'")[1] for each in asked} <= {
        f"team.{own}.time",
        f"team.{own}.snapshot",
    }
    assert await kept(relay, bob) == before
    await answering.stop()


async def test_a_desk_that_is_removed_is_cut_off_and_stays_out(
    team: TeamServer, relay: NatsBroker, ana: Intruder
) -> None:
    admin = connect(team.admin_address())
    await admin.connected(10)
    devices = relay.bucket("DEVICES")
    entry = await devices.get(ana.desk.device_id)
    assert entry is not None
    await remove_device(relay, admin, team.secrets, ana.desk.device_id, now)
    await eventually(lambda: ana.broker.state.is_refused, "the computer cut off")
    assert await devices.get(ana.desk.device_id) is None
    renewal = join_request_again(ana.desk)
    with pytest.raises(RelayRefused):
        await enrolment(team, relay).answer(renewal)
    # Not even with a statement that was being signed at that moment.
    signer = team.secrets.desktop_signer()
    late = signer.device(
        ana.desk.key.public, ana.desk.device_id, ("acme",), now() + timedelta(minutes=5)
    )
    assert not await lets_in(team, ana.desk, late)
    # Nor after the broker was started again with the configuration of the first day.
    team.nats.stop()
    team.nats.start()
    assert not await lets_in(team, ana.desk, ana.desk.grant.statement)
    await admin.close()


def join_request_again(desk: Desk) -> JoinRequest:
    return JoinRequest(
        proof_of=desk.device_id,
        public_key=desk.key.public,
        host="desk",
        is_renewal=True,
    )


async def lets_in(team: TeamServer, desk: Desk, statement: str) -> bool:
    credentials = BrokerCredentials(seed=desk.key.seed(), jwt=statement)
    address = BrokerAddress(urls=(team.nats.url,), credentials=lambda: credentials)
    broker = connect(address)
    try:
        await broker.connected(10)
    except RelayRefused:
        return False
    finally:
        await broker.close()
    return True


async def test_a_statement_that_has_expired_or_is_of_somebody_else_opens_nothing(
    team: TeamServer, relay: NatsBroker, bob: Desk
) -> None:
    signer = team.secrets.desktop_signer()
    key = fresh_key()
    past = signer.device(key.public, "late", ("acme",), now() - timedelta(days=8))
    good = signer.device(key.public, "here", ("acme",), now())
    forged = TeamServer(team.folder).secrets.desktop_signer()
    other = forged.device(key.public, "here", ("acme",), now())
    mine = Desk(key, bob.grant)
    assert not await lets_in(team, mine, past)
    assert not await lets_in(team, mine, other)
    # A statement alone is worth nothing: it names another key.
    assert not await lets_in(team, mine, bob.grant.statement)
    assert await lets_in(team, mine, good)
