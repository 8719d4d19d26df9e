"""The registry of this user on Windows, as far as it is needed."""

from __future__ import annotations

import sys
from typing import NamedTuple, Protocol

from screenpop.wording import tr


class RegistryValue(NamedTuple):
    """One text in the registry, below ``HKEY_CURRENT_USER``.

    Attributes:
        key: The key's path.
        name: The value's name; "" is the key's default.
        text: What it says.
    """

    key: str
    name: str
    text: str


class UserRegistry(Protocol):
    """Reads and writes below ``HKEY_CURRENT_USER``."""

    def read(self, key: str, name: str) -> str | bytes | None:
        """A value; None when it is not there."""
        ...

    def write(self, value: RegistryValue) -> None:
        """Set a value, and make its key when it is missing."""
        ...

    def delete_value(self, key: str, name: str) -> None:
        """Remove a value; one that is not there is fine."""
        ...

    def delete_key(self, key: str) -> None:
        """Remove a key with all below it; one that is not there is fine."""
        ...


if sys.platform == "win32":
    import winreg

    from screenpop.domain.errors import ConfigurationError

    class WindowsRegistry:
        """The real one."""

        def read(self, key: str, name: str) -> str | bytes | None:
            """A value; None when it is not there."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as handle:
                    value: str | bytes = winreg.QueryValueEx(handle, name)[0]
                    return value
            except OSError:
                return None

        def write(self, value: RegistryValue) -> None:
            """Set a value, and make its key when it is missing.

            Raises:
                ConfigurationError: The registry does not allow it.
            """
            try:
                with winreg.CreateKey(winreg.HKEY_CURRENT_USER, value.key) as handle:
                    winreg.SetValueEx(handle, value.name, 0, winreg.REG_SZ, value.text)
            except OSError as error:
                raise ConfigurationError(
                    tr(
                        "The registry key {key} cannot be written: {reason}",
                        key=value.key,
                        reason=error.strerror,
                    ),
                    tr("Ask your administrator whether a policy forbids it."),
                ) from error

        def delete_value(self, key: str, name: str) -> None:
            """Remove a value; one that is not there is fine."""
            try:
                access = winreg.KEY_SET_VALUE
                with winreg.OpenKey(
                    winreg.HKEY_CURRENT_USER, key, access=access
                ) as handle:
                    winreg.DeleteValue(handle, name)
            except FileNotFoundError:
                return

        def delete_key(self, key: str) -> None:
            """Remove a key with all below it; one that is not there is fine."""
            try:
                access = winreg.KEY_ALL_ACCESS
                with winreg.OpenKey(
                    winreg.HKEY_CURRENT_USER, key, access=access
                ) as handle:
                    while winreg.QueryInfoKey(handle)[0]:
                        self.delete_key(rf"{key}\{winreg.EnumKey(handle, 0)}")
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
            except FileNotFoundError:
                return
