"""Looks for updates once a day, in a process of its own; all there is while idle.

Nothing of it is loaded before its time has come but this. Where the program is not an
installation of its own, as in a checkout, there is not even a timer.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Final

from screenpop.services.events import SettingsChanged

if TYPE_CHECKING:
    from screenpop.services.application import Application
    from screenpop.services.updates.desk import UpdateDesk

_FIRST_LOOK_SECONDS: Final = (300, 1800)


class UpdateWatch:
    """The one timer of updates.

    Attributes:
        has_package: Whether this program is an installation of its own.
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self._timer: asyncio.TimerHandle | None = None
        self._desk: UpdateDesk | None = None
        self.has_package = bool(getattr(sys, "frozen", False))

    def start(self) -> None:
        """Look some minutes from now, if that is wanted."""
        self._app.bus.subscribe(SettingsChanged, lambda _: self._begin())
        self._begin()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def desk(self) -> UpdateDesk:
        """Where one asks how updates stand."""
        if self._desk is None:
            from screenpop.services.updates.desk import UpdateDesk

            self._desk = UpdateDesk(self._app)
        return self._desk

    @property
    def ready_version(self) -> str:
        """The version that waits to be put in place; "" for none."""
        return self._desk.ready_version if self._desk is not None else ""

    def _begin(self) -> None:
        if not (self.has_package and self._app.settings.updates.enabled):
            self.stop()
        elif self._timer is None:
            import random

            self._arm(random.uniform(*_FIRST_LOOK_SECONDS))  # noqa: S311 - no secret

    def _arm(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._due)

    def _due(self) -> None:
        self._timer = None
        self._app.supervisor.start("look for updates", self._look())

    async def _look(self) -> None:
        seconds = await self.desk.daily()
        if self._timer is None and self._app.settings.updates.enabled:
            self._arm(seconds)
