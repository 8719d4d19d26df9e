"""The table's own painting: a call is one line, also under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHoverEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from screenpop.ui.call_log.table_model import CallTableModel
from screenpop.ui.call_log.table_view import CallTable
from screenpop.ui.theme import Theme
from tests.ui.past_calls import NOW, entry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def table(theme: Theme) -> Iterator[CallTable]:
    model = CallTableModel(lambda _offset: None, lambda: NOW)
    model.restart(tuple(entry(number) for number in range(20)), has_more=False)
    table = CallTable(theme, model, lambda: None)
    table.resize(900, 300)
    table.show()
    QTest.qWaitForWindowExposed(table)
    yield table
    table.close()
    table.deleteLater()


def _grounds(table: CallTable, row: int) -> list[str]:
    """The colour beneath each cell of a row, at its lower left end."""
    picture: QImage = table.viewport().grab().toImage()
    bottom = table.rowViewportPosition(row) + table.rowHeight(row) - 4
    ratio = picture.devicePixelRatio()
    spots = [
        QPoint(table.columnViewportPosition(column) + 3, bottom) for column in range(4)
    ]
    return [QColor(picture.pixel(spot * ratio)).name() for spot in spots]


def test_the_whole_line_under_the_pointer_lights_up_and_no_other(
    table: CallTable, theme: Theme
) -> None:
    hover, plain = theme.colors.hover, theme.colors.surface
    for row in (2, 4):
        spot = QPoint(table.columnViewportPosition(1) + 5, _middle(table, row))
        QTest.mouseMove(table.viewport(), spot)
        assert _grounds(table, row) == [hover] * 4
        assert _grounds(table, 6 - row) == [plain] * 4
    table.selectRow(4)
    assert _grounds(table, 4) == [theme.colors.selection] * 4
    _leave(table)
    table.clearSelection()
    assert _grounds(table, 4) == [plain] * 4


def _middle(table: CallTable, row: int) -> int:
    return table.rowViewportPosition(row) + table.rowHeight(row) // 2


def _leave(table: CallTable) -> None:
    away = QPointF(-1, -1)
    event = QHoverEvent(QEvent.Type.HoverLeave, away, away, QPointF(5, 5))
    QApplication.sendEvent(table.viewport(), event)


def test_a_call_can_be_chosen_where_people_read_from_the_right(
    table: CallTable,
) -> None:
    table.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    table.choose(3)
    rows = {index.row() for index in table.selectionModel().selectedIndexes()}
    assert rows == {3}
