"""Floor of start, memory and idle work: bare PySide6 with a tray icon and a window.

    python tests/bench/floors/tray_window.py [FD]

Nothing but what any tray program in PySide6 must do: an application, an icon with a
menu, a window with a label, the event loop. Its first turn is told to FD, if given.
"""

from __future__ import annotations

import os
import sys
import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QSystemTrayIcon


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    pixmap = QPixmap(22, 22)
    pixmap.fill(Qt.GlobalColor.darkGreen)
    menu = QMenu()
    menu.addAction("Quit", app.quit)
    icon = QSystemTrayIcon(QIcon(pixmap))
    icon.setContextMenu(menu)
    icon.setToolTip("floor")
    icon.show()
    window = QLabel("floor")
    window.resize(360, 240)
    window.show()
    if len(sys.argv) > 1:
        descriptor = int(sys.argv[1])
        QTimer.singleShot(
            0, lambda: os.write(descriptor, b"%d\n" % time.monotonic_ns())
        )
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
