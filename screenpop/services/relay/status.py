"""Ask the relay's instances on this machine how they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from screenpop.domain.errors import PayloadError, ProviderError
from screenpop.domain.frozen import frozen
from screenpop.net import HttpClient
from screenpop.services.relay.health import STATUS_PATH

if TYPE_CHECKING:
    from screenpop.config.relay_settings import RelaySettings

MOST_INSTANCES: Final = 9
_PATIENCE_SECONDS: Final = 5.0
_LARGEST: Final = 1024 * 1024
_ANY_HOST: Final = ("0.0.0.0", "::", "")  # noqa: S104 - asked of, not listened at


@frozen(kw_only=True)
class InstanceStatus:
    """How one instance is.

    Attributes:
        number: Which of this machine.
        is_ready: Deliveries reach the desks through it.
        is_owner: It routes and looks after the phone systems.
        broker: "connected", or what is wrong.
        spooled: Messages on its disk that the broker has not taken yet.
        behind: Deliveries that it has not read yet.
        devices: Computers in the team.
        accounts: How each stands, where this is the owner.
        problems: What is wrong with which account.
        for_nobody: Calls that went to nobody since it started, by account.
    """

    number: int
    is_ready: bool
    is_owner: bool
    broker: str
    spooled: int
    behind: int
    devices: int
    accounts: Mapping[str, str]
    problems: Mapping[str, str]
    for_nobody: Mapping[str, int]


async def instances(settings: RelaySettings) -> tuple[InstanceStatus, ...]:
    """Those that answer, by number."""
    asked = await asyncio.gather(
        *(_asked(settings, number) for number in range(1, MOST_INSTANCES + 1))
    )
    return tuple(each for each in asked if each is not None)


async def _asked(settings: RelaySettings, number: int) -> InstanceStatus | None:
    host = settings.admin_host
    host = "127.0.0.1" if host in _ANY_HOST else host
    http = HttpClient(
        f"http://{host}:{settings.admin_port + number - 1}",
        service="The relay",
        # The administrator's own network; there is nothing secret in it.
        allow_plain_http=True,
        timeout_seconds=_PATIENCE_SECONDS,
        max_bytes=_LARGEST,
    )
    try:
        reply = await http.request("GET", STATUS_PATH)
        return _status(number, json.loads(reply.body))
    except (ProviderError, PayloadError, ValueError, LookupError, TypeError):
        # Nobody, or somebody else, has that port.
        return None
    finally:
        await http.aclose()


def _status(number: int, found: Mapping[str, Any]) -> InstanceStatus:
    return InstanceStatus(
        number=number,
        is_ready=found["ready"] is True,
        is_owner=found["owner"] is True,
        broker=str(found["broker"]),
        spooled=int(found["spooled"]),
        behind=int(found["behind"]),
        devices=int(found["devices"]),
        accounts=cast("Mapping[str, str]", dict(found["accounts"])),
        problems=cast("Mapping[str, str]", dict(found["problems"])),
        for_nobody={key: int(count) for key, count in found["for_nobody"].items()},
    )
