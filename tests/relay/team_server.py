"""A real broker run by a team's statements, as ``screenpop relay init`` sets it up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.relay.broker import BrokerAddress, BrokerCredentials
from screenpop.relay.devices import Line
from screenpop.relay.enrolment import Enrolment, Invitation, TeamFacts, invite
from screenpop.relay.grant import DeviceGrant, GrantedAccount, JoinRequest
from screenpop.relay.identity.nkey import KeyKind, KeyPair
from screenpop.relay.names import device_inbox
from screenpop.relay.setup.keys import TeamKeys, TeamSecrets
from screenpop.relay.setup.nats_config import statement_lines
from tests.relay.nats_server import NatsServer

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.relay.broker.nats_broker import NatsBroker
    from screenpop.relay.enrolment_code import EnrolmentCode

RELAY_URL = "https://relay.example.com"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class TeamServer:
    """One broker of one team.

    Attributes:
        jetstream: Further lines of its section for streams.
    """

    folder: Path
    keys: TeamKeys = field(default_factory=lambda: TeamKeys.generate(now()))
    jetstream: str = ""

    def __post_init__(self) -> None:
        statements = statement_lines(self.keys.broker, self.folder / "jwt")
        self.nats = NatsServer(self.folder, more=statements, jetstream=self.jetstream)
        values = {**self.keys.relay, **self.keys.admin}
        self.secrets = TeamSecrets({key: each.reveal() for key, each in values.items()})

    def relay_address(self) -> BrokerAddress:
        return BrokerAddress(
            urls=(self.nats.url,), credentials=self.secrets.relay_credentials
        )

    def admin_address(self) -> BrokerAddress:
        return BrokerAddress(
            urls=(self.nats.url,), credentials=self.secrets.admin_credentials
        )


@dataclass
class Desk:
    """A computer that has joined."""

    key: KeyPair
    grant: DeviceGrant

    @property
    def device_id(self) -> str:
        return self.grant.device_id

    def credentials(self) -> BrokerCredentials:
        return BrokerCredentials(seed=self.key.seed(), jwt=self.grant.statement)

    def address(self, url: str) -> BrokerAddress:
        return BrokerAddress(
            urls=(url,),
            credentials=self.credentials,
            inbox_prefix=device_inbox(self.device_id),
        )


def known_account(account_id: str) -> GrantedAccount | None:
    if account_id not in ("acme", "other"):
        return None
    return GrantedAccount(account_id=account_id, vendor="voxloud", region="GB")


def enrolment(server: TeamServer, broker: NatsBroker) -> Enrolment:
    facts = TeamFacts(
        name="Example Ltd",
        servers=(server.nats.url,),
        key=server.secrets.team_key(),
        account=known_account,
    )
    return Enrolment(broker, server.secrets.desktop_signer(), facts, now)


async def code_for(
    broker: NatsBroker, agent: str, *lines: Line, expires_at: datetime
) -> EnrolmentCode:
    invitation = Invitation(agent=agent, lines=lines, expires_at=expires_at)
    return await invite(broker, RELAY_URL, invitation)


def join_request(code: EnrolmentCode, key: KeyPair, host: str = "desk") -> JoinRequest:
    token: Secret = code.token
    return JoinRequest(
        proof_of=token.reveal(), public_key=key.public, host=host, is_renewal=False
    )


def fresh_key() -> KeyPair:
    return KeyPair.generate(KeyKind.USER)


async def joined(team: TeamServer, relay: NatsBroker, agent: str) -> Desk:
    line = Line("acme", "101")
    code = await code_for(relay, agent, line, expires_at=now() + timedelta(days=1))
    key = fresh_key()
    return Desk(key, await enrolment(team, relay).answer(join_request(code, key)))
