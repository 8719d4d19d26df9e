"""Hand a verified installer over, where a program cannot replace itself in place.

On Windows the installer for one user is run silently while screenpop is not running. It
has the new version prove itself before that takes the old one's place; going back later
takes the former installer, with the newer version removed first.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.update_manifest import Version
from screenpop.services.updates.fetching import has_hash
from screenpop.services.updates.installation import clean_environment
from screenpop.services.updates.versions import disk_error

if TYPE_CHECKING:
    from screenpop.domain.update_manifest import Artefact

FOLDER: Final = "updates"
NOTE: Final = "ready.json"
# Nobody waits for it: this program ends first.
_left_behind: list[subprocess.Popen[bytes]] = []
# No window; try the new version first; start screenpop when done (docs/install.md).
_SILENT: Final = ("/S", "/SELFTEST=1", "/START=1")


@frozen
class WaitingSetup:
    """An installer that was verified and waits to be run."""

    path: Path
    version: str
    sha256: str

    @property
    def command(self) -> list[str]:
        """What installs it, silently, and starts it."""
        return [str(self.path), *_SILENT]


def keep_setup(part: Path, artefact: Artefact, version: str) -> None:
    """Keep a verified download as the installer that waits.

    Raises:
        UpdateError: The disk does not take it.
    """
    from screenpop.config.atomic_file import replace_file

    kept = part.with_name(artefact.name)
    note = {"setup": artefact.name, "sha256": artefact.sha256, "version": version}
    try:
        part.replace(kept)
        replace_file(part.with_name(NOTE), json.dumps(note).encode())
    except OSError as error:
        raise disk_error(error) from error


def waiting_setup(data_dir: Path) -> WaitingSetup | None:
    """The installer that waits, if it is still the one that was verified."""
    folder = data_dir / FOLDER
    try:
        note = json.loads((folder / NOTE).read_bytes())
        name, sha256 = str(note["setup"]), str(note["sha256"])
        path = folder / Path(name).name
        if has_hash(path, sha256):
            return WaitingSetup(path, Version.read(str(note["version"])).text, sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def take_setup(data_dir: Path, own: Version) -> WaitingSetup | None:
    """The installer to be run now; it will not wait any more after this.

    A version that is not newer was installed already, or by hand.
    """
    waiting = waiting_setup(data_dir)
    (data_dir / FOLDER / NOTE).unlink(missing_ok=True)
    if waiting is None or Version.read(waiting.version).order <= own.order:
        return None
    return waiting


def run_setup(command: list[str]) -> None:
    """Start an installer that goes on when this program has ended.

    Raises:
        OSError: It cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    process = subprocess.Popen(  # noqa: S603 - its hash was looked at a moment ago
        command,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=flags,
        start_new_session=True,
    )
    _left_behind.append(process)
