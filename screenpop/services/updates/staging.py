"""Bring what is offered onto this computer, checked and tried, but not used yet."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import UpdateError, UpdateRefused
from screenpop.services.updates.archive import unpack
from screenpop.services.updates.fetching import Fetcher, is_as_announced
from screenpop.services.updates.finding import Standing, look
from screenpop.services.updates.hand_over import FOLDER, keep_setup, waiting_setup
from screenpop.services.updates.trial import Test, self_test
from screenpop.services.updates.versions import PROGRAM, disk_error
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.update_manifest import Artefact
    from screenpop.services.updates.finding import Found, UpdatePlace
    from screenpop.services.updates.versions import VersionsFolder

Tell = Callable[[int], None]
_INNER: Final = "program"


async def look_and_stage(place: UpdatePlace) -> Found:
    """Ask for what is offered, and have it ready when it is for this computer.

    Raises:
        UpdateError: It cannot be had, or does not work here; that is remembered.
        UpdateRefused: It is not what was announced.
    """
    fetcher = Fetcher()
    try:
        found = await look(place, fetcher)
        if found.standing is Standing.OFFERED:
            await stage(place, found, fetcher, lambda _: None)
    finally:
        await fetcher.aclose()
    return found


async def stage(
    place: UpdatePlace,
    found: Found,
    fetcher: Fetcher,
    tell: Tell,
    test: Test = self_test,
) -> None:
    """Have the offered version ready for the next quiet start.

    Raises:
        UpdateError: It cannot be had, or does not work here; that is remembered.
        UpdateRefused: It is not what was announced.
    """
    artefact, version = found.artefact, found.manifest.version.text
    if artefact is None or not place.installation.can_replace_itself:
        return
    versions = place.installation.versions
    if versions is None:
        await _stage_setup(place, found, fetcher, tell)
        return
    if versions.ready() == version:
        return
    versions.set_ready("")
    part = await fetcher.download(found.url, artefact, versions.updates, tell)
    _unpack(versions, version, part, artefact)
    problem = test(versions.program(version), version)
    if problem:
        versions.drop(version)
        memory = place.memory()
        memory.note_failure(version, problem)
        place.remember(memory)
        raise UpdateError(
            tr("Version {version} does not work here", version=version), problem
        )
    versions.set_ready(version)


def _unpack(
    versions: VersionsFolder, version: str, part: Path, artefact: Artefact
) -> None:
    draft = versions.draft(version)
    try:
        with part.open("rb") as stream:
            unpack(stream, draft)
        # What was unpacked is what was checked: nobody has changed it in between.
        if not is_as_announced(part, artefact):
            raise UpdateRefused(tr("The update is not the file that was announced"))
        # A tarball for people has more in it than the program.
        made = draft / _INNER if (draft / _INNER).is_dir() else draft
        program = made / PROGRAM
        if program.is_symlink() or not os.access(program, os.X_OK):
            raise UpdateRefused(tr("The update holds no program"))
        versions.adopt(version, made)
    except OSError as error:
        raise disk_error(error) from error
    finally:
        part.unlink(missing_ok=True)


async def _stage_setup(
    place: UpdatePlace, found: Found, fetcher: Fetcher, tell: Tell
) -> None:
    """Keep a verified installer, to be run at the next quiet start."""
    artefact = found.artefact
    if artefact is None or waiting_setup(place.folder) is not None:
        return
    folder = place.folder / FOLDER
    part = await fetcher.download(found.url, artefact, folder, tell)
    keep_setup(part, artefact, found.manifest.version.text)
