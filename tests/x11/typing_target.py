"""A window of another program that is typed into: `typing_target.py FILE`.

Writes "ready" and its window's id to standard output once it has the keyboard, and what
it holds to FILE after each change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QPlainTextEdit


def main(arguments: list[str]) -> int:
    """Show the window until it is ended."""
    app = QApplication(["typing-target"])
    file = Path(arguments[0])
    box = QPlainTextEdit()
    box.setWindowTitle("typing-target")
    box.textChanged.connect(lambda: file.write_text(box.toPlainText(), "utf-8"))
    box.setGeometry(40, 40, 400, 300)
    box.show()
    box.activateWindow()

    def say_when_ready() -> None:
        if box.hasFocus():
            sys.stdout.write(f"ready {int(box.winId())}\n")
            sys.stdout.flush()

    app.focusWindowChanged.connect(lambda _window: say_when_ready())
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
