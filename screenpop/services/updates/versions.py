"""Several versions side by side, one of them current, switched in one step.

::

    ROOT/versions/0.1.0/screenpop      a whole version in a folder of its own
    ROOT/versions/0.2.0/screenpop
    ROOT/current -> versions/0.1.0     what menus and login start use
    ROOT/updates/                      the notes of a switch, and what is on its way

A program that is killed at any step leaves a tree that starts: ``current`` is replaced
by a rename, a version's folder gets its name when all of it is there, and a trial
leaves a note before it begins (`screenpop.services.updates.trial`).
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import UpdateError
from screenpop.domain.frozen import frozen
from screenpop.domain.update_manifest import Version
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM: Final = "screenpop"
CURRENT: Final = "current"
_VERSIONS: Final = "versions"
_DRAFT: Final = ".draft-"


@frozen(kw_only=True)
class Trial:
    """A version on trial: it is current, or about to be, and not proven yet.

    Attributes:
        former: What was current before, and is again when the trial fails.
        attempts: How often the trial was begun.
    """

    version: str
    former: str
    attempts: int = 1


class VersionsFolder:
    """The versions of one installation.

    Attributes:
        root: Holds everything above.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.updates = root / "updates"
        self._ready_file = self.updates / "ready.json"
        self._trial_file = self.updates / "trial.json"

    @classmethod
    def around(cls, program: Path) -> VersionsFolder | None:
        """The folder of versions that a program lies in, if it lies in one."""
        folder = program.parent
        if folder.parent.name != _VERSIONS:
            return None
        root = folder.parent.parent
        return cls(root) if (root / CURRENT).is_symlink() else None

    @property
    def is_writable(self) -> bool:
        """Whether this user may put another version in place."""
        return os.access(self.root, os.W_OK) and os.access(
            self.root / _VERSIONS, os.W_OK
        )

    @property
    def is_waiting(self) -> bool:
        """Whether a start has anything to do here; costs two looks at the disk."""
        return self._trial_file.exists() or self._ready_file.exists()

    @property
    def current_program(self) -> Path:
        """The program of whichever version is current."""
        return self.root / CURRENT / PROGRAM

    def current(self) -> str:
        """The version that is current; "" when that cannot be told."""
        try:
            return (self.root / CURRENT).readlink().name
        except OSError:
            return ""

    def folder(self, version: str) -> Path:
        """Where a version lies or would lie.

        Raises:
            UpdateRefused: That is no version.
        """
        return self.root / _VERSIONS / Version.read(version).text

    def program(self, version: str) -> Path:
        """The program of a version."""
        return self.folder(version) / PROGRAM

    def has(self, version: str) -> bool:
        """Whether a version is there, whole."""
        return self.program(version).is_file()

    # --- changing --------------------------------------------------------------------

    def draft(self, version: str) -> Path:
        """An empty folder in which a version is put together.

        Raises:
            UpdateError: The disk does not take it.
        """
        folder = self.folder(version)
        draft = folder.with_name(_DRAFT + folder.name)
        try:
            _remove(draft)
            draft.mkdir(parents=True)
        except OSError as error:
            raise disk_error(error) from error
        return draft

    def adopt(self, version: str, made: Path) -> None:
        """A folder within the draft becomes the version, all at once.

        Raises:
            UpdateError: The disk does not take it.
        """
        folder = self.folder(version)
        try:
            _remove(folder)
            _settle_disk()
            made.rename(folder)
            _sync(folder.parent)
            _remove(folder.with_name(_DRAFT + folder.name))
        except OSError as error:
            raise disk_error(error) from error

    def switch(self, version: str) -> None:
        """Make a version the current one; at no moment is there none.

        Raises:
            UpdateError: The disk does not take it.
        """
        link = self.root / f".{CURRENT}-new"
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(Path(_VERSIONS) / Version.read(version).text)
            link.replace(self.root / CURRENT)
            _sync(self.root)
        except OSError as error:
            raise disk_error(error) from error

    def drop(self, version: str) -> None:
        """Remove a version; what cannot be removed now is tried again later."""
        shutil.rmtree(self.folder(version), ignore_errors=True)

    def keep_only(self, versions: Iterable[str]) -> None:
        """Remove all other versions and drafts."""
        kept = {self.current(), *versions}
        for folder in (self.root / _VERSIONS).iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    # --- notes -----------------------------------------------------------------------

    def ready(self) -> str:
        """The version that waits to be switched to; "" for none."""
        version = _read(self._ready_file).get("version")
        if not isinstance(version, str) or not self._is_there(version):
            return ""
        return version

    def set_ready(self, version: str) -> None:
        """Note which version waits; "" for none."""
        _write(self._ready_file, {"version": version} if version else None)

    def trial(self) -> Trial | None:
        """The trial that was begun and not ended."""
        read = _read(self._trial_file)
        version, former = read.get("version"), read.get("former")
        attempts = read.get("attempts")
        if (
            isinstance(version, str)
            and isinstance(former, str)
            and isinstance(attempts, int)
        ):
            return Trial(version=version, former=former, attempts=attempts)
        return None

    def set_trial(self, trial: Trial | None) -> None:
        """Note a trial before it begins, or that it has ended."""
        table = None
        if trial is not None:
            table = {
                "version": trial.version,
                "former": trial.former,
                "attempts": trial.attempts,
            }
        _write(self._trial_file, table)

    def _is_there(self, version: str) -> bool:
        try:
            return self.has(version)
        except UpdateError:
            return False


def disk_error(error: OSError) -> UpdateError:
    """What the disk said, for the user."""
    return UpdateError(
        tr("The update cannot be written: {reason}", reason=error.strerror or error),
        tr("Free some disk space or make the folder writable."),
    )


def _read(path: Path) -> dict[str, object]:
    try:
        table = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def _write(path: Path, table: dict[str, object] | None) -> None:
    from screenpop.config.atomic_file import replace_file

    try:
        if table is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        replace_file(path, json.dumps(table).encode())
    except OSError as error:
        raise disk_error(error) from error


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _settle_disk() -> None:
    """Have what was written on the disk before its folder gets its name."""
    if hasattr(os, "sync"):
        os.sync()


def _sync(folder: Path) -> None:
    """Make a new name survive a power cut."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
