"""A team of fifty and one: each desk hears of its own calls, and of no others."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.config.paths import Paths
from screenpop.services.events import SourceState
from tests.end2end.voxloud_calls import webhook
from tests.relay.lean_desk import let_in
from tests.relay.many_desks import device_of, dismiss, enrol, extension_of
from tests.relay.team_office import TeamDeskApp, team_office
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.relay.broker.nats_broker import NatsBroker
    from tests.relay.team_server import TeamServer

CALLER = "+442079460123"
DESKS = 50


async def test_fifty_desks_and_a_real_one_hear_of_their_own_calls_only(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> None:
    heard: defaultdict[str, list[bytes]] = defaultdict(list)
    async with team_office(team, relay, tmp_path / "relay") as office:
        known = office.server.desks.count
        passes = await enrol(relay, team.secrets, range(DESKS))
        desks = await let_in(
            passes,
            team.nats.port,
            lambda device_id, body: heard[device_id].append(body),
        )
        real = TeamDeskApp(Paths.under(tmp_path / "desk"))
        await real.join(await office.code(extension=extension_of(0)))
        app = await real.start()
        await real.is_in(SourceState.LIVE)
        count = known + DESKS + 1
        await eventually(
            lambda: office.server.desks.count == count, "all desks to be known"
        )
        rings = [_event(office.call(str(each)), "INCOMING", each) for each in range(50)]
        for body in rings:
            await office.hook(body)
        card = await real.popped()
        assert card.ref.call_id == office.call("0")
        # Somebody else takes it: whoever it rang at hears of that, and nobody more.
        taken = _event(office.call("0"), "ANSWERED", 1)
        ended = _event(office.call("0"), "HANGUP", 1)
        for body in (taken, ended):
            await office.hook(body)
        await eventually(lambda: not app.tracker.open_calls(), "the end of the call")
        wanted = {device_of(each): [body] for each, body in enumerate(rings)}
        wanted[device_of(0)] += [taken, ended]
        # The second had its own call before it joined the first one's.
        wanted[device_of(1)] += [rings[0], taken, ended]
        await eventually(
            lambda: sum(map(len, heard.values())) == DESKS + 5, "every copy"
        )
        assert heard == wanted
        assert len(real.pops) == 1
        assert [desk.refusals for desk in desks] == [[]] * DESKS
        for desk in desks:
            desk.close()
        await dismiss(relay, range(DESKS))
        await real.stop()


def _event(call_id: str, kind: str, desk: int) -> bytes:
    return webhook(call_id, kind, CALLER, userExtension=int(extension_of(desk)))
