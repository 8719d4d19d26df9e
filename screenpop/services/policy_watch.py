"""Take over what administrators change in their policy while the program runs.

Where the system tells of changed files, its word is waited for; else the policy is
looked at whenever there is something to do anyway. While there is none and no folder
for one, nothing is watched.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from screenpop.services.events import SettingsChanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.config.section_reader import SettingsProblem
    from screenpop.config.settings import PolicySettings
    from screenpop.desktop.folder_alarm import FolderAlarm
    from screenpop.services.application import Application

_log = logging.getLogger(__name__)
SETTLING_SECONDS: Final = 0.3
"""How long after a change to wait for the rest of it."""


class PolicyWatch:
    """Obeys the policy at the start and after each change of it."""

    def __init__(self, app: Application) -> None:
        """Watch nothing yet."""
        self._app = app
        self._places = app.paths.policy
        self._stamp: object = None
        self._obeyed: PolicySettings | None = None
        self._alarm: FolderAlarm | None = None
        self._settling: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Do what the policy asks, and listen for changes."""
        self._stamp = self._places.stamp()
        self._app.bus.subscribe(SettingsChanged, lambda _: self._obey())
        self._log(self._app.loaded.problems)
        self._obey()
        self._listen()

    def stop(self) -> None:
        """Listen no more; calling it again does nothing."""
        if self._settling is not None:
            self._settling.cancel()
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            asyncio.get_running_loop().remove_reader(alarm.fileno())
            alarm.close()

    def look(self) -> None:
        """See whether the policy is another one by now."""
        stamp = self._places.stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        _log.info("the policy of this computer has changed")
        known = self._app.loaded.problems
        self._app.reload()
        news = [one for one in self._app.loaded.problems if one not in known]
        self._log(news)
        if news:
            self._publish(news)
        self.stop()
        self._listen()

    def _listen(self) -> None:
        folders = self._places.watched_folders()
        if not folders:
            return
        from screenpop.desktop.folder_alarm import open_folder_alarm

        self._alarm = open_folder_alarm(folders)
        if self._alarm is not None:
            loop = asyncio.get_running_loop()
            loop.add_reader(self._alarm.fileno(), self._rang)

    def _rang(self) -> None:
        if self._alarm is not None:
            self._alarm.take()
        if self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(SETTLING_SECONDS, self._settled)

    def _settled(self) -> None:
        self._settling = None
        self.look()

    def _obey(self) -> None:
        """Do what the policy asks for besides settings, once for each policy."""
        policy = self._app.settings.policy
        if policy == self._obeyed:
            return
        self._obeyed = policy
        if not policy.login_start:
            self._app.supervisor.start(
                "obey policy", self._app.preferences.obey_policy()
            )
        if policy.team_code and not self._app.paths.team_file.exists():
            from screenpop.services.team.preset import join_preset

            self._app.supervisor.start("join the team", join_preset(self._app))

    def _log(self, problems: Iterable[SettingsProblem]) -> None:
        for one in problems:
            if one.source:
                _log.warning("policy %s: %s: %s", one.source, one.place, one.text)

    def _publish(self, problems: Iterable[SettingsProblem]) -> None:
        from screenpop.services.file_news import settings_news

        for notice in settings_news(problems, self._app.paths.config_file):
            self._app.bus.publish(notice)
