"""The card of one call: a small window that never takes the keyboard by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCursor,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from screenpop.ui.popup.accessible import announce_as_alert
from screenpop.ui.popup.drawer import NoteBox, PeopleList
from screenpop.ui.popup.face import HEIGHT_PX, WIDTH_PX, Face
from screenpop.ui.popup.ground import BAR_PX, outline, paint_ground
from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.popup.view_model import (
    NOBODY,
    ActionKind,
    CardAction,
    CardView,
    PersonRow,
)
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.note_state import NoteSheet
    from screenpop.ui.popup.more_list import MoreList
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.note_foot import NoteFoot

_PAD_PX: Final = 12
_FOOT_CLOSER_PX: Final = 7

_POINTER_MOVES: Final = (QEvent.Type.Enter, QEvent.Type.HoverMove)

_KEYS: Final = {
    Qt.Key.Key_O: ActionKind.OPEN,
    Qt.Key.Key_C: ActionKind.COPY,
    Qt.Key.Key_N: ActionKind.NOTE,
    Qt.Key.Key_L: ActionKind.LATER,
    Qt.Key.Key_D: ActionKind.CALL_BACK,
    Qt.Key.Key_P: ActionKind.MORE,
    Qt.Key.Key_H: ActionKind.EARLIER,
}

_DONE: Final = {
    ActionKind.COPY: "Number copied",
    ActionKind.LATER: "Kept among the calls to call back",
    ActionKind.CONFIRM: "Kept for the next call",
}
"""What is said of actions that show nothing else."""


def card_flags() -> Qt.WindowType:
    """What kind of window a card is on this platform."""
    flags = (
        Qt.WindowType.Tool
        | Qt.WindowType.FramelessWindowHint
        | Qt.WindowType.WindowStaysOnTopHint
        | Qt.WindowType.WindowDoesNotAcceptFocus
    )
    if QGuiApplication.platformName() == "xcb":
        # Unmanaged on X11. Measured with openbox, from new texts to the first paint of
        # a re-shown card: 1 to 2 ms (medians) instead of 6.5 to 7.5 ms, as no window
        # manager frames it first; and none can move it or give it the focus. What one
        # would do is not missed: the card stays above windows that are raised, and the
        # note box gets the keyboard by asking the X server, from where it returns to
        # the manager's choice when the card hides (tests/x11/test_card_focus.py).
        flags |= Qt.WindowType.BypassWindowManagerHint
    return flags


class Card(QWidget):
    """Shows one call. Whoever owns it decides where it stands and when it goes.

    Signals:
        acted: An action was chosen (`ActionKind`), by button or key.
        person_chosen: The index of a match, or `NOBODY`.
        people_joined: The indexes of two matches that are one person.
        call_chosen: The place of an earlier call among those that are listed.
        note_opened: The note box has just been opened.
        note_written: The note's text, at each pause and when the card hides.
        note_marked: The marks below the note: follow-up, severity.
        note_repeat_wanted: A refused note shall be sent once more.
        closed: The user hides it; the call goes on.
        grown: It needs another height now.
        attention_changed: Pointer, typing or pin may have come or gone.
    """

    acted = Signal(object)
    person_chosen = Signal(int)
    people_joined = Signal(int, int)
    call_chosen = Signal(int)
    note_opened = Signal()
    note_written = Signal(str)
    note_marked = Signal(bool, int)
    note_repeat_wanted = Signal()
    closed = Signal()
    grown = Signal()
    attention_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(None, card_flags())
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_AlwaysShowToolTips)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if QGuiApplication.platformName() != "xcb":
            # Under X11 this would need a compositor to be there; the shape does not.
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        announce_as_alert(self)
        self._theme = theme
        self._view: CardView | None = None
        self._is_upward = False
        self._pointer_at_show: QPoint | None = None
        self.is_hovered = False
        self.face = Face(theme, self)
        self.note = NoteBox(theme, self)
        self.foot: NoteFoot | None = None
        self.more: MoreList | None = None
        self.people = PeopleList(theme, self)
        self.note.hide()
        self.people.hide()
        self._connect()
        self.setWindowTitle("screenpop")
        self.resize(self.wanted_size())

    def _connect(self) -> None:
        self.face.acted.connect(self._act)
        self.face.pinned.connect(self.attention_changed)
        self.face.closed.connect(self.closed)
        self.note.written.connect(self.note_written)
        self.note.wanted.connect(self.focus_on_purpose)
        self.note.left.connect(self.attention_changed)
        self.people.chosen.connect(self._choose)
        self.people.joined.connect(self._join)
        self.people.search_wanted.connect(lambda: self.acted.emit(ActionKind.SEARCH))
        self.people.changed.connect(self._people_changed)
        self._theme.changed.connect(self.update)

    @property
    def view(self) -> CardView | None:
        """What it shows."""
        return self._view

    @property
    def is_busy(self) -> bool:
        """The user has to do with it, so it must not go away now."""
        is_typing = self.note.isVisible() and (
            self.note.hasFocus()
            or self.note.is_unreported
            or (self.foot is not None and self.foot.has_keyboard())
        )
        return self.is_hovered or is_typing or self.face.pin.isChecked()

    def show_view(self, view: CardView) -> None:
        """Show this call, or what has changed about it."""
        before, self._view = self._view, view
        is_other = before is None or before.key != view.key
        if is_other:
            self._reset()
        self.note.load(view.note, force=is_other)
        self.people.show_people(
            view.people, count=view.people_count, may_grow=view.is_looking_up
        )
        self.face.show_view(view)
        if self.accessibleName() != view.accessible_name:
            self.setAccessibleName(view.accessible_name)
        if self.people.isVisibleTo(self) and not view.people:
            self.people.hide()
            self.grown.emit()
        if self.more is not None and self._is_more_open and not self.more.has_calls:
            self._show_more(view.more)
        self.update()

    def show_time(self, state: str) -> None:
        """Show the state with its running time, and touch nothing else."""
        self.face.show_state(state)

    def announce(self) -> None:
        """Have a screen reader say who calls, interrupting what it says."""
        if self._view is None or not QAccessible.isActive():
            return
        event = QAccessibleAnnouncementEvent(self, self._view.announcement)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def set_upward(self, is_upward: bool) -> None:
        """Open drawers above the face: for corners with no room below.

        Either way the face stays where it is on the screen.
        """
        if is_upward != self._is_upward:
            self._is_upward = is_upward
            self._arrange()

    def wanted_size(self) -> QSize:
        """As large as what is open in it."""
        return QSize(
            self._theme.px(WIDTH_PX), self._theme.px(HEIGHT_PX) + self._extra()
        )

    def focus_on_purpose(self) -> None:
        """Take the keyboard, because the user asked for it; never call it otherwise."""
        if not self.isVisible():
            return
        window = self.windowHandle()
        window.setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, False)
        self.activateWindow()
        if not self.note.isVisible():
            self.setFocus()

    def open_note(self) -> None:
        """Open the note box and let the user type."""
        if not self.note.isVisibleTo(self):
            self._theme.style_windows()
            self.note.show()
            self.note_opened.emit()
            self.grown.emit()
        self.focus_on_purpose()
        self.note.setFocus()

    def show_note_sheet(self, sheet: NoteSheet) -> None:
        """Show below the open note what it is marked with and where it is."""
        if not self.note.isVisibleTo(self):
            return
        height = self._extra()
        if self.foot is None:
            self.foot = self._build_foot()
        self.foot.show()
        self.foot.show_sheet(sheet)
        if self._extra() != height:
            self.grown.emit()

    def _build_foot(self) -> NoteFoot:
        # Late: most cards come and go without a note.
        from screenpop.ui.widgets.note_foot import NoteFoot

        foot = NoteFoot(self._theme, self.note.toPlainText, is_wide=True, parent=self)
        foot.resize(self._drawer_width(), 0)
        foot.marked.connect(self.note_marked)
        foot.repeat_wanted.connect(self.note_repeat_wanted)
        foot.resized.connect(self.grown)
        self.note.textChanged.connect(foot.refresh)
        return foot

    def toggle_people(self) -> None:
        """Open or close the list of possible people; open, its keys choose."""
        self.people.setVisible(not self.people.isVisibleTo(self))
        self.grown.emit()
        if self.people.isVisibleTo(self):
            self.focus_on_purpose()

    def toggle_more(self) -> None:
        """Open or close the list of what else can be done; open, its keys choose."""
        is_open = self._is_more_open
        self._show_more(() if is_open or self._view is None else self._view.more)
        if not is_open:
            self._open_more()

    def show_calls(self, rows: tuple[PersonRow, ...]) -> None:
        """List these earlier calls; pressing one chooses it."""
        more = self._more_list()
        more.show_calls(rows)
        more.setVisible(bool(rows))
        self._open_more()

    @property
    def _is_more_open(self) -> bool:
        return self.more is not None and self.more.isVisibleTo(self)

    def _open_more(self) -> None:
        self.people.hide()
        self.grown.emit()
        self.focus_on_purpose()

    def _show_more(self, actions: tuple[CardAction, ...]) -> None:
        """Open the list with these; close it without any."""
        more = self._more_list()
        more.show_actions(actions)
        more.setVisible(bool(actions))
        self.grown.emit()

    def _more_list(self) -> MoreList:
        if self.more is None:
            # Late: most cards come and go without it.
            from screenpop.ui.popup.more_list import MoreList

            self.more = MoreList(self._theme, self)
            self.more.acted.connect(self._act)
            self.more.call_chosen.connect(self.call_chosen)
        return self.more

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a card that was focused on purpose."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Escape:
            self._step_back()
        elif event.modifiers() not in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            super().keyPressEvent(event)
        elif key in _KEYS:
            self._act_if_offered(_KEYS[key])
        elif event.text().isdigit():
            self._choose_by_key(event.text())
        elif key is Qt.Key.Key_S and self.people.isVisibleTo(self):
            self.people.begin_joining()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the controls does nothing, and goes no further."""
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        """A card that comes up under the pointer was not pointed at."""
        super().showEvent(event)
        self._pointer_at_show = None
        # Under X11 the answer takes a round trip to the server, which the first frame
        # need not wait for: the pointer cannot act before its first event.
        QTimer.singleShot(0, self, self._find_pointer)

    def _find_pointer(self) -> QPoint:
        """Where the pointer was when the card came up."""
        if self._pointer_at_show is None:
            self._pointer_at_show = QCursor.pos()
            if self.isVisible() and self.geometry().contains(self._pointer_at_show):
                self.face.settle()
        return self._pointer_at_show

    def event(self, event: QEvent) -> bool:
        """Notice the pointer coming and moving, over the parts of the card as well."""
        if event.type() in _POINTER_MOVES and self._find_pointer() != QCursor.pos():
            self._set_hovered(True)
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """The keyboard has come or gone."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone."""
        super().leaveEvent(event)
        self._set_hovered(False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Report the note, and be a window again that takes no focus."""
        self.note.report()
        self._set_hovered(False)
        self.windowHandle().setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, True)
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts and cut the corners."""
        super().resizeEvent(event)
        self._arrange()
        if QGuiApplication.platformName() == "xcb":
            path = outline(QRectF(self.rect()), self._theme)
            self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, the edge and the line's colour."""
        paint_ground(self, self._theme, self._view.line_key if self._view else None)

    def _act(self, kind: ActionKind) -> None:
        if kind is ActionKind.MORE:
            self.toggle_more()
            return
        if self._is_more_open:
            self._show_more(())
        if kind is ActionKind.CHOOSE:
            self.toggle_people()
        elif kind is ActionKind.NOTE:
            self.open_note()
        else:
            self.acted.emit(kind)
            if kind in _DONE:
                self._confirm(tr(_DONE[kind]))

    def _confirm(self, text: str) -> None:
        self.face.confirm(text)
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self, text)
            QAccessible.updateAccessibility(event)

    def _act_if_offered(self, kind: ActionKind) -> None:
        if self._view and kind in (action.kind for action in self._view.more):
            self._act(kind)
            return
        rows = (self.face.action_row, self.face.identity_row)
        found = (row.button_of(kind) for row in rows)
        button = next((one for one in found if one is not None), None)
        if button is not None:
            button.click()

    def _choose_by_key(self, key: str) -> None:
        if self.more is not None and self._is_more_open:
            self.more.press_key(key)
            return
        rows = self.people.rows
        found = next((row for row in rows if row.key == key), None)
        if found is not None:
            self.people.press(found.index)
        elif rows and key == "0":
            self.people.press(NOBODY)

    def _choose(self, index: int) -> None:
        if self.people.isVisibleTo(self):
            self.people.hide()
            self.grown.emit()
        self.person_chosen.emit(index)

    def _join(self, first: int, second: int) -> None:
        self.people_joined.emit(first, second)
        self._confirm(tr("One person from now on"))

    def _people_changed(self) -> None:
        if self.people.isVisibleTo(self):
            self.grown.emit()

    def _step_back(self) -> None:
        """Out of what is half said; else hide the card."""
        if self.people.is_joining:
            self.people.stop_joining()
        elif self._is_more_open:
            self._show_more(())
        else:
            self.closed.emit()

    def _reset(self) -> None:
        self.note.report()
        self.note.hide()
        if self.foot is not None:
            self.foot.hide()
        if self.more is not None:
            self.more.hide()
        self.people.hide()
        self.face.pin.setChecked(False)
        self.resize(self.wanted_size())

    def _set_hovered(self, is_hovered: bool) -> None:
        if is_hovered != self.is_hovered:
            # Where the pointer rests, a tool tip may open.
            self._theme.style_windows()
            self.is_hovered = is_hovered
            self.attention_changed.emit()

    def _extra(self) -> int:
        """The height of what is open besides the face."""
        pad = self._theme.px(_PAD_PX)
        return sum(height + pad - gap for _, height, gap in self._open_drawers())

    def _open_drawers(self) -> list[tuple[QWidget, int, int]]:
        """What is open besides the face, from above.

        With each its height, and how much closer than usual it stands to the one above.
        """
        drawers: list[tuple[QWidget, int, int]] = []
        if self.more is not None:
            drawers.append((self.more, self.more.wanted_height(), 0))
        drawers += [
            (self.people, self.people.wanted_height(), 0),
            (self.note, self.note.height(), 0),
        ]
        if self.foot is not None:
            height = self.foot.wanted_height(self._drawer_width())
            drawers.append((self.foot, height, self._theme.px(_FOOT_CLOSER_PX)))
        return [each for each in drawers if each[0].isVisibleTo(self) and each[1]]

    def _drawer_width(self) -> int:
        px = self._theme.px
        return px(WIDTH_PX) - px(BAR_PX) - 2 * px(_PAD_PX)

    def _arrange(self) -> None:
        pad = self._theme.px(_PAD_PX)
        left = self._theme.px(BAR_PX) + pad
        top = pad if self._is_upward else self.face.height()
        self.face.move(0, self._extra() if self._is_upward else 0)
        for drawer, height, gap in self._open_drawers():
            top -= gap
            box = QRect(left, top, self._drawer_width(), height)
            box = mirrored(self.layoutDirection(), self.rect(), box)
            drawer.setGeometry(box)
            top += height + pad
