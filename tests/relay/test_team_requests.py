"""What desks ask of the relay for their team: who is first, who may, what is wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.relay.devices import Line
from screenpop.relay.names import TeamVerb, team_news_subject, team_subject
from screenpop.relay.team_words import (
    Claim,
    ClaimState,
    Presence,
    PresenceState,
    Refusal,
    Rule,
    TeamAnswer,
    TeamNews,
    TeamRequest,
    Verdict,
    read_answer,
    read_news,
    write_request,
)
from tests.relay.team_office import TeamOffice, team_office
from tests.relay.team_server import (
    Desk,
    TeamServer,
    code_for,
    enrolment,
    fresh_key,
    join_request,
    now,
)
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.relay.broker import BrokerRequest

KEY = "0123456789abcdef" * 4


class Asker:
    """A desk that says exactly what a test wants it to."""

    def __init__(self, team: TeamServer, desk: Desk, account_id: str) -> None:
        self.desk = desk
        self.account_id = account_id
        self.broker = connect(desk.address(team.nats.url))
        self.news: list[TeamNews] = []

    async def begin(self) -> None:
        await self.broker.connected(10)
        await self.broker.listen(team_news_subject(self.account_id), self._hear)

    async def _hear(self, message: BrokerRequest) -> None:
        self.news.append(read_news(message.body))

    async def raw(self, verb: str, body: bytes) -> TeamAnswer:
        subject = f"team.{self.desk.device_id}.{verb}"
        return read_answer(await self.broker.request(subject, body))

    async def ask(self, verb: TeamVerb, **said: object) -> TeamAnswer:
        if verb is not TeamVerb.PRESENCE:
            said = {"account_id": self.account_id, **said}
        request = TeamRequest(**said)  # type: ignore[arg-type]
        return await self.raw(verb.value, write_request(verb, request))

    async def claim(self) -> TeamAnswer:
        return await self.ask(TeamVerb.CLAIM, key=KEY)

    async def snapshot(self, after: str = "") -> TeamNews:
        request = TeamRequest(account_id=self.account_id, after=after)
        body = write_request(TeamVerb.SNAPSHOT, request)
        subject = team_subject(self.desk.device_id, TeamVerb.SNAPSHOT)
        return read_news(await self.broker.request(subject, body))

    @property
    def heard(self) -> list[object]:
        return [item for news in self.news for item in news.items]


@pytest.fixture
async def office(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> AsyncIterator[TeamOffice]:
    for bucket in ("CLAIMS", "RULES", "PRESENCE"):
        await relay.purge(f"KV_{bucket}", ">")
    async with team_office(team, relay, tmp_path, accounts=("acme", "other")) as office:
        sharing = office.server.sharing
        await eventually(lambda: sharing.is_answering, "a relay that answers")
        yield office


@pytest.fixture
async def askers(
    team: TeamServer, relay: NatsBroker, office: TeamOffice
) -> AsyncIterator[list[Asker]]:
    """Ana and Ben of one account, Cleo of another."""
    found: list[Asker] = []
    for agent, account_id in (("Ana", "acme"), ("Ben", "acme"), ("Cleo", "other")):
        line = Line(account_id, str(101 + len(found)))
        code = await code_for(relay, agent, line, expires_at=now() + timedelta(days=1))
        key = fresh_key()
        grant = await enrolment(team, relay).answer(join_request(code, key))
        asker = Asker(team, Desk(key, grant), account_id)
        await asker.begin()
        found.append(asker)
    yield found
    for asker in found:
        await asker.broker.close()


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told_who(
    askers: list[Asker],
) -> None:
    ana, ben, cleo = askers
    answers = await asyncio.gather(*(one.claim() for one in (ana, ben) * 4))
    won = {bool(answer.refusal is None) for answer in answers[::2]}
    assert won == {answers[0].refusal is None}
    winner, loser = (ana, ben) if answers[0].refusal is None else (ben, ana)
    for answer in answers:
        assert isinstance(answer.item, Claim)
        assert answer.item.device == winner.desk.device_id
        assert answer.item.agent == winner.desk.grant.agent
    assert (await loser.claim()).refusal is Refusal.TAKEN
    assert (await loser.ask(TeamVerb.RELEASE, key=KEY)).refusal is Refusal.TAKEN
    assert (await winner.ask(TeamVerb.RELEASE, key=KEY)).refusal is None
    assert (await loser.claim()).refusal is None
    # Whoever has reached them ends it, and then it is nobody's.
    assert (await winner.ask(TeamVerb.DONE, key=KEY)).refusal is None
    await eventually(
        lambda: any(
            isinstance(item, Claim) and item.state is ClaimState.DONE
            for item in ana.heard
        ),
        "the news",
    )
    assert (await winner.claim()).refusal is None
    assert cleo.heard == []


async def test_presence_and_rules_reach_the_desks_of_their_account_only(
    askers: list[Asker],
) -> None:
    ana, ben, cleo = askers
    await ana.ask(TeamVerb.PRESENCE, presence=PresenceState.CALL)
    rule = {"key": KEY, "verdict": Verdict.PERSON, "persons": (KEY,)}
    assert (await ana.ask(TeamVerb.RULE, **rule)).refusal is None
    await cleo.ask(TeamVerb.PRESENCE, presence=PresenceState.FREE)
    await eventually(lambda: len(ben.heard) >= 2, "the news")
    await eventually(lambda: cleo.heard, "her own")
    (seen,) = [item for item in ben.heard if isinstance(item, Presence)]
    assert (seen.agent, seen.extension, seen.state) == (
        "Ana",
        "101",
        PresenceState.CALL,
    )
    items = (await ben.snapshot()).items
    assert {type(item) for item in items} == {Presence, Rule}
    assert {item.device for item in items} == {ana.desk.device_id}
    assert {item.device for item in (await cleo.snapshot()).items} == {
        cleo.desk.device_id
    }
    # What is taken back is gone.
    await ben.ask(TeamVerb.RULE, key=KEY)
    await ana.ask(TeamVerb.PRESENCE, presence=PresenceState.GONE)

    async def is_empty() -> bool:
        return not (await ben.snapshot()).items

    for _ in range(100):
        if await is_empty():
            break
    assert await is_empty()


GOOD = {"v": 1, "account": "acme", "key": KEY}


NONSENSE: tuple[tuple[str, object, Refusal], ...] = (
    ("claim", b"", Refusal.MALFORMED),
    ("claim", b"[" * 1500, Refusal.MALFORMED),
    ("claim", b" " * 3000, Refusal.MALFORMED),
    ("claim", {**GOOD, "v": 2}, Refusal.MALFORMED),
    ("claim", {**GOOD, "v": True}, Refusal.MALFORMED),
    ("claim", {**GOOD, "more": 1}, Refusal.MALFORMED),
    ("claim", {"v": 1, "account": "acme"}, Refusal.MALFORMED),
    ("claim", {**GOOD, "key": "+442079460123"}, Refusal.MALFORMED),
    ("claim", {**GOOD, "key": [KEY]}, Refusal.MALFORMED),
    ("claim", {**GOOD, "account": "acme.>"}, Refusal.MALFORMED),
    ("claim", {**GOOD, "account": "other"}, Refusal.FOREIGN),
    ("snapshot", {"v": 1, "account": "other", "after": ""}, Refusal.FOREIGN),
    ("presence", {"v": 1, "state": "asleep"}, Refusal.MALFORMED),
    ("presence", {"v": 1, "state": {}}, Refusal.MALFORMED),
    ("rule", {**GOOD, "verdict": "person", "persons": []}, Refusal.MALFORMED),
    ("rule", {**GOOD, "verdict": "spam", "persons": [KEY]}, Refusal.MALFORMED),
    ("rule", {**GOOD, "verdict": "spam", "persons": "x"}, Refusal.MALFORMED),
    ("dance", GOOD, Refusal.UNKNOWN),
)


async def test_nonsense_is_refused_and_changes_nothing(askers: list[Asker]) -> None:
    ana = askers[0]
    for verb, said, refusal in NONSENSE:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        answer = await ana.raw(verb, body)
        assert answer == TeamAnswer(refusal=refusal), (verb, said)
    assert (await ana.snapshot()).items == ()
    assert ana.heard == []


@pytest.mark.expects_log("wants its answer elsewhere")
async def test_a_desk_cannot_have_the_relay_answer_anywhere_else(
    askers: list[Asker], relay: NatsBroker
) -> None:
    """Where an answer goes is the asker's word, and the relay may write anywhere."""
    ana = askers[0]
    link = ana.broker._link
    assert link is not None
    body = write_request(TeamVerb.CLAIM, TeamRequest(account_id="acme", key=KEY))
    subject = team_subject(ana.desk.device_id, TeamVerb.CLAIM)
    for reply in ("$KV.CLAIMS.acme.forged", "desk.somebody", "_INBOX.other.1", ""):
        await link.publish(subject, body, reply=reply)
    await ana.claim()
    assert await relay.bucket("CLAIMS").get("acme.forged") is None
    assert await relay.last_stored_at("DESKS", "desk.somebody") is None
    assert [type(item) for item in (await ana.snapshot()).items] == [Claim]


