"""The doctor on the team's relay: the key, the relay's word, the way to its broker."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RelayRefused, ScreenpopError
from screenpop.services.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from screenpop.relay.enrolment_client import Granted
    from screenpop.relay.identity.nkey import KeyPair
    from screenpop.services.findings import Surroundings
    from screenpop.services.team.membership import Membership

AREA: Final = "team"
LARGEST_SKEW_SECONDS: Final = 30.0


async def check_team(home: Surroundings) -> list[Finding]:
    """Everything on the way to the team's relay; nothing where there is no team."""
    relayed = [each for each in home.connections.all() if each.is_relayed]
    if not relayed and not home.paths.team_file.exists():
        return []
    if not home.loaded.settings.team.is_enabled:
        title = "The team's relay is switched off"
        return [warn(AREA, title, "Set team.is_enabled to have its calls.")]
    # Late: a computer without a team loads none of it.
    from screenpop.services.team.membership import DeviceKey, MembershipFile

    kept = await asyncio.to_thread(MembershipFile(home.paths.team_file).load)
    if kept is None:
        title = "Accounts come by a relay, and this computer has joined none"
        return [fail(AREA, title, "Join with a code: screenpop team join.")]
    pair = await DeviceKey(home.secrets).get()
    try:
        granted = await _renewed(kept, pair)
    except RelayRefused as error:
        return [fail(AREA, error.title, error.advice)]
    except ScreenpopError as error:
        title = f"The relay does not answer: {error.title}"
        return [fail(AREA, title, error.advice)]
    found = [ok(AREA, f"The relay of {granted.grant.team} knows this computer")]
    seconds = granted.clock_offset.total_seconds()
    if abs(seconds) > LARGEST_SKEW_SECONDS:
        way = "ahead of" if seconds > 0 else "behind"
        title = f"This computer's clock is {abs(seconds):.0f} s {way} the relay's"
        found.append(warn(AREA, title, "Have it set from the network."))
    found.append(await _broker(home, granted, pair))
    return found


async def _renewed(kept: Membership, pair: KeyPair) -> Granted:
    from screenpop.relay.enrolment_client import open_enrolment
    from screenpop.services.clock import utc_now

    async with open_enrolment(kept.relay_url, utc_now) as client:
        return await client.renew(kept.grant.device_id, pair, socket.gethostname())


async def _broker(home: Surroundings, granted: Granted, pair: KeyPair) -> Finding:
    from screenpop.relay.broker import BrokerAddress, BrokerCredentials
    from screenpop.relay.names import device_inbox
    from screenpop.services.team.link import broker_connector

    grant = granted.grant
    credentials = BrokerCredentials(seed=pair.seed(), jwt=grant.statement)
    address = BrokerAddress(
        urls=home.loaded.settings.team.servers or grant.servers,
        name=f"{grant.device_id} (doctor)",
        credentials=lambda: credentials,
        inbox_prefix=device_inbox(grant.device_id),
    )
    broker = broker_connector()(address)
    try:
        await broker.connected(home.patience_seconds)
    except ScreenpopError as error:
        problem = broker.state.problem or error.title
        advice = broker.state.advice or error.advice
        return fail(AREA, f"No way to the relay's broker: {problem}", advice)
    finally:
        await broker.close()
    return ok(AREA, "The relay's broker is reached and lets this computer in")
