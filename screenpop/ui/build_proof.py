"""What a build may have left out of Qt: plug-ins, texts, and how to sort.

Qt finds its plug-ins by folder at run time; one that is missing, or a library that it
needs, shows first on the desktop that wants it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from screenpop.domain.errors import ScreenpopError

# Each of Linux' desktops needs others; all of them must load on each.
_PLUGINS: Final = {
    "linux": (
        "platforms/libqxcb.so",
        "platforms/libqwayland.so",
        "platforms/libqoffscreen.so",
        "wayland-shell-integration/libxdg-shell.so",
        "wayland-decoration-client/libadwaita.so",
        "platformthemes/libqxdgdesktopportal.so",
        "platforminputcontexts/libcomposeplatforminputcontextplugin.so",
        "platforminputcontexts/libibusplatforminputcontextplugin.so",
        "iconengines/libqsvgicon.so",
    ),
    "win32": ("platforms/qwindows.dll", "platforms/qoffscreen.dll"),
    "darwin": ("platforms/libqcocoa.dylib", "platforms/libqoffscreen.dylib"),
}


class QtIncomplete(ScreenpopError):
    """A part of Qt is missing in this build."""


def prove_qt() -> str:
    """See that Qt is complete; gives a sentence that says so.

    Raises:
        QtIncomplete: It is not.
    """
    from PySide6.QtCore import (
        QCollator,
        QLibraryInfo,
        QLocale,
        QPluginLoader,
        QTranslator,
        qVersion,
    )

    place = QLibraryInfo.LibraryPath
    folder = Path(QLibraryInfo.path(place.PluginsPath))
    names = _PLUGINS.get(sys.platform, ())
    for name in names:
        loader = QPluginLoader(str(folder / name))
        if not loader.load():
            raise QtIncomplete(
                f"This part of Qt does not load: {name}", loader.errorString()
            )
    texts = QLibraryInfo.path(place.TranslationsPath)
    if not QTranslator().load("qtbase_de", texts):
        raise QtIncomplete("Qt's own texts are missing")
    # In Lithuanian y stands with i, before j.
    lithuanian = QCollator(QLocale("lt"))
    if sys.platform == "linux" and lithuanian.compare("y", "j") >= 0:
        raise QtIncomplete("Qt does not know how other languages sort")
    return f"Qt {qVersion()}: {len(names)} plug-ins, its texts, how languages sort"
