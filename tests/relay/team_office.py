"""A team: a real relay over a real broker, and desks that join it by a code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from screenpop.config.relay_settings import LineRule, RelaySettings
from screenpop.config.secrets import MemorySecretStore
from screenpop.config.settings import AccountSettings
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.providers import registry
from screenpop.relay.devices import Line
from screenpop.relay.enrolment import Invitation, invite
from screenpop.relay.envelope import enclose
from screenpop.relay.names import desk_subject
from screenpop.services.application import Application
from screenpop.services.clock import utc_now
from screenpop.services.events import (
    AccountState,
    AccountStateChanged,
    CallCard,
    DigestReady,
    PopRequested,
    SourceState,
)
from screenpop.services.relay.server import RelayServer
from screenpop.services.team.joining import TeamMembership
from tests.relay.http_sender import Sender
from tests.relay.team_server import now
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.config.paths import Paths
    from screenpop.relay.broker.nats_broker import NatsBroker
    from screenpop.services.clock import Clock
    from tests.relay.team_server import TeamServer

E = TypeVar("E")
HOOK_TOKEN = "made-up-hook-token-0123456789abcdefghijklmn"
HEARD = (PopRequested, DigestReady, AccountStateChanged)
# An account that asked its phone system for anything would not get far there.
NOWHERE = "http://127.0.0.1:9"


@dataclass
class TeamOffice:
    """The relay of a team and who runs it."""

    team: TeamServer
    server: RelayServer
    broker: NatsBroker
    _tag: str = field(default_factory=lambda: token_hex(4))

    def call(self, name: str) -> str:
        """The id of a call that no other test has: they share a broker."""
        return f"{self._tag}-{name}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.web.port}"

    async def code(self, agent: str = "Ana", extension: str = "101") -> str:
        return await self.code_of(agent, Line("acme", extension))

    async def code_of(self, agent: str, *lines: Line) -> str:
        invitation = Invitation(
            agent=agent, lines=lines, expires_at=now() + timedelta(days=1)
        )
        code = await invite(self.broker, self.url, invitation)
        return code.text().reveal()

    async def hook(
        self,
        body: bytes,
        path: str = "",
        *,
        content_type: str = "application/json",
        bearer: str = "",
    ) -> None:
        """Have the vendor deliver a webhook to the relay."""
        sender = Sender(self.server.web.port)
        headers = [("Content-Type", content_type)]
        if bearer:
            headers.append(("Authorization", f"Bearer {bearer}"))
        try:
            answer = await sender.send(
                f"/hooks/acme/{HOOK_TOKEN}{path}", body, headers=tuple(headers)
            )
        finally:
            sender.close()
        assert answer.status == 200

    async def publish(self, device_id: str, body: bytes, at: datetime) -> None:
        """Have a device's copy of a delivery that the relay had at ``at``."""
        delivery = Delivery(
            account_id="acme",
            source=DeliverySource.WEBHOOK,
            received_at=at,
            body=body,
            content_type="application/json",
        )
        sent = enclose(delivery)
        subject = desk_subject(device_id)
        await self.broker.publish(subject, sent.body, headers=sent.headers)


@asynccontextmanager
async def team_office(
    team: TeamServer,
    broker: NatsBroker,
    folder: Path,
    accounts: tuple[str, ...] = ("acme",),
    *,
    account: AccountSettings | None = None,
    lines: tuple[LineRule, ...] = (),
    secrets: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[TeamOffice]:
    settings = RelaySettings(
        name="Example Ltd",
        port=0,
        admin_port=0,
        brokers=(team.nats.url,),
        desktop_servers=(team.nats.url,),
        spool=folder / "spool",
        leave_seconds=0.0,
        accounts=tuple(
            account
            or AccountSettings(id=each, vendor="voxloud", base_url=NOWHERE, region="GB")
            for each in accounts
        ),
        lines=lines,
        region="GB",
    )
    given = {key: each.reveal() for key, each in team.keys.relay.items()}
    for each in accounts:
        given[f"SCREENPOP_SECRET_{each.upper()}_HOOK_TOKEN"] = HOOK_TOKEN
        vendor = account.vendor if account else "voxloud"
        fields = registry.manifest(vendor).fields
        keys = {
            field.key: "k" * 20
            for field in fields
            if field.kind == "secret" and field.is_required
        }
        for name, value in (keys | dict(secrets)).items():
            given[f"SCREENPOP_SECRET_{each.upper()}_{name.upper()}"] = value
    server = RelayServer(settings, given)
    await server.start()
    await eventually(lambda: server.owner.is_leading, "a relay at work", seconds=20)
    try:
        yield TeamOffice(team, server, broker)
    finally:
        await server.stop()


@dataclass
class TeamDeskApp:
    """A desk that joins and runs, in the test's own process."""

    paths: Paths
    secrets: MemorySecretStore = field(default_factory=MemorySecretStore)
    clock: Clock = utc_now
    told: list[object] = field(default_factory=list)
    app: Application | None = None

    def membership(self) -> TeamMembership:
        file = SettingsFile(self.paths.config_file)
        return TeamMembership(
            paths=self.paths,
            file=file,
            secrets=self.secrets,
            settings=lambda: file.load().settings,
            reload=lambda: self.app.reload() if self.app else None,
            clock=self.clock,
        )

    async def join(self, code: str) -> str:
        """Join; returns the id of the device."""
        facts = await self.membership().join(code)
        return facts.device_id

    def set(self, place: str, value: object) -> None:
        SettingsFile(self.paths.config_file).set_value(place, value)  # type: ignore[arg-type]

    async def start(self) -> Application:
        self.app = Application(self.paths, secrets=self.secrets, clock=self.clock)
        for kind in HEARD:
            self.app.bus.subscribe(kind, self.told.append)
        await self.app.start()
        return self.app

    async def stop(self) -> None:
        app, self.app = self.app, None
        if app is not None:
            await app.stop()

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def pops(self) -> list[CallCard]:
        return [event.card for event in self.all(PopRequested)]

    def state(self) -> AccountState | None:
        states = self.app.states() if self.app else ()
        return next((one for one in states if one.account_id == "acme"), None)

    async def is_in(self, *states: SourceState) -> AccountState:
        def there() -> AccountState | None:
            found = self.state()
            return found if found is not None and found.state in states else None

        found = await eventually(there, f"an account that is {states}", seconds=20)
        assert found is not None
        return found

    async def popped(self, count: int = 1) -> CallCard:
        await eventually(lambda: len(self.pops) >= count, f"{count} cards", seconds=20)
        await asyncio.sleep(0)
        return self.pops[-1]

    def joined_accounts(self) -> list[tuple[str, str, str]]:
        settings = SettingsFile(self.paths.config_file).load().settings
        return [(one.id, one.via, one.extension) for one in settings.accounts]

    def kept_of_team(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.paths.team_file.read_text("utf-8"))
        return found
