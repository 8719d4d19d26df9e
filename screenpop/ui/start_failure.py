"""Say in a window why screenpop does not run.

Who starts a program from a menu or at login has no terminal to read its complaint in.
No event loop, no services and no settings are needed: any of them may be what failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.desktop.display import can_make_windows
from screenpop.ui.error_presenter import Trouble, trouble_of

if TYPE_CHECKING:
    from screenpop.domain.errors import ScreenpopError
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.window import Sheet

_WIDTH_PX: Final = 420
_EDGE_PX: Final = 20


def show_start_failure(error: ScreenpopError) -> None:
    """Show title and advice until the user has read them.

    Does nothing where nobody could read and close a window: without a display, and on
    Qt's platforms that only draw to memory.
    """
    if not can_make_windows():
        return
    from screenpop.ui.lean_qt import import_qt

    import_qt()
    from PySide6.QtGui import QGuiApplication

    from screenpop.ui.qt_app import qt_app

    app = qt_app()
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        return
    from screenpop.ui.theme.theme import Theme

    sheet = failure_sheet(Theme(app), trouble_of(error))
    sheet.exec()


def failure_sheet(theme: Theme, trouble: Trouble) -> Sheet:
    """The window; all its text is plain, and can be copied into a message for help."""
    from screenpop.ui.widgets.text import TextBlock
    from screenpop.ui.widgets.window import Sheet
    from screenpop.ui.wording import tr

    sheet = Sheet(theme, None, tr("screenpop is not running"))
    sheet.body.setSpacing(theme.px(4))
    what = TextBlock(theme, f"{trouble.title}.", strong=True)
    sheet.body.addWidget(what)
    texts = [what]
    if trouble.advice:
        advice = TextBlock(theme, trouble.advice)
        sheet.body.addWidget(advice)
        texts.append(advice)
    for text in texts:
        text.allow_copy()
    close = sheet.add_button(tr("Close"), sheet.reject, "primary")
    close.setDefault(True)
    close.setFocus()
    width = theme.px(_WIDTH_PX)
    sheet.setFixedWidth(width)
    room = width - 2 * theme.px(_EDGE_PX)
    for text in texts:
        # By itself it keeps room for the lines of a narrower window.
        text.setFixedHeight(text.heightForWidth(room))
    # A reader of screens says this when the window comes up.
    sheet.setAccessibleDescription(trouble.text)
    return sheet
