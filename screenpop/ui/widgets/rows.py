"""Lists of two-line rows: icon, title, details, and something short at the end."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from screenpop.domain.frozen import frozen
from screenpop.ui.icons import pixmap
from screenpop.ui.text_line import paint_line
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import joined, listed

_ROW_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@frozen
class Row:
    """One row, as plain text.

    Attributes:
        key: What the window knows it by.
        role: The colour role of icon and `end`.
        end: A word or a time at the far side.
        line_color: What the user calls the icon's colour, where it stands for a line
            of ours; "" for that of the role.
    """

    key: str
    title: str
    details: str = ""
    icon: str = "person"
    role: str = "text_faint"
    end: str = ""
    line_color: str = ""

    @property
    def spoken(self) -> str:
        """What a screen reader says of it."""
        return listed((self.title, *self.details.split(" · "), self.end))


class RowsModel(QAbstractListModel):
    """Rows for a list view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows there are."""
        return self._rows

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show these rows; the view keeps its place as far as they stay the same."""
        if rows == self._rows:
            return
        same = 0
        for old, new in zip(self._rows, rows, strict=False):
            if old.key != new.key:
                break
            same += 1
        self._replace_tail(same, rows)
        if same:
            self.dataChanged.emit(self.index(0), self.index(same - 1))

    def _replace_tail(self, same: int, rows: tuple[Row, ...]) -> None:
        """Take the rows after the first ``same`` ones out and put the new ones in."""
        if len(self._rows) > same:
            self.beginRemoveRows(QModelIndex(), same, len(self._rows) - 1)
            self._rows = self._rows[:same]
            self.endRemoveRows()
        if len(rows) > same:
            self.beginInsertRows(QModelIndex(), same, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        self._rows = rows

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The row, or its text for whoever cannot see it."""
        row = self._rows[index.row()]
        if role == _ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        return None


class RowDelegate(QStyledItemDelegate):
    """Paints a `Row`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def row_at(self, index: _Index) -> Row:
        """The row to paint."""
        row: Row = index.data(_ROW_ROLE)
        return row

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Room for two lines; for one, when there are no details."""
        row = self.row_at(index)
        px = self._theme.px
        height = QFontMetrics(self._theme.font()).height()
        if row.details:
            caption = self._theme.font(TextSize.CAPTION)
            height += QFontMetrics(caption).height() + px(1)
        return QSize(px(160), height + px(14))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Paint ground, icon and texts."""
        row = self.row_at(index)
        px = self._theme.px
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        self.paint_ground(painter, box, state)
        side = px(18)
        spot = QRect(box.left() + px(12), box.center().y() - side // 2, side, side)
        ratio = painter.device().devicePixelRatioF()
        colors = self._theme.colors
        color = getattr(colors, row.role)
        if row.line_color:
            color = colors.line_color("", row.line_color)
        picture = pixmap(row.icon, color, side, ratio)
        place = QStyle.visualRect(option.direction, box, spot)
        painter.drawPixmap(place.topLeft(), picture)
        left = spot.right() + px(12)
        right = box.right() - px(12)
        if row.end:
            right = self._paint_end(painter, row, option, right) - px(8)
        self._paint_texts(painter, row, option, QRect(left, 0, right - left, 0))
        painter.restore()

    def paint_ground(
        self, painter: QPainter, box: QRect, state: QStyle.StateFlag
    ) -> None:
        """Show what is chosen and what the pointer is on."""
        colors = self._theme.colors
        ground = ""
        if state & QStyle.StateFlag.State_Selected:
            ground = colors.selection
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = colors.hover
        if not ground:
            return
        inset = self._theme.px(4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(ground))
        inner = QRectF(box).adjusted(inset, 1, -inset, -1)
        painter.drawRoundedRect(inner, self._theme.px(6), self._theme.px(6))

    def _paint_end(
        self, painter: QPainter, row: Row, option: QStyleOptionViewItem, right: int
    ) -> int:
        box: QRect = option.rect
        font = self._theme.font(TextSize.CAPTION)
        width = QFontMetrics(font).horizontalAdvance(row.end) + 1
        painter.setFont(font)
        painter.setPen(self._theme.color(row.role))
        place = QRect(right - width, box.top(), width, box.height())
        shown = QStyle.visualRect(option.direction, box, place)
        paint_line(painter, shown, row.end, option.direction)
        return right - width

    def _paint_texts(
        self, painter: QPainter, row: Row, option: QStyleOptionViewItem, room: QRect
    ) -> None:
        box: QRect = option.rect
        body = self._theme.font(strong=bool(row.details))
        caption = self._theme.font(TextSize.CAPTION)
        tall, small = QFontMetrics(body), QFontMetrics(caption)
        height = tall.height() + (small.height() if row.details else 0)
        top = box.center().y() - height // 2
        for font, metrics, text, role in (
            (body, tall, row.title, "text"),
            (caption, small, row.details, "text_soft"),
        ):
            if not text:
                continue
            painter.setFont(font)
            painter.setPen(self._theme.color(role))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            line = QRect(room.left(), top, room.width(), metrics.height())
            place = QStyle.visualRect(option.direction, box, line)
            paint_line(painter, place, shown, option.direction)
            top += metrics.height() + 1


class RowsView(QListView):
    """A list of rows with its model."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.rows_model = RowsModel(self)
        self.setModel(self.rows_model)
        self.setItemDelegate(RowDelegate(theme, self))
        self.setAccessibleName(name)
        self.setUniformItemSizes(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # Painted by the delegate; the style sheet's padding would add to it.
        self.setStyleSheet("QListView::item { padding: 0; background: transparent; }")

    def show_rows(self, rows: tuple[Row, ...], current: int = -1) -> None:
        """Show these rows with one of them chosen."""
        self.rows_model.show_rows(rows)
        self.choose(current)

    def renew(self, rows: tuple[Row, ...]) -> None:
        """Show these rows; what was chosen stays chosen if it is still there."""
        chosen = self.chosen
        self.rows_model.show_rows(rows)
        keys = [row.key for row in rows]
        is_there = chosen is not None and chosen.key in keys
        self.choose(keys.index(chosen.key) if chosen and is_there else -1)

    def choose(self, row: int) -> None:
        """Choose a row; -1 for none."""
        if row < 0:
            self.selectionModel().clear()
            return
        self.setCurrentIndex(self.rows_model.index(row))

    @property
    def chosen(self) -> Row | None:
        """The chosen row."""
        index = self.currentIndex()
        return self.rows_model.rows[index.row()] if index.isValid() else None


def details_of(*parts: str) -> str:
    """The second line of a row."""
    return joined(*parts)
