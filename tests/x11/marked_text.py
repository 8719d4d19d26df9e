"""Another program in which some text is marked, until its standard input ends."""

from __future__ import annotations

import sys


def main() -> None:
    """Own PRIMARY with the text of the last argument."""
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtGui import QClipboard, QGuiApplication

    app = QGuiApplication([])
    app.clipboard().setText(sys.argv[-1], QClipboard.Mode.Selection)
    app.processEvents()
    ending = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    ending.activated.connect(app.quit)
    sys.stdout.write("marked\n")
    sys.stdout.flush()
    app.exec()


if __name__ == "__main__":
    main()
