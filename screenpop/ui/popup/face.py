"""The part of a card that is always there: who calls, on which line, and the buttons.

Every line has its place and its height from the first paint on, whether or not there is
something to say in it, so a name that arrives later moves nothing.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from screenpop.ui.buttons import IconButton
from screenpop.ui.icons import pixmap
from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.popup.action_row import ActionRow, IdentityRow
from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.popup.view_model import ActionKind, CardView, Tone
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import tr

WIDTH_PX: Final = 392
HEIGHT_PX: Final = 168
SLIM_HEIGHT_PX: Final = 68
_GREETING_HEIGHT_PX: Final = 20

# Left, top, width, height of each line on the design's grid.
_LINE: Final = (20, 10, 132, 22)
_STATE: Final = (156, 10, 168, 22)
_STATE_ICON_PX: Final = 16
_PIN: Final = (330, 9, 24, 24)
_CLOSE: Final = (356, 9, 24, 24)
_GREETING: Final = (20, 32, 360, 20)
_AVATAR: Final = (20, 39, 40, 40)
_TITLE: Final = (72, 34, 308, 28)
_DETAIL: Final = (72, 62, 308, 20)
_CONTEXT: Final = (20, 86, 360, 20)
_MISSED_WIDTH: Final = 80
_REASON: Final = (20, 106, 360, 22)
# The button's own padding reaches over the edge, so that its text ends at it.
_IDENTITY: Final = (20, 106, 367, 22)
_ACTIONS: Final = (20, 132, 360, 28)
# What there is of a slim card besides its first row.
_SLIM_TITLE: Final = (20, 34, 306, 28)
_SLIM_NOTE: Final = (330, 36, 24, 24)
_UNFOLD: Final = (356, 36, 24, 24)

_CONFIRM_MS: Final = 2_000
_WIDE_DIGITS: Final = str.maketrans("123456789", "0" * 9)

_TONE_ROLES: Final = {
    Tone.RINGING: "accent",
    Tone.TALKING: "good",
    Tone.CALM: "text_soft",
    Tone.MISSED: "bad",
    Tone.TROUBLE: "warn",
}


class Face(QWidget):
    """Shows a `CardView`; emits what the user does with it.

    Signals:
        acted: An action was chosen (`ActionKind`).
        pinned: The card shall stay, or no longer.
        closed: The card shall be hidden.
        unfolded: A slim card shall be whole again.
    """

    acted = Signal(object)
    pinned = Signal(bool)
    closed = Signal()
    unfolded = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: CardView | None = None
        self._confirmed = ""
        self._confirmation = QTimer(self, singleShot=True, interval=_CONFIRM_MS)
        self._confirmation.timeout.connect(self._show_reason)
        label, caption = PlainLabel, TextSize.CAPTION
        self.line = label(theme, caption, role="text_soft", strong=True, parent=self)
        self.state = label(theme, caption, role="accent", strong=True, parent=self)
        self.title = label(theme, TextSize.TITLE, strong=True, parent=self)
        self.detail = label(theme, TextSize.BODY, role="text_soft", parent=self)
        self.context = label(theme, TextSize.BODY, role="text", parent=self)
        self.missed = label(theme, caption, role="bad", strong=True, parent=self)
        self.reason = label(theme, caption, role="text_faint", parent=self)
        self.pin = IconButton(theme, "pin", tr("Keep this card"), parent=self)
        self.pin.setCheckable(True)
        self.close_button = IconButton(theme, "close", tr("Hide card"), parent=self)
        self.identity_row = IdentityRow(theme, self)
        self.action_row = ActionRow(theme, self)
        self.missed.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self.pin.toggled.connect(self.pinned)
        self.close_button.clicked.connect(self.closed)
        self.identity_row.acted.connect(self.acted)
        self.action_row.acted.connect(self.acted)
        self.identity_row.moved.connect(self._place_reason)
        self._is_slim = False
        self._slim_buttons: tuple[IconButton, ...] = ()
        self.greeting: PlainLabel | None = None
        self._fit()

    @property
    def is_slim(self) -> bool:
        """Only the line, the state and who it is are shown."""
        return self._is_slim

    @property
    def height_px(self) -> int:
        """How high it is in the design, with what it shows now."""
        if self._is_slim:
            return SLIM_HEIGHT_PX
        return HEIGHT_PX + self._greeting_px()

    def set_slim(self, is_slim: bool) -> None:
        """Leave all but two rows out, or show everything again."""
        if is_slim == self._is_slim:
            return
        self._is_slim = is_slim
        if is_slim and not self._slim_buttons:
            self._slim_buttons = self._build_slim_buttons()
        for widget in self._slim_buttons:
            widget.setVisible(is_slim)
        whole = (self.detail, self.context, self.missed, self.reason)
        for part in (*whole, self.identity_row, self.action_row):
            part.setVisible(not is_slim)
        if self.greeting is not None:
            self.greeting.setVisible(not is_slim and bool(self.greeting.text()))
        self._fit()
        self._place_all()
        self.update()

    def _build_slim_buttons(self) -> tuple[IconButton, ...]:
        """Late: most cards are never slim."""
        note = IconButton(self._theme, "note", tr("Note"), parent=self)
        note.clicked.connect(lambda: self.acted.emit(ActionKind.NOTE))
        unfold = IconButton(self._theme, "unfold", tr("Show everything"), parent=self)
        unfold.clicked.connect(self.unfolded)
        return note, unfold

    def _show_greeting(self, text: str) -> None:
        if self.greeting is None:
            if not text:
                return
            # Late: most lines have none.
            size = TextSize.CAPTION
            self.greeting = PlainLabel(self._theme, size, role="accent", parent=self)
        before = self._greeting_px()
        self.greeting.show_text(text)
        self.greeting.setVisible(bool(text) and not self._is_slim)
        if self._greeting_px() != before:
            self._fit()
            self._place_all()

    def _greeting_px(self) -> int:
        has_greeting = self.greeting is not None and bool(self.greeting.text())
        return _GREETING_HEIGHT_PX if has_greeting else 0

    def _fit(self) -> None:
        px = self._theme.px
        self.setFixedSize(px(WIDTH_PX), px(self.height_px))

    def show_view(self, view: CardView) -> None:
        """Show this; only what differs is painted again."""
        before, self._view = self._view, view
        if before is None or before.key != view.key:
            self.action_row.start_fresh()
            self.identity_row.start_fresh()
        self._show_greeting(view.greeting)
        self.line.show_text(view.line)
        self.show_state(view.state)
        self.state.show_role(_TONE_ROLES[view.tone])
        self.title.show_text(view.title)
        self.detail.show_text(view.detail_head, view.detail_tail)
        self.context.show_text(view.context)
        self.context.show_role("accent" if view.is_context_urgent else "text")
        self.missed.show_text(view.missed)
        if before is None or before.key != view.key:
            self._confirmation.stop()
        self._show_reason()
        self.identity_row.show_actions(view.identity_actions)
        self.action_row.show_actions(view.actions)
        self._place_context()
        self.update()

    def settle(self) -> None:
        """Ignore clicks for a moment: they were meant for what was here before."""
        self.action_row.settle()
        self.identity_row.settle()

    def confirm(self, text: str) -> None:
        """Say for a moment, in the reason's place, that something was done."""
        self._confirmed = text
        self._confirmation.start()
        self._show_reason()

    def _show_reason(self) -> None:
        is_confirming = self._confirmation.isActive()
        reason = self._view.reason if self._view is not None else ""
        self.reason.show_text(self._confirmed if is_confirming else reason)
        self.reason.show_hint(self._view.why if self._view is not None else "")
        self.reason.show_role("good" if is_confirming else "text_faint")

    def show_state(self, text: str) -> None:
        """The state with its running time: what changes every second."""
        self.state.show_text(text)
        self._place_first_row()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put every line in its place."""
        super().resizeEvent(event)
        self._place_all()

    def _place_all(self) -> None:
        for widget, box in (
            (self.pin, _PIN),
            (self.close_button, _CLOSE),
            (self.detail, _DETAIL),
            (self.identity_row, _IDENTITY),
            (self.action_row, _ACTIONS),
        ):
            widget.setGeometry(self._box(*box))
        self.title.setGeometry(self._box(*(_SLIM_TITLE if self._is_slim else _TITLE)))
        places = (_SLIM_NOTE, _UNFOLD)
        for button, box in zip(self._slim_buttons, places, strict=False):
            button.setGeometry(self._box(*box))
        if self.greeting is not None:
            self.greeting.setGeometry(self._fixed_box(*_GREETING))
        self._place_first_row()
        self._place_context()
        self._place_reason()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture and the state's icon; the rest are widgets."""
        view = self._view
        if view is None:
            return
        painter = QPainter(self)
        if not self._is_slim:
            self._paint_avatar(painter, view)
        ink = getattr(self._theme.colors, _TONE_ROLES[view.tone])
        self._paint_icon(painter, view.icon, ink, self._state_icon_box())

    def _place_first_row(self) -> None:
        """Give the line all the room that the state and its icon leave."""
        icon, room, line = self._state_icon_box(), self._state_room(), self._box(*_LINE)
        gap = self._theme.px(_STATE_ICON_PX) // 2
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            room.setRight(icon.left() - gap // 2)
            line.setLeft(icon.right() + gap)
        else:
            room.setLeft(icon.right() + gap // 2)
            line.setRight(icon.left() - gap)
        for label, box in ((self.state, room), (self.line, line)):
            if box != label.geometry():
                label.setGeometry(box)

    def _state_room(self) -> QRect:
        """The most that the state's text may take, with its icon before it."""
        box = self._box(*_STATE)
        taken = self._theme.px(_STATE_ICON_PX + 4)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            box.setRight(box.right() - taken)
        else:
            box.setLeft(box.left() + taken)
        return box

    def _place_context(self) -> None:
        left, top, width, height = _CONTEXT
        has_missed = bool(self.missed.text())
        taken = _MISSED_WIDTH if has_missed else 0
        self.context.setGeometry(self._box(left, top, width - taken, height))
        right = left + width - _MISSED_WIDTH
        self.missed.setGeometry(self._box(right, top, _MISSED_WIDTH, height))

    def _place_reason(self) -> None:
        box = self._box(*_REASON)
        taken = self.identity_row.taken_width()
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            box.setLeft(box.left() + taken)
        else:
            box.setRight(box.right() - taken)
        self.reason.setGeometry(box)

    def _state_icon_box(self) -> QRect:
        """Just before the state's text, wherever that begins."""
        metrics = self.state.fontMetrics()
        # As wide as with the widest digits, so that it does not twitch every second.
        text = self.state.text().translate(_WIDE_DIGITS)
        side, gap = self._theme.px(_STATE_ICON_PX), self._theme.px(4)
        room = self._state_room()
        text_width = min(metrics.horizontalAdvance(text), room.width())
        box = QRect(0, 0, side, side)
        box.moveCenter(room.center())
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            box.moveLeft(room.left() + text_width + gap)
        else:
            box.moveRight(room.right() - text_width - gap)
        return box

    def _paint_avatar(self, painter: QPainter, view: CardView) -> None:
        colors = self._theme.colors
        box = self._box(*_AVATAR)
        ink = colors.line_color(view.line_key, view.line_color)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(colors.tint(ink)))
        painter.drawEllipse(QRectF(box))
        if not view.initials:
            inner = QRect(0, 0, self._theme.px(22), self._theme.px(22))
            inner.moveCenter(box.center())
            self._paint_icon(painter, view.avatar_icon, ink, inner)
            return
        painter.setPen(qcolor(ink))
        painter.setFont(self._theme.font(TextSize.HEADING, strong=True))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, view.initials)

    def _paint_icon(self, painter: QPainter, name: str, ink: str, box: QRect) -> None:
        picture = pixmap(name, ink, box.width(), self.devicePixelRatioF())
        painter.drawPixmap(box.topLeft(), picture)

    def _box(self, left: int, top: int, width: int, height: int) -> QRect:
        """A place of the design; below the first row it makes room for a greeting."""
        is_lower = top >= _TITLE[1] and not self._is_slim
        shift = self._greeting_px() if is_lower else 0
        return self._fixed_box(left, top + shift, width, height)

    def _fixed_box(self, left: int, top: int, width: int, height: int) -> QRect:
        px = self._theme.px
        box = QRect(px(left), px(top), px(width), px(height))
        whole = QRect(0, 0, px(WIDTH_PX), px(self.height_px))
        return mirrored(self.layoutDirection(), whole, box)
