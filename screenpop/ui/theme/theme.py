"""The theme in use: which colours, how large the text, and telling who paints."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette

from screenpop.ui.theme.palette import DARK, LIGHT, Colors

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

SchemeChoice = Literal["system", "light", "dark"]

GRID: Final = 4
"""Logical pixels that distances are multiples of."""

HAS_STYLE: Final = "hasOurStyle"
"""A property of the application: its style is Fusion.

Asking it for its style instead makes a class of some hundred names, a third of a MiB.
"""

_DESIGN_TEXT_PX: Final = 13
_TEXT_FACTOR_RANGE: Final = (0.9, 2.5)


class TextSize(Enum):
    """The type scale, as factors of the platform's own text size."""

    CAPTION = 0.90
    BODY = 1.0
    HEADING = 1.25
    TITLE = 1.55


class Theme(QObject):
    """Colours and sizes for everything that is painted; `changed` when they change.

    Args:
        app: Gets style and palette, and the style sheet once there is a window.
        choice: What the user set. "system" follows the platform; where that does not
            say (a bare X server), its palette decides.
        text_scale: On top of the platform's text size, 1.0 to 2.0.
    """

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        choice: SchemeChoice = "system",
        *,
        text_scale: float = 1.0,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._choice: SchemeChoice = choice
        self._is_applying = False
        self._platform_is_dark = _is_dark(app.palette())
        self._base_font = QFont(app.font())
        self._text_px = QFontInfo(self._base_font).pixelSize() * text_scale
        self._fonts: dict[tuple[TextSize, bool], QFont] = {}
        self._has_sheet = bool(app.styleSheet())
        self.colors: Colors = LIGHT
        if not app.property(HAS_STYLE):
            app.setStyle("Fusion")
            app.setProperty(HAS_STYLE, True)
        app.styleHints().colorSchemeChanged.connect(self._follow_platform)
        self.set_choice(choice)

    @property
    def choice(self) -> SchemeChoice:
        """What the user set."""
        return self._choice

    def set_choice(self, choice: SchemeChoice) -> None:
        """Use light, dark or the system's colours from now on."""
        self._choice = choice
        hints = self._app.styleHints()
        self._is_applying = True
        # Title bars and native dialogs follow this where the platform lets them.
        if choice == "system":
            hints.unsetColorScheme()
        else:
            is_dark = choice == "dark"
            scheme = Qt.ColorScheme.Dark if is_dark else Qt.ColorScheme.Light
            hints.setColorScheme(scheme)
        self._is_applying = False
        self._apply()

    def style_windows(self) -> None:
        """Use the style sheet from now on: the first window or menu is about to open.

        Until then it would take 1.3 MiB for nothing. Cards paint themselves, but
        their note box and tool tips need it.
        """
        if not self._has_sheet:
            self._has_sheet = True
            self._apply_sheet()

    def px(self, design_px: float) -> int:
        """A length of the design, in logical pixels at this text size."""
        low, high = _TEXT_FACTOR_RANGE
        factor = min(high, max(low, self._text_px / _DESIGN_TEXT_PX))
        return round(design_px * factor)

    def font(self, size: TextSize = TextSize.BODY, *, strong: bool = False) -> QFont:
        """The platform's font in a size of the scale."""
        key = size, strong
        if key not in self._fonts:
            font = QFont(self._base_font)
            font.setPixelSize(max(9, round(self._text_px * size.value)))
            if strong:
                font.setWeight(QFont.Weight.DemiBold)
            self._fonts[key] = font
        return self._fonts[key]

    def color(self, role: str) -> QColor:
        """The colour of a role of `Colors` ("text_soft")."""
        return qcolor(getattr(self.colors, role))

    def _follow_platform(self) -> None:
        if not self._is_applying and self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        self.colors = DARK if self._wants_dark() else LIGHT
        self._app.setPalette(_palette(self.colors))
        if self._has_sheet:
            self._apply_sheet()
        self.changed.emit()

    def _apply_sheet(self) -> None:
        from screenpop.ui.theme.stylesheet import stylesheet

        self._app.setStyleSheet(stylesheet(self.colors, self.px))

    def _wants_dark(self) -> bool:
        if self._choice != "system":
            return self._choice == "dark"
        scheme = self._app.styleHints().colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            return self._platform_is_dark
        return scheme is Qt.ColorScheme.Dark


@lru_cache(maxsize=256)
def qcolor(text: str) -> QColor:
    """The Qt colour of "#rrggbb"; do not change it, it is shared."""
    return QColor(text)


def _is_dark(palette: QPalette) -> bool:
    text, ground = palette.windowText().color(), palette.window().color()
    return text.lightness() > ground.lightness()


def _palette(colors: Colors) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, color in (
        (role.Window, colors.window),
        (role.WindowText, colors.text),
        (role.Base, colors.surface),
        (role.AlternateBase, colors.hover),
        (role.Text, colors.text),
        (role.PlaceholderText, colors.text_faint),
        (role.Button, colors.surface),
        (role.ButtonText, colors.text),
        (role.BrightText, colors.bad),
        (role.ToolTipBase, colors.surface),
        (role.ToolTipText, colors.text),
        (role.Highlight, colors.selection),
        (role.HighlightedText, colors.text),
        (role.Link, colors.accent),
        (role.LinkVisited, colors.accent),
        (role.Accent, colors.accent),
        (role.Light, colors.surface),
        (role.Midlight, colors.hover),
        (role.Mid, colors.border),
        (role.Dark, colors.control_border),
        (role.Shadow, colors.border),
    ):
        palette.setColor(which, qcolor(color))
    group = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(group, which, qcolor(colors.control_border))
    return palette
