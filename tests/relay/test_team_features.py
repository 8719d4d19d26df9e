"""Two desks of a team share their work: call-backs, who answered, presence, rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.desk import ask_app
from screenpop.cli.team_desk import claim_call, holders, presence_text, team_facts
from screenpop.config.paths import Paths
from screenpop.domain.calls import CallRef
from screenpop.domain.contacts import TEAM_SPAM, Contact, ContactNumber, Mark
from screenpop.domain.errors import RelayRefused
from screenpop.domain.numbers import read_number
from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.relay.devices import Line
from screenpop.relay.removal import remove_device
from screenpop.services.call_history import LogFilter
from screenpop.services.events import CardPhase, PopDismissed, SourceState, UserNotice
from screenpop.services.team.claims import Holder
from tests.end2end.voxloud_calls import webhook
from tests.relay.team_office import TeamDeskApp, TeamOffice, team_office
from tests.relay.team_server import now
from tests.waiting import eventually

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from screenpop.services.application import Application
    from screenpop.services.team.claims import ClaimView
    from screenpop.services.team.sharing import TeamSharing
    from tests.relay.team_server import TeamServer

CALLER = "+442079460123"
OTHER = "+442079460456"
LIVE = SourceState.LIVE


class TeamMate(TeamDeskApp):
    """A desk of the team, and short words for what a test asks of it."""

    @property
    def running(self) -> Application:
        assert self.app is not None
        return self.app

    @property
    def sharing(self) -> TeamSharing:
        found = self.running.team.sharing
        assert found is not None
        return found

    async def begin(self, office: TeamOffice, agent: str, extension: str) -> None:
        await self.join(await office.code(agent, extension))
        await self.come()

    async def come(self) -> None:
        app = await self.start()
        for kind in (PopDismissed, UserNotice):
            app.bus.subscribe(kind, self.told.append)
        await self.is_in(LIVE)
        await self.is_up_to_date()

    async def is_up_to_date(self) -> None:
        await eventually(lambda: self.sharing.is_up_to_date, "what the team shares")

    def view(self, number: str = CALLER) -> ClaimView:
        found = self.sharing.claims.view("acme", number)
        assert found is not None
        return found

    async def sees(
        self, holder: Holder, by: str = "", *, is_confirmed: bool = True
    ) -> None:
        wanted = (holder, by, is_confirmed)

        def is_so() -> bool:
            seen = self.view()
            return (seen.holder, seen.by, seen.is_confirmed) == wanted

        await eventually(is_so, f"{wanted}")

    def waiting(self) -> list[str]:
        return [entry.number_e164 for entry in self.running.history.missed_now()]

    async def waits_for(self, *numbers: str) -> None:
        await eventually(
            lambda: self.waiting() == list(numbers), f"{numbers} on the list"
        )

    async def tick_off(self) -> None:
        for entry in self.running.history.missed_now():
            await self.running.history.mark_called_back(entry.ref)

    def mark_of(self, number: str) -> str:
        return self.running.callers.said.mark_of(read_number(number, "GB"))

    def put(self, *contacts: Contact) -> None:
        for contact in contacts:
            self.running.local_contacts.save(contact).result(5)


@pytest.fixture
async def office(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> AsyncIterator[TeamOffice]:
    for bucket in ("CLAIMS", "RULES", "PRESENCE"):
        await relay.purge(f"KV_{bucket}", ">")
    async with team_office(team, relay, tmp_path / "relay") as office:
        yield office


@pytest.fixture
async def desks(
    office: TeamOffice, tmp_path: Path
) -> AsyncIterator[tuple[TeamMate, TeamMate]]:
    ana, ben = (TeamMate(Paths.under(tmp_path / name)) for name in ("ana", "ben"))
    await asyncio.gather(
        ana.begin(office, "Ana", "101"), ben.begin(office, "Ben", "102")
    )
    yield ana, ben
    await asyncio.gather(ana.stop(), ben.stop())


async def ring_both(office: TeamOffice, call: str = "c1", caller: str = CALLER) -> None:
    call_id = office.call(call)
    for extension in (101, 102):
        body = webhook(
            call_id, "INCOMING", caller, userExtension=extension, destinationName=""
        )
        await office.hook(body)


async def miss(office: TeamOffice, call: str = "c1") -> None:
    await ring_both(office, call)
    for extension in (101, 102):
        body = webhook(office.call(call), "HANGUP", CALLER, userExtension=extension)
        await office.hook(body)


async def test_a_missed_caller_is_claimed_by_one_and_done_for_all(
    office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await miss(office)
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))
    await ana.sees(Holder.NOBODY)
    await asyncio.gather(
        ana.sharing.claims.claim("acme", CALLER),
        ben.sharing.claims.claim("acme", CALLER),
    )
    has, lacks = (ana, ben) if ana.view().holder is Holder.ME else (ben, ana)
    name = "Ana" if has is ana else "Ben"
    await lacks.sees(Holder.COLLEAGUE, name)
    await lacks.sharing.claims.release("acme", CALLER)
    await lacks.sees(Holder.COLLEAGUE, name)
    await has.sharing.claims.release("acme", CALLER)
    await lacks.sees(Holder.NOBODY)
    await lacks.sharing.claims.claim("acme", CALLER)
    await has.sees(Holder.COLLEAGUE, "Ben" if lacks is ben else "Ana")
    # Ticked off at one desk, the caller leaves both lists, and comes back to both.
    await lacks.tick_off()
    await has.waits_for()
    (entry,) = lacks.running.history.search_now(_missed())
    await lacks.running.history.mark_open(entry.ref)
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))
    await has.tick_off()
    await lacks.waits_for()
    # Who calls again in vain waits again.
    await miss(office, "c2")
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))


def _missed() -> LogFilter:
    return LogFilter(kind="missed")


@pytest.mark.expects_log("no broker|broker|relay")
async def test_without_the_broker_a_claim_is_not_confirmed_until_it_is_back(
    team: TeamServer, office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await miss(office)
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))
    team.nats.kill()
    await ana.is_in(SourceState.RECONNECTING)
    await ben.is_in(SourceState.RECONNECTING)
    await ana.sees(Holder.NOBODY, is_confirmed=False)
    await ana.sharing.claims.claim("acme", CALLER)
    await ana.sees(Holder.ME, is_confirmed=False)
    await ben.sharing.claims.claim("acme", CALLER)
    await ben.sees(Holder.ME, is_confirmed=False)
    team.nats.start()
    await asyncio.gather(ana.is_in(LIVE), ben.is_in(LIVE))
    await eventually(
        lambda: (
            {ana.view().holder, ben.view().holder} == {Holder.ME, Holder.COLLEAGUE}
            and ana.view().is_confirmed
            and ben.view().is_confirmed
        ),
        "one of them to have it",
        seconds=20,
    )
    lost = ben if ben.view().holder is Holder.COLLEAGUE else ana
    notices = [one.title for one in lost.all(UserNotice) if one.key == "team-claim"]
    winner = "Ana" if lost is ben else "Ben"
    assert notices == [f"{winner} was faster and calls them back"]


async def test_a_desk_that_comes_back_finds_what_happened_meanwhile(
    office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await miss(office)
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))
    await ben.stop()
    await eventually(lambda: not ana.sharing.colleagues.all(), "his absence")
    await ana.sharing.claims.claim("acme", CALLER)
    await ben.come()
    await ben.sees(Holder.COLLEAGUE, "Ana")
    await ben.stop()
    await ana.tick_off()
    await eventually(lambda: not ana.sharing._wishes, "the relay's word")
    await ben.come()
    await ben.waits_for()


async def test_a_relay_that_dies_before_it_tells_costs_a_delay_only(
    team: TeamServer,
    office: TeamOffice,
    desks: tuple[TeamMate, TeamMate],
    relay: NatsBroker,
    tmp_path: Path,
) -> None:
    ana, ben = desks
    await miss(office)
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))
    # It keeps what it is asked to, and dies before it says so to anybody.
    await office.server.sharing.teller.follow()
    await ana.sharing.claims.claim("acme", CALLER)
    await ana.sees(Holder.ME)
    assert ben.view().holder is Holder.NOBODY
    await office.server.lease.leave()
    async with team_office(team, relay, tmp_path / "another"):
        await ben.sees(Holder.COLLEAGUE, "Ana")


async def test_the_card_leaves_at_a_colleague_and_says_who_answered(
    office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await ring_both(office)
    await asyncio.gather(ana.popped(), ben.popped())
    await eventually(
        lambda: [one.state for one in ana.sharing.colleagues.all()] == ["ringing"],
        "his phone ringing",
    )
    answered = webhook(office.call("c1"), "ANSWERED", CALLER, destinationName="")
    await office.hook(answered)
    gone = await eventually(lambda: ben.all(PopDismissed), "the card to leave")
    assert gone[0].card.phase is CardPhase.ANSWERED_ELSEWHERE
    assert gone[0].card.answered_by == "Ana"
    assert ana.all(PopDismissed) == []
    (robin,) = await eventually(
        lambda: [x for x in ben.sharing.colleagues.all() if x.state == "call"],
        "her talking",
    )
    assert (robin.name, robin.extension) == ("Ana", "101")
    await office.hook(webhook(office.call("c1"), "HANGUP", CALLER))
    await eventually(
        lambda: [one.state for one in ben.sharing.colleagues.all()] == ["free"],
        "her being free",
    )


async def test_commands_and_the_dialer_say_how_the_team_stands(
    office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await miss(office)
    await asyncio.gather(ana.waits_for(CALLER), ben.waits_for(CALLER))
    ref = CallRef("acme", office.call("c1"))

    async def say(desk: TeamMate, *, is_release: bool = False) -> str:
        return await asyncio.to_thread(
            claim_call, desk.paths, ref, is_release=is_release
        )

    assert await say(ana) == "You have this caller."
    assert await say(ben) == "Ana has this caller."
    assert await asyncio.to_thread(holders, ben.paths) == {("acme", ref.call_id): "Ana"}
    assert await say(ana, is_release=True) == "Nobody has this caller."
    await eventually(
        lambda: [one.state for one in ben.sharing.colleagues.all()] == ["free"],
        "her being free",
    )
    facts = await asyncio.to_thread(team_facts, ben.paths)
    assert [presence_text(each) for each in facts["colleagues"]] == ["Ana (101): free"]
    (found,) = ben.running.dial_desk.suggest("ana")
    assert (found.number, found.presence) == ("101", "free")


async def test_while_no_relay_answers_a_desk_asks_less_and_less_often(
    office: TeamOffice,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, "screenpop.services.team.sharing")
    monkeypatch.setattr("random.random", lambda: 0.01)
    ana = TeamMate(Paths.under(tmp_path / "ana"))
    await ana.begin(office, "Ana", "101")
    await office.server.sharing.stop()
    await ana.sharing.claims.claim("acme", CALLER)

    def pauses() -> list[float]:
        return [
            record.args[0]
            for record in caplog.records
            if record.msg.startswith("the team is asked in")
            and isinstance(record.args, tuple)
            and isinstance(record.args[0], float)
        ]

    await eventually(lambda: len(pauses()) >= 6, "six pauses")
    found = pauses()[:6]
    assert found == sorted(set(found))
    # What the broker forbids is not asked again on this connection.
    refused: list[str] = []

    async def refuse(subject: str, *_: object, **__: object) -> bytes:
        refused.append(subject)
        raise RelayRefused("not for you")

    link = ana.running.team.link
    assert link is not None
    monkeypatch.setattr(link.broker, "request", refuse)
    await eventually(lambda: "is not asked any more" in caplog.text, "its word")
    assert len(refused) == 1
    await ana.stop()


@pytest.mark.expects_log("nothing is shared with the team")
async def test_without_the_teams_key_calls_come_and_nothing_is_shared(
    office: TeamOffice, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ana = TeamMate(Paths.under(tmp_path / "ana"))
    await ana.join(await office.code("Ana", "101"))
    await ana.secrets.delete("_team", "team_key")
    await ana.start()
    await ana.is_in(LIVE)
    await office.hook(webhook(office.call("c1"), "INCOMING", CALLER))
    await ana.popped()
    facts = await asyncio.to_thread(team_facts, ana.paths)
    assert "team_key" in facts["problem"]
    assert not facts["is_up_to_date"]
    await ana.stop()
    await ana.start()
    await ana.is_in(LIVE)
    await ana.stop()
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_a_colleague_of_several_accounts_is_listed_once(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> None:
    await relay.purge("KV_PRESENCE", ">")
    lines = [
        (Line("acme", "101"), Line("other", "7")),
        (Line("acme", "102"), Line("other", "1519", "+44 20 7946 0150")),
    ]
    async with team_office(team, relay, tmp_path / "relay", ("acme", "other")) as all_:
        mates = [TeamMate(Paths.under(tmp_path / name)) for name in ("ana", "ben")]
        for mate, agent, own in zip(mates, ("Ana", "Ben"), lines, strict=True):
            await mate.join(await all_.code_of(agent, *own))
            await mate.come()
        ana, ben = mates
        await eventually(lambda: len(ana.sharing.colleagues.all()) == 2, "Ben")
        facts = await asyncio.to_thread(team_facts, ana.paths)
        assert [presence_text(each) for each in facts["colleagues"]] == [
            "Ben (102, +44 20 7946 0150): free"
        ]
        await asyncio.gather(ana.stop(), ben.stop())


async def test_whoever_wants_no_presence_sends_none(
    office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await eventually(ben.sharing.colleagues.all, "Ana")
    ana.set("team.presence", False)
    ana.running.reload()
    await eventually(lambda: not ben.sharing.colleagues.all(), "her absence")
    await ana.is_in(LIVE)
    await ana.is_up_to_date()
    assert [one.name for one in ana.sharing.colleagues.all()] == ["Ben"]
    await ring_both(office)
    await asyncio.gather(ana.popped(), ben.popped())
    entry = await office.broker.bucket("PRESENCE").get(ana.sharing.device_id)
    assert entry is not None
    assert entry.value is not None
    assert b'"gone"' in entry.value


async def test_a_colleague_who_is_removed_is_not_shown_any_more(
    team: TeamServer, office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    await eventually(ana.sharing.colleagues.all, "Ben")
    admin = connect(team.admin_address())
    await admin.connected(10)
    device_id = ben.sharing.device_id
    await remove_device(office.broker, admin, team.secrets, device_id, now)
    await admin.close()
    await ben.is_in(SourceState.REFUSED)
    await eventually(lambda: not ana.sharing.colleagues.all(), "his absence")


def person(source_id: str, name: str, number: str) -> Contact:
    return Contact(
        source="local",
        source_id=source_id,
        name=name,
        company="Example Ltd",
        numbers=(ContactNumber(number, number),),
    )


async def test_what_one_says_of_numbers_is_the_teams_and_ones_own_word_wins(
    team: TeamServer, office: TeamOffice, desks: tuple[TeamMate, TeamMate]
) -> None:
    ana, ben = desks
    heard = await everything_on(team)
    for desk in desks:
        desk.set("team.share_rules", True)
        desk.running.reload()
    await eventually(lambda: all(d.running.callers.said.team for d in desks), "rules")
    await asyncio.gather(*(d.is_in(LIVE) for d in desks))
    await asyncio.gather(*(d.is_up_to_date() for d in desks))
    spam = read_number(OTHER, "GB")
    await ana.running.callers.marks.mark(spam, Mark.SPAM)
    await eventually(lambda: ben.mark_of(OTHER) == TEAM_SPAM, "the team's word")
    assert ana.mark_of(OTHER) == Mark.SPAM
    await ring_both(office, "spam", OTHER)
    await ring_both(office, "fine")
    await asyncio.gather(ana.popped(), ben.popped())
    assert [card.ref.call_id for card in ben.pops] == [office.call("fine")]
    (entry,) = [one for one in ben.running.history.search_now(LogFilter()) if one.mark]
    assert (entry.number_e164, entry.mark) == (OTHER, TEAM_SPAM)
    # One's own word counts more, and what is taken back is so for all.
    await ben.running.callers.marks.mark(spam, Mark.PRIVATE)
    assert ben.mark_of(OTHER) == Mark.PRIVATE
    await ben.running.callers.marks.clear(spam)
    assert ben.mark_of(OTHER) == TEAM_SPAM
    wish = {"action": "not-spam", "number": OTHER}
    answer = await asyncio.to_thread(ask_app, ben.paths, "team", wish)
    assert answer == {"mark": TEAM_SPAM}
    await eventually(lambda: ben.mark_of(OTHER) == "", "no word")
    await ana.running.callers.marks.clear(spam)
    # Two people have one number; the desks' copies have other ids.
    number = read_number(CALLER, "GB")
    mia, noa = "Mia Stone", "Noa Rivers"
    ana.put(person("1", mia, CALLER), person("2", noa, CALLER))
    ben.put(person("x", mia, CALLER), person("y", noa, CALLER))
    matches = ana.running.lookup.now(number).matches
    chosen = next(one for one in matches if one.contact.name == noa)
    ana.running.callers.people.choose(number, chosen).result(5)

    def shown(desk: TeamMate) -> tuple[str, bool]:
        first = desk.running.lookup.now(number).matches[0]
        return first.contact.name, first.is_team_choice

    await eventually(lambda: shown(ben) == (noa, True), "the team's word")
    assert shown(ana) == (noa, False)
    own = next(
        one for one in ben.running.lookup.now(number).matches if one.contact.name == mia
    )
    ben.running.callers.people.choose(number, own).result(5)
    assert shown(ben) == (mia, False)
    ben.running.callers.people.undo_choice(number).result(5)
    await eventually(lambda: shown(ben)[1] is False, "no word any more")
    # Nothing of all that was on the broker in a form that says who it was about.
    told = b"\n".join(body for subject, body in heard if not _is_of_calls(subject))
    assert len(told) > 1000
    for word in (CALLER, OTHER, CALLER[3:], OTHER[3:], mia, noa, "Rivers", "Example"):
        assert word.encode() not in told, word


def _is_of_calls(subject: str) -> bool:
    """What the vendor sent, on its way to the desks that it concerns."""
    return subject.startswith(("intake.", "desk.", "$JS."))


async def everything_on(team: TeamServer) -> list[tuple[str, bytes]]:
    heard: list[tuple[str, bytes]] = []

    async def take(message: Msg) -> None:
        heard.append((message.subject, message.data))

    listener = connect(team.relay_address())
    await listener.connected(10)
    await listener.hear(">", take)
    LISTENERS.append(listener)
    return heard


LISTENERS: list[NatsBroker] = []


@pytest.fixture(autouse=True)
async def _no_listener_stays() -> AsyncIterator[None]:
    yield
    while LISTENERS:
        await LISTENERS.pop().close()
