"""The colours can be told apart, and light and dark can be had on any platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton

from screenpop.ui.popup.card import Card
from screenpop.ui.popup.sample import SAMPLE
from screenpop.ui.theme import DARK, LIGHT, Colors, TextSize, Theme
from screenpop.ui.theme.palette import SHAPE_CONTRAST, TEXT_CONTRAST, contrast
from screenpop.ui.tray_icon import badge_contrasts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from screenpop.ui.theme.theme import SchemeChoice

SCHEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def unstyled(qapp: QApplication) -> Iterator[Theme]:
    """As in an app that has opened no window yet."""
    qapp.setStyleSheet("")
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


def test_contrast_is_computed_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)


@SCHEMES
def test_every_text_can_be_read_on_every_ground_it_stands_on(colors: Colors) -> None:
    weak = {
        what: round(contrast(text, ground), 2)
        for what, text, ground in colors.text_pairs()
        if contrast(text, ground) < TEXT_CONTRAST
    }
    assert weak == {}


@SCHEMES
def test_every_shape_that_means_something_can_be_seen(colors: Colors) -> None:
    weak = {
        what: round(contrast(shape, ground), 2)
        for what, shape, ground in colors.shape_pairs()
        if contrast(shape, ground) < SHAPE_CONTRAST
    }
    assert weak == {}


def test_what_is_white_in_the_tray_icon_can_be_read() -> None:
    assert all(ratio >= TEXT_CONTRAST for ratio in badge_contrasts().values())


def test_a_line_has_the_same_colour_everywhere() -> None:
    assert LIGHT.line_color("Sales UK") == LIGHT.line_color("Sales UK")
    at = LIGHT.lines.index(LIGHT.line_color("Sales UK"))
    assert DARK.lines.index(DARK.line_color("Sales UK")) == at


@pytest.mark.parametrize(
    ("choice", "expected"), [("light", LIGHT), ("dark", DARK)], ids=["light", "dark"]
)
def test_the_setting_works_where_the_platform_has_no_scheme(
    qapp: QApplication, theme: Theme, choice: SchemeChoice, expected: Colors
) -> None:
    theme.set_choice(choice)
    assert theme.colors is expected
    window = qapp.palette().color(QPalette.ColorRole.Window)
    assert window.name() == expected.window


def test_a_change_of_scheme_is_told_to_who_paints(qtbot: QtBot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_choice("dark")


def test_a_button_changes_its_colours_with_the_scheme(
    qtbot: QtBot, theme: Theme
) -> None:
    button = QPushButton("Save")
    qtbot.addWidget(button)
    button.resize(120, 40)
    theme.style_windows()
    light = button.grab().toImage().pixelColor(20, 20).name()
    theme.set_choice("dark")
    dark = button.grab().toImage().pixelColor(20, 20).name()
    assert (light, dark) == (LIGHT.surface, DARK.surface)


def test_a_card_looks_the_same_before_and_after_the_first_window(
    qtbot: QtBot, unstyled: Theme
) -> None:
    card = Card(unstyled)
    qtbot.addWidget(card)
    card.show_view(SAMPLE)
    before = card.grab().toImage()
    unstyled.style_windows()
    assert card.grab().toImage() == before


def test_lengths_and_texts_grow_with_the_text_size(qapp: QApplication) -> None:
    small, large = Theme(qapp, "light"), Theme(qapp, "light", text_scale=2.0)
    assert large.px(100) == pytest.approx(2 * small.px(100), rel=0.15)
    body, title = large.font(TextSize.BODY), large.font(TextSize.TITLE)
    assert body.pixelSize() == 2 * small.font(TextSize.BODY).pixelSize()
    assert title.pixelSize() > body.pixelSize()
    small.deleteLater()
    large.deleteLater()