async def test_a_desk_that_asks_without_end_is_put_off(askers: list[Asker]) -> None:
    ana, ben, _ = askers
    answers = [await ana.claim() for _ in range(60)]
    assert Refusal.BUSY in {answer.refusal for answer in answers}
    assert (await ben.claim()).refusal is Refusal.TAKEN


async def test_a_large_snapshot_comes_page_by_page_and_leaves_out_the_oldest(
    office: TeamOffice, askers: list[Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.services.relay.team_board.PAGE", 2)
    ana = askers[0]
    for number in range(5):
        await ana.ask(TeamVerb.CLAIM, key=f"{number:064x}")
    found: list[object] = []
    await eventually(lambda: len(ana.heard) == 5, "all five")
    page = await ana.snapshot()
    found += page.items
    while page.more:
        page = await ana.snapshot(page.more)
        found += page.items
    assert sorted(item.key for item in found if isinstance(item, Claim)) == [
        f"{number:064x}" for number in range(5)
    ]
    monkeypatch.setattr("screenpop.services.relay.team_board.MOST_CLAIMS", 2)
    office.server.sharing.board.drop_old()
    left = (await ana.snapshot()).items
    assert [item.key for item in left if isinstance(item, Claim)] == [
        f"{number:064x}" for number in (3, 4)
    ]


async def test_whoever_takes_office_has_the_desks_ask_anew(
    office: TeamOffice, askers: list[Asker]
) -> None:
    ana = askers[0]
    await ana.claim()
    await eventually(lambda: ana.heard, "the news")
    before = ana.news[-1].boot
    await office.server.sharing.teller.lead()
    await eventually(lambda: ana.news[-1].boot != before, "somebody else in office")
    assert (await ana.snapshot()).items
