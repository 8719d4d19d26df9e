"""Managed preferences of macOS: a property list that device management writes.

What it says is locked, as such preferences are; what its dictionary ``Recommended``
says is a default.
"""

from __future__ import annotations

import plistlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from screenpop.config.layers import layered
from screenpop.config.policy_files import refused_layer
from screenpop.config.policy_guard import PolicyRefusedError, read_guarded
from screenpop.config.policy_layer import PolicyLayer, PolicyOrigin, layer_of
from screenpop.config.policy_registry import RECOMMENDED
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.policy_places import PolicyPlaces

_OF_APPLE = ("PayloadUUID", "PayloadType", "PayloadVersion", "PayloadIdentifier")


def read_plists(places: PolicyPlaces) -> tuple[PolicyLayer, ...]:
    """A layer for each file there is, the weakest first; never raises."""
    layers = []
    for number, path in enumerate(places.plists, start=1):
        is_last = number == len(places.plists)
        origin = PolicyOrigin.MANAGED_MACHINE if is_last else PolicyOrigin.MANAGED_USER
        try:
            data = read_guarded(path, places)
        except PolicyRefusedError as error:
            layers.append(refused_layer(path, origin, error))
            continue
        if data is not None:
            layers.append(layer_of_plist(path, data, origin))
    return tuple(layers)


def layer_of_plist(path: Path, data: bytes, origin: PolicyOrigin) -> PolicyLayer:
    """What the bytes of a property list say, in either of its forms."""
    try:
        read = plistlib.loads(data)
    except (ValueError, ExpatError, LookupError, RecursionError, OverflowError):
        return refused_layer(path, origin, tr("it is no property list"))
    if not isinstance(read, dict):
        return refused_layer(path, origin, tr("it is no property list"))
    return layer_of_preferences(str(path), read, origin)


def layer_of_preferences(
    name: str, preferences: Mapping[str, Any], origin: PolicyOrigin
) -> PolicyLayer:
    """A layer of preferences as they are read: sections are dictionaries."""
    forced = {
        key: value
        for key, value in preferences.items()
        if key != RECOMMENDED and key not in _OF_APPLE
    }
    advised = preferences.get(RECOMMENDED)
    try:
        table = layered(advised if isinstance(advised, dict) else {}, forced)
    except RecursionError:
        why = tr("it holds a value that nobody can read")
        return refused_layer(Path(name), origin, why)
    locked = []
    for key, value in forced.items():
        if isinstance(value, dict):
            locked += [f"{key}.{inner}" for inner in value if key != "policy"]
        else:
            locked.append(key)
    return layer_of(origin, name, table, locked=tuple(locked))
