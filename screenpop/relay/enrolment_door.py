"""Where the receiver lets desks in, and out: three pages below ``POST /enrol``.

They are served by the receiver, which has turned browsers and long bodies away. All
that is wrong has the same answer, and few requests are worked on at a time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError, RelayRefused, ScreenpopError
from screenpop.domain.frozen import frozen
from screenpop.relay.grant import JoinRequest
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.relay.enrolment import Enrolment

_log = logging.getLogger(__name__)

FAREWELL: Final = b'{"left": true}'
"""What a computer hears that was let go."""
LARGEST_BODY: Final = 4096
MOST_AT_ONCE: Final = 8
PATIENCE_SECONDS: Final = 10.0
_JSON: Final = "application/json"
_HINT: Final = (
    "This is the address of a team's relay. To join, copy the whole code, with what "
    "stands after the #, and give it to screenpop: screenpop team join\n"
)


@frozen
class DoorAnswer:
    """What is answered."""

    status: int
    body: bytes
    content_type: str = _JSON


class EnrolmentDoor:
    """All pages, over one ``Enrolment``."""

    def __init__(self, enrolment: Enrolment) -> None:
        """Let nobody in yet."""
        self._enrolment = enrolment
        self._at_work = 0

    async def answer(
        self,
        method: str,
        body: bytes,
        *,
        is_renewal: bool = False,
        is_farewell: bool = False,
    ) -> DoorAnswer:
        """The answer to one request; never raises.

        Args:
            method: Of HTTP.
            body: The whole of it.
            is_renewal: Whether it came to the page for that.
            is_farewell: Whether it came to the page for that.
        """
        if method != "POST":
            hint = _HINT.encode()
            return DoorAnswer(HTTPStatus.OK, hint, "text/plain; charset=utf-8")
        if len(body) > LARGEST_BODY:
            return _refused(tr("This is no request to join"))
        if self._at_work >= MOST_AT_ONCE:
            return _not_now()
        self._at_work += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                request = JoinRequest.from_json(
                    body, is_renewal=is_renewal, is_farewell=is_farewell
                )
                said = await self._said(request)
        except (PayloadError, RelayRefused) as error:
            return _refused(error.title)
        except (ScreenpopError, TimeoutError) as error:
            title = error.title if isinstance(error, ScreenpopError) else "too slow"
            _log.warning("nobody can join: %s", title)
            return _not_now()
        finally:
            self._at_work -= 1
        return DoorAnswer(HTTPStatus.OK, said)

    async def _said(self, request: JoinRequest) -> bytes:
        if request.is_farewell:
            await self._enrolment.dismiss(request)
            return FAREWELL
        grant = await self._enrolment.answer(request)
        return grant.to_json()


def _refused(reason: str) -> DoorAnswer:
    return DoorAnswer(HTTPStatus.FORBIDDEN, json.dumps({"error": reason}).encode())


def _not_now() -> DoorAnswer:
    return DoorAnswer(HTTPStatus.SERVICE_UNAVAILABLE, b"{}")
