r"""Policies in the registry of Windows, as group policies and Intune write them.

What lies in ``Software\Policies\screenpop`` is locked, what lies in ``Recommended``
below it is a default, as browsers do it. A section is a key, a list is a key of values
whose names are numbers, an account a text of JSON in the list ``accounts``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final, Protocol

from screenpop.config.layers import layered
from screenpop.config.policy_layer import PolicyLayer, PolicyOrigin, layer_of
from screenpop.config.policy_places import REGISTRY_KEY
from screenpop.config.section_reader import SettingsProblem
from screenpop.config.setting_kinds import Kind, SettingKind, setting_kinds
from screenpop.wording import tr

RECOMMENDED: Final = "Recommended"
RegistryData = str | int | bytes | list[str] | None
_MOST_VALUES: Final = 2000
_HIVES: Final = (
    ("HKEY_CURRENT_USER", PolicyOrigin.REGISTRY_USER),
    ("HKEY_LOCAL_MACHINE", PolicyOrigin.REGISTRY_MACHINE),
)


class PolicyRegistry(Protocol):
    """Reads keys of a registry."""

    def values(self, hive: str, key: str) -> Mapping[str, RegistryData] | None:
        """The values of a key by their names; None when there is no such key.

        Raises:
            OSError: It cannot be read.
        """
        ...

    def keys(self, hive: str, key: str) -> tuple[str, ...]:
        """The names of the keys right below a key.

        Raises:
            OSError: They cannot be read.
        """
        ...


def read_registry(registry: PolicyRegistry) -> tuple[PolicyLayer, ...]:
    """A layer for each hive that has a policy, the weakest first; never raises."""
    found = (_layer(registry, hive, origin) for hive, origin in _HIVES)
    return tuple(layer for layer in found if layer is not None)


def _layer(
    registry: PolicyRegistry, hive: str, origin: PolicyOrigin
) -> PolicyLayer | None:
    name = rf"{hive}\{REGISTRY_KEY}"
    try:
        if registry.values(hive, REGISTRY_KEY) is None:
            return None
    except OSError as error:
        return _refused(origin, name, error)
    problems: list[SettingsProblem] = []
    reader = _Reader(registry, hive, problems)
    advised, is_advice_whole = reader.table(rf"{REGISTRY_KEY}\{RECOMMENDED}")
    forced, is_whole = reader.table(REGISTRY_KEY)
    return layer_of(
        origin,
        name,
        layered(advised, forced),
        locked=tuple(_places(forced)),
        problems=tuple(problems),
        is_broken=not (is_whole and is_advice_whole),
    )


def _refused(origin: PolicyOrigin, name: str, error: OSError) -> PolicyLayer:
    text = tr("it cannot be read: {reason}", reason=error.strerror)
    problem = SettingsProblem(name, text)
    return layer_of(origin, name, {}, problems=(problem,), is_broken=True)


def _places(forced: Mapping[str, Any]) -> list[str]:
    """What a forced table locks: each of its keys; of ``policy`` nothing needs it."""
    places = []
    for key, value in forced.items():
        if isinstance(value, dict) and key != "policy":
            places += [f"{key}.{inner}" for inner in value]
        elif key != "policy":
            places.append(key)
    return places


class _Reader:
    """Makes a table, as a TOML file would give it, of a key and those below it."""

    def __init__(
        self, registry: PolicyRegistry, hive: str, problems: list[SettingsProblem]
    ) -> None:
        self._registry = registry
        self._hive = hive
        self._problems = problems
        self._is_whole = True

    def table(self, root: str) -> tuple[dict[str, Any], bool]:
        """The table, and whether all of it could be read."""
        self._is_whole = True
        table = self._read_values(root, "")
        sections = {one.section for one in setting_kinds().values()}
        for name in self._names(root):
            if name.lower() == RECOMMENDED.lower():
                continue
            key, place = rf"{root}\{name}", name.lower()
            if place in setting_kinds():
                table[place] = self._read_list(key, setting_kinds()[place])
            elif place in sections:
                table[place] = self._read_section(key, place)
            else:
                self._unknown(place)
        return table, self._is_whole

    def _read_section(self, key: str, section: str) -> dict[str, Any]:
        values = self._read_values(key, section)
        for name in self._names(key):
            place = f"{section}.{name.lower()}"
            known = setting_kinds().get(place)
            if known is None:
                self._unknown(place)
            else:
                values[name.lower()] = self._read_list(rf"{key}\{name}", known)
        return values

    def _read_values(self, key: str, section: str) -> dict[str, Any]:
        table = {}
        for name, data in self._values(key).items():
            place = f"{section}.{name.lower()}" if section else name.lower()
            known = setting_kinds().get(place)
            if known is None:
                self._unknown(place)
            else:
                table[name.lower()] = self._value(place, known, data)
        return table

    def _read_list(self, key: str, known: SettingKind) -> list[Any]:
        values = self._values(key)
        # 1, 2, 10: by number, as the policy editor writes them.
        names = sorted(values, key=lambda name: (len(name), name))
        texts = [value for name in names if isinstance(value := values[name], str)]
        return self._listed(known.place, known, texts)

    def _value(self, place: str, known: SettingKind, data: RegistryData) -> Any:
        """What a value means for its setting; itself, where that makes no sense."""
        if known.kind is Kind.FLAG:
            return {0: False, 1: True}.get(data, data) if data in (0, 1) else data
        if known.kind in (Kind.TEXTS, Kind.SECTIONS):
            texts = data if isinstance(data, list) else [data]
            kept = [one for one in texts if isinstance(one, str) and one]
            return self._listed(place, known, kept)
        if known.kind is Kind.NUMBER and isinstance(data, str):
            return _number(data)
        if known.kind is Kind.MOMENT and isinstance(data, str):
            return _moment(data)
        return data

    def _listed(self, place: str, known: SettingKind, texts: list[str]) -> list[Any]:
        if known.kind is not Kind.SECTIONS:
            return list(texts)
        import json

        sections = []
        for text in texts:
            try:
                sections.append(json.loads(text))
            except (ValueError, RecursionError):
                wrong = tr("this is no JSON; it is ignored")
                self._problems.append(SettingsProblem(place, wrong))
        return sections

    def _values(self, key: str) -> Mapping[str, RegistryData]:
        try:
            values = self._registry.values(self._hive, key) or {}
        except OSError as error:
            self._failed(key, error)
            return {}
        return dict(list(values.items())[:_MOST_VALUES])

    def _names(self, key: str) -> tuple[str, ...]:
        try:
            return self._registry.keys(self._hive, key)
        except OSError as error:
            self._failed(key, error)
            return ()

    def _failed(self, key: str, error: OSError) -> None:
        self._is_whole = False
        text = tr("it cannot be read: {reason}", reason=error.strerror)
        self._problems.append(SettingsProblem(key, text))

    def _unknown(self, place: str) -> None:
        text = tr("screenpop does not know this setting; it is ignored")
        self._problems.append(SettingsProblem(place, text, is_warning=True))


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _moment(text: str) -> object:
    from datetime import datetime

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


if sys.platform == "win32":

    class WindowsPolicyRegistry:
        """The real one."""

        def values(self, hive: str, key: str) -> Mapping[str, RegistryData] | None:
            """The values of a key by their names; None when there is no such key."""
            import winreg

            try:
                handle = winreg.OpenKey(getattr(winreg, hive), key)
            except FileNotFoundError:
                return None
            with handle:
                count = min(winreg.QueryInfoKey(handle)[1], _MOST_VALUES)
                found = [winreg.EnumValue(handle, index) for index in range(count)]
            return {name: data for name, data, _kind in found}

        def keys(self, hive: str, key: str) -> tuple[str, ...]:
            """The names of the keys right below a key."""
            import winreg

            try:
                handle = winreg.OpenKey(getattr(winreg, hive), key)
            except FileNotFoundError:
                return ()
            with handle:
                count = min(winreg.QueryInfoKey(handle)[0], _MOST_VALUES)
                return tuple(winreg.EnumKey(handle, index) for index in range(count))
