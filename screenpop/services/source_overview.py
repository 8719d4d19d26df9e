"""What a window shows of contact sources and does with them."""

from __future__ import annotations

import asyncio
from dataclasses import field
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.lookup.protocol import SupportsSourceCheck, SyncedSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import SourceManifest
    from screenpop.services.application import Application
    from screenpop.services.contact_sources import OpenSource
    from screenpop.services.source_setup import SourceDraft
    from screenpop.services.source_sync import SyncReport
    from screenpop.store.contacts import SourceSummary


@frozen(kw_only=True)
class SourceStanding:
    """How one contact source stands.

    Attributes:
        kind_name: The product's name; the key of its kind when that is missing.
        is_copied: It is copied to this computer rather than asked about each caller.
        contacts: How many contacts of it are on this computer.
        copied_at: When the copy was last brought up to date; None for never.
        answered_at: When it last answered in this run; None for not yet.
        manifest: None when its kind is missing from this installation.
        values: Its settings by key, keys and passwords left out.
    """

    source_id: str
    label: str
    kind_name: str
    is_enabled: bool = True
    is_copied: bool = False
    can_check: bool = False
    contacts: int = 0
    copied_at: datetime | None = None
    answered_at: datetime | None = None
    problem: str = ""
    advice: str = ""
    manifest: SourceManifest | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class SourceOverview:
    """All contact sources: listed, added, tried, mended, synced, removed."""

    def __init__(self, app: Application) -> None:
        """Nothing is read yet."""
        self._app = app
        self._desk = app.source_desk

    def kinds(self) -> tuple[SourceManifest, ...]:
        """Every kind of source that can be added."""
        return self._desk.setup.kinds()

    async def standings(self) -> tuple[SourceStanding, ...]:
        """How each source stands, in the order of the settings.

        Raises:
            StoreError: The copies cannot be counted.
        """
        summaries = await asyncio.to_thread(self._app.local_contacts.sources)
        copies = {each.source: each for each in summaries}
        return tuple(
            self._standing(each, copies.get(each.source_id))
            for each in self._desk.setup.all()
        )

    def _standing(
        self, opened: OpenSource, copy: SourceSummary | None
    ) -> SourceStanding:
        source: object = opened.source
        state = self._desk.copies.state(opened.source_id)
        copied_at = state.synced_at or (copy.imported_at if copy else None)
        problem = opened.problem or state.problem
        advice = state.advice if problem == state.problem else ""
        if not problem and opened.settings.is_enabled:
            problem = self._app.lookup.problem_of(opened.source_id)
            advice = self._app.lookup.advice_of(opened.source_id)
        settings, manifest = opened.settings, opened.manifest
        return SourceStanding(
            source_id=opened.source_id,
            label=opened.label,
            kind_name=manifest.name if manifest else settings.kind,
            is_enabled=settings.is_enabled,
            is_copied=isinstance(source, SyncedSource),
            can_check=isinstance(source, SupportsSourceCheck),
            contacts=copy.contacts if copy else 0,
            copied_at=copied_at,
            answered_at=self._app.lookup.answered_at(opened.source_id),
            problem=problem,
            advice=advice,
            manifest=manifest,
            values={
                **settings.options,
                "base_url": settings.base_url,
                "label": settings.label,
            },
        )

    async def try_out(self, draft: SourceDraft) -> str:
        """Talk to a source that is not saved yet; what it says of itself.

        Raises:
            ScreenpopError: Something is missing, or it cannot be reached.
        """
        return await self._desk.setup.try_out(draft)

    async def offers(self, draft: SourceDraft) -> Mapping[str, tuple[str, ...]]:
        """What can be chosen of a source that is not saved yet, by its setting.

        Raises:
            ScreenpopError: It cannot be reached.
        """
        return await self._desk.setup.offers(draft)

    async def sign_in(
        self, draft: SourceDraft, open_url: Callable[[str], None]
    ) -> Secret:
        """Have the user sign in in the browser; what the source gave for it.

        Raises:
            ScreenpopError: They did not, or the source refused.
        """
        return await self._desk.setup.sign_in(draft, open_url)

    async def sign_in_again(
        self, source_id: str, open_url: Callable[[str], None]
    ) -> None:
        """The same for a source that is kept already.

        Raises:
            ScreenpopError: They did not, or the source refused.
        """
        await self._desk.setup.sign_in_again(source_id, open_url)
        await self._take_effect(source_id)

    async def add(self, draft: SourceDraft) -> None:
        """Save a source and begin to use it.

        Raises:
            ScreenpopError: Something is missing, or it cannot be saved.
        """
        await self._desk.setup.add(draft)
        await self._take_effect(draft.source_id)

    async def remove(self, source_id: str) -> None:
        """Remove a source, its keys and the copy of its contacts.

        Raises:
            ScreenpopError: There is no such source, or it cannot be removed.
        """
        await self._desk.setup.remove(source_id)
        await self._take_effect(source_id)
        self._app.note_contacts(())

    async def check(self, source_id: str) -> str:
        """Ask a source whether address and key are right; what it says of itself.

        Raises:
            ScreenpopError: They are not, or it cannot be reached.
        """
        said = await self._desk.setup.check(source_id)
        self._app.lookup.note_answer(source_id)
        return said

    async def sync(self, source_id: str) -> SyncReport:
        """Bring the copy of a source up to date now.

        Raises:
            ScreenpopError: It is not copied, or it failed.
        """
        return await self._desk.copies.sync(source_id)

    async def set_secret(self, source_id: str, name: str, secret: Secret) -> None:
        """Replace a key in the keychain.

        Raises:
            ScreenpopError: There is no such key, or it cannot be kept.
        """
        await self._desk.setup.set_secret(source_id, name, secret)
        await self._take_effect(source_id)

    async def change(self, source_id: str, values: Mapping[str, str]) -> None:
        """Change settings of a source; "" for a default.

        Raises:
            ScreenpopError: A value is not one for its setting, or cannot be saved.
        """
        setup = self._desk.setup
        present = self._desk.sources.get(source_id).settings
        known = {
            **present.options,
            "base_url": present.base_url,
            "label": present.label,
        }
        for key, value in values.items():
            if value != known.get(key, ""):
                await setup.set_option(source_id, key, value)
        await self._take_effect(source_id)

    async def set_enabled(self, source_id: str, *, is_enabled: bool) -> None:
        """Ask it from now on, or do not.

        Raises:
            ScreenpopError: There is no such source, or it cannot be saved.
        """
        await self._desk.setup.set_enabled(source_id, is_enabled=is_enabled)
        await self._take_effect(source_id)

    async def _take_effect(self, source_id: str) -> None:
        """Wait until what was changed is in use; who it was may be known better now."""
        self._app.lookup.forget_problem(source_id)
        await self._desk.open(self._app.settings)
