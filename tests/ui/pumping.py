"""Let Qt and coroutines run together in a test, without an event loop of Qt's."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QApplication

from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def shown(ask: Callable[[], T], what: str) -> T:
    """Wait until ``ask`` says yes, letting windows paint and take input meanwhile."""

    def pump() -> T:
        QApplication.processEvents()
        return ask()

    return await eventually(pump, what)
