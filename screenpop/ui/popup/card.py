"""The card of one call: a small window that never takes the keyboard by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
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

from screenpop.ui.accessible import announce_as_alert
from screenpop.ui.popup.card_window import card_flags
from screenpop.ui.popup.drawer import NoteBox
from screenpop.ui.popup.drawers import (
    PAD_PX,
    drawer_width,
    extra_height,
    open_drawers,
    place_drawers,
)
from screenpop.ui.popup.face import WIDTH_PX, Face
from screenpop.ui.popup.ground import outline, paint_ground
from screenpop.ui.popup.people_list import PeopleList
from screenpop.ui.popup.view_model import (
    ActionKind,
    CardAction,
    CardView,
    PersonRow,
)
from screenpop.ui.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.ui.note_state import NoteSheet
    from screenpop.ui.popup.disposition_list import DispositionList
    from screenpop.ui.popup.more_list import MoreList
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.note_foot import NoteFoot

_POINTER_MOVES: Final = (QEvent.Type.Enter, QEvent.Type.HoverMove)

_DONE: Final = {
    ActionKind.COPY: marked("Number copied"),
    ActionKind.LATER: marked("Kept among the calls to call back"),
    ActionKind.CONFIRM: marked("Kept for the next call"),
}
"""What is said of actions that show nothing else."""


class Card(QWidget):
    """Shows one call. Whoever owns it decides where it stands and when it goes.

    Signals:
        acted: An action was chosen (`ActionKind`), by button or key.
        person_chosen: The index of a match, or `NOBODY`.
        people_joined: The indexes of two matches that are one person.
        row_chosen: The place of a row among those that `show_rows` listed.
        disposed: What the call came to; "" for what was said before is not so.
        unfolded: A slim card shall be whole again.
        note_opened: The note box has just been opened.
        note_written: The note's text, at each pause and when the card hides.
        note_marked: The marks below the note: follow-up, severity.
        note_repeat_wanted: A refused note shall be sent once more.
        closed: The user hides it; the call goes on.
        grown: It needs another height now.
        dragged: The user moves it by so much, in logical pixels.
        dropped: The user has let go of it.
        attention_changed: Pointer, typing or pin may have come or gone.
    """

    acted = Signal(object)
    person_chosen = Signal(int)
    people_joined = Signal(int, int)
    row_chosen = Signal(int)
    disposed = Signal(str)
    unfolded = Signal()
    note_opened = Signal()
    note_written = Signal(str)
    note_marked = Signal(bool, int)
    note_repeat_wanted = Signal()
    closed = Signal()
    grown = Signal()
    dragged = Signal(QPoint)
    dropped = Signal()
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
        self._grip: QPoint | None = None
        self.is_hovered = False
        self.is_dragged = False
        self.face = Face(theme, self)
        self.note = NoteBox(theme, self)
        self.foot: NoteFoot | None = None
        self.more: MoreList | None = None
        self.wrap_up: DispositionList | None = None
        self.people = PeopleList(theme, self)
        self.note.hide()
        self.people.hide()
        self._connect()
        self.setWindowTitle("screenpop")
        self.resize(self.wanted_size())

    def _connect(self) -> None:
        self.face.acted.connect(self.act)
        self.face.pinned.connect(self.attention_changed)
        self.face.closed.connect(self.closed)
        self.face.unfolded.connect(self.unfolded)
        self.note.written.connect(self.note_written)
        self.note.wanted.connect(self.focus_on_purpose)
        self.note.left.connect(self.attention_changed)
        self.people.chosen.connect(self._choose)
        self.people.joined.connect(self._join)
        self.people.search_wanted.connect(lambda: self.acted.emit(ActionKind.SEARCH))
        self.people.changed.connect(self._people_changed)
        self._theme.changed.connect(self.update)

    @property
    def theme(self) -> Theme:
        """Its colours and sizes."""
        return self._theme

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
        is_held = self.is_hovered or self.is_dragged
        return is_held or is_typing or self.face.pin.isChecked()

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
        height = self.face.height_px
        self.face.show_view(view)
        if self.wrap_up is not None and not view.dispositions:
            self.wrap_up.hide()
        if self.face.height_px != height or is_other:
            self.grown.emit()
        if self.accessibleName() != view.accessible_name:
            self.setAccessibleName(view.accessible_name)
        if self.people.isVisibleTo(self) and not view.people:
            self.people.hide()
            self.grown.emit()
        if self.more is not None and self.is_more_open and not self.more.has_rows:
            self._show_more(view.more)
        self.update()

    def set_slim(self, is_slim: bool) -> None:
        """Leave all but who it is out of the face, or show everything again."""
        if is_slim != self.face.is_slim:
            self.face.set_slim(is_slim)
            self.grown.emit()

    def ask_what_came_of_it(self) -> None:
        """Offer the dispositions of the call; the keyboard stays where it is."""
        view = self._view
        if view is None or not view.dispositions:
            return
        if self.wrap_up is None:
            # Late: most desks ask for none.
            from screenpop.ui.popup.disposition_list import DispositionList

            self._theme.style_windows()
            self.wrap_up = DispositionList(self._theme, drawer_width(self._theme), self)
            self.wrap_up.chosen.connect(self.disposed)
        self.wrap_up.offer(view.dispositions, view.disposition)
        self.wrap_up.show()
        self.grown.emit()

    @property
    def is_asking(self) -> bool:
        """Whether the dispositions of the call are offered."""
        return self.wrap_up is not None and self.wrap_up.isVisibleTo(self)

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
            self._theme.px(WIDTH_PX),
            self._theme.px(self.face.height_px)
            + extra_height(self._theme, open_drawers(self)),
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
        height = extra_height(self._theme, open_drawers(self))
        if self.foot is None:
            self.foot = self._build_foot()
        self.foot.show()
        self.foot.show_sheet(sheet)
        if extra_height(self._theme, open_drawers(self)) != height:
            self.grown.emit()

    def _build_foot(self) -> NoteFoot:
        # Late: most cards come and go without a note.
        from screenpop.ui.widgets.note_foot import NoteFoot

        foot = NoteFoot(self._theme, self.note.toPlainText, is_wide=True, parent=self)
        foot.resize(drawer_width(self._theme), 0)
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
        is_open = self.is_more_open
        self._show_more(() if is_open or self._view is None else self._view.more)
        if not is_open:
            self._open_more()

    def show_rows(
        self, name: str, rows: tuple[PersonRow, ...], *, is_focused: bool = True
    ) -> None:
        """List these under a name; pressing one chooses it.

        Without ``is_focused`` the keyboard stays where it is.
        """
        more = self._more_list()
        more.show_rows(name, rows)
        more.setVisible(bool(rows))
        self._open_more(is_focused=is_focused)

    def close_rows(self) -> None:
        """Close the list of what else there is."""
        if self.is_more_open:
            self._show_more(())

    @property
    def is_more_open(self) -> bool:
        """Whether the list of what else can be done stands open."""
        return self.more is not None and self.more.isVisibleTo(self)

    def _open_more(self, *, is_focused: bool = True) -> None:
        self.people.hide()
        self.grown.emit()
        if is_focused:
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
            self.more.acted.connect(self.act)
            self.more.row_chosen.connect(self.row_chosen)
        return self.more

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a card that was focused on purpose."""
        # Late: most cards come and go without the keyboard.
        from screenpop.ui.popup.card_keys import press

        if not press(self, event):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the controls does nothing; a drag from there moves it."""
        self._grip = event.globalPosition().toPoint()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer once it has clearly moved."""
        if self._grip is None:
            return
        here = event.globalPosition().toPoint()
        if not self.is_dragged:
            way = (here - self._grip).manhattanLength()
            self.is_dragged = way >= QGuiApplication.styleHints().startDragDistance()
        if self.is_dragged:
            self.dragged.emit(here - self._grip)
            self._grip = here

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Stay where the user has let go of it."""
        self._let_go()

    def _let_go(self) -> None:
        self._grip = None
        if self.is_dragged:
            self.is_dragged = False
            self.dropped.emit()

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
        self._let_go()
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
        view = self._view
        colors = self._theme.colors
        color = colors.line_color(view.line_key, view.line_color) if view else None
        paint_ground(self, self._theme, color)

    def act(self, kind: ActionKind) -> None:
        """Do what a button or key stands for."""
        if kind is ActionKind.MORE:
            self.toggle_more()
            return
        if self.is_more_open:
            self._show_more(())
        if kind is ActionKind.CHOOSE:
            self.toggle_people()
        elif kind is ActionKind.NOTE:
            self.open_note()
        else:
            self.acted.emit(kind)
            if kind in _DONE:
                self.confirm(tr_marked(_DONE[kind]))

    def confirm(self, text: str) -> None:
        """Say for a moment that something was done, also to a screen reader."""
        self.face.confirm(text)
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self, text)
            QAccessible.updateAccessibility(event)

    def _choose(self, index: int) -> None:
        if self.people.isVisibleTo(self):
            self.people.hide()
            self.grown.emit()
        self.person_chosen.emit(index)

    def _join(self, first: int, second: int) -> None:
        self.people_joined.emit(first, second)
        self.confirm(tr("One person from now on"))

    def _people_changed(self) -> None:
        if self.people.isVisibleTo(self):
            self.grown.emit()

    def _reset(self) -> None:
        self.note.report()
        self.note.hide()
        if self.foot is not None:
            self.foot.hide()
        if self.more is not None:
            self.more.hide()
        if self.wrap_up is not None:
            self.wrap_up.hide()
        self.people.hide()
        self.face.set_slim(False)
        self.face.pin.setChecked(False)
        self.resize(self.wanted_size())

    def _set_hovered(self, is_hovered: bool) -> None:
        if is_hovered != self.is_hovered:
            # Where the pointer rests, a tool tip may open.
            self._theme.style_windows()
            self.is_hovered = is_hovered
            self.attention_changed.emit()

    def _arrange(self) -> None:
        drawers = open_drawers(self)
        extra = extra_height(self._theme, drawers)
        self.face.move(0, extra if self._is_upward else 0)
        top = self._theme.px(PAD_PX) if self._is_upward else self.face.height()
        place_drawers(self, self._theme, drawers, top)
