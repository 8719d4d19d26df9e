"""What our windows are to a screen reader: cards are alerts, the others windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

_MARK: Final = "screenpop-role"
_ALERT: Final = "alert"
_WINDOW: Final = "window"
_is_installed: Final[list[bool]] = []


def announce_as_alert(widget: QWidget) -> None:
    """Give the widget the role of an alert, for as long as it lives."""
    _mark(widget, _ALERT)


def announce_as_window(widget: QWidget) -> None:
    """Give the widget the role of a window, which Qt keeps for its own classes."""
    _mark(widget, _WINDOW)


def _mark(widget: QWidget, role: str) -> None:
    widget.setProperty(_MARK, role)
    if not _is_installed:
        _is_installed.append(True)
        QAccessible.installFactory(_interface)


def _interface(_key: str, thing: QObject) -> QAccessibleInterface | None:
    """Qt asks this for every object that a screen reader looks at."""
    role = thing.property(_MARK) if isinstance(thing, QWidget) else None
    if not isinstance(thing, QWidget) or not role:
        return None
    is_alert = role == _ALERT
    kind = QAccessible.Role.AlertMessage if is_alert else QAccessible.Role.Window
    interface = QAccessibleWidget(thing, kind, "")
    # Qt deletes it together with the widget; until then Python must not.
    key = id(thing)
    if key not in _kept:
        thing.destroyed.connect(lambda: _kept.pop(key, None))
    _kept[key] = interface
    return interface


_kept: Final[dict[int, QAccessibleInterface]] = {}
