"""Join the team that administrators chose, by a code that they left in a file."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError, ScreenpopError
from screenpop.services.events import NoticeLevel, UserNotice
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.services.application import Application

_log = logging.getLogger(__name__)
_LONGEST: Final = 4096


def read_code_file(path: Path) -> str:
    """The enrolment code in a file.

    Raises:
        ConfigurationError: It cannot be read, or holds none.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(_LONGEST).decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigurationError(
            tr(
                "The enrolment code in {path} cannot be read: {reason}",
                path=path,
                reason=reason,
            )
        ) from error
    if not text:
        raise ConfigurationError(tr("There is no enrolment code in {path}", path=path))
    return text


async def join_preset(app: Application) -> None:
    """Join, unless this computer is in a team or there is no code any more.

    The file is taken away afterwards, where that is allowed: its code is used up. What
    goes wrong is told, and tried again at the next start.
    """
    path = Path(app.settings.policy.team_code)
    if app.paths.team_file.exists() or not await asyncio.to_thread(path.is_file):
        return
    try:
        code = await asyncio.to_thread(read_code_file, path)
        facts = await app.membership.join(code)
    except ScreenpopError as error:
        app.bus.publish(
            UserNotice(
                NoticeLevel.WARNING,
                tr(
                    "This computer could not join its team: {reason}",
                    reason=error.title,
                ),
                error.advice,
                "preset-team",
            )
        )
        return
    app.bus.publish(
        UserNotice(
            NoticeLevel.INFO,
            tr("This computer has joined the team “{team}”", team=facts.team),
            "",
            "preset-team",
        )
    )
    try:
        await asyncio.to_thread(path.unlink)
    except OSError as error:
        _log.info("the used code stays in its file: %s", error.strerror)
