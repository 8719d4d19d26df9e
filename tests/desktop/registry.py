"""A registry in memory, for platforms without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.desktop.windows_registry import RegistryValue


class MemoryRegistry:
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}

    def read(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def write(self, value: RegistryValue) -> None:
        self.values[value.key, value.name] = value.text

    def delete_value(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)

    def delete_key(self, key: str) -> None:
        for found, name in list(self.values):
            if found == key or found.startswith(f"{key}\\"):
                del self.values[found, name]
