"""The user's contact sources in the running app, built when the first is set up."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import SettingsFile
    from screenpop.lookup.protocol import ContactSource
    from screenpop.services.application import Application
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.source_setup import SourceSetup
    from screenpop.services.source_sync import ContactCopies


class SourceDesk:
    """Opens sources, keeps their copies in step, and offers what sets them up."""

    def __init__(
        self, app: Application, *, file: SettingsFile, secrets: SecretStore
    ) -> None:
        """Nothing is opened yet."""
        self._app = app
        self._file = file
        self._secrets = secrets

    @cached_property
    def sources(self) -> ContactSources:
        """The sources."""
        from screenpop.services.contact_sources import ContactSources

        return ContactSources(self._secrets)

    @cached_property
    def copies(self) -> ContactCopies:
        """The copies of sources that cannot look a caller up themselves."""
        from screenpop.services.source_sync import ContactCopies

        app = self._app
        return ContactCopies(
            sources=self.sources,
            local=app.local_contacts,
            supervisor=app.supervisor,
            clock=app.clock,
            changed=lambda: app.note_contacts(()),
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
            self.copies.follow()

    def live(self) -> tuple[ContactSource, ...]:
        """Those to be asked about a caller."""
        return self.sources.live() if self._is_built else ()

    async def aclose(self) -> None:
        """Close every source."""
        if self._is_built:
            await self.sources.aclose()

    @property
    def _is_built(self) -> bool:
        return "sources" in vars(self)
