"""The screens as Qt knows them, for the arithmetic of `placement`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QObject, QRect, Signal, SignalInstance
from PySide6.QtGui import QCursor, QGuiApplication, QScreen, QWindow

from screenpop.ui.popup.placement import Rect, ScreenArea

if TYPE_CHECKING:
    from collections.abc import Sequence


class Screens(Protocol):
    """What the stack asks about screens."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when a screen or its work area comes, goes or changes."""
        ...

    def areas(self) -> Sequence[ScreenArea]:
        """All screens there are now."""
        ...

    def pointer(self) -> tuple[int, int]:
        """Where the pointer is."""
        ...

    def active(self) -> str:
        """The name of the screen with the active window; "" when not known."""
        ...


class QtScreens(QObject):
    """The real screens."""

    changed = Signal()

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        for screen in app.screens():
            self._watch(screen)
        app.screenAdded.connect(self._added)
        app.screenRemoved.connect(lambda _screen: self.changed.emit())
        app.primaryScreenChanged.connect(lambda _screen: self.changed.emit())

    def areas(self) -> Sequence[ScreenArea]:
        """All screens there are now."""
        primary = QGuiApplication.primaryScreen()
        return [
            ScreenArea(
                name=screen.name(),
                whole=_rect(screen.geometry()),
                work=_rect(screen.availableGeometry()),
                is_primary=screen is primary,
            )
            for screen in QGuiApplication.screens()
        ]

    def pointer(self) -> tuple[int, int]:
        """Where the pointer is."""
        point = QCursor.pos()
        return point.x(), point.y()

    def active(self) -> str:
        """The screen of the active window, ours or another's; "" when not known."""
        window = cast("QWindow | None", QGuiApplication.focusWindow())
        if window is not None:
            return window.screen().name()
        # Late: only those need it who want their cards where they work.
        from screenpop.desktop.active_window import active_window_middle

        middle = active_window_middle()
        if middle is None:
            return ""
        # A screen keeps its origin in the desktop's own pixels, whatever its scale.
        for screen in QGuiApplication.screens():
            area, ratio = screen.geometry(), screen.devicePixelRatio()
            own = QRect(area.topLeft(), area.size() * ratio)
            if own.contains(*middle):
                return screen.name()
        return ""

    def _added(self, screen: QScreen) -> None:
        self._watch(screen)
        self.changed.emit()

    def _watch(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(lambda _area: self.changed.emit())


def _rect(area: QRect) -> Rect:
    return Rect(area.x(), area.y(), area.width(), area.height())
