"""The dialer's window: one box for names and numbers, and whom to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.dialer.flow_panel import FlowPanel
from screenpop.ui.dialer.pages import ProgressPage, QuestionPage
from screenpop.ui.dialer.texts import DialRow, RowKind
from screenpop.ui.dialer.typing import TypedText
from screenpop.ui.dialer.view_model import NOTHING, DialerModel, DialerStage
from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.messages import EmptyState, InlineMessage, announce
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.text import section_header
from screenpop.ui.widgets.window import Window
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from screenpop.services.dialer import DialOrder
    from screenpop.services.events import DialConfirmationNeeded, DialProgress
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import MemoryPort
    from screenpop.ui.theme.theme import Theme

_SEARCH_PAUSE_MS: Final = 180
_LONGEST_TEXT: Final = 2000
_PAGE_ROWS: Final = 5
_GAP_PX: Final = 12
_STAR_KEYS: Final = "Ctrl+D"
_ICONS: Final = {
    RowKind.FAVOURITE: ("star", "accent"),
    RowKind.RECENT: ("phone", "text_faint"),
    RowKind.MISSED: ("phone-missed", "bad"),
    RowKind.CONTACT: ("person", "text_faint"),
    RowKind.NUMBER: ("keypad", "text_faint"),
}
_STEPS: Final = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _PAGE_ROWS,
    Qt.Key.Key_PageUp: -_PAGE_ROWS,
}


class DialBox(QLineEdit):
    """The box; arrow keys and Enter are for the list below it."""

    moved = Signal(int)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand over what is not about the text."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # A key held down repeats; a call is not.
            if not event.isAutoRepeat():
                self.entered.emit()
        else:
            super().keyPressEvent(event)


class DialerPane(Window):
    """Whom to call, from which account, and how far the call has come."""

    def __init__(self, theme: Theme, memory: MemoryPort, model: DialerModel) -> None:
        super().__init__(theme, memory, "dialer", tr("Dial"), self._show_trouble)
        self._model = model
        self._is_only_asking = False
        self.setWindowFlag(Qt.WindowType.Dialog)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._search_more)
        self._pages = QStackedWidget()
        self._main = self._build_main()
        self._question = QuestionPage(theme, self._say_yes, self._say_no)
        self._progress = ProgressPage(theme, self.close, self._start_over)
        for page in (self._main, self._question, self._progress):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        edge = theme.px(16)
        column.setContentsMargins(edge, edge, edge, theme.px(12))
        column.addWidget(self._pages)
        self.setMinimumSize(theme.px(340), theme.px(300))
        self.resize(theme.px(400), theme.px(480))

    # --- from outside ----------------------------------------------------------------

    def open_with(self, text: str = "") -> None:
        """Show it, ready to type; ``text`` is put into the box."""
        self._is_only_asking = False
        self._model.open(text)
        self.bring_up()
        self._show_all()
        self._load_caller_ids()
        if self._model.wants_search:
            self._pause.start()

    def ask(self, needed: DialConfirmationNeeded) -> None:
        """A link or another program asks to call."""
        self._is_only_asking = not self.isVisible()
        self._model.open()
        self._model.ask(needed)
        self.bring_up()
        self._show_all()

    def show_progress(self, progress: DialProgress) -> None:
        """News of a dial."""
        self._model.progressed(progress)
        if self.isVisible():
            self._show_all()

    def refresh(self) -> None:
        """The call log has changed."""
        if self.isVisible():
            self._model.refresh()
            self._show_rows()

    def place_near(self, anchor: QRect, keep_clear: QRect) -> None:
        """Stand beside the tray icon, fully on its screen; no anchor, no change.

        Args:
            anchor: Where the icon is.
            keep_clear: Where cards come up, which would cover the window.
        """
        if anchor.isEmpty():
            return
        room = self.screen().availableGeometry()
        size = self.frameGeometry().size()
        left = min(anchor.center().x() - size.width() // 2, room.right() - size.width())
        below = anchor.bottom() + 1
        fits_below = below + size.height() <= room.bottom()
        top = below if fits_below else anchor.top() - size.height()
        top = min(top, room.bottom() - size.height())
        place = QRect(QPoint(max(room.left(), left), max(room.top(), top)), size)
        if place.intersects(keep_clear):
            gap = self.theme.px(_GAP_PX)
            is_right = keep_clear.center().x() > room.center().x()
            beside = keep_clear.left() - gap - size.width()
            left = beside if is_right else keep_clear.right() + gap
            left = min(left, room.right() - size.width())
            place.moveLeft(max(room.left(), left))
        self.move(place.topLeft())

    # --- building --------------------------------------------------------------------

    def _build_main(self) -> QWidget:
        theme = self.theme
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.box = DialBox()
        self.box.setFont(theme.font(TextSize.HEADING))
        self.box.setMaxLength(_LONGEST_TEXT)
        self.box.setPlaceholderText(tr("Type, or paste anything with a number in it"))
        self.box.textEdited.connect(self._edited)
        self.box.moved.connect(self._moved)
        self.box.entered.connect(self._call)
        column.addWidget(Labelled(theme, tr("Name or number"), self.box))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self._target = PlainLabel(theme, role="text_soft")
        self.call_button = TextButton(
            theme, tr("Call"), self._call, kind="primary", icon="phone"
        )
        self.star = TextButton(theme, tr("Keep"), self._turn_favourite, icon="star")
        keys = QShortcut(QKeySequence(_STAR_KEYS), self)
        keys.activated.connect(self.star.click)
        self.star.setToolTip(tr("Keep this number among your favourites (Ctrl+D)"))
        row.addWidget(self._target, 1)
        row.addWidget(self.star)
        row.addWidget(self.call_button)
        column.addLayout(row)
        self.hint = InlineMessage(theme)
        column.addWidget(self.hint)
        column.addWidget(self._build_lines())
        self.flow_panel = FlowPanel(theme, self._model.flow)
        self.flow_panel.changed.connect(self._show_target)
        column.addWidget(self.flow_panel)
        self._rows_title = section_header(theme, "")
        column.addSpacing(theme.px(4))
        column.addWidget(self._rows_title)
        column.addWidget(self._build_list(), 1)
        return page

    def _build_lines(self) -> QWidget:
        self._lines = QWidget()
        row = QHBoxLayout(self._lines)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.theme.px(8))
        self.account = Choice(self.theme)
        self.account.currentIndexChanged.connect(self._account_chosen)
        self._account_field = Labelled(self.theme, tr("Account"), self.account)
        self.caller_id = Choice(self.theme)
        self.caller_id.currentIndexChanged.connect(self._caller_id_chosen)
        self._caller_id_field = Labelled(
            self.theme, tr("Number they see"), self.caller_id
        )
        row.addWidget(self._account_field, 1)
        row.addWidget(self._caller_id_field, 1)
        return self._lines

    def _build_list(self) -> QWidget:
        stack = QStackedWidget()
        self.list = RowsView(self.theme, tr("Whom to call"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(lambda index: self._picked(index.row()))
        self.list.doubleClicked.connect(lambda _index: self._call())
        self._empty = EmptyState(self.theme, "phone-out", "")
        stack.addWidget(self.list)
        stack.addWidget(self._empty)
        self._list_stack = stack
        return stack

    # --- what the user does ----------------------------------------------------------

    def _edited(self, text: str) -> None:
        shown = self._model.type(TypedText(text, self.box.cursorPosition()))
        if shown.text != text:
            self.box.setText(shown.text)
            self.box.setCursorPosition(shown.caret)
        self._show_rows()
        self._show_target()
        self.tasks.cancel("search")
        self._pause.stop()
        if self._model.wants_search:
            self._pause.start()

    def _moved(self, step: int) -> None:
        self._model.move(step)
        self.list.choose(self._model.selected)
        self._show_target()
        chosen = self.list.chosen
        announce(self.list, chosen.spoken if chosen else self.box.text())

    def _picked(self, row: int) -> None:
        self._model.select(row)
        self._show_target()

    def _call(self) -> None:
        self._send(self._model.call())

    def _turn_favourite(self) -> None:
        self.tasks.start(
            self._model.turn_favourite(),
            lambda _none: self._show_all(),
            slot="favourite",
            outlives_window=True,
        )

    def _say_yes(self) -> None:
        self._is_only_asking = False
        if self._model.stage is DialerStage.UNCLEAR:
            self._settle(did_ring=True)
        else:
            self._send(self._model.confirm())

    def _say_no(self) -> None:
        if self._model.stage is DialerStage.UNCLEAR:
            self._settle(did_ring=False)
        else:
            self._model.cancel()
            self._show_all()
            if self._is_only_asking:
                # It was opened by the question; nobody wants to dial anything else.
                self.close()

    def _send(self, order: DialOrder | None) -> None:
        if order is not None:
            self.tasks.start(
                self._model.send(order),
                failed=self._model.failed,
                finally_=self._show_all,
                outlives_window=True,
            )
        self._show_all()

    def _settle(self, *, did_ring: bool) -> None:
        self.tasks.start(
            self._model.settle(did_ring=did_ring),
            finally_=self._show_all,
            slot="settle",
            outlives_window=True,
        )

    def _start_over(self) -> None:
        self._model.start_over()
        self._show_all()

    def _account_chosen(self) -> None:
        self._model.line.choose_account(self.account.key)
        self._model.flow.use_account(self.account.key)
        self._show_lines()
        self._load_caller_ids()

    def _caller_id_chosen(self) -> None:
        self._model.line.choose_caller_id(self.caller_id.key)

    def _load_caller_ids(self) -> None:
        # Without them the usual number is shown; that is no reason to complain.
        self.tasks.start(
            self._model.line.load_caller_ids(),
            lambda _none: self._show_lines(),
            failed=lambda _trouble: None,
            slot="caller_ids",
        )
        self.tasks.start(
            self._model.flow.load(),
            lambda _none: self.flow_panel.show_choice(),
            failed=lambda _trouble: None,
            slot="flows",
        )

    def _search_more(self) -> None:
        self.tasks.start(
            self._model.search_more(),
            lambda _none: self._show_rows(),
            failed=lambda _trouble: None,
            slot="search",
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc says no to a question, else closes."""
        if event.key() == Qt.Key.Key_Escape and self._model.stage is DialerStage.ASKING:
            self._say_no()
            return
        super().keyPressEvent(event)

    # --- showing ---------------------------------------------------------------------

    def _show_trouble(self, trouble: Trouble) -> None:
        self._model.failed(trouble)
        self._show_all()

    def _show_all(self) -> None:
        model = self._model
        stage = model.stage
        if stage is DialerStage.EDITING:
            self._show_main()
        elif stage in (DialerStage.ASKING, DialerStage.UNCLEAR) and model.question:
            is_ask = stage is DialerStage.ASKING
            if self._pages.currentWidget() is not self._question:
                self._pages.setCurrentWidget(self._question)
            self._question.ask(
                model.question,
                tr("Call") if is_ask else tr("Yes"),
                tr("Cancel") if is_ask else tr("No"),
            )
        else:
            self._show_progress_page()

    def _show_main(self) -> None:
        came_back = self._pages.currentWidget() is not self._main
        self._pages.setCurrentWidget(self._main)
        if self.box.text() != self._model.text:
            self.box.setText(self._model.text)
        self._show_lines()
        self._show_rows()
        self._show_target()
        if came_back or not self.box.hasFocus():
            self.box.setFocus()

    def _show_progress_page(self) -> None:
        was_elsewhere = self._pages.currentWidget() is not self._progress
        self._pages.setCurrentWidget(self._progress)
        steps = self._model.steps
        if steps is None:
            model = self._model
            self._progress.show_sending(model.sent_to, is_flow=model.is_flow_sent)
        else:
            self._progress.show_steps(steps)
        if was_elsewhere:
            self._progress.done.setFocus()

    def _show_rows(self) -> None:
        rows = tuple(_row(index, row) for index, row in enumerate(self._model.rows))
        self._rows_title.setText(self._model.rows_title if rows else "")
        self._empty.say(self._model.empty_text)
        self._list_stack.setCurrentWidget(self.list if rows else self._empty)
        self.list.show_rows(rows, self._model.selected)

    def _show_target(self) -> None:
        model = self._model
        is_row = model.selected != NOTHING
        who, number = model.target_parts
        shown = tr("To {who}", who=who) if who and is_row else who
        self._target.show_text(shown, number)
        self.call_button.setEnabled(model.can_call)
        self._show_star()
        hint = model.hint
        if hint.text != self.hint.title or not hint.text:
            self.hint.say(hint.text, hint.advice, tone=hint.tone)

    def _show_star(self) -> None:
        """Offer to keep the number, or not to keep it any more."""
        is_kept = self._model.is_favourite
        self.star.setEnabled(bool(self._model.favourite))
        self.star.show_text(tr("Kept") if is_kept else tr("Keep"))

    def _show_lines(self) -> None:
        line = self._model.line
        self.account.offer(line.accounts, line.account_id)
        self._account_field.setVisible(bool(line.accounts))
        self.caller_id.offer(line.caller_ids, line.caller_id)
        self._caller_id_field.setVisible(bool(line.caller_ids))
        self._lines.setVisible(bool(line.accounts or line.caller_ids))
        self.flow_panel.show_choice()


def _row(index: int, row: DialRow) -> Row:
    icon, role = _ICONS[row.kind]
    return Row(
        key=joined(str(index), row.number, row.name),
        title=row.title,
        details=row.details,
        icon=icon,
        role=role,
        end=row.end,
    )
