"""Set contact sources up: try, add, check, mend and remove them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from screenpop.domain.errors import (
    ConfigurationError,
    NotOffered,
    SecretMissing,
    UsageError,
)
from screenpop.domain.frozen import frozen
from screenpop.lookup.manifest import TOKENS
from screenpop.lookup.protocol import SupportsOffers, SupportsSourceCheck
from screenpop.lookup.registry import source_manifest, source_manifests
from screenpop.services.account_fields import reader_of
from screenpop.services.long_secrets import LongSecrets
from screenpop.services.source_fields import (
    check_source,
    check_source_option,
    settings_of_source,
)
from screenpop.store.contact_sync import set_sync_mark
from screenpop.store.lost_sources import forget_source
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import SettingsFile
    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import SourceManifest
    from screenpop.services.contact_sources import ContactSources, OpenSource
    from screenpop.store.contacts import LocalContacts

__all__ = ["TOKENS", "SourceDraft", "SourceSetup"]


@frozen(kw_only=True)
class SourceDraft:
    """A source as the user filled it in.

    Attributes:
        fields: By field key, those of ``OWN_FIELDS`` among them.
        secrets: By field key; after a sign-in also ``TOKENS``.
    """

    source_id: str
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)


class SourceSetup:
    """The user's contact sources in file, keychain and memory, kept in step."""

    def __init__(
        self,
        *,
        file: SettingsFile,
        secrets: SecretStore,
        sources: ContactSources,
        local: LocalContacts,
        settings: Callable[[], Settings],
        reload: Callable[[], Settings],
    ) -> None:
        self._file = file
        self._secrets = LongSecrets(secrets)
        self._sources = sources
        self._local = local
        self._settings = settings
        self._reload = reload

    def kinds(self) -> tuple[SourceManifest, ...]:
        """Every kind of source that can be added."""
        return source_manifests()

    def all(self) -> tuple[OpenSource, ...]:
        """Every source, switched-off ones too."""
        return self._sources.all()

    async def try_out(self, draft: SourceDraft) -> str:
        """Talk to the source with a draft, saving nothing; what it says of itself.

        Raises:
            UsageError: Something required is missing.
            ScreenpopError: It cannot be reached or refuses the key.
        """
        manifest = source_manifest(draft.kind)
        check_source(draft, manifest)
        settings = self._settings()
        opened = self._sources.open(
            settings_of_source(draft),
            settings.region,
            settings.lookup.hard_seconds,
            reader_of(draft.secrets),
        )
        return await _checked(opened, closes=True)

    async def offers(self, draft: SourceDraft) -> Mapping[str, tuple[str, ...]]:
        """What can be chosen of a draft's source, by the setting that takes it.

        Raises:
            ScreenpopError: It cannot be reached.
        """
        settings = self._settings()
        opened = self._sources.open(
            settings_of_source(draft),
            settings.region,
            settings.lookup.hard_seconds,
            reader_of(draft.secrets),
        )
        source: object = opened.source
        try:
            return await source.offers() if isinstance(source, SupportsOffers) else {}
        finally:
            await opened.aclose()

    async def sign_in(
        self, draft: SourceDraft, open_url: Callable[[str], None]
    ) -> Secret:
        """Have the user sign in in the browser, for the draft's secret ``TOKENS``.

        Args:
            draft: The source as filled in; nothing is saved.
            open_url: Shows the sign-in page; its address holds no secret.

        Raises:
            UsageError: Something required is missing.
            ScreenpopError: The user or the source said no, or nobody came.
        """
        from screenpop.services.source_sign_in import sign_in

        manifest = source_manifest(draft.kind)
        check_source(draft, manifest)
        settings = self._settings()
        context = self._sources.context(
            settings_of_source(draft),
            manifest,
            settings.region,
            settings.lookup.hard_seconds,
            reader_of(draft.secrets),
        )
        return await sign_in(manifest, context, open_url)

    async def sign_in_again(
        self, source_id: str, open_url: Callable[[str], None]
    ) -> None:
        """Have the user sign in to a source that is kept already; it is used at once.

        Its copy, if it has one, is made anew: somebody else may have signed in.

        Raises:
            UsageError: There is no such source.
            ScreenpopError: The user or the source said no, or nobody came.
        """
        from screenpop.services.source_sign_in import sign_in

        opened = self._sources.get(source_id)
        if opened.manifest is None:
            raise ConfigurationError(opened.problem)
        settings = self._settings()
        context = self._sources.context(
            opened.settings,
            opened.manifest,
            settings.region,
            settings.lookup.hard_seconds,
        )
        tokens = await sign_in(opened.manifest, context, open_url)
        await self._secrets.set(source_id, TOKENS, tokens)
        await self._sources.renew(source_id, settings.lookup.hard_seconds)
        await asyncio.wrap_future(set_sync_mark(self._local, source_id, ""))
        self._reload()

    async def add(self, draft: SourceDraft) -> None:
        """Save a source and open it: keychain first, then the file.

        Raises:
            PolicyError: Administrators let nobody add one.
            UsageError: Something required is missing, or the id is taken.
            SecretError: The keychain does not take the key; nothing was saved.
        """
        await asyncio.to_thread(self._file.refuse_locked, "sources")
        manifest = source_manifest(draft.kind)
        check_source(draft, manifest)
        settings = self._settings()
        if settings.source(draft.source_id) or settings.account(draft.source_id):
            raise UsageError(
                tr("“{source_id}” is taken", source_id=draft.source_id),
                tr("Choose another short name."),
            )
        for name, secret in draft.secrets.items():
            await self._secrets.set(draft.source_id, name, secret)
        try:
            await asyncio.to_thread(self._file.add_source, settings_of_source(draft))
        except ConfigurationError:
            await self._forget_secrets(draft.source_id, manifest)
            raise
        self._reload()

    async def remove(self, source_id: str) -> None:
        """Remove a source: the file, the keychain, the copy of its contacts.

        What the user said of its people goes, too: who was chosen, who is one person.

        Raises:
            PolicyError: Administrators locked it.
            UsageError: There is no such source.
        """
        opened = self._sources.get(source_id)
        await asyncio.to_thread(self._file.remove_source, source_id)
        await self._forget_secrets(source_id, opened.manifest)
        self._reload()
        await asyncio.to_thread(forget_source, self._local, source_id)

    async def check(self, source_id: str) -> str:
        """Ask a source whether address and key are right; what it says of itself."""
        return await _checked(self._sources.get(source_id))

    async def set_secret(self, source_id: str, name: str, secret: Secret) -> None:
        """Replace a secret in the keychain and open the source anew with it.

        Raises:
            UsageError: It has no such secret.
        """
        opened = self._sources.get(source_id)
        names = opened.manifest.secret_names() if opened.manifest else ()
        if name not in (*names, TOKENS):
            raise UsageError(
                tr("This source has no secret called “{name}”", name=name[:40]),
                tr("It has: {names}.", names=", ".join(names) or tr("none")),
            )
        await self._secrets.set(source_id, name, secret)
        await self._sources.renew(source_id, self._settings().lookup.hard_seconds)
        self._reload()

    async def set_option(self, source_id: str, key: str, value: str) -> None:
        """Change one of the source's settings; "" for its default.

        Raises:
            UsageError: There is no such setting, or not with this value.
        """
        opened = self._sources.get(source_id)
        fields = opened.manifest.fields if opened.manifest else ()
        check_source_option(key, value, fields)
        await asyncio.to_thread(
            self._file.set_source_value, source_id, key, value or None
        )
        self._reload()

    async def set_enabled(self, source_id: str, *, is_enabled: bool) -> None:
        """Ask it from now on, or do not."""
        self._sources.get(source_id)
        value = None if is_enabled else False
        await asyncio.to_thread(
            self._file.set_source_value, source_id, "is_enabled", value
        )
        self._reload()

    async def _forget_secrets(
        self, source_id: str, manifest: SourceManifest | None
    ) -> None:
        names = manifest.secret_names() if manifest else ()
        for name in (*names, TOKENS):
            try:
                await self._secrets.delete(source_id, name)
            except SecretMissing:
                continue


async def _checked(opened: OpenSource, *, closes: bool = False) -> str:
    source: object = opened.source
    if source is None:
        raise ConfigurationError(opened.problem or tr("The source is switched off"))
    if not isinstance(source, SupportsSourceCheck):
        raise NotOffered(tr("{label} cannot be checked", label=opened.label))
    try:
        return await source.check()
    finally:
        if closes:
            await opened.aclose()
