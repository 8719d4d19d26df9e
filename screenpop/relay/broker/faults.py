"""The broker's refusals as errors of ours; its own texts may quote subjects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    RelayConflict,
    RelayError,
    RelayMissing,
    RelayRefused,
    RelayUnavailable,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue

# Of https://github.com/nats-io/nats-server/blob/main/server/errors.json
_WRONG_LAST_SEQUENCE: Final = (10071, 10164)
_NOT_FOUND: Final = 404
_OUT_OF_ORDER: Final = (503, 500)
_PERMISSION: Final = re.compile(
    r'permissions violation for (?:publish|subscription) to "([^"\s]+)"', re.IGNORECASE
)
_REFUSALS: Final = (
    "authorization violation",
    "user authentication expired",
    "user authentication revoked",
    "account authentication expired",
)


def not_connected() -> RelayUnavailable:
    """There is no connection."""
    return RelayUnavailable(tr("The team's relay cannot be reached"))


def no_answer() -> RelayUnavailable:
    """It did not answer in time."""
    return RelayUnavailable(tr("The team's relay does not answer"))


def not_permitted() -> RelayRefused:
    """A subject is not for us."""
    return RelayRefused(tr("The team's relay does not allow that"))


def turned_away() -> RelayRefused:
    """We are not let in."""
    return RelayRefused(
        tr("The team's relay turns this device away"),
        tr("Ask whoever runs your team's relay for a new enrolment code."),
    )


def missing() -> RelayMissing:
    """It has no such thing."""
    return RelayMissing(tr("The team's relay has no such thing"))


def api_error(error: JsonValue) -> RelayError:
    """What an ``error`` object of the broker's API stands for."""
    fields = error if isinstance(error, dict) else {}
    code, kind = fields.get("code"), fields.get("err_code")
    if kind in _WRONG_LAST_SEQUENCE:
        return RelayConflict(tr("Somebody else was faster"))
    if code == _NOT_FOUND:
        return missing()
    if code in _OUT_OF_ORDER:
        return RelayUnavailable(tr("The relay's broker is out of order for now"))
    return RelayRefused(
        tr("The relay's broker refuses this (its code {kind})", kind=kind)
    )


def refused_subject(error: BaseException) -> str:
    """The subject that an error of the connection says is not for us, lower case."""
    found = _PERMISSION.search(str(error))
    return found.group(1).lower() if found else ""


def is_turned_away(error: BaseException | None) -> bool:
    """Whether the broker refused who we are."""
    text = str(error).lower()
    return any(each in text for each in _REFUSALS)
