"""A language written from the right, to see windows mirrored before one is complete."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

_GAP: Final = re.compile(r"(\{\w+\})")
# As they sound, more or less: only their shape and direction matter here.
_LETTERS: Final = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz", "ابسديفغهيجكلمنوبقرستوفوصيز"
)


class MirroredLanguage:
    """English in Arabic letters."""

    code = "ar"
    is_right_to_left = True

    def gettext(self, message: str) -> str:
        """The sentence, its gaps left alone."""
        parts = _GAP.split(message)
        return "".join(
            part if _GAP.fullmatch(part) else part.lower().translate(_LETTERS)
            for part in parts
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The sentence for that many."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, _context: str, message: str) -> str:
        """The sentence, whatever it means."""
        return self.gettext(message)

    def sentences_with_gaps(self) -> Iterable[str]:
        """None: nothing is translated back."""
        return ()


def speak_for_pictures(app: QApplication, code: str) -> None:
    """Have the windows speak ``code``; "mirrored" is the language of this module."""
    if code != "mirrored":
        from screenpop.ui.languages import speak

        speak(app, code)
        return
    from screenpop.ui.qt_texts import translate_qt
    from screenpop.wording import install_catalogue

    install_catalogue(MirroredLanguage())
    translate_qt(app, "ar", is_right_to_left=True)


def enlarge_text(app: QApplication, scale: float) -> None:
    """Have the desktop's text that much larger; before there is a theme."""
    from PySide6.QtGui import QFontInfo

    font = app.font()
    font.setPixelSize(round(QFontInfo(font).pixelSize() * scale))
    app.setFont(font)
