"""Where administrators may write a policy on this platform.

Fixed, and no variable of the environment moves them: whoever a policy is for could set
that. Small, for every start asks whether there is a policy at all.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final, NamedTuple

BUNDLE_ID: Final = "org.screenpop.screenpop"
"""The domain of our managed preferences on macOS: that of the app's bundle."""
REGISTRY_KEY: Final = r"Software\Policies\screenpop"


class PolicyPlaces(NamedTuple):
    """Where policies are looked for.

    Attributes:
        files: TOML files, weakest first.
        folders: Folders of TOML files, each read in the order of its files' names.
        plists: Managed preferences of macOS, weakest first.
        has_registry: Whether there is a registry to look in.
        trusted: Who besides root may own or write them: a test's own user.
        top: Folders above this one are not looked at; None for all of them.
    """

    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    plists: tuple[Path, ...] = ()
    has_registry: bool = False
    trusted: tuple[int, ...] = ()
    top: Path | None = None

    def hold_any(self) -> bool:
        """Whether there is anything to read at all, however broken."""
        # A broken link is something that somebody meant to be there.
        paths = (*self.files, *self.folders, *self.plists)
        return any(map(os.path.lexists, paths)) or (
            self.has_registry and _has_registry_key()
        )

    def stamp(self) -> object:
        """What is another one when any policy has changed; nothing is read for it."""
        if not self.hold_any():
            return None
        listed = (each for folder in self.folders for each in _listed(folder))
        paths = (*self.files, *self.plists, *self.folders, *listed)
        registry = _registry_stamp() if self.has_registry else None
        return tuple(map(_stamp_of, paths)), registry

    def watched_folders(self) -> tuple[Path, ...]:
        """The folders in which something may change."""
        files = (*self.files, *self.plists)
        parents = dict.fromkeys(path.parent for path in files)
        return tuple(each for each in (*parents, *self.folders) if each.is_dir())


NO_POLICY: Final = PolicyPlaces()


def machine_places() -> PolicyPlaces:
    """Where policies are on this computer."""
    if sys.platform == "win32":
        folder = _program_data() / "screenpop"
        return PolicyPlaces(files=_files(folder, folder), has_registry=True)
    if sys.platform == "darwin":
        folder = Path("/Library/Application Support/screenpop")
        managed = Path("/Library/Managed Preferences")
        return PolicyPlaces(
            files=_files(folder, folder),
            plists=(
                managed / _user_name() / f"{BUNDLE_ID}.plist",
                managed / f"{BUNDLE_ID}.plist",
            ),
        )
    folder = Path("/etc/screenpop")
    return PolicyPlaces(
        files=_files(Path("/etc/xdg/screenpop"), folder),
        folders=(folder / "policy.d",),
    )


def _files(everybodys: Path, machines: Path) -> tuple[Path, ...]:
    """The file for everybody is among them: no variable shall hide what it locks."""
    return everybodys / "config.toml", machines / "policy.toml"


def _listed(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(sorted(folder.iterdir()))
    except OSError:
        return ()


def _stamp_of(path: Path) -> object:
    try:
        found = path.lstat()
    except OSError as error:
        return error.errno
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode, found.st_uid


if sys.platform == "win32":

    def _program_data() -> Path:
        import ctypes

        common_appdata = 0x23
        folder = ctypes.create_unicode_buffer(260)
        ctypes.windll.shell32.SHGetFolderPathW(None, common_appdata, None, 0, folder)
        return Path(folder.value or r"C:\ProgramData")

    def _has_registry_key() -> bool:
        import winreg

        for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            try:
                winreg.OpenKey(hive, REGISTRY_KEY).Close()
            except FileNotFoundError:
                continue
            except OSError:
                return True  # somebody locked it away: to be told, not passed over
            return True
        return False

    def _registry_stamp() -> object:
        import winreg

        hives = (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER)
        return tuple(_times_below(hive, REGISTRY_KEY) for hive in hives)

    def _times_below(hive: int, key: str) -> object:
        import winreg

        try:
            with winreg.OpenKey(hive, key) as handle:
                keys, _values, changed = winreg.QueryInfoKey(handle)
                names = [winreg.EnumKey(handle, index) for index in range(keys)]
        except OSError as error:
            return error.errno
        below = tuple(_times_below(hive, rf"{key}\{name}") for name in names)
        return changed, below

else:

    def _registry_stamp() -> object:
        return None

    def _has_registry_key() -> bool:
        return False


if sys.platform == "darwin":

    def _user_name() -> str:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
