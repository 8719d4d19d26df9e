"""Whether there is something newer for this installation, and whether it may look."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from screenpop.domain.errors import ScreenpopError, UpdateError
from screenpop.domain.frozen import frozen
from screenpop.domain.update_manifest import (
    Artefact,
    Manifest,
    Standpoint,
    Version,
    is_newer,
    refuse_untimely,
)
from screenpop.services.updates.installation import Installation, Kind
from screenpop.services.updates.memory import (
    FILE,
    UpdateMemory,
    load_memory,
    save_memory,
)
from screenpop.services.updates.signatures import trusted
from screenpop.services.updates.versions import disk_error
from screenpop.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.config.paths import Paths
    from screenpop.config.update_settings import UpdateSettings
    from screenpop.services.updates.fetching import Fetcher

_PLACE: Final = "{channel}"
_OTHERS: Final[dict[Kind, Marked]] = {
    Kind.NONE: marked("It is updated the way it was installed."),
    Kind.DEB: marked("The system's package manager keeps it up to date."),
    Kind.MSI: marked("Whoever looks after this computer keeps it up to date."),
    Kind.MANAGED: marked("Whoever looks after this computer keeps it up to date."),
}


class Standing(StrEnum):
    """What a look for updates came to.

    TURN: newer, but the turn of this installation's ring has not come. FAILED: it was
    tried here before and did not work. ABSENT: there is none for this computer.
    """

    CURRENT = "current"
    TURN = "turn"
    FAILED = "failed"
    ABSENT = "absent"
    OFFERED = "offered"


@frozen(kw_only=True)
class UpdatePlace:
    """An installation, with what a look for updates must know of it.

    Attributes:
        version: The one that runs.
        folder: For what is remembered, and for what is on its way.
        platform: As manifests name it.
        now: What time it is, aware.
    """

    installation: Installation
    settings: UpdateSettings
    version: Version
    folder: Path
    platform: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def memory_file(self) -> Path:
        """Where it is remembered what was offered, tried and failed."""
        return self.folder / FILE

    def memory(self) -> UpdateMemory:
        """What is remembered."""
        return load_memory(self.memory_file)

    def remember(self, memory: UpdateMemory) -> None:
        """Keep it.

        Raises:
            UpdateError: The disk does not take it.
        """
        try:
            save_memory(self.memory_file, memory)
        except OSError as error:
            raise disk_error(error) from error

    @property
    def manifest_url(self) -> str:
        """Where the news of this installation's channel are; "" for nowhere."""
        url = self.settings.manifest_url or self.installation.manifest_url
        return url.replace(_PLACE, self.settings.channel)


def place_here(paths: Paths, settings: UpdateSettings) -> UpdatePlace:
    """This very program's place."""
    from screenpop.services.updates.installation import (
        installation_here,
        own_version,
        platform_name,
    )

    return UpdatePlace(
        installation=installation_here(),
        settings=settings,
        version=own_version(),
        folder=paths.data_dir,
        platform=platform_name(),
    )


@frozen(kw_only=True)
class Found:
    """What there is.

    Attributes:
        url: Where the artefact is.
    """

    standing: Standing
    manifest: Manifest
    artefact: Artefact | None = None
    url: str = ""
    why: str = ""


def why_off(place: UpdatePlace) -> str:
    """Why nothing is looked for here, a sentence; "" when it is."""
    here = place.installation
    if not here.artefact_kind:
        return tr_marked(_OTHERS[here.kind])
    if not place.settings.enabled:
        return tr("Updates are switched off in the settings.")
    if not here.keys:
        return tr("This build has no update key.")
    if not place.manifest_url:
        return tr("This build knows no address of updates.")
    return ""


async def look(place: UpdatePlace, fetcher: Fetcher) -> Found:
    """Ask what there is, and remember that.

    Raises:
        UpdateError: It cannot be had now, or this version cannot be updated.
        UpdateRefused: What came is not trusted.
    """
    off = why_off(place)
    if off:
        raise UpdateError(off.rstrip("."))
    memory = place.memory()
    _settle_handed(place, memory)
    memory.asked_at = place.now().isoformat(timespec="seconds")
    try:
        found = _judged(place, memory, await fetcher.manifest(place.manifest_url))
    except ScreenpopError as error:
        memory.problem = str(error)
        place.remember(memory)
        raise
    memory.problem = ""
    is_offer = found.standing is Standing.OFFERED
    memory.offered = found.manifest.version.text if is_offer else ""
    has_notes = is_offer or found.standing is Standing.CURRENT
    memory.notes = found.manifest.notes if has_notes else ""
    place.remember(memory)
    return found


def _settle_handed(place: UpdatePlace, memory: UpdateMemory) -> None:
    """Remember what became of an installer that was run: it may have done nothing."""
    handed, memory.handed = memory.handed, ""
    if not handed:
        return
    if place.version.order < Version.read(handed).order:
        memory.note_failure(handed, tr("Its installer did not put it in place."))
    else:
        title = tr("screenpop was updated to version {version}", version=handed)
        memory.news, memory.is_bad_news = [title, ""], False


def _judged(place: UpdatePlace, memory: UpdateMemory, file: bytes) -> Found:
    manifest = trusted(file, place.installation.keys)
    digest = hashlib.sha256(file).hexdigest()
    serial, seen = memory.serial_of(place.settings.channel)
    here = Standpoint(
        channel=place.settings.channel,
        version=place.version,
        now=place.now(),
        serial=serial,
        digest=seen,
    )
    refuse_untimely(manifest, here, digest)
    memory.channel, memory.serial, memory.digest = (
        manifest.channel,
        manifest.serial,
        digest,
    )
    memory.checked_at = here.now.isoformat(timespec="seconds")
    if not is_newer(manifest, here):
        return Found(standing=Standing.CURRENT, manifest=manifest)
    if not manifest.is_for(place.settings.ring, memory.draw):
        return Found(standing=Standing.TURN, manifest=manifest)
    if manifest.version.text in memory.failed:
        why = memory.failed[manifest.version.text]
        return Found(standing=Standing.FAILED, manifest=manifest, why=why)
    kind = place.installation.artefact_kind
    artefact = manifest.artefact(place.platform, kind)
    if artefact is None:
        return Found(standing=Standing.ABSENT, manifest=manifest)
    return Found(
        standing=Standing.OFFERED,
        manifest=manifest,
        artefact=artefact,
        url=urljoin(place.manifest_url, artefact.url or artefact.name),
    )
