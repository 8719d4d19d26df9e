"""What the frozen program does before anything else.

On Windows a program without a console has nothing to print to: what it says goes
nowhere then, instead of ending it. On Linux:

- The programs that it starts, a browser above all, use the system's libraries and not
  its own.
- It goes on reading its modules from the file that it was started from, after an
  upgrade has put another one in its place.
- It finds a module by its name at once. PyInstaller's way, by the folder in which the
  module would lie, opens the program anew for each: a start takes a fifth longer.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from importlib.machinery import ModuleSpec

# PyInstaller's own, in every frozen program.
import pyimod01_archive  # type: ignore[import-not-found]
import pyimod02_importers  # type: ignore[import-not-found]

TYPE_CHECKING = False  # the real one would be imported with all of typing
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any


class _Modules:
    """Finds the modules in the archive, for `sys.meta_path`."""

    def __init__(self, archive: Any, program: int) -> None:
        self._archive = archive
        self._toc = archive.toc
        self._start = vars(archive)["_start_offset"]
        self._program = program
        archive.extract = self._extracted
        self._extract_others = type(archive).extract

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """A module's specification; None for what lies in a file of its own."""
        entry = self._toc.get(name)
        if entry is None or entry[0] == pyimod01_archive.PYZ_ITEM_NSPKG:
            return None
        is_package = entry[0] == pyimod01_archive.PYZ_ITEM_PKG
        loader = pyimod02_importers.PyiFrozenLoader(
            name, self._archive, name, is_package
        )
        spec = ModuleSpec(name, loader, origin=loader.path, is_package=is_package)
        spec.has_location = True
        if is_package:
            folder = loader.path.rpartition("/")[0]
            spec.submodule_search_locations = [folder]
        return spec

    def _extracted(self, name: str, raw: bool = False) -> Any:
        entry = self._toc.get(name)
        if entry is None or entry[0] not in _CODE or raw:
            return self._extract_others(self._archive, name, raw)
        at = self._start + entry[1]
        # Not mapped into memory: that would count as the program's for ever.
        packed = os.pread(self._program, entry[2], at)
        return marshal.loads(zlib.decompress(packed))  # noqa: S302 - its own file


_CODE = (pyimod01_archive.PYZ_ITEM_MODULE, pyimod01_archive.PYZ_ITEM_PKG)


def _at_start() -> None:
    # The loader has read it already; from here on only others would.
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before
    archive = pyimod02_importers.pyz_archive
    # The running file, even when its name belongs to a newer one.
    vars(archive)["_filename"] = "/proc/self/exe"
    program = os.open("/proc/self/exe", os.O_RDONLY)
    sys.meta_path.insert(0, _Modules(archive, program))


def _without_console() -> None:
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


if sys.platform == "linux":
    _at_start()
elif sys.platform == "win32":
    _without_console()
