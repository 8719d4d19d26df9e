"""Which devices there are, as the bucket says, kept up to date."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from screenpop.domain.errors import PayloadError
from screenpop.relay.devices import Device
from screenpop.relay.names import Bucket

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker, Entry, Watching
    from screenpop.services.relay.routing import Routes

_log = logging.getLogger(__name__)


class DeskBook:
    """Tells the routes of every device that joins or goes."""

    def __init__(self, broker: Broker, routes: Routes) -> None:
        self._bucket = broker.bucket(Bucket.DEVICES.value)
        self._routes = routes
        self._devices: dict[str, Device] = {}
        self._watching: Watching | None = None
        self._is_stale = False

    @property
    def count(self) -> int:
        """How many devices there are."""
        return len(self._devices)

    def all(self) -> tuple[Device, ...]:
        """Every device, as far as it was heard of."""
        return tuple(self._devices.values())

    def find(self, device_id: str) -> Device | None:
        """The device of that id, as far as it was heard of."""
        return self._devices.get(device_id)

    async def load(self) -> None:
        """Read all of them, and hear of changes from then on.

        Raises:
            RelayError: The bucket cannot be read.
        """
        for entry in await self._bucket.entries():
            self._note(entry)
        self._tell_routes()
        if self._watching is None:
            self._watching = await self._bucket.watch(self._hear)

    async def stop(self) -> None:
        """Hear no more."""
        if self._watching is not None:
            await self._watching.stop()
            self._watching = None

    async def _hear(self, entry: Entry) -> None:
        before = self._devices.get(entry.key)
        self._note(entry)
        if self._devices.get(entry.key) != before and not self._is_stale:
            # Once for all that come together: each telling goes through all devices.
            self._is_stale = True
            asyncio.get_running_loop().call_soon(self._tell_routes)

    def _tell_routes(self) -> None:
        self._is_stale = False
        self._routes.set_desks(self._devices.values())

    def _note(self, entry: Entry) -> None:
        self._devices.pop(entry.key, None)
        if entry.value is None:
            return
        try:
            device = Device.from_json(entry.value)
        except PayloadError as error:
            _log.warning("a device is passed over: %s", error.title)
            return
        if not device.is_removed:
            self._devices[entry.key] = device
