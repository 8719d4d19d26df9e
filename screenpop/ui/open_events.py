"""Links that macOS hands over: as events, at a cold start and later alike."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent


class OpenEvents(QObject):
    """Keeps what comes before anybody can take it.

    To be installed on the application, on macOS only: elsewhere no such events come,
    and every other event would pass through here.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._take: Callable[[str], None] | None = None
        self._waiting: list[str] = []

    def hand_to(self, take: Callable[[str], None]) -> None:
        """Give every link to ``take`` from now on, and what has come already."""
        self._take = take
        waiting, self._waiting = self._waiting, []
        for link in waiting:
            take(link)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take links; let everything else pass."""
        if event.type() is QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            link = event.url().toString() or event.file()
            if self._take is None:
                self._waiting.append(link)
            else:
                self._take(link)
            return True
        return super().eventFilter(watched, event)
