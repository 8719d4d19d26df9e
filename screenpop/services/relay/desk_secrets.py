"""Bring what vendors handed to the relay to the desks that dial with it.

A desk is told by its own subject that there is something for it, and fetches it by
renewing its statement; at each start it does that anyway. The notice follows the
secret through the same outlet, spool and all, so that it never comes first.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError, SecretMissing
from screenpop.providers.protocol import SupportsDeskSecrets
from screenpop.relay.envelope import Notice
from screenpop.relay.names import desk_subject
from screenpop.relay.spool import SpooledMessage

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.relay.devices import Device, Line
    from screenpop.services.connections import Connections
    from screenpop.services.relay.desks import DeskBook
    from screenpop.services.relay.secrets import RelaySecrets

_log = logging.getLogger(__name__)

RENEWALS_A_SECOND: Final = 50.0
"""So many desks shall ask at once."""

Keep = Callable[[SpooledMessage], Awaitable[object]]


class DeskSecrets:
    """Knows which desk needs which secret."""

    def __init__(
        self,
        connections: Connections,
        secrets: RelaySecrets,
        desks: DeskBook,
        keep: Keep,
    ) -> None:
        """Tell nobody yet.

        Args:
            connections: The accounts' adapters.
            secrets: What was handed over.
            desks: The devices.
            keep: Has a message stored at the broker, by way of the spool if need be.
        """
        self._connections = connections
        self._secrets = secrets
        self._desks = desks
        self._keep = keep

    async def of(self, line: Line) -> Mapping[str, Secret]:
        """What a desk with that line is given, by name.

        Raises:
            SecretError: It cannot be read.
        """
        found: dict[str, Secret] = {}
        for name in self._names(line):
            try:
                found[name] = await self._secrets.handed(line.account_id, name)
            except SecretMissing:
                continue
        return found

    async def tell(self, account_id: str, name: str) -> None:
        """Tell each desk that needs it of a secret that was just handed over."""
        concerned = [
            device
            for device in self._desks.all()
            if self._needs(device, account_id, name)
        ]
        notice = Notice(len(concerned) / RENEWALS_A_SECOND).to_header()
        for device in concerned:
            subject = desk_subject(device.device_id)
            try:
                await self._keep(
                    SpooledMessage(f"handed:{token_hex(8)}", subject, notice, b"")
                )
            except ScreenpopError as error:
                # Its next start asks without being told.
                _log.info("a desk is not told of a secret: %s", error.title)

    def _needs(self, device: Device, account_id: str, name: str) -> bool:
        return any(
            line.account_id == account_id and name in self._names(line)
            for line in device.lines
        )

    def _names(self, line: Line) -> tuple[str, ...]:
        connection = self._connections.find(line.account_id)
        able = connection.able(SupportsDeskSecrets) if connection else None
        return able.desk_secrets(line.extension) if able is not None else ()
