"""Find kinds of contact sources: the built-in ones and those of other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.plugins import Plugins
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.lookup.manifest import SourceManifest

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


def _module_of(key: str) -> str:
    return f"screenpop.lookup.sources.{key}"


_SOURCES: Final[Plugins[SourceManifest]] = Plugins(
    group=ENTRY_POINT_GROUP,
    built_in=BUILT_IN,
    module_of=_module_of,
    noun="kind of contact source",
    unknown=marked("There is no kind of contact source called “{name}”"),
)


def source_manifest(key: str) -> SourceManifest:
    """The manifest of the kind called ``key`` in ``config.toml``.

    Raises:
        ConfigurationError: There is no such kind, or it does not load.
    """
    return _SOURCES.get(key)


def source_kinds() -> tuple[str, ...]:
    """The word of every known kind, built-in ones first."""
    return _SOURCES.keys()


def source_manifests() -> tuple[SourceManifest, ...]:
    """All manifests that load; the log tells of the others."""
    return _SOURCES.all()[0]
