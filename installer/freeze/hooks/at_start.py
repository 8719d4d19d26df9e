"""What the frozen program does before anything else.

On Windows a program without a console has nothing to print to: what it says goes
nowhere then, instead of ending it. On Linux it has the programs that it starts, a
browser above all, use the system's libraries and not its own; and it goes on reading
its modules from the file that it was started from, after an upgrade has put another one
in its place.
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


def _without_console() -> None:
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


if sys.platform == "linux":
    _at_start()
elif sys.platform == "win32":
    _without_console()
