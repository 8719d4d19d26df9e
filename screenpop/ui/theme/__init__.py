"""One visual language: colours by role, a 4 px grid, a type scale, one style sheet."""

from screenpop.ui.theme.palette import DARK, LIGHT, Colors
from screenpop.ui.theme.theme import TextSize, Theme

__all__ = ["DARK", "LIGHT", "Colors", "TextSize", "Theme"]
