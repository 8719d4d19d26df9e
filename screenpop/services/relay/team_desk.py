"""Who is in the team: what the administrator's commands do at the broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.config.settings import Settings
from screenpop.domain.errors import (
    ConfigurationError,
    PayloadError,
    RelayUnavailable,
    UsageError,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.relay.broker import Broker, BrokerAddress
from screenpop.relay.enrolment import (
    Enrolment,
    Invitation,
    TeamFacts,
    invite,
)
from screenpop.relay.grant import GrantedAccount
from screenpop.relay.names import Bucket
from screenpop.relay.removal import devices_of, remove_device, withdraw_codes
from screenpop.relay.setup.keys import TeamSecrets
from screenpop.services.clock import utc_now
from screenpop.services.connections import Connections
from screenpop.services.relay.line_names import NamedLine, named_line
from screenpop.services.relay.secrets import given_store
from screenpop.services.relay.streams import ensure_streams

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from screenpop.config.relay_settings import RelayFolder, RelaySettings
    from screenpop.relay.broker import BrokerCredentials
    from screenpop.relay.devices import Device, Line
    from screenpop.relay.enrolment_code import EnrolmentCode

CONNECT_SECONDS: Final = 5.0


@frozen
class OpenCode:
    """A code that nobody has used yet."""

    agent: str
    lines: tuple[Line, ...]
    expires_at: datetime


class TeamDesk:
    """The administrator's view of the team."""

    def __init__(
        self,
        settings: RelaySettings,
        given: Mapping[str, str],
        broker: Broker,
        admin: Broker | None,
    ) -> None:
        """Do nothing yet.

        Args:
            settings: Of the relay.
            given: The team's keys and those of phone systems, as variables.
            broker: With the rights of a relay.
            admin: With those of the administrator; None where nobody is removed.
        """
        self._settings = settings
        self._given = given
        self._secrets = TeamSecrets(given)
        self._broker = broker
        self._admin = admin

    async def named(self, lines: tuple[Line, ...]) -> tuple[NamedLine, ...]:
        """The lines as events name them; asks phone systems whom they mean.

        Raises:
            UsageError: A line is of no account of this relay, or names nobody.
        """
        known = [account.id for account in self._settings.accounts]
        for line in lines:
            if line.account_id not in known:
                raise UsageError(
                    f"The relay has no account “{line.account_id[:40]}”",
                    f"It has: {', '.join(known) or 'none yet'}; see relay.toml.",
                )
        if len({line.account_id for line in lines}) < len(lines):
            # The desktop shows the calls of one extension of an account, or of all.
            raise UsageError(
                "A computer hears of one extension of an account, or of all",
                "Give --line once for each account; without an extension for all.",
            )
        connections = Connections(given_store(self._settings, self._given))
        connections.adopt(
            Settings(region=self._settings.region, accounts=self._settings.accounts)
        )
        try:
            found = [
                await named_line(
                    connections.get(line.account_id), line, self._settings.lines
                )
                for line in lines
            ]
        finally:
            await connections.aclose()
        return tuple(found)

    async def invite(
        self, agent: str, lines: tuple[Line, ...], life: timedelta
    ) -> EnrolmentCode:
        """A code for one computer of ``agent``.

        Raises:
            ConfigurationError: The relay's address is not set.
            RelayError: The broker does not keep the code.
        """
        if not self._settings.public_url:
            raise ConfigurationError(
                "The relay's address is not set",
                "Write public_url into the section [relay] of relay.toml.",
            )
        invitation = Invitation(agent=agent, lines=lines, expires_at=utc_now() + life)
        return await invite(self._broker, self._settings.public_url, invitation)

    async def devices(self) -> tuple[Device, ...]:
        """Every computer of the team, by agent."""
        return await devices_of(self._broker)

    async def open_codes(self) -> tuple[OpenCode, ...]:
        """The codes that would still let somebody in."""
        codes = self._broker.bucket(Bucket.ENROLMENTS.value)
        found: list[OpenCode] = []
        for entry in await codes.entries():
            try:
                known = Invitation.from_json(entry.value or b"")
            except PayloadError:
                continue
            if not known.redeemed_by and known.expires_at > utc_now():
                found.append(OpenCode(known.agent, known.lines, known.expires_at))
        return tuple(sorted(found, key=lambda each: each.expires_at))

    async def of_agent(
        self, agent: str
    ) -> tuple[tuple[Device, ...], tuple[OpenCode, ...]]:
        """An agent's computers and codes, or the one computer of that id."""
        devices = tuple(
            each
            for each in await self.devices()
            if agent in (each.agent, each.device_id)
        )
        codes = tuple(each for each in await self.open_codes() if each.agent == agent)
        return devices, codes

    async def remove(self, device_id: str) -> None:
        """Cut a computer off.

        Raises:
            UsageError: There is none of that id.
            RelayError: The broker did not do all of it; do it again.
        """
        if self._admin is None:
            raise ConfigurationError("The administrator's keys are not at hand")
        await remove_device(
            self._broker, self._admin, self._secrets, device_id, utc_now
        )

    async def withdraw(self, agent: str) -> None:
        """Void an agent's codes."""
        await withdraw_codes(self._broker, agent)


