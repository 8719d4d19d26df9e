"""The texts that come from Qt itself: the menu of a text field, buttons of dialogs.

Loaded for other languages than English only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator

from screenpop.wording import marked, tr_marked

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

# What we have of Qt's texts, for the languages that Qt does not come in.
_TEXTS: Final = {
    "Undo": marked("Undo"),
    "Redo": marked("Redo"),
    "Cut": marked("Cut"),
    "Copy": marked("Copy"),
    "Paste": marked("Paste"),
    "Delete": marked("Delete"),
    "Select All": marked("Select all"),
    "OK": marked("OK"),
    "Cancel": marked("Cancel"),
    "Close": marked("Close"),
    "Open": marked("Open"),
    "Save": marked("Save"),
    "Yes": marked("Yes"),
    "No": marked("No"),
    "Look in:": marked("Look in:"),
    "File name:": marked("File name:"),
    "Files of type:": marked("Files of type:"),
    "Directory:": marked("Folder:"),
}


class _OwnTexts(QTranslator):
    """Gives Qt what our own catalogue has of its texts."""

    def isEmpty(self) -> bool:
        """Else Qt does not take it."""
        return False

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        """A text of Qt's; None for Qt's own English."""
        del context, disambiguation, n
        text = _TEXTS.get(sourceText.replace("&", ""))
        return None if text is None else str(tr_marked(text))


_installed: list[QTranslator] = []


def translate_qt(app: QApplication, code: str, *, is_right_to_left: bool) -> None:
    """Have Qt speak the language too, and mirror its layouts where it is so."""
    for translator in _installed:
        QCoreApplication.removeTranslator(translator)
    _installed.clear()
    system = QLocale.system()
    is_systems = system.name().partition("_")[0] == code
    QLocale.setDefault(system if is_systems else QLocale(code))
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    theirs = QTranslator(app)
    if not theirs.load(f"qtbase_{code}", folder):
        theirs = _OwnTexts(app)
    _installed.append(theirs)
    QCoreApplication.installTranslator(theirs)
    direction = Qt.LayoutDirection
    app.setLayoutDirection(
        direction.RightToLeft if is_right_to_left else direction.LeftToRight
    )
