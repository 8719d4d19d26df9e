"""Contact sources as commands work with them, with or without a running app."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from screenpop.cli.desk import load_settings, open_database, settings_file, tell_app
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from screenpop.config.paths import Paths
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.source_setup import SourceSetup
    from screenpop.store.contacts import LocalContacts


@frozen
class SourceDesk:
    """Everything a command needs to work with contact sources."""

    paths: Paths
    setup: SourceSetup
    sources: ContactSources
    local: LocalContacts

    def tell_app(self, rekeyed: str = "") -> None:
        """Have the running app, if there is one, read the settings again.

        ``rekeyed`` is the source whose key or sign-in is a new one.
        """
        tell_app(self.paths, "reload", {"source": rekeyed})


@asynccontextmanager
async def open_sources(paths: Paths) -> AsyncIterator[SourceDesk]:
    """All sources of the settings, opened beside the running app if there is one."""
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.source_setup import SourceSetup
    from screenpop.store.contacts import LocalContacts

    settings = load_settings(paths).settings
    file = settings_file(paths)
    secrets = KeychainSecretStore(environment=os.environ)
    sources = ContactSources(secrets)
    await sources.apply(settings)
    with open_database(paths) as database:
        local = LocalContacts(database)
        setup = SourceSetup(
            file=file,
            secrets=secrets,
            sources=sources,
            local=local,
            settings=lambda: settings,
            reload=lambda: file.load().settings,
        )
        try:
            yield SourceDesk(paths, setup, sources, local)
        finally:
            await sources.aclose()
