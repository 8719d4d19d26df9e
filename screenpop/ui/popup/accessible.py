"""How a card looks to a screen reader: as an alert, not as one more window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

_MARK: Final = "screenpop-alert"
_is_installed: Final[list[bool]] = []


def announce_as_alert(widget: QWidget) -> None:
    """Give the widget the role of an alert, for as long as it lives."""
    widget.setProperty(_MARK, True)
    if not _is_installed:
        _is_installed.append(True)
        QAccessible.installFactory(_alert_interface)


def _alert_interface(_key: str, thing: QObject) -> QAccessibleInterface | None:
    """Qt asks this for every object that a screen reader looks at."""
    if not isinstance(thing, QWidget) or not thing.property(_MARK):
        return None
    interface = QAccessibleWidget(thing, QAccessible.Role.AlertMessage, "")
    # Qt deletes it together with the widget; until then Python must not.
    key = id(thing)
    if key not in _kept:
        thing.destroyed.connect(lambda: _kept.pop(key, None))
    _kept[key] = interface
    return interface


_kept: Final[dict[int, QAccessibleInterface]] = {}
