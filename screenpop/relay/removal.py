"""Cut a computer off for good: at the broker at once, and in all that is kept of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from screenpop.domain.errors import PayloadError, UsageError
from screenpop.relay.devices import Device
from screenpop.relay.enrolment import Invitation, forget_device
from screenpop.relay.identity.revoking import revoke
from screenpop.relay.names import Bucket

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker
    from screenpop.relay.setup.keys import TeamSecrets

_log = logging.getLogger(__name__)


async def devices_of(broker: Broker) -> tuple[Device, ...]:
    """Every computer of the team, by agent.

    Raises:
        RelayError: The broker does not tell.
    """
    bucket = broker.bucket(Bucket.DEVICES.value)
    found: list[Device] = []
    for entry in await bucket.entries():
        try:
            found.append(Device.from_json(entry.value or b""))
        except PayloadError:
            # Written by another version; it must not hide all the others.
            _log.warning("the record of %s cannot be read", entry.key)
    return tuple(sorted(found, key=lambda each: (each.agent, each.device_id)))


async def withdraw_codes(broker: Broker, agent: str) -> int:
    """Void the codes that were made for an agent, used or not; returns how many.

    Raises:
        RelayError: The broker does not do it.
    """
    codes = broker.bucket(Bucket.ENROLMENTS.value)
    count = 0
    for entry in await codes.entries():
        try:
            invitation = Invitation.from_json(entry.value or b"")
        except PayloadError:
            continue
        if invitation.agent == agent:
            await codes.delete(entry.key)
            count += not invitation.redeemed_by
    return count


async def remove_device(
    broker: Broker,
    admin: Broker,
    secrets: TeamSecrets,
    device_id: str,
    clock: Callable[[], datetime],
) -> Device:
    """Remove one computer; running it again after a failure finishes the work.

    Args:
        broker: With the rights of a relay.
        admin: With the rights of the administrator.
        secrets: The team's keys, those of the administrator among them.
        device_id: Which one.
        clock: What time it is.

    Raises:
        UsageError: There is no such computer.
        RelayError: The broker did not do all of it.
    """
    bucket = broker.bucket(Bucket.DEVICES.value)
    entry = await bucket.get(device_id)
    if entry is None or entry.value is None:
        raise UsageError(
            f"There is no computer “{device_id}” in the team",
            "“screenpop relay agents” lists them.",
        )
    device = Device.from_json(entry.value)
    await withdraw_codes(broker, device.agent)
    # Before it is cut off: it will ask at once whether it may come back.
    if not device.is_removed:
        marked = replace(device, is_removed=True)
        await bucket.update(device_id, marked.to_json(), entry.revision)
    account = secrets.desktop_signer().account
    await revoke(admin, secrets.operator(), account, (device.public_key,), clock)
    await forget_device(broker, device_id)
    _log.info("the computer %s was removed", device_id)
    return device
