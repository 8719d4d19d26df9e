"""A whole desk without windows: the real services against a simulated phone system."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from screenpop.config.paths import Paths
from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.privacy import Secret
from screenpop.services.application import Application
from screenpop.services.call_history import LogEntry, LogFilter
from screenpop.services.events import (
    AccountStateChanged,
    CallCard,
    DialConfirmationNeeded,
    DialProgress,
    DigestReady,
    PopDismissed,
    PopRequested,
    PopUpdated,
    SourceState,
    UserNotice,
)
from tests.waiting import eventually

if TYPE_CHECKING:
    import asyncio

    from screenpop.simulator import SimulatedCall, VendorCloud

E = TypeVar("E")
HEARD = (
    PopRequested,
    PopUpdated,
    PopDismissed,
    DialProgress,
    DialConfirmationNeeded,
    AccountStateChanged,
    UserNotice,
    DigestReady,
)
UP = (SourceState.LIVE, SourceState.WAITING)
ANA = "+442079460123"
BEN = "+442079460456"


@dataclass
class Office:
    """The running desk and everything it told."""

    app: Application
    cloud: VendorCloud
    told: list[object] = field(default_factory=list)

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def pops(self) -> list[CallCard]:
        return [event.card for event in self.all(PopRequested)]

    def state(self) -> SourceState | None:
        found = self.app.monitor.state("acme")
        return found.state if found else None

    def log(self, **wanted: Any) -> tuple[LogEntry, ...]:
        return self.app.history.search_now(LogFilter(**wanted))

    async def is_live(self) -> None:
        await eventually(lambda: self.state() in UP, "an account that is up")

    async def popped(self, count: int = 1) -> CallCard:
        await eventually(lambda: len(self.pops) >= count, f"{count} cards")
        return self.pops[-1]

    async def card(self, call: SimulatedCall) -> CallCard | None:
        await self.app.tracker.settled()
        shown = self.app.screen_pop.recent()
        return next((one for one in shown if one.ref.call_id == call.call_id), None)

    async def logged(self, count: int) -> tuple[LogEntry, ...]:
        await eventually(lambda: len(self.log()) >= count, f"{count} logged calls")
        return self.log()

    async def knows(self, name: str, number: str, company: str = "") -> None:
        contact = Contact(
            source="local",
            source_id=name,
            name=name,
            company=company,
            numbers=(ContactNumber(number, number, "work"),),
        )
        await self.keep(contact)

    async def keep(self, contact: Contact) -> None:
        """Have it among the contacts on this computer."""
        future: asyncio.Future[Contact] = _wrap(self.app.local_contacts.save(contact))
        await future

    def hook_url(self) -> str:
        connection = self.app.connections.get("acme")
        token = connection.hook_token
        assert token is not None
        return f"http://127.0.0.1:{self.app.listener.port}/hooks/acme/{token.reveal()}"

    def post(self, payload: object) -> int:
        """Deliver a webhook by hand; returns the status."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.hook_url(), body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return int(answer.status)


def _wrap(future: Any) -> Any:
    import asyncio

    return asyncio.wrap_future(future)


CONFIG = """\
region = "GB"
{top}
[listener]
port = 0
{listener}
[[accounts]]
id = "acme"
vendor = "voxloud"
base_url = "{base_url}"
extension = "101"
{account}
"""


def write_config(home: Path, base_url: str, **parts: str) -> Paths:
    """A home with one account; ``parts`` add lines to a section."""
    paths = Paths.under(home)
    paths.ensure()
    filled = {"top": "", "listener": "", "account": ""} | parts
    paths.config_file.write_text(CONFIG.format(base_url=base_url, **filled))
    return paths


def secrets_of(cloud: VendorCloud) -> MemorySecretStore:
    """What the account needs to sign in."""
    secrets = MemorySecretStore()
    for name, value in cloud.credentials.items():
        secrets.put("acme", name, Secret(value))
    return secrets


def open_office(
    paths: Paths, cloud: VendorCloud, secrets: MemorySecretStore | None = None
) -> Office:
    """The services of a desk, not started yet, with everything they tell kept."""
    app = Application(paths, secrets=secrets or secrets_of(cloud))
    office = Office(app, cloud)
    for kind in HEARD:
        app.bus.subscribe(kind, office.told.append)
    return office
