"""Moments as people type them on a command line."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNIT: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def moment(text: str) -> datetime:
    """``2026-03-02``, ``2026-03-02T09:00``, or how long ago: ``30m``, ``2h``, ``3d``.

    Raises:
        argparse.ArgumentTypeError: It is none of these.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return datetime.now(UTC) - int(ago[1]) * _UNIT[ago[2]]
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            "give a date like 2026-03-02, or how long ago, like 2h or 3d"
        ) from None
    return found if found.tzinfo else found.astimezone()
