"""What the frozen program does before anything else, on Linux.

It has the programs that it starts, a browser above all, use the system's libraries and
not its own; and it goes on reading its modules from the file that it was started from,
after an upgrade has put another one in its place.
"""

import os
import sys

import pyimod02_importers  # type: ignore[import-not-found]  # PyInstaller's own


def _at_start() -> None:
    # The loader has read it already; from here on only others would.
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before
    # The running file, even when its name belongs to a newer one.
    archive = pyimod02_importers.pyz_archive
    if archive is not None:
        vars(archive)["_filename"] = "/proc/self/exe"


if sys.platform == "linux":
    _at_start()
