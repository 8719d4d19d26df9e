"""A card read from right to left is the picture in the mirror."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QStyle

from screenpop.ui.popup.mirror import mirrored

WHOLE = QRect(3, 5, 392, 168)


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
@pytest.mark.parametrize(
    "box",
    [QRect(3, 5, 4, 168), QRect(330, 9, 24, 24), QRect(390, 0, 20, 7), WHOLE],
)
def test_a_box_goes_where_qt_would_put_it(
    direction: Qt.LayoutDirection, box: QRect
) -> None:
    assert mirrored(direction, WHOLE, box) == QStyle.visualRect(direction, WHOLE, box)
