"""Import Qt's binding without its reading the source of every module.

WORKAROUND for PySide6 (its PYSIDE-2029): to learn whether a module may use
``from __feature__ import …`` it reads the whole file through ``linecache``, which keeps
it; what is imported already as well as what is imported later. With the program's
modules that is 12 MiB and a third of the time that importing them takes. We use no such
feature, so the answer is known.
"""

from __future__ import annotations

import inspect
import linecache
import sys
from typing import NoReturn


def import_qt() -> None:
    """Import PySide6, if it is not imported yet, and stop its reading from then on."""
    getsource = inspect.getsource
    inspect.getsource = _no_source  # type: ignore[assignment]
    try:
        import PySide6.QtCore  # noqa: F401
    finally:
        inspect.getsource = getsource
    feature = sys.modules.get("shibokensupport.feature")
    if feature is not None and hasattr(feature, "_mod_uses_pyside"):
        vars(feature)["_mod_uses_pyside"] = lambda _module: False
    linecache.clearcache()


def _no_source(_object: object) -> NoReturn:
    raise OSError("no source is wanted now")
