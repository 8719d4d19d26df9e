"""The administrators' policy: all its layers together.

From the weakest to the strongest: the file for everybody, the machine's file, its
drop-ins in the order of their names, on Windows the registry of the user and that of
the machine, on macOS the managed preferences of the user and those of the machine. A
stronger layer's value hides a weaker one's, but what is locked by any of them beats
everything that is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from screenpop.config.layers import layered
from screenpop.config.policy_layer import (
    PolicyLayer,
    PolicyOrigin,
    locked_part,
    preset_keys,
    preset_places,
)
from screenpop.config.section_reader import SettingsProblem
from screenpop.config.toml_file import (
    BrokenError,
    UnreadableError,
    read_bytes,
)
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.policy_places import PolicyPlaces
    from screenpop.config.policy_registry import PolicyRegistry


@frozen(kw_only=True)
class Policy:
    """What administrators say, all together.

    Attributes:
        layers: Where it comes from, weakest first.
        table: What holds of it, in the form of ``config.toml``.
        locks: What users cannot change, each with the strongest layer that says so.
        presets: The accounts and sources that it has, such as "accounts.acme", and what
            it says of them, such as "accounts.acme.label".
    """

    layers: tuple[PolicyLayer, ...]
    table: Mapping[str, Any]
    locks: Mapping[str, str]
    presets: frozenset[str]

    @property
    def problems(self) -> tuple[SettingsProblem, ...]:
        """Everything wrong in any layer."""
        return tuple(problem for layer in self.layers for problem in layer.problems)


def policy_of(layers: Iterable[PolicyLayer]) -> Policy:
    """Join layers, the weakest first."""
    kept = tuple(layers)
    table: dict[str, Any] = {}
    locks: dict[str, str] = {}
    for layer in kept:
        table = layered(table, layer.table)
        locks |= dict.fromkeys(layer.locked, layer.name)
    for layer in kept:
        table = layered(table, locked_part(layer))
    if locks:
        said = table.get("policy")
        policy = said if isinstance(said, dict) else {}
        table["policy"] = {**policy, "locked": sorted(locks)}
    return Policy(
        layers=kept,
        table=MappingProxyType(table),
        locks=MappingProxyType(locks),
        presets=frozenset((*preset_places(table), *preset_keys(table))),
    )


NO_LAYERS = policy_of(())


def read_layers(
    places: PolicyPlaces, registry: PolicyRegistry | None = None
) -> tuple[PolicyLayer, ...]:
    """Every layer that this computer has, weakest first; never raises.

    Args:
        places: Where to look.
        registry: What to read instead of this computer's own registry.
    """
    from screenpop.config.policy_files import read_policy_files

    layers = list(read_policy_files(places))
    if places.has_registry:
        layers += _registry_layers(registry)
    if places.plists:
        from screenpop.config.policy_plist import read_plists

        layers += read_plists(places)
    return tuple(layers)


def read_site_file(path: Path, places: PolicyPlaces) -> PolicyLayer | None:
    """The layer of a file for everybody; None when there is none.

    A variable of the environment says where these are, so one that an ordinary user
    could have written counts for its settings only, and neither locks nor allows.
    """
    origin = PolicyOrigin.EVERYBODY
    try:
        data = read_bytes(path)
    except (UnreadableError, BrokenError) as error:
        from screenpop.config.policy_files import refused_layer

        return refused_layer(path, origin, error)
    if not data:
        return None
    from screenpop.config.policy_files import layer_of_file

    layer = layer_of_file(path, data, origin)
    if "policy" not in layer.table or not places.files or _is_trusted(path, places):
        return layer
    text = tr("only an administrator's file may say this; it is ignored")
    problem = SettingsProblem("policy", text, source=str(path))
    table = {key: value for key, value in layer.table.items() if key != "policy"}
    return replace(layer, table=table, locked=(), problems=(*layer.problems, problem))


def _is_trusted(path: Path, places: PolicyPlaces) -> bool:
    from screenpop.config.policy_guard import PolicyRefusedError, read_guarded

    try:
        return read_guarded(path, places) is not None
    except PolicyRefusedError:
        return False


def _registry_layers(registry: PolicyRegistry | None) -> tuple[PolicyLayer, ...]:
    from screenpop.config import policy_registry

    if registry is None and sys.platform == "win32":
        registry = policy_registry.WindowsPolicyRegistry()
    return () if registry is None else policy_registry.read_registry(registry)
