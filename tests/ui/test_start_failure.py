"""The window that says why screenpop does not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from screenpop.domain.errors import StoreTooNew
from screenpop.ui.error_presenter import Trouble, trouble_of
from screenpop.ui.start_failure import failure_sheet, show_start_failure
from screenpop.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


def _texts(theme: Theme, trouble: Trouble) -> list[str]:
    sheet = failure_sheet(theme, trouble)
    sheet.show()
    labels = [label for label in sheet.findChildren(QLabel) if label.isVisible()]
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels[:3])
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert not sheet.isVisible()
    return [label.text() for label in labels if label.text()]


def test_title_and_advice_are_read_and_enter_closes(theme: Theme) -> None:
    trouble = trouble_of(StoreTooNew("A newer screenpop wrote the database"))
    assert _texts(theme, trouble) == [
        "screenpop is not running",
        "A newer screenpop wrote the database.",
        "Update screenpop; the database was left untouched.",
    ]


def test_the_name_of_a_folder_is_no_markup(theme: Theme) -> None:
    title = 'The folder /home/<b>x</b>/<img src="file:///etc"> cannot be created'
    assert f"{title}." in _texts(theme, Trouble(title))


@pytest.mark.usefixtures("qapp")
def test_where_nobody_could_close_it_no_window_waits() -> None:
    show_start_failure(StoreTooNew("A newer screenpop wrote the database"))
