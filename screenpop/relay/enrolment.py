"""Codes for computers that shall join, and what a code is exchanged for, once.

A code's record is kept under the digest of its token and knows which key it was
redeemed by: a computer whose answer got lost on the way asks again and is given the
same, anybody else is turned away, and the administrator finds that in the log.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    PayloadError,
    RelayConflict,
    RelayRefused,
    RelayUnavailable,
    ScreenpopError,
)
from screenpop.domain.frozen import frozen
from screenpop.relay.broker import ConsumerPlan
from screenpop.relay.devices import (
    VERSION,
    Device,
    Line,
    lines_from_json,
    lines_to_json,
    moment_of,
    new_device_id,
    read_record,
)
from screenpop.relay.enrolment_code import EnrolmentCode, digest_of
from screenpop.relay.grant import DeviceGrant
from screenpop.relay.handed import MOST_HANDED, HandedSecret
from screenpop.relay.identity.statements import DEVICE_LIFE
from screenpop.relay.names import (
    DESKS_STREAM,
    Bucket,
    desk_consumer,
    desk_subject,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.relay.broker import Broker, Entry, KeyValue
    from screenpop.relay.grant import GrantedAccount, JoinRequest
    from screenpop.relay.identity.statements import Signer

_log = logging.getLogger(__name__)

CODE_LIFE: Final = timedelta(days=2)
IDLE_DAYS: Final = 30.0
"""After so long a laptop that never came back has its consumer removed; the next
renewal makes it anew."""
CODES_KEPT_SECONDS: Final = 30 * 24 * 3600.0
"""How long the broker knows of a code, used or not."""
_TRIES: Final = 4
ACK_SECONDS: Final = 5.0
_UNACKED: Final = 200


@frozen(kw_only=True)
class Invitation:
    """What stands behind a code.

    Attributes:
        agent: Who shall sit in front of the computer.
        lines: Whose calls it will hear of.
        expires_at: Aware, UTC.
        redeemed_by: The public key of the computer that used it; "" for none yet.
        device_id: What that computer became.
    """

    agent: str
    lines: tuple[Line, ...]
    expires_at: datetime
    redeemed_by: str = ""
    device_id: str = ""

    def to_json(self) -> bytes:
        """The record as it is kept."""
        record = {
            "version": VERSION,
            "agent": self.agent,
            "lines": lines_to_json(self.lines),
            "expires_at": self.expires_at.isoformat(),
            "redeemed_by": self.redeemed_by,
            "device": self.device_id,
        }
        return json.dumps(record, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Invitation:
        """The invitation of a record.

        Raises:
            PayloadError: The record cannot be read.
        """
        record = read_record(raw)
        try:
            return cls(
                agent=str(record["agent"]),
                lines=lines_from_json(record["lines"]),
                expires_at=moment_of(record["expires_at"]),
                redeemed_by=str(record["redeemed_by"]),
                device_id=str(record["device"]),
            )
        except (LookupError, TypeError, ValueError) as error:
            raise PayloadError(tr("A code's record cannot be read")) from error


async def nothing_handed(_: Line) -> Mapping[str, Secret]:
    """For an account whose vendor hands nothing over."""
    return {}


@frozen(kw_only=True)
class TeamFacts:
    """What every computer of the team is told.

    Attributes:
        name: What the team is called.
        servers: The broker's addresses as they are reached from outside.
        key: For the keyed hashes of numbers.
        account: Knows an account by its id; None for one that is not there (any more).
        handed: Knows what vendors handed over for an account's extension, by name.
    """

    name: str
    servers: tuple[str, ...]
    key: Secret
    account: Callable[[str], GrantedAccount | None]
    handed: Callable[[Line], Awaitable[Mapping[str, Secret]]] = nothing_handed


async def invite(
    broker: Broker,
    relay_url: str,
    invitation: Invitation,
) -> EnrolmentCode:
    """A fresh code for ``invitation``.

    Raises:
        RelayError: The broker does not keep it.
    """
    codes = broker.bucket(Bucket.ENROLMENTS.value)
    code = EnrolmentCode.fresh(relay_url)
    await codes.create(digest_of(code.token.reveal()), invitation.to_json())
    return code


class Enrolment:
    """Exchanges codes for grants, and renews the statements of those who joined."""

    def __init__(
        self,
        broker: Broker,
        signer: Signer,
        team: TeamFacts,
        clock: Callable[[], datetime],
    ) -> None:
        """Open nothing yet.

        Args:
            broker: With the rights of a relay.
            signer: Signs for the desktops' account.
            team: What every computer is told.
            clock: What time it is.
        """
        self._broker = broker
        self._signer = signer
        self._team = team
        self._clock = clock

    async def answer(self, request: JoinRequest) -> DeviceGrant:
        """What a computer is given that asks to join or to be renewed.

        Raises:
            RelayRefused: It is given nothing.
            RelayUnavailable: Not now; the same request may be made again.
        """
        device = await (
            self._known(request) if request.is_renewal else self._joined(request)
        )
        grant = self._granted(device)
        return replace(grant, handed=await self._handed(device))

    async def dismiss(self, request: JoinRequest) -> None:
        """Forget a computer that says that it goes; one that is gone is fine.

        Its statement ends by itself; nothing is left that it could read by it.

        Raises:
            RelayRefused: Somebody else says so.
            RelayUnavailable: Not now; the same request may be made again.
        """
        devices = self._broker.bucket(Bucket.DEVICES.value)
        entry = await devices.get(request.proof_of)
        if entry is None or entry.value is None:
            return
        device = Device.from_json(entry.value)
        if device.public_key != request.public_key:
            raise _refused("the key is another one")
        if not device.is_removed:
            marked = replace(device, is_removed=True)
            await devices.update(entry.key, marked.to_json(), entry.revision)
        await forget_device(self._broker, device.device_id)
        _log.info("the computer %s has left", device.device_id)

    async def _joined(self, request: JoinRequest) -> Device:
        codes = self._broker.bucket(Bucket.ENROLMENTS.value)
        key = digest_of(request.proof_of)
        for _ in range(_TRIES):
            entry = await codes.get(key)
            if entry is None or entry.value is None:
                raise _refused("the code is not known")
            try:
                return await self._redeemed(codes, entry, request)
            except RelayConflict:
                # Somebody else redeems it at this moment: look who it was.
                continue
        raise RelayUnavailable(tr("The relay is busy"))

    async def _redeemed(
        self, codes: KeyValue, entry: Entry, request: JoinRequest
    ) -> Device:
        invitation = Invitation.from_json(entry.value or b"")
        if self._clock() > invitation.expires_at:
            raise _refused("the code has expired")
        if invitation.redeemed_by not in ("", request.public_key):
            _log.warning(
                "a code for %s was used a second time, by another computer",
                invitation.device_id,
            )
            raise _refused("the code was used before")
        if not invitation.redeemed_by:
            invitation = replace(
                invitation,
                redeemed_by=request.public_key,
                device_id=new_device_id(invitation.agent),
            )
            await codes.update(entry.key, invitation.to_json(), entry.revision)
        return await self._registered(invitation, request)

    async def _registered(self, invitation: Invitation, request: JoinRequest) -> Device:
        devices = self._broker.bucket(Bucket.DEVICES.value)
        device = Device(
            device_id=invitation.device_id,
            agent=invitation.agent,
            host=request.host,
            public_key=request.public_key,
            lines=invitation.lines,
            joined_at=self._clock(),
        )
        # Before it is registered, so that its first copy finds a reader.
        await ensure_desk(self._broker, device.device_id)
        try:
            await devices.create(device.device_id, device.to_json())
            _log.info("the computer %s has joined", device.device_id)
        except RelayConflict:
            return await self._registered_as(device.device_id)
        return device

    async def _known(self, request: JoinRequest) -> Device:
        device = await self._registered_as(request.proof_of)
        if device.public_key != request.public_key:
            raise _refused("the key is another one")
        await ensure_desk(self._broker, device.device_id)
        return device

    async def _registered_as(self, device_id: str) -> Device:
        devices = self._broker.bucket(Bucket.DEVICES.value)
        entry = await devices.get(device_id)
        if entry is None or entry.value is None:
            raise _refused("the computer is not in the team")
        device = Device.from_json(entry.value)
        if device.is_removed:
            raise _refused("the computer is being removed")
        return device

    async def _handed(self, device: Device) -> tuple[HandedSecret, ...]:
        try:
            found = [
                HandedSecret.of(device.public_key, line.account_id, name, secret)
                for line in device.lines
                for name, secret in (await self._team.handed(line)).items()
            ]
        except ScreenpopError as error:
            # Calls come all the same; the next renewal brings it.
            _log.warning("what was handed over is not passed on: %s", error.title)
            return ()
        return tuple(found[:MOST_HANDED])

    def _granted(self, device: Device) -> DeviceGrant:
        accounts = tuple(
            replace(found, extension=line.extension)
            for line in device.lines
            if (found := self._team.account(line.account_id)) is not None
        )
        if not accounts:
            raise _refused("its accounts are not at this relay any more")
        now = self._clock()
        ids = tuple(each.account_id for each in accounts)
        statement = self._signer.device(device.public_key, device.device_id, ids, now)
        return DeviceGrant(
            device_id=device.device_id,
            team=self._team.name,
            agent=device.agent,
            statement=statement,
            expires_at=now + DEVICE_LIFE,
            told_at=now,
            servers=self._team.servers,
            team_key=self._team.key,
            accounts=accounts,
        )


async def ensure_desk(broker: Broker, device_id: str) -> None:
    """Have the consumer that a device reads.

    Raises:
        RelayError: The broker does not make it.
    """
    plan = ConsumerPlan(
        name=desk_consumer(device_id),
        filter_subject=desk_subject(device_id),
        # A desk journals at once; one that was killed must not wait for its calls.
        ack_wait_seconds=ACK_SECONDS,
        most_unacked=_UNACKED,
        idle_days=IDLE_DAYS,
    )
    await broker.ensure_consumer(DESKS_STREAM, plan)


async def forget_device(broker: Broker, device_id: str) -> None:
    """Delete all that is kept for a device that is marked as removed, its record last.

    By its record it is found again, should anything before that fail.

    Raises:
        RelayError: The broker did not do all of it.
    """
    await broker.bucket(Bucket.PRESENCE.value).delete(device_id)
    await broker.remove_consumer(DESKS_STREAM, desk_consumer(device_id))
    await broker.purge(DESKS_STREAM, desk_subject(device_id))
    await broker.bucket(Bucket.DEVICES.value).delete(device_id)


def _refused(reason: str) -> RelayRefused:
    # To whoever asks, all of them look alike: a guess must teach nothing.
    _log.info("a request to join was refused: %s", reason)
    return RelayRefused(
        tr("The relay does not accept this code or this computer"),
        tr(
            "Codes work once and for two days. Ask whoever runs your team's relay for "
            "a "
            "new one."
        ),
    )
