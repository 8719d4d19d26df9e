"""One instance of a team's relay: build it in order, run it, end it without a loss."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets as random_tokens
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from screenpop.config.settings import ListenerSettings, Settings
from screenpop.domain.backoff import Backoff
from screenpop.domain.errors import RelayError
from screenpop.listener.routes import host_of_url
from screenpop.providers.protocol import SupportsWebhook
from screenpop.relay.broker import BrokerAddress, BrokerCredentials, BrokerState
from screenpop.relay.broker.nats_broker import connect
from screenpop.relay.enrolment_code import ENROL_PATH, LEAVE_PATH, RENEW_PATH
from screenpop.relay.enrolment_door import EnrolmentDoor
from screenpop.relay.names import Bucket
from screenpop.relay.setup.keys import (
    DESKTOPS_SIGNING_SEED,
    RELAY_SEED,
    SEALING_KEY,
    TeamSecrets,
)
from screenpop.relay.spool import Spool
from screenpop.services.bus import Bus
from screenpop.services.callback_url import callback_url
from screenpop.services.clock import utc_now
from screenpop.services.connections import Connection, Connections
from screenpop.services.events import AccountStateChanged, SourceState
from screenpop.services.intake import WebhookIntake
from screenpop.services.relay.desk_secrets import DeskSecrets
from screenpop.services.relay.desks import DeskBook
from screenpop.services.relay.doors import RelayDoors
from screenpop.services.relay.health import RelayHealth
from screenpop.services.relay.inbox import RelayInbox
from screenpop.services.relay.lease import Lease
from screenpop.services.relay.meters import RelayMeters
from screenpop.services.relay.outlet import Outlet
from screenpop.services.relay.owner import Owner
from screenpop.services.relay.receiver import PageReply, Receiver
from screenpop.services.relay.router import LONGEST_PAUSE_SECONDS, Router
from screenpop.services.relay.routing import Routes
from screenpop.services.relay.secrets import RelaySecrets, Seal
from screenpop.services.relay.streams import ensure_streams
from screenpop.services.relay.team_desk import enrolment_of
from screenpop.services.relay.team_sharing import TeamSharing
from screenpop.services.relay.web_server import WebServer
from screenpop.services.supervisor import Supervisor

if TYPE_CHECKING:
    from screenpop.config.relay_settings import RelaySettings
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.privacy import Secret
    from screenpop.relay.broker.nats_broker import NatsBroker
    from screenpop.relay.devices import Line
    from screenpop.services.relay.routing import Seen

_log = logging.getLogger(__name__)

DUTY: Final = "owner"
SETTLE_SECONDS: Final = 5.0
FIRST_SECONDS: Final = 1.0
SPOOL_FILE: Final = "spool.db"


class RelayServer:
    """Everything of one instance.

    Attributes:
        receiver: The public application; pages besides the hooks are added to it.
        broker: The connection that all parts share.
        secrets: What the environment gave and what vendors handed over.
    """

    def __init__(self, settings: RelaySettings, given: Mapping[str, str]) -> None:
        """Build everything; nothing runs before ``start``.

        Args:
            settings: What relay.toml says.
            given: The variables of the environment and of secrets.env.

        Raises:
            ConfigurationError: Something of it cannot be used.
            StoreError: The spool cannot be opened.
            ListenerError: A port cannot be had.
        """
        self.settings = settings
        self.instance = f"{_host_token()}-{random_tokens.token_hex(4)}"
        self.meters = RelayMeters()
        self.supervisor = Supervisor()
        self.bus = Bus()
        team = TeamSecrets(given)
        credentials = team.relay_credentials() if given.get(RELAY_SEED) else None
        seal = Seal(team.sealing_key()) if given.get(SEALING_KEY) else None
        self.spool = Spool(
            settings.spool / SPOOL_FILE, most_bytes=settings.spool_megabytes * 2**20
        )
        try:
            self.broker = self._connected(credentials)
            self._build_intake(given, seal)
            self._build_routing()
            self._build_ports()
        except BaseException:
            self.spool.close()
            raise
        self._is_prepared = False
        self._unprepared: list[str] = []

    def _connected(self, credentials: BrokerCredentials | None) -> NatsBroker:
        broker = connect(
            BrokerAddress(
                urls=self.settings.brokers,
                name=f"relay {self.instance}",
                credentials=lambda: credentials,
                allows_plain=self.settings.trusts_network,
                ping_seconds=5.0,
            )
        )
        broker.on_state(self._note_broker)
        return broker

    def _build_intake(self, given: Mapping[str, str], seal: Seal | None) -> None:
        self.outlet = Outlet(self.broker, self.spool, self.meters)
        self.secrets = RelaySecrets(given, self.broker, seal, self.outlet.keep)
        self.connections = Connections(self.secrets)
        self.connections.adopt(
            Settings(region=self.settings.region, accounts=self.settings.accounts)
        )
        intake = WebhookIntake(
            self.outlet,
            self._answerer,
            self._note_unkept,
            self.connections.taker(),
        )
        self.receiver = Receiver(
            intake,
            self.meters,
            allowed_hosts=(host_of_url(self.settings.public_url), self.settings.host),
        )
        self.receiver.is_ready = self._can_keep
        if given.get(DESKTOPS_SIGNING_SEED):
            self._let_desks_in(TeamSecrets(given))
        self.doors = RelayDoors(self.connections, self.secrets, self.receiver)

    def _let_desks_in(self, team: TeamSecrets) -> None:
        async def handed(line: Line) -> Mapping[str, Secret]:
            return await self.desk_secrets.of(line)

        door = EnrolmentDoor(enrolment_of(self.settings, team, self.broker, handed))

        async def join(method: str, body: bytes) -> PageReply:
            answer = await door.answer(method, body)
            return PageReply(answer.status, answer.body, answer.content_type)

        async def renew(method: str, body: bytes) -> PageReply:
            answer = await door.answer(method, body, is_renewal=True)
            return PageReply(answer.status, answer.body, answer.content_type)

        async def leave(method: str, body: bytes) -> PageReply:
            answer = await door.answer(method, body, is_farewell=True)
            return PageReply(answer.status, answer.body, answer.content_type)

        self.receiver.add_page(ENROL_PATH, join)
        self.receiver.add_page(RENEW_PATH, renew)
        self.receiver.add_page(LEAVE_PATH, leave)

    def _build_routing(self) -> None:
        routes = Routes(self.connections.find, self.settings.lines)
        inbox = RelayInbox(self.outlet, self.broker, self.connections.find)
        self.desks = DeskBook(self.broker, routes)
        self.desk_secrets = DeskSecrets(
            self.connections, self.secrets, self.desks, self.outlet.keep
        )
        self.secrets.handed_over = self.desk_secrets.tell
        ids = tuple(each.id for each in self.settings.accounts)
        self.sharing = TeamSharing(
            self.broker, ids, self.desks, self.supervisor, utc_now
        )
        self.lease = Lease(self.broker.bucket(Bucket.LEASES.value), DUTY, self.instance)
        self.router = Router(
            self.broker,
            routes,
            self.meters,
            instance=self.instance,
            prepare=self._prepare_broker,
            heard=self._heard,
            for_nobody=self._note_for_nobody,
        )
        self.owner = Owner(
            router=self.router,
            inbox=inbox,
            connections=self.connections,
            callback_url=self._callback_url,
            bus=self.bus,
            supervisor=self.supervisor,
            clock=utc_now,
        )
        self.bus.subscribe(AccountStateChanged, _log_state)

    def _build_ports(self) -> None:
        settings = self.settings
        self.web = WebServer(self.receiver, settings.host, settings.port)
        health = RelayHealth(self)
        self.admin_web = WebServer(health, settings.admin_host, settings.admin_port)

    # --- running ---------------------------------------------------------------------

    async def start(self) -> None:
        """Take webhooks; the broker may be away."""
        start = self.supervisor.start
        start("drain the spool", self.outlet.drain())
        start("mend the spool", self.outlet.mend())
        try:
            # What vendors handed over is there; without it doors open all the same.
            await self.broker.connected(FIRST_SECONDS)
            await self._prepare_broker()
        except RelayError as error:
            _log.warning("started without the broker: %s", error.title)
        await self.doors.open()
        await self.web.start()
        await self.admin_web.start()
        start("open doors", self.doors.keep_trying())
        start("elect", self._elect())
        start("route", self.router.run())
        _log.info("relay %s takes webhooks on port %d", self.instance, self.web.port)

    async def stop(self) -> None:
        """Hand over, answer what has come, keep it all, and end."""
        _log.info("relay %s leaves", self.instance)
        self.receiver.is_leaving = True
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await self.owner.follow()
        except TimeoutError:
            # What was not sent is routed by whoever comes next.
            _log.info("the router did not end in time")
        await self.lease.leave()
        await self.sharing.stop()
        await asyncio.sleep(self.settings.leave_seconds)
        await asyncio.gather(self.web.stop(), self.admin_web.stop())
        await self.outlet.settle(SETTLE_SECONDS)
        if self.spool.count:
            _log.warning("%d messages stay in the spool", self.spool.count)
        await self.desks.stop()
        await self.supervisor.stop()
        await self.broker.close()
        await self.connections.aclose()
        self.spool.close()
        _log.info("relay %s has left", self.instance)

    async def _elect(self) -> None:
        await self.broker.connected(10**9)
        backoff = Backoff(random=random.random, cap_seconds=LONGEST_PAUSE_SECONDS)
        while not self._is_prepared:
            try:
                await self._prepare_broker()
            except RelayError as error:
                _log.debug("the broker is not ready: %s", error.title)
                await asyncio.sleep(0.5 + backoff.next_delay())
        await self.secrets.watch(self.doors.prepare_again)
        self.supervisor.start("share", self.sharing.run())
        await self.lease.run(self._lead, self._follow)

    async def _lead(self) -> None:
        await self.owner.lead()
        await self.sharing.teller.lead()

    async def _follow(self) -> None:
        await self.sharing.teller.follow()
        await self.owner.follow()

    async def _prepare_broker(self) -> None:
        try:
            await ensure_streams(self.broker, self.settings.replicas)
            await self.desks.load()
        except RelayError as error:
            self._note_unprepared(str(error))
            raise
        self._unprepared = []
        self._is_prepared = True

    def _note_unprepared(self, problem: str) -> None:
        """Say what lasts, once for each change, however often it is tried."""
        if not self.broker.state.is_connected:
            # That is told as what it is.
            self._unprepared = []
        elif self._unprepared[-1:] != [problem]:
            self._unprepared = [problem]
        elif len(self._unprepared) == 1:
            self._unprepared.append(problem)
            _log.warning("no broker that can be used: %s", problem)

    @property
    def broker_problem(self) -> str:
        """Why what comes does not go to the desks; "" while it does."""
        state = self.broker.state
        if state.problem or self._unprepared:
            return state.problem or self._unprepared[-1]
        if state.is_connected and not self.outlet.is_taking:
            return "slow: messages go to the spool"
        return "" if state.is_connected else "connecting"

    # --- what the parts ask for ------------------------------------------------------

    def _answerer(self, account_id: str) -> SupportsWebhook | None:
        connection = self.connections.find(account_id)
        return connection.able(SupportsWebhook) if connection else None

    def _note_unkept(self, delivery: Delivery) -> None:
        if delivery.seq is None:
            self.outlet.keep_in_memory(delivery)

    def _heard(self, seen: Seen) -> None:
        self.owner.heard(seen)

    def _note_for_nobody(self, account_id: str) -> None:
        if account_id not in self.meters.for_nobody.by("account"):
            _log.warning(
                "account %s: a call names no extension and its line is nobody's, so no "
                "desk shows it: write the line into [[relay.lines]] of relay.toml",
                account_id,
            )
        self.meters.for_nobody.add(account=account_id)

    @property
    def is_ready(self) -> bool:
        """Whether deliveries reach the desks through this instance just now."""
        return (
            self.outlet.is_taking and self._is_prepared and not self.receiver.is_leaving
        )

    def _callback_url(self, connection: Connection) -> str:
        listener = ListenerSettings(
            host=self.settings.host,
            port=self.web.port,
            public_url=self.settings.public_url,
        )
        return callback_url(connection, listener, self.web.port)

    def _can_keep(self) -> bool:
        return self.outlet.is_taking or not self.spool.is_broken

    def _note_broker(self, state: BrokerState) -> None:
        if state.is_connected:
            _log.info("connected to the broker")
        else:
            _log.warning("no broker: %s", state.problem)


def _log_state(event: AccountStateChanged) -> None:
    state = event.state
    is_bad = state.state in (SourceState.NEEDS_KEY, SourceState.REFUSED)
    level = logging.WARNING if is_bad else logging.INFO
    told = f"{state.headline}. {state.advice}" if state.advice else state.headline
    _log.log(level, "account %s: %s", state.account_id, told)


def _host_token() -> str:
    """This machine's name as far as it may stand in names at the broker."""
    name = "".join(each for each in socket.gethostname() if each.isalnum())
    return name[:20] or "relay"
