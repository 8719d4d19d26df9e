"""Open each account's way in: its secret, its adapter, its route."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError
from screenpop.listener.routes import HookRoute, digest_of
from screenpop.providers.abilities import SupportsPreparation
from screenpop.providers.protocol import SupportsWebhook
from screenpop.services.connections import HOOK_TOKEN

if TYPE_CHECKING:
    from screenpop.services.connections import Connection, Connections
    from screenpop.services.relay.receiver import Receiver
    from screenpop.services.relay.secrets import RelaySecrets

_log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 15.0


class RelayDoors:
    """All accounts' ways in.

    Attributes:
        problems: What is wrong with which account; it goes when it is mended.
    """

    def __init__(
        self, connections: Connections, secrets: RelaySecrets, receiver: Receiver
    ) -> None:
        self._connections = connections
        self._secrets = secrets
        self._receiver = receiver
        self._opening = asyncio.Lock()
        self.problems: dict[str, str] = {}

    async def open(self) -> None:
        """Let in whoever has a secret; adapters that cannot be prepared wait."""
        async with self._opening:
            routes = []
            for connection in self._connections.all():
                route, problem = await self._route_of(connection)
                if route is not None:
                    routes.append(route)
                unprepared = await self._prepare(connection)
                self._note(connection.account_id, unprepared or problem)
            self._receiver.set_routes(routes)

    async def keep_trying(self) -> None:
        """Mend what could not be opened, for as long as this runs."""
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if self.problems:
                await self.open()

    async def prepare_again(self, account_id: str) -> None:
        """A secret of an account has changed."""
        connection = self._connections.find(account_id)
        if connection is not None:
            problem = await self._prepare(connection)
            if problem:
                self._note(account_id, problem)

    async def _route_of(self, connection: Connection) -> tuple[HookRoute | None, str]:
        """An account's way in, and what is wrong with it."""
        account_id = connection.account_id
        if connection.able(SupportsWebhook) is None or connection.manifest is None:
            return None, connection.problem
        try:
            token = await self._secrets.get(account_id, HOOK_TOKEN)
        except ScreenpopError as error:
            return None, str(error)
        connection.hook_token = token
        route = HookRoute(
            account_id=account_id,
            digest=digest_of(token),
            methods=connection.manifest.hook_methods,
        )
        return route, connection.problem

    async def _prepare(self, connection: Connection) -> str:
        """Have an adapter read its secrets; what went wrong."""
        preparing = connection.able(SupportsPreparation)
        if preparing is None:
            return ""
        try:
            await preparing.prepare()
        except ScreenpopError as error:
            return str(error)
        return ""

    def _note(self, account_id: str, problem: str) -> None:
        """Say it once for each change, however often it is looked at."""
        if problem == self.problems.get(account_id, ""):
            return
        if problem:
            self.problems[account_id] = problem
            _log.warning("account %s: %s", account_id, problem)
        else:
            del self.problems[account_id]
            _log.info("account %s: its way in is open", account_id)
