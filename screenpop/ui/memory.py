"""What the windows remember between two runs: places, sizes, last choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

if TYPE_CHECKING:
    from pathlib import Path


class FileMemory:
    """Keeps it in an INI file; a lost file costs nothing but a few clicks."""

    def __init__(self, path: Path) -> None:
        self._file = QSettings(str(path), QSettings.Format.IniFormat)

    def recall(self, key: str) -> str:
        """What was remembered; "" for nothing."""
        value = self._file.value(key, "")
        return value if isinstance(value, str) else ""

    def remember(self, key: str, value: str) -> None:
        """Keep ``value`` until told otherwise."""
        self._file.setValue(key, value)
