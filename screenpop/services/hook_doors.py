"""Let vendors' webhooks in: the listener and each account's way through it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from screenpop.domain.errors import (
    ListenerError,
    ScreenpopError,
    SecretError,
    StoreError,
)
from screenpop.listener import HookRoute, digest_of
from screenpop.providers.abilities import SupportsPreparation
from screenpop.providers.protocol import SupportsWebhook
from screenpop.services.events import NoticeLevel, UserNotice
from screenpop.store.hook_digests import HookDigests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.delivery import Delivery
    from screenpop.services.application import Application
    from screenpop.services.connections import Connection

_log = logging.getLogger(__name__)


class HookDoors:
    """Opens accounts one after the other: keychain, route, source of calls.

    An account whose keychain is locked is let in by the digest that an earlier start
    left: what its vendor sends is kept and answered, and read once that is possible.
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self._digests = HookDigests(app.database)
        self._opening = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._unread: dict[str, list[Delivery]] = {}
        self._prepared: dict[str, SupportsPreparation] = {}

    def deliver(self, delivery: Delivery) -> None:
        """Take a journalled delivery; safe to call from any thread."""
        account_id = delivery.account_id
        is_unread = self._app.connections.needs_preparation(account_id)
        if is_unread and account_id not in self._prepared:
            self._loop.call_soon_threadsafe(self._set_aside, delivery)
        else:
            self._app.tracker.deliver(delivery)

    def _set_aside(self, delivery: Delivery) -> None:
        if delivery.account_id in self._prepared:
            self._app.tracker.deliver(delivery)
        else:
            self._unread.setdefault(delivery.account_id, []).append(delivery)

    def take_up(self, left: Iterable[Delivery]) -> None:
        """Read what an earlier run left, some of it once its reader is prepared."""
        for delivery in left:
            if self._app.connections.needs_preparation(delivery.account_id):
                self._unread.setdefault(delivery.account_id, []).append(delivery)
            else:
                self._app.tracker.deliver_many((delivery,))

    def take_relayed(self, deliveries: Iterable[Delivery]) -> None:
        """Take journalled deliveries of the team's relay; main loop only."""
        for delivery in deliveries:
            account_id = delivery.account_id
            is_unread = self._app.connections.needs_preparation(account_id)
            if is_unread and account_id not in self._prepared:
                self._unread.setdefault(account_id, []).append(delivery)
            else:
                self._app.tracker.deliver_many((delivery,))

    async def open_accounts(self) -> None:
        """Bring the listener and the sources of calls in line with the accounts."""
        app = self._app
        # One after the other: an older list must not win because a keychain is slow.
        async with self._opening:
            every = app.connections.all()
            relayed = tuple(each for each in every if each.is_relayed)
            connections = tuple(each for each in every if not each.is_relayed)
            for connection in relayed:
                await self._open_relayed(connection)
            if not app.listener.is_running:
                await self._open_early(connections)
            routes = []
            for connection in connections:
                route = await self._route_of(connection)
                if route is not None:
                    routes.append(route)
            app.listener.set_routes(routes)
            if connections and not app.listener.is_running:
                self._start_listener()
            ids = frozenset(connection.account_id for connection in relayed)
            await app.monitor.watch(connections, ids)
            await app.team.watch(relayed)

    async def open_late(self, account_id: str) -> None:
        """Let an account's webhooks in once its keychain has been unlocked."""
        await self.open_accounts()
        self._app.monitor.wake(account_id)

    def _start_listener(self) -> None:
        try:
            self._app.listener.start()
        except ListenerError as error:
            _log.warning("the listener does not run: %s", error.title)
            self._app.bus.publish(
                UserNotice(NoticeLevel.ERROR, error.title, error.advice, "listener")
            )

    async def _open_early(self, connections: tuple[Connection, ...]) -> None:
        """Let everybody in by what an earlier start left, before any keychain is read.

        Only if that is everybody: a right address that nobody knows yet would be
        answered as if to a stranger, and what came lost.
        """
        routes = []
        for connection in connections:
            if connection.able(SupportsWebhook) is None or connection.manifest is None:
                continue
            digest = await self._known_digest(connection.account_id)
            if not digest:
                return
            methods = connection.manifest.hook_methods
            routes.append(
                HookRoute(
                    account_id=connection.account_id, digest=digest, methods=methods
                )
            )
        if routes:
            self._app.listener.set_routes(routes)
            self._start_listener()

    async def _route_of(self, connection: Connection) -> HookRoute | None:
        if connection.able(SupportsWebhook) is None or connection.manifest is None:
            return None
        account_id = connection.account_id
        digest = await self._known_digest(account_id)
        try:
            token = await self._app.connections.hook_token(account_id)
            if digest != digest_of(token):
                digest = digest_of(token)
                await self._keep(account_id, digest)
            preparing = connection.able(SupportsPreparation)
            if preparing is not None:
                await self._prepare(account_id, preparing)
                unread = self._unread.pop(account_id, ())
                self._app.tracker.deliver_many(unread)
        except ScreenpopError as error:
            key = f"hook-{account_id}"
            notice = UserNotice(NoticeLevel.WARNING, error.title, error.advice, key)
            self._app.bus.publish(notice)
        return HookRoute(
            account_id=account_id,
            digest=digest,
            methods=connection.manifest.hook_methods,
        )

    async def _open_relayed(self, connection: Connection) -> None:
        """Read what is kept for an account; its keys may be at the relay alone."""
        preparing = connection.able(SupportsPreparation)
        account_id = connection.account_id
        if preparing is None or self._prepared.get(account_id) is preparing:
            return
        try:
            await preparing.prepare()
        except ScreenpopError as error:
            _log.info("account %s goes on as it is: %s", account_id, error.title)
        self._prepared[account_id] = preparing
        self._app.tracker.deliver_many(self._unread.pop(account_id, ()))

    async def _known_digest(self, account_id: str) -> bytes:
        try:
            return await asyncio.to_thread(self._digests.get, account_id)
        except StoreError as error:
            _log.info("no digest of %s could be read: %s", account_id, error.title)
            return b""

    async def _keep(self, account_id: str, digest: bytes) -> None:
        """For a start with a locked keychain; this one goes on without it."""
        try:
            await asyncio.wrap_future(self._digests.put(account_id, digest))
        except StoreError as error:
            _log.info("the digest of %s was not kept: %s", account_id, error.title)

    def forget(self, account_id: str) -> None:
        """The account is gone."""
        self._prepared.pop(account_id, None)
        self._unread.pop(account_id, None)
        self._digests.forget(account_id)

    async def _prepare(self, account_id: str, preparing: SupportsPreparation) -> None:
        """Have an adapter read what it needs, unless it was read before.

        A keychain that has closed meanwhile must not close the account's way in: some
        vendors send nothing twice, and some route calls by our answer.
        """
        try:
            await preparing.prepare()
        except SecretError as error:
            if self._prepared.get(account_id) is not preparing:
                raise
            _log.info("account %s goes on as it is: %s", account_id, error.title)
        self._prepared[account_id] = preparing
