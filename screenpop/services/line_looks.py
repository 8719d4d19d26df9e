"""Which of the user's `[[lines]]` a call came in on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.config.card_settings import LineSettings
from screenpop.domain.record_opening import is_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.events import CallerId

NO_SOUND: Final = "none"


def look_of(
    lines: Sequence[LineSettings],
    line: CallerId,
    name: str,
    region: str,
    *,
    sound: str = "",
) -> LineSettings:
    """How a line is shown; the first that fits counts.

    Args:
        lines: As the user set them.
        line: What was called, as the phone system sent it.
        name: What it is called on the card otherwise.
        region: To read numbers in.
        sound: What lines without a sound of their own are heard by.
    """
    for one in lines:
        texts = (line.name, name)
        if any(is_line(one.line, text, line.number, region) for text in texts):
            found = one
            break
    else:
        found = LineSettings(line="")
    wanted = found.sound or sound
    return replace(found, sound="" if wanted == NO_SOUND else wanted)