@asynccontextmanager
async def open_team(
    folder: RelayFolder, settings: RelaySettings, *, is_admin: bool
) -> AsyncIterator[TeamDesk]:
    """The team at its broker.

    Args:
        folder: That of the relay.
        settings: Those in it.
        is_admin: Whether somebody may be removed.

    Raises:
        ConfigurationError: A key is missing.
        RelayError: The broker is not reached.
    """
    given = folder.secrets(of_admin=is_admin)
    secrets = TeamSecrets(given)
    async with AsyncExitStack() as stack:
        credentials = secrets.relay_credentials()
        broker = await _connected(stack, settings, lambda: credentials)
        # No relay may ever have run there.
        await ensure_streams(broker, settings.replicas)
        admin = None
        if is_admin:
            administrator = secrets.admin_credentials()
            admin = await _connected(stack, settings, lambda: administrator)
        yield TeamDesk(settings, given, broker, admin)


async def _connected(
    stack: AsyncExitStack,
    settings: RelaySettings,
    credentials: Callable[[], BrokerCredentials],
) -> Broker:
    from screenpop.relay.broker.nats_broker import connect

    address = BrokerAddress(
        urls=settings.brokers,
        name="screenpop administrator",
        credentials=credentials,
        allows_plain=settings.trusts_network,
    )
    broker = connect(address)
    stack.push_async_callback(broker.close)
    try:
        await broker.connected(CONNECT_SECONDS)
    except RelayUnavailable:
        why = broker.state.problem
        raise RelayUnavailable(
            f"The broker cannot be reached at {', '.join(settings.brokers)}"
            + (f": {why}" if why else ""),
            "Start it, or see to “brokers” in relay.toml.",
        ) from None
    return broker


def enrolment_of(
    settings: RelaySettings,
    secrets: TeamSecrets,
    broker: Broker,
    handed: Callable[[Line], Awaitable[Mapping[str, Secret]]],
) -> Enrolment:
    """What the receiver lets computers join by.

    Args:
        settings: Those of the relay.
        secrets: The team's keys.
        broker: With the rights of a relay.
        handed: Knows what vendors handed over for a line.

    Raises:
        ConfigurationError: A key is missing.
    """

    def account(account_id: str) -> GrantedAccount | None:
        found = settings.account(account_id)
        if found is None:
            return None
        return GrantedAccount(
            account_id=found.id,
            vendor=found.vendor,
            label=found.label,
            region=found.region or settings.region,
            options=found.options,
        )

    facts = TeamFacts(
        name=settings.name,
        servers=settings.desktop_servers,
        key=Secret(secrets.team_key().reveal()),
        account=account,
        handed=handed,
    )
    return Enrolment(broker, secrets.desktop_signer(), facts, utc_now)
