"""The language of the windows, of Qt's own texts, and of the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt

import catalogues
from screenpop.domain.form_fields import FormField
from screenpop.ui.countries import country_name
from screenpop.ui.languages import speak
from screenpop.ui.qt_texts import translate_qt
from screenpop.ui.settings.form_check import first_problem
from screenpop.ui.time_text import clock_text, use_half_days
from screenpop.wording import language, tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application; it speaks English again after the test."""
    catalogues.compile_all()
    before = QLocale()
    yield qapp
    speak(qapp, "en")
    translate_qt(qapp, "en", is_right_to_left=False)
    QLocale.setDefault(before)
    country_name.cache_clear()


def _qts_own(text: str) -> str:
    return QCoreApplication.translate("QWidgetTextControl", text)


@pytest.mark.parametrize(
    ("code", "text", "copy"),
    [
        # Qt has Italian; Lithuanian it has not.
        ("it", "Ancora nessuna chiamata", "&Copia"),
        ("lt", "Skambučių dar nėra", "Kopijuoti"),
    ],
)
def test_windows_and_qts_own_menus_speak_the_language(
    app: QApplication, code: str, text: str, copy: str
) -> None:
    speak(app, code)
    assert language() == code
    assert (tr("No calls yet"), _qts_own("&Copy")) == (text, copy)
    assert QLocale().name().startswith(code)
    speak(app, "en")
    assert (tr("No calls yet"), _qts_own("&Copy")) == ("No calls yet", "&Copy")


def test_a_field_is_called_in_a_problem_as_in_the_form(app: QApplication) -> None:
    speak(app, "de")
    asked = FormField(key="key", label="API key", kind="secret", is_required=True)
    assert first_problem((asked,), {}, ()) == "API-Schlüssel fehlt."


def test_countries_have_their_names_in_the_language(app: QApplication) -> None:
    speak(app, "lt")
    country_name.cache_clear()
    assert country_name("LT") == "Lietuva"


def test_windows_are_mirrored_for_a_language_from_the_right(app: QApplication) -> None:
    translate_qt(app, "ar", is_right_to_left=True)
    assert app.layoutDirection() is Qt.LayoutDirection.RightToLeft
    translate_qt(app, "en", is_right_to_left=False)
    assert app.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_the_clock_tells_half_days_where_the_system_does() -> None:
    noon = datetime(2026, 3, 2, 12, 5, 9).astimezone()
    assert clock_text(noon) == "12:05"
    use_half_days(("AM", "PM"))
    try:
        assert clock_text(noon) == "12:05\u00a0PM"
        assert clock_text(noon + timedelta(hours=2)) == "2:05\u00a0PM"
        assert clock_text(noon - timedelta(hours=12), with_seconds=True) == (
            "12:05:09\u00a0AM"
        )
    finally:
        use_half_days(None)
