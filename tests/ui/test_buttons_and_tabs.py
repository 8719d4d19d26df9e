"""Rows of buttons and tabs with more in them than fits, and who has the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QVBoxLayout, QWidget

from screenpop.ui.theme import Theme
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Tick
from screenpop.ui.widgets.tabs import Tabs
from screenpop.ui.widgets.wrapping import WrappedRow

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXTS = ("Check again", "Replace a key", "Switch off", "Remove…")


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    theme.style_windows()
    yield theme
    theme.deleteLater()


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_buttons_keep_their_words_in_as_many_rows_as_they_need(
    theme: Theme, is_mirrored: bool
) -> None:
    window = QWidget()
    if is_mirrored:
        window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    column = QVBoxLayout(window)
    row = WrappedRow(theme)
    buttons = [TextButton(theme, text) for text in _TEXTS]
    row.add(*buttons[:3])
    row.end_with(buttons[3])
    column.addLayout(row)
    column.addStretch(1)
    hidden = TextButton(theme, "Sync now")
    row.add(hidden)
    hidden.hide()
    window.resize(900, 400)
    window.show()
    QApplication.processEvents()
    assert len({button.y() for button in buttons}) == 1
    far = window.width() - buttons[3].geometry().right() - 1
    edge = buttons[3].x() if is_mirrored else far
    assert edge == column.contentsMargins().left()

    window.resize(buttons[0].width() + buttons[1].width() + 40, 400)
    QApplication.processEvents()
    assert len({button.y() for button in buttons}) == 2
    for button in buttons:
        assert button.width() >= button.sizeHint().width()
        assert window.rect().contains(button.geometry())
    firsts = [button for button in buttons if button.y() == buttons[0].y()]
    in_order = sorted(firsts, key=lambda button: button.x(), reverse=is_mirrored)
    assert in_order == buttons[: len(firsts)]
    window.deleteLater()


def test_tabs_beyond_the_edge_are_reached_by_named_arrows(theme: Theme) -> None:
    tabs = Tabs(theme)
    for number in range(12):
        tabs.addTab(QLabel(), f"Number {number} of them")
    tabs.resize(400, 200)
    tabs.show()
    QApplication.processEvents()
    arrows = {
        one.accessibleName(): one for one in tabs.tabBar().findChildren(QToolButton)
    }
    assert set(arrows) == {"Tabs to the left", "Tabs to the right"}
    for arrow in arrows.values():
        assert arrow.isVisible()
        assert arrow.arrowType() is Qt.ArrowType.NoArrow
        assert not arrow.icon().isNull()
    tabs.deleteLater()


@pytest.mark.parametrize("goes_elsewhere", [False, True])
def test_a_button_has_the_keyboard_back_after_its_work(
    theme: Theme, goes_elsewhere: bool
) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    first, worker, last = (TextButton(theme, text) for text in _TEXTS[:3])
    for button in (first, worker, last):
        column.addWidget(button)
    window.show()
    window.activateWindow()
    worker.setFocus()
    worker.setEnabled(False)
    assert window.focusWidget() is last
    if goes_elsewhere:
        first.setFocus()
    worker.setEnabled(True)
    assert window.focusWidget() is (first if goes_elsewhere else worker)
    window.deleteLater()


def test_a_long_yes_or_no_goes_over_several_lines(theme: Theme) -> None:
    tick = Tick(
        theme, "Agree with my team on which numbers are spam and whose they are"
    )
    one_line = tick.heightForWidth(tick.sizeHint().width())
    narrow = tick.minimumSizeHint().width()
    assert narrow < tick.sizeHint().width() / 2
    assert tick.heightForWidth(narrow) > 2 * one_line
    tick.deleteLater()
