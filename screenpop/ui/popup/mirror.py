"""Where things of a card go in a language that is written from right to left."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt


def mirrored(direction: Qt.LayoutDirection, whole: QRect, box: QRect) -> QRect:
    """The box as it is from left to right, else as far from the other edge.

    Does what ``QStyle.visualRect`` does, whose class brings some hundred names that
    take a third of a MiB.
    """
    if direction is not Qt.LayoutDirection.RightToLeft:
        return box
    return box.translated(whole.right() - box.right() - (box.left() - whole.left()), 0)
