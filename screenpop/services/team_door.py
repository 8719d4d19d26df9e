"""Calls that come by the team's relay: the small part that every desktop has.

All else of it is loaded only where an account comes that way.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.services.events import AccountState, AccountStateChanged, SourceState
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from screenpop.config.secrets import SecretStore
    from screenpop.domain.delivery import Delivery
    from screenpop.services.application import Application
    from screenpop.services.connections import Connection
    from screenpop.services.team.claims import TeamClaims
    from screenpop.services.team.colleagues import Colleagues
    from screenpop.services.team.link import TeamLink
    from screenpop.services.team.sharing import TeamSharing

SOON_SECONDS: Final = 2.0


class TeamDoor:
    """Opens the connection to the relay when there is an account to open it for."""

    def __init__(
        self,
        app: Application,
        secrets: SecretStore,
        deliver: Callable[[tuple[Delivery, ...]], None],
    ) -> None:
        """Open nothing yet; ``deliver`` takes what is journalled."""
        self._app = app
        self._secrets = secrets
        self._deliver = deliver
        self._opened: object = None
        self._states: dict[str, AccountState] = {}
        self._reading: asyncio.Task[None] | None = None
        self.link: TeamLink | None = None
        self.sharing: TeamSharing | None = None

    def states(self) -> tuple[AccountState, ...]:
        """How the accounts stand that come by the relay."""
        return tuple(self._states.values())

    @property
    def claims(self) -> TeamClaims | None:
        """Who of the team calls whom back; None where no team is joined."""
        return self.sharing.claims if self.sharing is not None else None

    @property
    def colleagues(self) -> Colleagues | None:
        """How they are; None where no team is joined."""
        return self.sharing.colleagues if self.sharing is not None else None

    async def watch(self, connections: tuple[Connection, ...]) -> None:
        """Have exactly these accounts' calls come by the relay from now on."""
        ids = {connection.account_id for connection in connections}
        self._states = {key: one for key, one in self._states.items() if key in ids}
        for connection in connections:
            if connection.account_id not in self._states:
                text = tr("Starting")
                self._tell_one(connection, SourceState.STARTING, text, "")
        wanted = await self._wanted(frozenset(ids)) if ids else None
        if wanted is not None and wanted == self._opened and self._is_reading:
            return
        await self.stop()
        self._opened = wanted
        if not ids:
            return
        if self._app.settings.team.is_enabled:
            self._open()
        else:
            self._tell(
                SourceState.OFF,
                tr("The team's relay is switched off"),
                tr("Set team.is_enabled in the settings to have its calls."),
            )

    async def stop(self) -> None:
        """Close the connection; the accounts stay as they were told last."""
        reading, self._reading, self.link = self._reading, None, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        sharing, self.sharing = self.sharing, None
        if sharing is not None:
            sharing.stop()

    @property
    def _is_reading(self) -> bool:
        return self._reading is not None and not self._reading.done()

    async def _wanted(self, ids: frozenset[str]) -> object:
        """All that the connection depends on; equal while it need not be made anew."""
        from screenpop.services.team.membership import MembershipFile

        kept = MembershipFile(self._app.paths.team_file)
        try:
            membership = await asyncio.to_thread(kept.load)
        except ConfigurationError:
            membership = None
        device_id = membership.grant.device_id if membership else ""
        return ids, self._app.settings.team, device_id

    def look_again(self, headline: str) -> None:
        """Connect anew soon: after a sleep, or on another network."""
        link = self.link
        if link is not None:
            soon = SOON_SECONDS * (0.25 + 0.75 * random.random())  # noqa: S311
            asyncio.get_running_loop().call_later(soon, link.look_again, headline)

    def heard_from(self, account_id: str, at: datetime) -> None:
        """Note that something came from an account."""
        known = self._states.get(account_id)
        if known is not None:
            latest = max(at, known.last_event_at or at)
            self._states[account_id] = replace(known, last_event_at=latest)

    def _open(self) -> None:
        # Late: most desktops have no team.
        from screenpop.services.team.handed_over import HandedOver
        from screenpop.services.team.link import TeamLink
        from screenpop.services.team.membership import DeviceKey, MembershipFile
        from screenpop.services.team.sharing import TeamSharing

        app = self._app
        self.link = TeamLink(
            kept=MembershipFile(app.paths.team_file),
            key=DeviceKey(self._secrets),
            servers=app.settings.team.servers,
            inbox=app.inbox,
            deliver=self._deliver,
            tell=self._tell,
            skew=self._note_skew,
            clock=app.clock,
            handed=HandedOver(
                self._secrets, app.connections.handed.keep, self._states.__contains__
            ),
        )
        key, offset = DeviceKey(self._secrets), self.link.offset
        self.sharing = self.link.sharing = TeamSharing(app, key, offset)
        self._reading = app.supervisor.start("read the relay", self.link.run())

    def _note_skew(self, offset: timedelta) -> None:
        """The relay's clock stands for the phone system's."""
        for account_id in self._states:
            connection = self._app.connections.find(account_id)
            if connection is not None:
                connection.vendor_clock.note(offset)

    def _tell(self, state: SourceState, headline: str, advice: str) -> None:
        for account_id in tuple(self._states):
            connection = self._app.connections.find(account_id)
            if connection is not None:
                self._tell_one(connection, state, headline, advice)

    def _tell_one(
        self, connection: Connection, state: SourceState, headline: str, advice: str
    ) -> None:
        known = self._states.get(connection.account_id)
        told = AccountState(
            account_id=connection.account_id,
            label=connection.label,
            state=state,
            headline=headline,
            advice=advice,
            last_event_at=known.last_event_at if known else None,
        )
        self._states[connection.account_id] = told
        if known != told:
            self._app.bus.publish(AccountStateChanged(told))
