"""Push buttons with an icon in the colour of their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QWidget

from screenpop.ui.icons import icon as themed_icon
from screenpop.ui.plain_label import button_text
from screenpop.ui.widgets.chevron import paint_chevron

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from screenpop.ui.theme.theme import Theme

ButtonKind = Literal["", "primary", "quiet", "danger"]

_INK: Final = {"": "text", "primary": "on_accent", "quiet": "text", "danger": "bad"}


class TextButton(QPushButton):
    """A button of a window; its accessible name is the text on it."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        clicked: Callable[[], object] | None = None,
        *,
        kind: ButtonKind = "",
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(button_text(text), parent)
        self._theme = theme
        self._kind: ButtonKind = kind
        self._icon_name = icon
        self._focus_went_to: QWidget | None = None
        self.setFont(theme.font())
        self.setAutoDefault(False)
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        if clicked is not None:
            self._on_click = clicked
            self.clicked.connect(self._click)
        if icon:
            side = theme.px(16)
            self.setIconSize(QSize(side, side))
            theme.changed.connect(self._paint_icon)
            self._paint_icon()

    def show_text(self, text: str) -> None:
        """Say something else."""
        self.setText(button_text(text))
        self.setAccessibleName(text)

    def show_icon(self, name: str) -> None:
        """Show another icon; only on a button that was made with one."""
        if name != self._icon_name:
            self._icon_name = name
            self._paint_icon()

    def setEnabled(self, is_enabled: bool) -> None:
        """Switch on or off; the icon goes with the text.

        What is switched off loses the keyboard. Whoever works by it has it back when
        the button can be pressed again, unless they have gone elsewhere meanwhile.
        """
        loses_focus = self.window().focusWidget() is self and not is_enabled
        super().setEnabled(is_enabled)
        holder = self.window().focusWidget()
        if loses_focus:
            self._focus_went_to = holder
        elif is_enabled and self._focus_went_to is not None:
            if holder is self._focus_went_to and self.isVisible():
                self.setFocus()
            self._focus_went_to = None
        if self._icon_name:
            self._paint_icon()

    def sizeHint(self) -> QSize:
        """As Qt has it, with room for the arrow of a menu."""
        size = super().sizeHint()
        if self.menu() is not None:
            # On both sides: the text stays in the middle.
            size.setWidth(size.width() + 2 * self._theme.px(12))
        return size

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow that says that there is a menu."""
        super().paintEvent(event)
        if self.menu() is not None:
            paint_chevron(self, self._theme)

    def _click(self) -> None:
        self._on_click()

    def _paint_icon(self) -> None:
        role = _INK[self._kind] if self.isEnabled() else "control_border"
        color = getattr(self._theme.colors, role)
        self.setIcon(themed_icon(self._icon_name, color, self.iconSize().width()))
