"""Contact sources without any service behind them; they note what was done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.lookup.manifest import SignIn, SourceContext, SourceField, SourceManifest
from screenpop.services.source_overview import SourceStanding
from screenpop.services.source_sync import SyncReport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.domain.privacy import Secret
    from screenpop.lookup.manifest import AnySource
    from screenpop.services.source_setup import SourceDraft

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def _never(_context: SourceContext) -> AnySource:
    raise AssertionError("no source is made in these tests")


DIRECTORY = SourceManifest(
    key="directory",
    name="Company directory",
    create=_never,
    fields=(
        SourceField(key="server", label="Server", is_required=True),
        SourceField(key="page_size", label="Entries at once", kind="number"),
        SourceField(key="password", label="Password", kind="secret", is_required=True),
    ),
)
CLOUD_CRM = SourceManifest(
    key="cloud",
    name="Cloud CRM",
    create=_never,
    fields=(SourceField(key="client_id", label="Client id", is_required=True),),
    sign_in=SignIn(
        authorize_url="https://login.example.com/authorize",
        token_url="https://login.example.com/token",
        scopes=("contacts",),
    ),
)
ASKED = SourceStanding(
    source_id="dir",
    label="Head office",
    kind_name="Company directory",
    answered_at=NOW - timedelta(minutes=3),
    can_check=True,
    manifest=DIRECTORY,
    values={"server": "ldap.example.com", "label": "Head office"},
)
COPIED = SourceStanding(
    source_id="book",
    label="Address book",
    kind_name="CardDAV",
    is_copied=True,
    can_check=True,
    contacts=1240,
    copied_at=NOW - timedelta(minutes=12),
    manifest=CLOUD_CRM,
)
BROKEN = SourceStanding(
    source_id="crm",
    label="Old CRM",
    kind_name="Cloud CRM",
    can_check=True,
    problem="Old CRM refuses the key",
    manifest=CLOUD_CRM,
)


@dataclass
class KnownSources:
    """Holds standings and does what it is told.

    Attributes:
        error: What goes wrong with whatever is asked of a source.
        done: What was done, in words.
    """

    known: list[SourceStanding] = field(default_factory=list)
    error: Exception | None = None
    done: list[str] = field(default_factory=list)
    added: list[SourceDraft] = field(default_factory=list)
    secrets: list[tuple[str, str, Secret]] = field(default_factory=list)
    token: Secret | None = None
    offered: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def kinds(self) -> tuple[SourceManifest, ...]:
        return (DIRECTORY, CLOUD_CRM)

    async def standings(self) -> tuple[SourceStanding, ...]:
        return tuple(self.known)

    async def sign_in(
        self, draft: SourceDraft, open_url: Callable[[str], None]
    ) -> Secret:
        await self._ask(f"sign in to {draft.kind}")
        open_url("https://login.example.com/authorize")
        assert self.token is not None
        return self.token

    async def sign_in_again(
        self, source_id: str, open_url: Callable[[str], None]
    ) -> None:
        await self._ask(f"sign in again to {source_id}")
        open_url("https://login.example.com/authorize")

    async def try_out(self, draft: SourceDraft) -> str:
        await self._ask(f"try {draft.source_id}")
        return "Signed in as <b>reader</b>"

    async def offers(self, draft: SourceDraft) -> Mapping[str, tuple[str, ...]]:
        return self.offered

    async def add(self, draft: SourceDraft) -> None:
        self.added.append(draft)
        self.known.append(
            SourceStanding(
                source_id=draft.source_id,
                label=draft.fields["label"],
                kind_name=draft.kind,
            )
        )

    async def remove(self, source_id: str) -> None:
        await self._ask(f"remove {source_id}")
        self.known = [one for one in self.known if one.source_id != source_id]

    async def check(self, source_id: str) -> str:
        await self._ask(f"check {source_id}")
        return "Signed in as reader"

    async def sync(self, source_id: str) -> SyncReport:
        await self._ask(f"sync {source_id}")
        return SyncReport(changed=3, gone=1, is_whole=False)

    async def set_secret(self, source_id: str, name: str, secret: Secret) -> None:
        self.secrets.append((source_id, name, secret))

    async def change(self, source_id: str, values: Mapping[str, str]) -> None:
        await self._ask(f"change {source_id}: {values['server']}")

    async def set_enabled(self, source_id: str, *, is_enabled: bool) -> None:
        await self._ask(f"{'enable' if is_enabled else 'disable'} {source_id}")
        self.known = [
            replace(one, is_enabled=is_enabled) if one.source_id == source_id else one
            for one in self.known
        ]

    async def _ask(self, what: str) -> None:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.done.append(what)
