"""What others wrote is shown as they wrote it, and never as anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QPushButton, QToolTip

from screenpop.ui.plain_label import (
    PlainLabel,
    button_text,
    notification_text,
    tooltip_text,
)
from screenpop.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

HOSTILE = [
    "<b>Bank</b>",
    "<a href='https://example.com'>click</a>",
    "<qt>rich</qt>",
    "&Save && quit",
    "<!-- -->",
    "&lt;b&gt;",
]


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def label(qtbot: QtBot, theme: Theme) -> PlainLabel:
    label = PlainLabel(theme)
    qtbot.addWidget(label)
    label.resize(400, 24)
    return label


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_shows_and_tells_exactly_the_text(label: PlainLabel, text: str) -> None:
    label.show_text(text)
    assert label.text() == label.shown_text() == label.accessibleName() == text


def test_an_image_of_a_local_file_is_not_painted(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    picture.fill(0xFF00FF)
    path = tmp_path / "secret.png"
    picture.save(str(path))
    label = PlainLabel(theme)
    qtbot.addWidget(label)
    label.resize(600, 60)
    label.show_text(f'<img src="file://{path}" width="40" height="40">')
    painted = label.grab().toImage()
    colors = {
        painted.pixelColor(x, y).name()
        for x in range(painted.width())
        for y in range(painted.height())
    }
    assert "#ff00ff" not in colors
    assert len(colors) > 2


def test_a_long_text_ends_in_an_ellipsis_and_is_still_told_whole(
    label: PlainLabel,
) -> None:
    text = "Maximiliana " * 25
    label.show_text(text)
    assert label.shown_text().endswith("…")
    assert label.accessibleName() == text


def test_the_number_stays_whole_when_the_company_is_long(label: PlainLabel) -> None:
    label.show_text("Long Company Name " * 10, "+44 20 7946 0123")
    assert label.shown_text().endswith("… · +44 20 7946 0123")


def test_a_number_beside_a_right_to_left_name_keeps_its_order(
    label: PlainLabel,
) -> None:
    label.show_text("شركة الاختبار", "+44 20 7946 0123")
    assert label.shown_text().endswith("\u2068+44 20 7946 0123\u2069")
    assert label.accessibleName() == "شركة الاختبار · +44 20 7946 0123"


def test_a_label_asks_for_no_more_room_however_long_its_text(
    label: PlainLabel,
) -> None:
    label.show_text("x" * 300)
    assert label.minimumSizeHint().width() == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_a_button_shows_every_ampersand_and_has_no_shortcut(
    qtbot: QtBot, theme: Theme, text: str
) -> None:
    button = QPushButton(button_text(text))
    qtbot.addWidget(button)
    assert button.text().replace("&&", "&") == text
    assert button.shortcut().isEmpty()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_tool_tip_reads_as_the_text(text: str) -> None:
    document = QTextDocument()
    document.setHtml(tooltip_text(text))
    assert document.toPlainText() == text
    assert QToolTip.text() == ""


def test_no_text_gives_no_tool_tip() -> None:
    assert tooltip_text("") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_a_notification_has_nothing_left_that_could_be_markup(text: str) -> None:
    harmless = notification_text(text)
    assert not set("<>&") & set(harmless)
    assert len(harmless) == len(text)


def test_a_number_reads_the_same_where_people_read_from_the_right(
    label: PlainLabel,
) -> None:
    label.show_text("+44 20 7946 0123")
    label.resize(label.sizeHint())
    label.setAlignment(Qt.AlignmentFlag.AlignTrailing)
    from_left = label.grab().toImage()
    # Both stand at the right edge.
    label.setAlignment(Qt.AlignmentFlag.AlignLeading)
    label.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert label.grab().toImage() == from_left
