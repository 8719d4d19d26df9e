"""The doctor: look at everything an installation can get wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError
from screenpop.services.diagnosis_accounts import check_account
from screenpop.services.diagnosis_around import (
    check_cards,
    check_hotkeys,
    check_quiet,
)
from screenpop.services.diagnosis_desktop import (
    check_app,
    check_desktop,
    check_listener,
    check_public_url,
    check_tray,
)
from screenpop.services.diagnosis_files import (
    check_database,
    check_keychain,
    check_logs,
    check_policy,
    check_settings,
)
from screenpop.services.diagnosis_team import check_team
from screenpop.services.diagnosis_updates import check_updates
from screenpop.services.findings import Finding, Level, Surroundings, fail

if TYPE_CHECKING:
    from screenpop.services.connections import Connection

__all__ = ["Finding", "Level", "Surroundings", "examine"]

_log = logging.getLogger(__name__)

Check = Callable[[Surroundings], Awaitable[list[Finding]]]

# The accounts come between: they read the secrets that the later ones need.
_FIRST: Final[tuple[Check, ...]] = (
    check_settings,
    check_policy,
    check_keychain,
    check_database,
    check_logs,
    check_app,
    check_listener,
)
_LAST: Final[tuple[Check, ...]] = (
    check_team,
    check_public_url,
    check_tray,
    check_desktop,
    check_hotkeys,
    check_quiet,
    check_cards,
    check_updates,
)


async def examine(home: Surroundings) -> tuple[Finding, ...]:
    """Look at everything, one thing after the other; never raises for what it finds.

    The texts hold neither secrets nor full phone numbers.
    """
    from screenpop.config.redaction import Redactor

    found: list[Finding] = []
    for check in _FIRST:
        found += await _looked_at(check.__name__, check, home)
    for connection in home.connections.all():
        name = f"account {connection.account_id}"
        found += await _looked_at(name, _of_account(connection), home)
    for check in _LAST:
        found += await _looked_at(check.__name__, check, home)
    redacted = Redactor(home.secrets.known_values)
    return tuple(
        replace(each, title=redacted(each.title), advice=redacted(each.advice))
        for each in found
    )


def _of_account(connection: Connection) -> Check:
    async def check(home: Surroundings) -> list[Finding]:
        return await check_account(home, connection)

    return check


async def _looked_at(name: str, check: Check, home: Surroundings) -> list[Finding]:
    area = name.removeprefix("check_").replace("_", " ")
    try:
        return await check(home)
    except ScreenpopError as error:
        return [fail(area, error.title, error.advice)]
    # What is wrong with one thing must not keep the doctor from the others.
    except Exception as error:  # noqa: BLE001 - it is logged and reported
        _log.exception("the doctor failed at %s", area)
        return [
            fail(
                area,
                f"It could not be looked at ({type(error).__name__})",
                "Tell whoever looks after screenpop.",
            )
        ]
