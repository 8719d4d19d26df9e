"""The one application object of Qt's, for whoever opens windows."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

from screenpop.ui.theme.theme import HAS_STYLE


def qt_app() -> QApplication:
    """That object, named and in the style that the theme builds on."""
    app = QApplication.instance()
    if app is None:
        # So it makes no other style first, as with "setStyle"; that takes 5 ms.
        app = QApplication([*sys.argv[:1], "-style", "fusion"])
        app.setProperty(HAS_STYLE, True)
    assert isinstance(app, QApplication)  # noqa: S101 - nobody makes another kind
    app.setApplicationName("screenpop")
    # Stands after the titles of windows: "Settings" alone could be anybody's.
    app.setApplicationDisplayName("screenpop")
    app.setDesktopFileName("screenpop")
    return app
