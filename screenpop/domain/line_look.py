"""How the user wants calls on a line of ours to be shown and heard."""

from __future__ import annotations

from typing import Final

from screenpop.domain.frozen import frozen


@frozen
class LineLook:
    """What the user set for a line.

    Attributes:
        color: The name of a colour; "auto" for one made of the line's name.
        greeting: What to say when picking up; may be "".
        sound: What to play once; "" for nothing.
    """

    color: str = "auto"
    greeting: str = ""
    sound: str = ""


PLAIN_LINE: Final = LineLook()
"""A line that nothing is set for."""
