"""The colours, by what they are for, in light and dark. Knows no Qt.

Every pair that carries text has a contrast of at least 4.5:1 and every shape that
carries meaning 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); `tests/ui/test_theme.py` computes it.
"""

from __future__ import annotations

import zlib
from typing import Final

from screenpop.domain.frozen import frozen

TEXT_CONTRAST: Final = 4.5
SHAPE_CONTRAST: Final = 3.0


LINE_COLORS: Final = (
    "indigo",
    "teal",
    "brown",
    "plum",
    "green",
    "rose",
    "blue",
    "violet",
)
"""What users call the colours of ``Colors.lines``, in their order."""


@frozen(kw_only=True)
class Colors:
    """Colour roles as "#rrggbb".

    Attributes:
        window: Behind everything in an ordinary window.
        surface: A card, a field, a list.
        hover: A surface under the pointer, or a quiet button.
        pressed: The same while pressed.
        border: A line that only divides.
        control_border: A line that shows where a control is.
        text: What is read first.
        text_soft: What is read next.
        text_faint: Where from and why.
        accent: Links, focus, the ringing state.
        accent_soft: The accent as a background for text.
        on_accent: Text on the accent.
        good: Somebody talks; a source is connected.
        bad: Missed, failed.
        warn: Needs a look, soon.
        lines: A phone line's or queue's own colour, by `line_color`.
    """

    is_dark: bool
    window: str
    surface: str
    hover: str
    pressed: str
    border: str
    control_border: str
    text: str
    text_soft: str
    text_faint: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    bad: str
    warn: str
    selection: str
    lines: tuple[str, ...]

    def line_color(self, key: str, name: str = "") -> str:
        """The colour of a line, the same on every desktop and in every run.

        Args:
            key: What tells the line from others.
            name: One of ``LINE_COLORS``, as the user chose; anything else for none.
        """
        if name in LINE_COLORS:
            return self.lines[LINE_COLORS.index(name)]
        return self.lines[zlib.crc32(key.encode()) % len(self.lines)]

    def text_pairs(self) -> tuple[tuple[str, str, str], ...]:
        """Every (what, foreground, background) that carries text."""
        grounds = (("window", self.window), ("surface", self.surface))
        busy = (*grounds, ("hover", self.hover), ("pressed", self.pressed))
        pairs = [
            (f"{name} on {where}", color, ground)
            for where, ground in busy
            for name, color in (("text", self.text), ("text_soft", self.text_soft))
        ]
        pairs += [
            (f"{name} on {where}", color, ground)
            for where, ground in (*grounds, ("hover", self.hover))
            for name, color in (
                ("text_faint", self.text_faint),
                ("accent", self.accent),
                ("good", self.good),
                ("bad", self.bad),
                ("warn", self.warn),
            )
        ]
        pairs += [
            ("on_accent on accent", self.on_accent, self.accent),
            ("accent on accent_soft", self.accent, self.accent_soft),
            ("text on accent_soft", self.text, self.accent_soft),
            ("text on selection", self.text, self.selection),
        ]
        pairs += [
            (f"initials on line {number}", line, self.tint(line))
            for number, line in enumerate(self.lines)
        ]
        pairs += [
            (f"{name} on its tint", color, self.tint(color))
            for name, color in (
                ("accent", self.accent),
                ("good", self.good),
                ("bad", self.bad),
                ("warn", self.warn),
                ("text_soft", self.text_soft),
            )
        ]
        return tuple(pairs)

    def shape_pairs(self) -> tuple[tuple[str, str, str], ...]:
        """Every (what, foreground, background) of a shape that carries meaning."""
        pairs = [
            ("control border", self.control_border, self.surface),
            ("control border on window", self.control_border, self.window),
            ("focus ring", self.accent, self.window),
        ]
        pairs += [
            (f"line {number}", line, self.surface)
            for number, line in enumerate(self.lines)
        ]
        return tuple(pairs)

    def tint(self, color: str) -> str:
        """A colour thinned out to a background for itself."""
        return mixed(self.surface, color, 0.18 if self.is_dark else 0.11)


LIGHT: Final = Colors(
    is_dark=False,
    window="#f4f5f8",
    surface="#ffffff",
    hover="#eef0f5",
    pressed="#e2e5ed",
    border="#d5d9e2",
    control_border="#828b9b",
    text="#171c28",
    text_soft="#465065",
    text_faint="#5b6478",
    accent="#3d4fc4",
    accent_soft="#e9ebfa",
    on_accent="#ffffff",
    good="#146c43",
    bad="#b3261e",
    warn="#805300",
    selection="#d4d9f5",
    lines=(
        "#3d4fc4",
        "#0b6e78",
        "#8a4a00",
        "#8e2f8a",
        "#1f6b2e",
        "#b0294f",
        "#0a62a8",
        "#6a44b8",
    ),
)

DARK: Final = Colors(
    is_dark=True,
    window="#15171d",
    surface="#1e212a",
    hover="#2a2e39",
    pressed="#343946",
    border="#363c4a",
    control_border="#78829a",
    text="#eceef4",
    text_soft="#bcc3d2",
    text_faint="#a0a9bb",
    accent="#a3b0ff",
    accent_soft="#2b304d",
    on_accent="#12162b",
    good="#74d7a4",
    bad="#ff9f97",
    warn="#f0c069",
    selection="#39426e",
    lines=(
        "#a3b0ff",
        "#62d0da",
        "#f2ae6b",
        "#ea9be6",
        "#86d692",
        "#ff9bb5",
        "#7cc1ff",
        "#c3a8ff",
    ),
)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(base: str, other: str, share: float) -> str:
    """The base with that share (0 to 1) of the other colour in it."""
    pairs = zip(_channels(base), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(value / 255) for value in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
