"""The desktop's side of joining: two requests to the relay's web address."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    NotFound,
    PayloadError,
    PermissionDenied,
    ProviderError,
    RelayRefused,
    RelayUnavailable,
)
from screenpop.domain.frozen import frozen
from screenpop.net import HttpClient
from screenpop.relay.enrolment_code import ENROL_PATH, LEAVE_PATH, RENEW_PATH
from screenpop.relay.enrolment_door import FAREWELL
from screenpop.relay.grant import DeviceGrant, JoinRequest
from screenpop.relay.identity import jwt
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from screenpop.domain.privacy import Secret
    from screenpop.relay.identity.nkey import KeyPair

_log = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 15.0
LARGEST_ANSWER: Final = 256 * 1024


@frozen
class Granted:
    """What the relay gave.

    Attributes:
        clock_offset: Our clock minus the relay's.
    """

    grant: DeviceGrant
    clock_offset: timedelta


class EnrolmentClient:
    """Asks one relay; see ``open_enrolment``."""

    def __init__(self, http: HttpClient, clock: Callable[[], datetime]) -> None:
        self._http = http
        self._clock = clock

    async def join(self, token: Secret, key: KeyPair, host: str) -> Granted:
        """Exchange a code, which may be tried again with the same key.

        Raises:
            RelayRefused: The code does not work (any more).
            RelayUnavailable: No answer; whether it was exchanged is not known.
            PayloadError: The answer cannot be read.
        """
        return await self._ask(ENROL_PATH, token.reveal(), key, host)

    async def renew(self, device_id: str, key: KeyPair, host: str) -> Granted:
        """Have this computer's statement renewed.

        Raises:
            RelayRefused: This computer is not in the team (any more).
            RelayUnavailable: No answer.
            PayloadError: The answer cannot be read.
        """
        return await self._ask(RENEW_PATH, device_id, key, host)

    async def leave(self, device_id: str, key: KeyPair, host: str) -> None:
        """Have the relay forget this computer.

        Raises:
            RelayRefused: It has forgotten it already, or knows another key.
            RelayUnavailable: No answer, or of a relay that knows no farewell.
        """
        if await self._answer(LEAVE_PATH, device_id, key, host) != FAREWELL:
            raise RelayUnavailable(tr("The team's relay does not know of leaving"))

    async def _ask(self, path: str, proof: str, key: KeyPair, host: str) -> Granted:
        asked_at = self._clock()
        body = await self._answer(path, proof, key, host)
        answered_at = self._clock()
        grant = DeviceGrant.from_json(body)
        if jwt.read(grant.statement).subject != key.public:
            raise PayloadError(tr("The relay's answer is for another computer"))
        midway = asked_at + (answered_at - asked_at) / 2
        return Granted(grant, midway - grant.told_at)

    async def _answer(self, path: str, proof: str, key: KeyPair, host: str) -> bytes:
        request = JoinRequest(
            proof_of=proof,
            public_key=key.public,
            host=host,
            is_renewal=path == RENEW_PATH,
            is_farewell=path == LEAVE_PATH,
        )
        try:
            reply = await self._http.request(
                "POST",
                path,
                content=request.to_json(key),
                headers={"Content-Type": "application/json"},
            )
        except PermissionDenied:
            raise _refused(is_known=path != ENROL_PATH) from None
        except NotFound:
            raise RelayUnavailable(
                tr("There is no relay at that address"),
                tr("Ask whoever runs your team's relay."),
            ) from None
        except ProviderError as error:
            raise RelayUnavailable(error.title, error.advice) from error
        return reply.body


@asynccontextmanager
async def open_enrolment(
    relay_url: str, clock: Callable[[], datetime]
) -> AsyncIterator[EnrolmentClient]:
    """A client of the relay at ``relay_url``.

    Raises:
        ConfigurationError: The address cannot be used.
    """
    http = HttpClient(
        relay_url,
        service=tr("The team's relay"),
        timeout_seconds=PATIENCE_SECONDS,
        max_bytes=LARGEST_ANSWER,
    )
    try:
        yield EnrolmentClient(http, clock)
    finally:
        await http.aclose()


def _refused(*, is_known: bool) -> RelayRefused:
    if is_known:
        return RelayRefused(
            tr("This computer was removed from the team"),
            tr("Ask whoever runs your team's relay for a new enrolment code."),
        )
    return RelayRefused(
        tr("The relay does not accept this code"),
        tr("A code works once, and not for long. Ask for a new one."),
    )
