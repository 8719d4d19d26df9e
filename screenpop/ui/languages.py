"""The user's language, for our texts and for Qt's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from screenpop.config.languages import (
    chosen_language,
    language_setting,
    posix_languages,
    read_catalogue,
)
from screenpop.ui.time_text import use_half_days
from screenpop.wording import (
    install_catalogue,
    is_right_to_left,
    language,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QApplication

    from screenpop.config.paths import Paths


def speak_early(app: QApplication, paths: Paths) -> None:
    """Use the language before the settings are read, which takes its time."""
    files = (paths.config_file, *reversed(paths.site_config_files))
    speak(app, language_setting(files))
    _tell_time_as_the_system()


def speak(app: QApplication, setting: str) -> None:
    """Make all texts from now on in that language, and mirror what is then made.

    Args:
        app: Whose windows they are.
        setting: The language's code; "" for the system's.
    """
    code = chosen_language(setting, _system_languages())
    if code == language():
        return
    install_catalogue(read_catalogue(code))
    from screenpop.ui.qt_texts import translate_qt

    translate_qt(app, language(), is_right_to_left=is_right_to_left())


def _tell_time_as_the_system() -> None:
    """A matter of the country, not of the language: the words alone are of that."""
    from PySide6.QtCore import QLocale

    form = QLocale.system().timeFormat(QLocale.FormatType.ShortFormat)
    if "a" in form.lower():
        words = QLocale()
        use_half_days((words.amText(), words.pmText()))


def _system_languages() -> Iterable[str]:
    if sys.platform == "win32" or sys.platform == "darwin":
        from PySide6.QtCore import QLocale

        return QLocale.system().uiLanguages()
    return posix_languages()
