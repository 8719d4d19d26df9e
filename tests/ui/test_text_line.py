"""Lines that are painted by us, in both directions of reading."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from screenpop.ui.text_line import paint_line

BOX = QRect(10, 4, 280, 24)
LTR, RTL = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


def _inked(text: str, direction: Qt.LayoutDirection) -> list[bool]:
    """Which columns of the picture have ink, after painting the line."""
    image = QImage(300, 32, QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    painter.setFont(QGuiApplication.font())
    painter.setLayoutDirection(direction)
    paint_line(painter, BOX, text, direction)
    painter.end()
    return [
        any(image.pixelColor(x, y).value() < 128 for y in range(image.height()))
        for x in range(image.width())
    ]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("direction", [LTR, RTL])
def test_a_number_reads_from_the_left_and_begins_where_people_begin(
    direction: Qt.LayoutDirection,
) -> None:
    # One narrow word, a wide gap, and a wide word.
    columns = _inked("+1          20000000", direction)
    first = columns.index(True)
    last = len(columns) - 1 - columns[::-1].index(True)
    margin = first - BOX.left() if direction is LTR else BOX.right() - last
    assert margin < 6
    middle = (first + last) // 2
    assert sum(columns[first:middle]) < sum(columns[middle:last]) / 2
