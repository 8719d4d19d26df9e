"""The user's contact sources in the running app, built when the first is set up."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import SettingsFile
    from screenpop.domain.errors import ScreenpopError
    from screenpop.lookup.protocol import ContactSource, SourceReport
    from screenpop.services.application import Application
    from screenpop.services.contact_copies import ContactCopies
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.source_setup import SourceSetup


class SourceDesk:
    """Opens sources, keeps their copies in step, and offers what sets them up."""

    def __init__(
        self, app: Application, *, file: SettingsFile, secrets: SecretStore
    ) -> None:
        """Nothing is opened yet."""
        self._app = app
        self._file = file
        self._secrets = secrets
        self._rekeyed: set[str] = set()

    @cached_property
    def sources(self) -> ContactSources:
        """The sources."""
        from screenpop.services.contact_sources import ContactSources

        return ContactSources(self._secrets)

    @cached_property
    def copies(self) -> ContactCopies:
        """The copies of sources that cannot look a caller up themselves."""
        from screenpop.services.contact_copies import ContactCopies

        app = self._app
        return ContactCopies(
            sources=self.sources,
            local=app.local_contacts,
            supervisor=app.supervisor,
            clock=app.clock,
            changed=lambda: app.note_contacts(()),
            failed=self._tell,
        )

    @cached_property
    def setup(self) -> SourceSetup:
        """Adds, tests, mends and removes sources."""
        from screenpop.services.source_setup import SourceSetup

        app = self._app
        return SourceSetup(
            file=self._file,
            secrets=self._secrets,
            sources=self.sources,
            local=app.local_contacts,
            settings=lambda: app.settings,
            reload=app.reload,
        )

    async def open(self, settings: Settings) -> None:
        """Bring the open sources and their copies in line with the settings."""
        if settings.sources or self._is_built:
            await self.sources.apply(settings)
            for source_id in tuple(self._rekeyed):
                self._rekeyed.discard(source_id)
                if self.sources.find(source_id) is not None:
                    seconds = settings.lookup.hard_seconds
                    await self.sources.renew(source_id, seconds)
            await self.copies.follow()
            self._app.supervisor.start("drop copies", self.drop_orphans(settings))

    async def drop_orphans(self, settings: Settings) -> None:
        """Remove copies whose source is gone from the settings, or switched off.

        What was said of the people of a source goes when it is gone, not before.
        """
        if self._app.loaded.problems:
            return  # a slip in the file is no wish to lose a copy

        from screenpop.store.contact_sync import synced_sources
        from screenpop.store.contacts import LOCAL
        from screenpop.store.lost_sources import forget_said, lost_sources

        local = self._app.local_contacts
        kept = {each.id for each in settings.sources if each.is_enabled}
        orphans = set(await asyncio.to_thread(synced_sources, local)) - kept
        for source_id in sorted(orphans):
            from screenpop.store.contact_copy import drop_copy

            await asyncio.to_thread(drop_copy, local, source_id)
        present = {LOCAL} | {each.id for each in settings.sources}
        present |= {each.id for each in settings.accounts}
        for source_id in await asyncio.to_thread(lost_sources, local, present):
            await asyncio.to_thread(forget_said, local, source_id)
        if orphans:
            self._app.note_contacts(())

    def note_new_key(self, source_id: str) -> None:
        """Another program of ours stored a key: use it from the next ``open`` on."""
        self._rekeyed.add(source_id)

    def look_again(self) -> None:
        """The computer slept, or is on another network."""
        if self._is_built:
            self.copies.look_again()

    def live(self) -> tuple[ContactSource, ...]:
        """Those to be asked about a caller."""
        return self.sources.live() if self._is_built else ()

    async def aclose(self) -> None:
        """Close every source."""
        if self._is_built:
            await self.sources.aclose()

    def tell_refused(self, report: SourceReport) -> None:
        """Say that a source which is asked about callers lets us in no more.

        Only the user can mend that, and cards without a name do not tell them.
        """
        self._notice(report.source, report.problem, report.advice)

    def _tell(self, source_id: str, error: ScreenpopError) -> None:
        self._notice(source_id, error.title, error.advice)

    def _notice(self, source_id: str, title: str, advice: str) -> None:
        from screenpop.services.events import NoticeLevel, UserNotice

        self._app.bus.publish(
            UserNotice(NoticeLevel.WARNING, title, advice, f"source-{source_id}")
        )

    @property
    def _is_built(self) -> bool:
        return "sources" in vars(self)
