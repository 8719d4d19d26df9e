"""Where the user has put the cards, remembered for each set of screens. Knows no Qt."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from screenpop.ui.popup.placement import Corner, Spot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from screenpop.ui.popup.placement import ScreenArea
    from screenpop.ui.ports import MemoryPort

_KEY: Final = "cards/"
_PARTS: Final = 4


class Forgetful:
    """Remembers nothing beyond the end of the program."""

    def recall(self, _key: str) -> str:
        """Nothing was remembered."""
        return ""

    def remember(self, _key: str, _value: str) -> None:
        """Forget it."""


class Spots:
    """Remembers one spot for each set of screens.

    Args:
        memory: Where it is kept; asked for when the first card comes.
    """

    def __init__(self, memory: Callable[[], MemoryPort]) -> None:
        self._memory = memory
        self._known: dict[str, Spot | None] = {}

    def recall(self, areas: Sequence[ScreenArea]) -> Spot | None:
        """Where the cards stand on these screens; None for where they always do."""
        key = _key(areas)
        if key not in self._known:
            self._known[key] = _read(self._memory().recall(key))
        return self._known[key]

    def remember(self, areas: Sequence[ScreenArea], spot: Spot) -> None:
        """From now on they stand there on these screens."""
        key = _key(areas)
        self._known[key] = spot
        parts = (spot.corner.value, str(spot.across), str(spot.along), spot.screen)
        self._memory().remember(key, "|".join(parts))

    def forget(self, areas: Sequence[ScreenArea]) -> None:
        """From now on they stand where they always do."""
        key = _key(areas)
        self._known[key] = None
        self._memory().remember(key, "")


def _key(areas: Sequence[ScreenArea]) -> str:
    """The same for the same screens, whatever their order."""
    said = sorted(f"{one.name} {one.whole}" for one in areas)
    return f"{_KEY}{zlib.crc32(chr(10).join(said).encode()):08x}"


def _read(text: str) -> Spot | None:
    """What was remembered; None for what nobody can have written."""
    parts = text.split("|", _PARTS - 1)
    if len(parts) < _PARTS or parts[0] not in set(Corner):
        return None
    corner, across, along, screen = parts
    if not (across.isdecimal() and along.isdecimal()):
        return None
    return Spot(Corner(corner), int(across), int(along), screen)
