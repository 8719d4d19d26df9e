"""An error as the user reads it: what went wrong and what to do. Knows no Qt."""

from __future__ import annotations

import logging

from screenpop.domain.errors import ScreenpopError
from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.ui.wording import tr

_log = logging.getLogger(__name__)

_LONGEST = 400


@frozen
class Trouble:
    """What a window shows of an error.

    Attributes:
        title: One sentence without a full stop.
        advice: What the user can do; may be "".
    """

    title: str
    advice: str = ""

    @property
    def text(self) -> str:
        """Both in one line."""
        return f"{self.title}. {self.advice}" if self.advice else self.title


def trouble_of(error: BaseException) -> Trouble:
    """What to tell the user about ``error``.

    One of ours says it itself. Anything else is a fault of the program: the details go
    to the log, the user learns that nothing was lost and where to look.
    """
    if isinstance(error, ScreenpopError):
        return Trouble(plain(error.title, _LONGEST), plain(error.advice, _LONGEST))
    if isinstance(error, OSError) and error.strerror:
        return Trouble(
            tr("The file could not be used"),
            plain(f"{error.strerror}.", _LONGEST),
        )
    _log.error("unexpected error in a window", exc_info=error)
    return Trouble(
        tr("Something went wrong in screenpop"),
        tr("Try again; the log file says more. Nothing you wrote is lost."),
    )
