"""The contact sources that the user has set up, opened and kept in step.

A source is live (asked about each caller) or synced (copied into the local directory,
see ``source_sync``). Nothing of this is imported while no source is set up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from screenpop.domain.errors import ConfigurationError, SecretMissing, UsageError
from screenpop.lookup.manifest import SourceContext
from screenpop.lookup.protocol import (
    ContactSource,
    SupportsSourceCheck,
    SyncedSource,
)
from screenpop.lookup.registry import source_manifest
from screenpop.services.long_secrets import LongSecrets
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings, SourceSettings
    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import AnySource, SourceManifest

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class OpenSource:
    """One source at work.

    Attributes:
        source: None when it is switched off or its kind is missing; ``problem`` says
            why it is missing.
    """

    settings: SourceSettings
    region: str
    manifest: SourceManifest | None = None
    source: AnySource | None = None
    problem: str = ""

    @property
    def source_id(self) -> str:
        """The source's id."""
        return self.settings.id

    @property
    def label(self) -> str:
        """What the user calls it."""
        return self.settings.label or self.settings.id

    async def aclose(self) -> None:
        """Let go of its connections."""
        source: object = self.source
        if isinstance(source, SupportsSourceCheck):
            await source.aclose()


class ContactSources:
    """All sources by their id, in the order of the settings."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = LongSecrets(secrets)
        self._by_id: dict[str, OpenSource] = {}
        self._live: tuple[ContactSource, ...] = ()

    def all(self) -> tuple[OpenSource, ...]:
        """Every source, switched-off ones too."""
        return tuple(self._by_id.values())

    def live(self) -> tuple[ContactSource, ...]:
        """Those to be asked about a caller; the same tuple until something changes."""
        return self._live

    def synced(self) -> tuple[SyncedSource, ...]:
        """Those to be copied."""
        sources: list[object] = [each.source for each in self.all()]
        return tuple(each for each in sources if isinstance(each, SyncedSource))

    def find(self, source_id: str) -> OpenSource | None:
        """The source of that id, if there is one."""
        return self._by_id.get(source_id)

    def get(self, source_id: str) -> OpenSource:
        """The source of that id.

        Raises:
            UsageError: There is none.
        """
        found = self._by_id.get(source_id)
        if found is None:
            known = ", ".join(self._by_id) or tr("none yet")
            raise UsageError(
                tr(
                    "There is no contact source “{source_id}”", source_id=source_id[:40]
                ),
                tr("Known sources: {known}.", known=known),
            )
        return found

    async def apply(self, settings: Settings) -> None:
        """Open what is new or changed, then close what is gone."""
        before = self._by_id
        region = settings.region
        deadline = settings.lookup.hard_seconds
        self._by_id = {}
        for each in settings.sources:
            old = before.get(each.id)
            if old is not None and (old.settings, old.region) == (each, region):
                self._by_id[each.id] = old
            else:
                self._by_id[each.id] = self.open(each, region, deadline)
        self._note_live()
        for old in before.values():
            if self._by_id.get(old.source_id) is not old:
                await old.aclose()

    def open(
        self,
        settings: SourceSettings,
        region: str,
        deadline_seconds: float,
        read_secret: Callable[[str], Secret] | None = None,
    ) -> OpenSource:
        """A source at work; an unknown kind is a problem, not an error.

        ``read_secret`` stands in for the keychain while a draft is tried.
        """
        opened = OpenSource(settings, region)
        try:
            opened.manifest = source_manifest(settings.kind)
            if settings.is_enabled:
                context = self.context(
                    settings, opened.manifest, region, deadline_seconds, read_secret
                )
                opened.source = opened.manifest.create(context)
        except ConfigurationError as error:
            opened.problem = str(error)
            _log.warning("contact source %s: %s", settings.id, error.title)
        return opened

    def context(
        self,
        settings: SourceSettings,
        manifest: SourceManifest,
        region: str,
        deadline_seconds: float,
        read_secret: Callable[[str], Secret] | None = None,
    ) -> SourceContext:
        """What a source with these settings is given to work; as for ``open``."""
        source_id = settings.id
        label = settings.label or source_id

        async def from_draft(name: str) -> Secret:
            assert read_secret is not None  # noqa: S101 - see the choice below
            return read_secret(name)

        async def nowhere(_name: str, _secret: Secret) -> None:
            """A draft keeps nothing."""

        async def from_keychain(name: str) -> Secret:
            try:
                return await self._secrets.get(source_id, name)
            except SecretMissing:
                raise SecretMissing(
                    tr(
                        "The keychain holds no {name} for {label}",
                        name=name,
                        label=label,
                    ),
                    tr(
                        "Store it with: screenpop source set-secret {source_id} {name}",
                        source_id=source_id,
                        name=name,
                    ),
                ) from None

        is_draft = read_secret is not None
        return SourceContext(
            source_id=source_id,
            label=label,
            base_url=(settings.base_url or manifest.default_base_url).rstrip("/"),
            region=region,
            options={**manifest.defaults(), **settings.options},
            deadline_seconds=deadline_seconds,
            read_secret=from_draft if is_draft else from_keychain,
            write_secret=nowhere if is_draft else partial(self._secrets.set, source_id),
        )

    async def renew(self, source_id: str, deadline_seconds: float) -> None:
        """Open a source anew, as after a change of its key."""
        old = self.get(source_id)
        self._by_id[source_id] = self.open(old.settings, old.region, deadline_seconds)
        self._note_live()
        await old.aclose()

    async def aclose(self) -> None:
        """Close every source."""
        opened, self._by_id, self._live = self.all(), {}, ()
        for each in opened:
            await each.aclose()

    def _note_live(self) -> None:
        sources: list[object] = [each.source for each in self.all()]
        self._live = tuple(each for each in sources if isinstance(each, ContactSource))
