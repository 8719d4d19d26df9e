"""One line of text, painted as people of its language read it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QTextOption

from screenpop.ui.wording import has_right_to_left

_FROM_LEFT = Qt.LayoutDirection.LeftToRight


def paint_line(
    painter: QPainter, box: QRect, text: str, direction: Qt.LayoutDirection
) -> None:
    """Paint ``text`` from the edge of ``box`` at which its window begins to read.

    A number, or Latin among texts from the right, reads from the left as ever; Qt would
    turn its words around.
    """
    is_mixed = has_right_to_left(text)
    if direction is _FROM_LEFT and not is_mixed:
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(box, flags, text)
        return
    align = Qt.AlignmentFlag
    side = align.AlignLeft if direction is _FROM_LEFT else align.AlignRight
    option = QTextOption(side | align.AlignVCenter | align.AlignAbsolute)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(direction if is_mixed else _FROM_LEFT)
    painter.drawText(QRectF(box), text, option)
