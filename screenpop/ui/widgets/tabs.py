"""Tabs that say when there are more of them than there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QTabBar, QTabWidget, QToolButton

from screenpop.ui.icons import icon
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.theme.theme import Theme


class Tabs(QTabWidget):
    """A `QTabWidget` whose arrows for further tabs are seen and named."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setTabBar(_Bar(theme))
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)


class _Bar(QTabBar):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self._paint_arrows)
        self._paint_arrows()

    def tabLayoutChange(self) -> None:
        """Laying the tabs out gives the arrows the looks of Qt's style again."""
        super().tabLayoutChange()
        self._paint_arrows()

    def _paint_arrows(self) -> None:
        side = self._theme.px(16)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for button in self.findChildren(QToolButton):
            # Where people read from the right, the one for the tabs before is there.
            is_left = (button.objectName() == "ScrollLeftButton") != is_mirrored
            button.setArrowType(Qt.ArrowType.NoArrow)
            button.setIconSize(QSize(side, side))
            name = "left" if is_left else "right"
            button.setIcon(icon(name, self._theme.colors.text_soft, side))
            button.setAccessibleName(
                tr("Tabs to the left") if is_left else tr("Tabs to the right")
            )
