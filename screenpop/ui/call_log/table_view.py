"""The table of calls, painted by us: who on two lines, the rest in a quiet voice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import (
    QCursor,
    QFontMetrics,
    QHoverEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from screenpop.ui.call_log.table_model import LINE, RESULT, ROW_ROLE, WHEN, WHO
from screenpop.ui.text_line import paint_line
from screenpop.ui.theme.theme import TextSize, qcolor
from screenpop.ui.widgets.rows import Row, RowDelegate
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from screenpop.ui.call_log.table_model import CallTableModel
    from screenpop.ui.call_log.texts import LogRow
    from screenpop.ui.theme.theme import Theme

    Index = QModelIndex | QPersistentModelIndex

_LEAST_WIDTH_PX: Final = ((LINE, 480), (WHEN, 360), (RESULT, 240))


class CallDelegate(RowDelegate):
    """Paints one cell of a call.

    Attributes:
        pointed_row: Where the pointer is; -1 for nowhere.
    """

    pointed_row = -1

    def row_at(self, index: Index) -> Row:
        """The first column's two lines."""
        call: LogRow = index.data(ROW_ROLE)
        return Row(
            key="",
            title=call.who,
            details=call.details,
            icon=call.icon,
            role=call.role,
        )

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Two lines in the first column, one in the others."""
        if index.row() == self.pointed_row:
            option.state |= QStyle.StateFlag.State_MouseOver
        else:
            option.state &= ~QStyle.StateFlag.State_MouseOver
        if index.column() == WHO:
            super().paint(painter, option, index)
            return
        call: LogRow = index.data(ROW_ROLE)
        box: QRect = option.rect
        painter.save()
        self.paint_ground(painter, box, option.state)
        is_bad = call.is_urgent and index.column() == RESULT
        font = self._theme.font(TextSize.CAPTION)
        painter.setFont(font)
        painter.setPen(self._theme.color("bad" if is_bad else "text_soft"))
        room = box.adjusted(self._theme.px(8), 0, -self._theme.px(8), 0)
        text = QFontMetrics(font).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, room.width()
        )
        paint_line(painter, room, text, option.direction)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Every call has room for two lines, so that nothing moves."""
        px = self._theme.px
        caption = QFontMetrics(self._theme.font(TextSize.CAPTION)).height()
        tall = QFontMetrics(self._theme.font()).height()
        return QSize(option.rect.width(), tall + caption + px(14))

    def paint_ground(
        self, painter: QPainter, box: QRect, state: QStyle.StateFlag
    ) -> None:
        """A whole row is chosen or pointed at; a thin line divides it from the next."""
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, qcolor(self._theme.colors.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, qcolor(self._theme.colors.hover))
        painter.setPen(self._theme.color("hover"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())


class CallTable(QTableView):
    """The calls; Enter calls the chosen one back."""

    def __init__(
        self,
        theme: Theme,
        model: CallTableModel,
        on_enter: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._on_enter = on_enter
        self.setModel(model)
        self._delegate = delegate = CallDelegate(theme, self)
        self.setItemDelegate(delegate)
        # Qt would light up the one cell under the pointer.
        self.setStyleSheet("QTableView::item:hover { background: transparent; }")
        self.setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._look())
        self.setAccessibleName(tr("Calls"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self._dress_headers(theme, delegate)

    def viewportEvent(self, event: QEvent) -> bool:
        """Know which row the pointer is on."""
        if event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self._point_at(-1)
        elif isinstance(event, QMouseEvent | QHoverEvent):
            self._point_at(self.rowAt(event.position().toPoint().y()))
        return super().viewportEvent(event)

    def _look(self) -> None:
        """The rows have moved under a pointer that has not."""
        if self._delegate.pointed_row >= 0:
            spot = self.viewport().mapFromGlobal(QCursor.pos())
            self._point_at(self.rowAt(spot.y()))

    def _point_at(self, row: int) -> None:
        before, self._delegate.pointed_row = self._delegate.pointed_row, row
        for changed in {before, row} - {-1} if before != row else ():
            top, height = self.rowViewportPosition(changed), self.rowHeight(changed)
            self.viewport().update(0, top, self.viewport().width(), height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts on the chosen call."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self._on_enter()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the rest gives way to who it is."""
        width = self.viewport().width()
        for column, least in _LEAST_WIDTH_PX:
            self.setColumnHidden(column, width < self._theme.px(least))
        super().resizeEvent(event)

    def choose(self, row: int) -> None:
        """Choose a call by its row.

        WORKAROUND for Qt's ``selectRow``: from right to left it looks for a column just
        outside the viewport, and chooses nothing.
        """
        self.setCurrentIndex(self.model().index(row, WHO))

    def _dress_headers(self, theme: Theme, delegate: CallDelegate) -> None:
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        height = delegate.sizeHint(QStyleOptionViewItem(), self.model().index(0, 0))
        side.setDefaultSectionSize(height.height())
        head = self.horizontalHeader()
        head.setFont(theme.font(TextSize.CAPTION))
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(WHO, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 96), (2, 116), (3, 124)):
            self.setColumnWidth(column, theme.px(width))
