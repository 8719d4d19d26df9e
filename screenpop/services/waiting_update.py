"""Whether a start has anything to do about an update; asked at each, so it is small."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.config.paths import Paths

_NOTES: Final = ("updates/ready.json", "updates/trial.json")


def is_waiting(paths: Paths) -> bool:
    """Whether a version waits to be put in place, or a trial was cut off."""
    if not getattr(sys, "frozen", False):
        return False
    # Where versions lie side by side, three up is what holds them all.
    places = [paths.data_dir, *Path(sys.executable).resolve().parents[2:3]]
    return any((place / note).exists() for place in places for note in _NOTES)
