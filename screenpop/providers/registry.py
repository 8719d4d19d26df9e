"""Find vendor adapters: the built-in ones and those of other packages."""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib import metadata

    from screenpop.providers.manifest import ProviderManifest

_log = logging.getLogger(__name__)

ENTRY_POINT_GROUP: Final = "screenpop.providers.v1"
BUILT_IN: Final = ("voxloud", "mango_voice", "primevox", "mobtexting", "tele2")


@dataclass(frozen=True, slots=True)
class BrokenProvider:
    """An adapter that could not be loaded."""

    key: str
    problem: str


def manifest(key: str) -> ProviderManifest:
    """The manifest of the vendor called ``key`` in ``config.toml``.

    Raises:
        ConfigurationError: There is no such vendor, or its adapter is broken.
    """
    if key in BUILT_IN:
        module = importlib.import_module(f"screenpop.providers.{key}.manifest")
        found: ProviderManifest = module.MANIFEST
        return found
    for entry in _entry_points():
        if entry.name == key:
            return _load(entry)
    raise ConfigurationError(
        f"There is no phone system called “{key}”",
        f"Known ones: {', '.join(sorted(keys()))}.",
    )


def keys() -> tuple[str, ...]:
    """The word of every known vendor, built-in ones first."""
    return (*BUILT_IN, *(entry.name for entry in _entry_points()))


def manifests() -> tuple[tuple[ProviderManifest, ...], tuple[BrokenProvider, ...]]:
    """All manifests that load, and those that do not."""
    good: list[ProviderManifest] = []
    broken: list[BrokenProvider] = []
    for key in keys():
        try:
            good.append(manifest(key))
        except ConfigurationError as error:
            broken.append(BrokenProvider(key, error.title))
    return tuple(good), tuple(broken)


@cache
def _entry_points() -> tuple[metadata.EntryPoint, ...]:
    from importlib import metadata  # 1 MiB, of no use to built-in adapters

    return tuple(
        entry
        for entry in metadata.entry_points(group=ENTRY_POINT_GROUP)
        if entry.name not in BUILT_IN
    )


def _load(entry: metadata.EntryPoint) -> ProviderManifest:
    try:
        found: ProviderManifest = entry.load()
    except Exception as error:  # noqa: BLE001 - foreign code must not stop the rest
        _log.warning("provider %s does not load: %s", entry.name, type(error).__name__)
        raise ConfigurationError(
            f"The adapter for “{entry.name}” does not load ({type(error).__name__})",
            "Update or remove the package that provides it.",
        ) from None
    return found
