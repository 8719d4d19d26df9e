"""The whole program as it is, telling when its tray icon has had its first turn.

    python tests/bench/marked_app.py FD [ARGUMENT …]

The mark is the floor's: a timer of 0 ms, set when the icon is shown, writes the time
(CLOCK_MONOTONIC, ns) to FD from the first turn of the event loop. Nothing else differs
from ``python -m screenpop``.
"""

from __future__ import annotations

import os
import sys
import time

from screenpop.ui.lean_qt import import_qt

import_qt()  # as the program does before it imports anything of Qt
from PySide6 import QtWidgets  # noqa: E402
from PySide6.QtCore import QTimer  # noqa: E402

_descriptor = int(sys.argv.pop(1))


def _tell() -> None:
    os.write(_descriptor, b"%d\n" % time.monotonic_ns())


class MarkedIcon(QtWidgets.QSystemTrayIcon):
    """Sets the timer when it is shown."""

    def show(self) -> None:
        super().show()
        QTimer.singleShot(0, _tell)


if __name__ == "__main__":
    QtWidgets.QSystemTrayIcon = MarkedIcon  # type: ignore[misc]
    from screenpop.cli.main import main

    sys.exit(main())
