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
        self._unprepared: set[str] = set()
        self.problems: dict[str, str] = {}

    async def open(self) -> None:
        """Let in whoever has a secret; adapters that cannot be prepared wait."""
        async with self._opening:
            routes = []
            for connection in self._connections.all():
                self.problems.pop(connection.account_id, None)
                route = await self._route_of(connection)
                if route is not None:
                    routes.append(route)
                await self._prepare(connection)
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
            await self._prepare(connection)

    async def _route_of(self, connection: Connection) -> HookRoute | None:
        account_id = connection.account_id
        if connection.problem:
            self._complain(account_id, connection.problem)
        if connection.able(SupportsWebhook) is None or connection.manifest is None:
            return None
        try:
            token = await self._secrets.get(account_id, HOOK_TOKEN)
        except ScreenpopError as error:
            self._complain(account_id, str(error))
            return None
        connection.hook_token = token
        return HookRoute(
            account_id=account_id,
            digest=digest_of(token),
            methods=connection.manifest.hook_methods,
        )

    async def _prepare(self, connection: Connection) -> None:
        preparing = connection.able(SupportsPreparation)
        if preparing is None:
            return
        try:
            await preparing.prepare()
        except ScreenpopError as error:
            self._complain(connection.account_id, str(error))

    def _complain(self, account_id: str, text: str) -> None:
        if self.problems.get(account_id) != text:
            _log.warning("account %s: %s", account_id, text)
        self.problems[account_id] = text
