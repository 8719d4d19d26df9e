"""Buttons side by side, in as many rows as their texts need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget, QWidgetItem

if TYPE_CHECKING:
    from screenpop.ui.theme.theme import Theme


class WrappedRow(QLayout):
    """Lays widgets out in the direction of reading and begins a new row where needed.

    What is hidden takes no room. Nothing is made narrower than it wants to be, as in
    a row of Qt's own, where large text makes buttons cut their words off.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._far: QWidget | None = None
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(theme.px(8))

    def add(self, *widgets: QWidget) -> None:
        """Put these at the end."""
        for widget in widgets:
            self.addChildWidget(widget)
            self.addItem(QWidgetItem(widget))

    def end_with(self, widget: QWidget) -> None:
        """Put this at the far side, apart from the others."""
        self._far = widget
        self.add(widget)

    # --- what Qt asks of a layout ----------------------------------------------------

    def addItem(self, item: QLayoutItem) -> None:
        """Put an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them; None beyond the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take one of them out; None beyond the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """As high as needed, no higher."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """The narrower it is, the higher it gets."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all rows in logical pixels."""
        return self._lay_out(QRect(0, 0, width, 0), moves=False)

    def setGeometry(self, box: QRect) -> None:
        """Move everything to its place."""
        super().setGeometry(box)
        self._lay_out(box, moves=True)

    def sizeHint(self) -> QSize:
        """All in one row."""
        sizes = [item.sizeHint() for item in self._shown()]
        gaps = self.spacing() * max(0, len(sizes) - 1)
        width = sum(size.width() for size in sizes) + gaps
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """Room for the widest of them."""
        sizes = [item.sizeHint() for item in self._shown()]
        return QSize(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    # --- laying out ------------------------------------------------------------------

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lay_out(self, box: QRect, *, moves: bool) -> int:
        """Go through the rows; the height of all of them."""
        parent = self.parentWidget()
        direction = (
            parent.layoutDirection() if parent else Qt.LayoutDirection.LeftToRight
        )
        x, y, row_height = box.left(), box.top(), 0
        for item in self._shown():
            size = item.sizeHint()
            if x > box.left() and x + size.width() > box.right() + 1:
                x, y, row_height = box.left(), y + row_height + self.spacing(), 0
            if self._far is not None and item.widget() is self._far:
                x = max(x, box.right() + 1 - size.width())
            if moves:
                size = size.boundedTo(QSize(box.width(), size.height()))
                place = QRect(QPoint(x, y), size)
                item.setGeometry(QStyle.visualRect(direction, box, place))
            x += size.width() + self.spacing()
            row_height = max(row_height, size.height())
        return y + row_height - box.top()
