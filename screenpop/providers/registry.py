"""Find vendor adapters: the built-in ones and those of other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.plugins import BrokenPlugin, Plugins
from screenpop.wording import marked

if TYPE_CHECKING:
    from screenpop.providers.manifest import ProviderManifest

ENTRY_POINT_GROUP: Final = "screenpop.providers.v1"
BUILT_IN: Final = ("voxloud", "mango_voice", "primevox", "mobtexting", "tele2")


def _module_of(key: str) -> str:
    return f"screenpop.providers.{key}.manifest"


_VENDORS: Final[Plugins[ProviderManifest]] = Plugins(
    group=ENTRY_POINT_GROUP,
    built_in=BUILT_IN,
    module_of=_module_of,
    noun="phone system",
    unknown=marked("There is no phone system called “{name}”"),
)


def manifest(key: str) -> ProviderManifest:
    """The manifest of the vendor called ``key`` in ``config.toml``.

    Raises:
        ConfigurationError: There is no such vendor, or its adapter is broken.
    """
    return _VENDORS.get(key)


def keys() -> tuple[str, ...]:
    """The word of every known vendor, built-in ones first."""
    return _VENDORS.keys()


def manifests() -> tuple[tuple[ProviderManifest, ...], tuple[BrokenPlugin, ...]]:
    """All manifests that load, and those that do not."""
    return _VENDORS.all()
