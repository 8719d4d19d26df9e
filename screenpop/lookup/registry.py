"""Find kinds of contact sources: the built-in ones and those of other packages."""

from __future__ import annotations

import importlib
import logging
from functools import cache
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib import metadata

    from screenpop.lookup.manifest import SourceManifest

_log = logging.getLogger(__name__)

ENTRY_POINT_GROUP: Final = "screenpop.sources.v1"
BUILT_IN: Final = (
    "ldap",
    "rest",
    "hubspot",
    "pipedrive",
    "odoo",
    "salesforce",
    "zoho",
    "tryton",
    "microsoft",
    "google",
    "carddav",
)


def source_manifest(key: str) -> SourceManifest:
    """The manifest of the kind called ``key`` in ``config.toml``.

    Raises:
        ConfigurationError: There is no such kind, or it does not load.
    """
    if key in BUILT_IN:
        module = importlib.import_module(f"screenpop.lookup.sources.{key}")
        found: SourceManifest = module.MANIFEST
        return found
    for entry in _entry_points():
        if entry.name == key:
            return _load(entry)
    raise ConfigurationError(
        f"There is no kind of contact source called “{key[:40]}”",
        f"Known ones: {', '.join(sorted(source_kinds()))}.",
    )


def source_kinds() -> tuple[str, ...]:
    """The word of every known kind, built-in ones first."""
    return (*BUILT_IN, *(entry.name for entry in _entry_points()))


def source_manifests() -> tuple[SourceManifest, ...]:
    """All manifests that load; the log tells of the others."""
    good: list[SourceManifest] = []
    for key in source_kinds():
        try:
            good.append(source_manifest(key))
        except ConfigurationError:
            continue
    return tuple(good)


@cache
def _entry_points() -> tuple[metadata.EntryPoint, ...]:
    from importlib import metadata  # 1 MiB, of no use to built-in kinds

    return tuple(
        entry
        for entry in metadata.entry_points(group=ENTRY_POINT_GROUP)
        if entry.name not in BUILT_IN
    )


def _load(entry: metadata.EntryPoint) -> SourceManifest:
    try:
        found: SourceManifest = entry.load()
    except Exception as error:  # noqa: BLE001 - foreign code must not stop the rest
        _log.warning("source %s does not load: %s", entry.name, type(error).__name__)
        raise ConfigurationError(
            f"The contact source “{entry.name}” does not load ({type(error).__name__})",
            "Update or remove the package that provides it.",
        ) from None
    return found
