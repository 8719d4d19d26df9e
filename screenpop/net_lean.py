"""Import httpx without what it loads for things that this program does not do.

For cookies, uploaded files and host names in other alphabets it brings a third of the
standard library's network modules: 1.3 MiB of an app that waits for calls. While it is
imported, its modules get an ``import`` of their own that hands out stand-ins for these.
Most of them import the real thing when it is first used, so nothing is lost but
cookies: this program keeps none, as the services it asks are told who asks by key.

Nobody else sees a stand-in, and with another version of httpx that imports other
modules, these are imported as ever.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType


@contextmanager
def lean_imports(package: str) -> Iterator[None]:
    """Let what is imported of that package from now on do with stand-ins.

    For as long as the context lasts, and for the package's modules only.
    """
    finder = _Finder(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder:
    """Finds what the other finders find, for the modules of one package."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if name.partition(".")[0] != self._package:
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _Finder):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = cast("Loader", _Loader(spec.loader))
            if spec is not None:
                return spec
        return None


class _Loader:
    """Loads a module as its own loader does, with another ``import`` within it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = _BUILTINS
        self._loader.exec_module(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def _import(
    name: str,
    globals_: Mapping[str, object] | None = None,
    locals_: Mapping[str, object] | None = None,
    names: Sequence[str] = (),
    level: int = 0,
) -> Any:
    stand_in = _STAND_INS.get(name) if level == 0 else None
    if stand_in is not None:
        return stand_in
    return builtins.__import__(name, globals_, locals_, names, level)


class _Late:
    """A module that is imported when something of it is wanted."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


class _NoCookies:
    """A jar that stays empty."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def extract_cookies(self, response: object, request: object) -> None:
        """Take none."""

    def add_cookie_header(self, request: object) -> None:
        """Add none."""


class _CookieRequest:
    """What a jar is shown of a request."""

    def __init__(self, **_about: object) -> None:
        pass


def _proxies() -> Any:
    return importlib.import_module("urllib.request").getproxies()


def _http_list(text: str) -> Any:
    return importlib.import_module("urllib.request").parse_http_list(text)


# `import a.b` gives a, `from a.b import c` gives a.b; each stand-in serves the one way
# in which httpx imports the module.
_STAND_INS: Final[Mapping[str, object]] = {
    "email.message": SimpleNamespace(message=_Late("email.message")),
    "http.cookiejar": SimpleNamespace(Cookie=SimpleNamespace, CookieJar=_NoCookies),
    "idna": _Late("idna"),
    "mimetypes": _Late("mimetypes"),
    "urllib.request": SimpleNamespace(
        request=SimpleNamespace(Request=_CookieRequest),
        getproxies=_proxies,
        parse_http_list=_http_list,
    ),
}
_BUILTINS: Final = {**vars(builtins), "__import__": _import}
