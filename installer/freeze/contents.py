"""What goes into the frozen program and what stays out, on each platform.

Plain decisions by name, read by ``screenpop.spec`` and by tests; nothing here needs
PyInstaller. Each thing left out is left out for a reason, and ``screenpop self-test``
proves that nothing needed is among them.
"""

from __future__ import annotations

import re
import sys
from pathlib import PurePosixPath

QT_LANGUAGES = ("ar", "de", "es", "hi", "it", "lt")
"""The languages of the program; Qt has texts of its own for most of them."""

# Chosen at run time by name, so that no import statement leads to them.
COLLECTED = (
    "screenpop",
    # Its event loops and protocols; the relay's server.
    "uvicorn",
    # They import their parts when a name of theirs is first used.
    "websockets",
    "anyio._backends",
    "nats",
    "ldap3",
    "jeepney",
    "phonenumbers",
)
HIDDEN_IMPORTS = {
    "linux": (
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.libsecret",
        "secretstorage",
    ),
    "win32": ("keyring.backends.Windows",),
    "darwin": ("keyring.backends.macOS",),
}
STAND_INS = {"linux": ("cryptography",)}
"""Packages of which the frozen program has a small stand-in; see ``stand_ins``."""

HIDDEN_EVERYWHERE = (
    # Compiled modules ask for it, which no import statement tells.
    "_cffi_backend",
    "keyring.backends.chainer",
    "keyring.backends.fail",
    "keyring.backends.null",
)

EXCLUDED_MODULES = (
    # For whoever writes an adapter and tests it.
    "screenpop.providers.testing",
    "hypothesis",
    "pytest",
    # Of the standard library: nothing here draws with Tk, and nobody debugs in it.
    "curses",
    "doctest",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "nis",
    "pdb",
    "pydoc_data",
    "readline",
    "test",
    "tkinter",
    "turtle",
    "turtledemo",
    "unittest",
    "venv",
    # Only to compile what is compiled already. On Windows the keychain's library would
    # take the one without the other and fail.
    "cffi",
    "pycparser",
    # Optional parts of libraries that this program has no use for.
    "aiohttp",
    "gi",
    "h2",
    "pkg_resources",
    "rich",
    "setuptools",
    "socksio",
    "trio",
    "uvloop",
    "watchfiles",
    "yaml",
)

NOT_SHIPPED = frozenset(
    {
        "altgraph",
        "macholib",
        "packaging",
        "pefile",
        "pip",
        "pycparser",
        "pyinstaller",
        "pyinstaller-hooks-contrib",
        "setuptools",
        "wheel",
    }
)
"""Distributions that only the building needs, by their normal names."""

AS_FILES = {"ldap3": "pyc"}
"""Packages outside the archive of modules: under the LGPL one may replace them."""

# By folder of Qt's plugins; without Qt Network, QML, OpenGL, SQL and printing, the
# folders not named here serve nobody.
QT_PLUGINS = {
    "iconengines": {"qsvgicon"},
    # A desktop's own icons may be drawings. Pictures are read nowhere else.
    "imageformats": {"qsvg", "qico"},
    "platforminputcontexts": {
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    },
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"},
    # GTK itself is not brought along: where the desktop has it, its look is taken.
    "platformthemes": {"qgtk3", "qxdgdesktopportal"},
    "styles": {"qmodernwindowsstyle", "qmacstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-shell-integration": {"xdg-shell"},
}

QT_MODULES = ("Core", "DBus", "Gui", "Svg", "WaylandClient", "Widgets", "XcbQpa")
"""Qt's libraries; windows are painted by the processor, so OpenGL's are not there."""

_BROUGHT_ALONG = re.compile(
    # Of the system's libraries those that a desktop may lack, or has by another name.
    # The others are the system's: they must be of one age with its display, its fonts
    # and its bus, or are mended by its updates, TLS above all. Packages ask for them.
    r"lib(?:python3|ffi|bz2|uuid)[.\d]*\.so"
    r"|libxcb-(?:cursor|icccm|image|keysyms|render-util|util)\.so"
    # Qt and its binding.
    r"|lib(?:Qt6|icu|pyside6|shiboken6)"
)
_DEAD_WEIGHT = re.compile(
    r"(?:^|/)(?:opengl32sw|d3dcompiler_\d+|dxcompiler|dxil)\.dll$",
    re.IGNORECASE,
)
_QT_LIBRARY = re.compile(
    r"(?:^|/)(?:lib)?Qt6?([A-Z]\w*?)(?:\.so[\d.]*|\.dll|\.dylib)?$"
)
_BINDING = re.compile(r"(?:^|/)Qt([A-Z]\w*)(?:\.abi3)?\.(?:so|pyd)$")
_BINDINGS = frozenset({"Core", "Gui", "Widgets"})


def is_kept(name: str, platform: str = sys.platform) -> bool:
    """Whether a file of the bundle stays in it.

    Args:
        name: Where it would lie in the bundle.
        platform: ``sys.platform`` of the build.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if "PySide6" in path.parts or _QT_LIBRARY.search(path.name):
        return _is_kept_of_qt(path)
    is_library = path.name.startswith("lib") and ".so" in path.name
    if platform == "linux" and len(path.parts) == 1 and is_library:
        return bool(_BROUGHT_ALONG.match(path.name))
    return not _is_for_developers(path) and not _DEAD_WEIGHT.search(str(path))


def _is_kept_of_qt(path: PurePosixPath) -> bool:
    if _DEAD_WEIGHT.search(str(path)):
        return False
    parts = path.parts
    if "plugins" in parts:
        folder, stem = parts[-2], path.name.partition(".")[0]
        return stem.removeprefix("lib") in QT_PLUGINS.get(folder, ())
    if "translations" in parts:
        return path.name in {f"qtbase_{code}.qm" for code in QT_LANGUAGES}
    if path.suffix == ".pyi" or {"qml", "metatypes", "typesystems"} & set(parts):
        return False
    if binding := _BINDING.search(path.name):
        return binding[1] in _BINDINGS
    if library := _QT_LIBRARY.search(path.name):
        return library[1] in QT_MODULES
    return "pyside6qml" not in path.name


def _is_for_developers(path: PurePosixPath) -> bool:
    is_source = path.suffix in {".c", ".h", ".po", ".pxd", ".pyi", ".pyx"}
    is_note = path.name in {"py.typed", "direct_url.json", "RECORD", "REQUESTED"}
    return is_source or is_note or "sboms" in path.parts
