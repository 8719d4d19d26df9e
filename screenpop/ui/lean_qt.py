"""Import Qt's binding without what it reads and compiles for developers.

WORKAROUND for PySide6 (its PYSIDE-2029): to learn whether a module may use
``from __feature__ import …`` it reads the whole file through ``linecache``, which keeps
it; what is imported already as well as what is imported later. With the program's
modules that is 12 MiB and a third of the time that importing them takes. We use no such
feature, so the answer is known.

It also compiles, at each start, the source of what describes its functions: for
``help()``, for stub files, for the text of the error when a function is called wrongly.
That comes from an archive within its library. Here it waits until one of these is
wanted, which spares an app that runs well a sixth of the import and 0.6 MiB.
"""

from __future__ import annotations

import inspect
import io
import linecache
import sys
import zipfile
from typing import IO, Any, Final, NoReturn

_RARELY_USED: Final = frozenset(
    f"shibokensupport/signature/{name}.py"
    for name in (
        "errorhandler",
        "layout",
        "lib/enum_sig",
        "lib/pyi_generator",
        "lib/tool",
        "parser",
    )
)
_STAND_IN: Final = b"""
def __getattr__(name):
    from screenpop.ui.lean_qt import load_late
    return load_late(__name__, name)
"""


def import_qt() -> None:
    """Import PySide6, if it is not imported yet, and stop its reading from then on."""
    getsource, archive = inspect.getsource, zipfile.ZipFile
    inspect.getsource = _no_source  # type: ignore[assignment]
    zipfile.ZipFile = _LateArchive  # type: ignore[misc]
    try:
        import PySide6.QtCore  # noqa: F401
    finally:
        inspect.getsource = getsource
        zipfile.ZipFile = archive  # type: ignore[misc]
    feature = sys.modules.get("shibokensupport.feature")
    if feature is not None and hasattr(feature, "_mod_uses_pyside"):
        vars(feature)["_mod_uses_pyside"] = lambda _module: False
    linecache.clearcache()


def load_late(name: str, wanted: str) -> object:
    """Fill a module that was put off, and give what is wanted of it.

    Raises:
        AttributeError: It has no such thing.
    """
    module = sys.modules[name]
    if wanted.startswith("__") or "__getattr__" not in vars(module):
        raise AttributeError(f"module {name!r} has no attribute {wanted!r}")
    del vars(module)["__getattr__"]
    path = f"{name.replace('.', '/')}.py"
    with module.__loader__.zfile.read_late(path) as source:  # type: ignore[union-attr]
        exec(compile(source.read(), path, "exec"), vars(module))  # noqa: S102
    return getattr(module, wanted)


class _LateArchive(zipfile.ZipFile):
    """Gives a stand-in for each of the rarely used modules."""

    def open(self, name: Any, *args: Any, **options: Any) -> IO[bytes]:
        if name in _RARELY_USED:
            return io.BytesIO(_STAND_IN)
        return super().open(name, *args, **options)

    def read_late(self, name: str) -> IO[bytes]:
        """The module itself."""
        return super().open(name)


def _no_source(_object: object) -> NoReturn:
    raise OSError("no source is wanted now")
