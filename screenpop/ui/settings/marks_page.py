"""Spam and private numbers: listed, added by hand, taken off again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget

from screenpop.domain.contacts import Mark
from screenpop.domain.numbers import format_number, read_number
from screenpop.domain.plain_text import plain
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.time_text import ago_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.messages import EmptyState
from screenpop.ui.widgets.rows import Row, RowsView
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.store.number_marks import MarkedNumber
    from screenpop.ui.setup_ports import MarksPort
    from screenpop.ui.theme.theme import Theme


class MarksPage(SettingsPage):
    """Every marked number, the latest first."""

    def __init__(
        self,
        theme: Theme,
        marks: MarksPort,
        *,
        region: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing is read before ``load``; numbers are read as in ``region``."""
        super().__init__(
            theme,
            tr("Marked numbers"),
            tr(
                "Calls from spam show no card and count as no missed calls; they are "
                "in the log. A private number's calls are logged without a name, and "
                "no CRM or phone system is asked about it. Before a number of somebody "
                "who does not want to be called is dialled, you are asked. The list "
                "stays on this computer."
            ),
        )
        self._marks = marks
        self._region = region
        self._clock = clock
        self.add_button = TextButton(theme, tr("Add a number"), self._ask, icon="plus")
        self.head.addWidget(self.add_button)
        self.list = RowsView(theme, tr("Marked numbers"))
        self.list.selectionModel().selectionChanged.connect(self._chosen_changed)
        self._empty = EmptyState(theme, "quiet", tr("Loading…"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.column.addWidget(self._stack, 1)
        row = QHBoxLayout()
        self.remove_button = TextButton(
            theme, tr("Take off the list"), self._remove, icon="trash"
        )
        self.remove_button.setEnabled(False)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        self.column.addLayout(row)

    def load(self) -> None:
        """Show the numbers as they are now."""
        super().load()
        self.tasks.start(self._marks.all(), self._show, slot="load")

    def _show(self, marked: tuple[MarkedNumber, ...]) -> None:
        now = self._clock()
        self.list.renew(tuple(self._row(one, now) for one in marked))
        self._empty.say(
            tr("No number is marked"),
            tr("Mark a caller on the card, under Options, or add a number here."),
        )
        self._stack.setCurrentWidget(self.list if marked else self._empty)
        self._chosen_changed()

    def _row(self, one: MarkedNumber, now: datetime) -> Row:
        shown = format_number(one.number_key, self._region()) or one.number_key
        what, icon = _look_of(one.mark)
        since = tr("marked {when}", when=ago_text(one.marked_at, now))
        return Row(one.number_key, plain(shown, 60), joined(what, since), icon)

    def _chosen_changed(self) -> None:
        self.remove_button.setEnabled(self.list.selectionModel().hasSelection())

    def _remove(self) -> None:
        row = self.list.chosen
        if row is not None:
            number = read_number(row.key, self._region())
            self.run(self._marks.clear(number), lambda _was: self.load())

    def _ask(self) -> None:
        sheet = Sheet(self.theme, self, tr("Add a number"))
        sheet.setMinimumWidth(self.theme.px(400))
        field = QLineEdit()
        sheet.body.addWidget(Labelled(self.theme, tr("Number"), field))
        what = Choice(
            self.theme,
            (
                (Mark.SPAM.value, tr("Spam: show no card")),
                (Mark.PRIVATE.value, tr("Private: keep no name, ask no source")),
                (Mark.DO_NOT_CALL.value, tr("Do not call: ask before dialling")),
            ),
        )
        sheet.body.addWidget(Labelled(self.theme, tr("It is"), what))
        sheet.add_button(tr("Cancel"), sheet.reject)

        def keep() -> None:
            number = read_number(field.text(), self._region())
            sheet.tasks.start(
                self._marks.mark(number, Mark(what.key)),
                lambda _none: kept(),
                outlives_window=True,
            )

        def kept() -> None:
            sheet.accept()
            self.load()

        save = sheet.add_button(tr("Add"), keep, "primary")
        save.setDefault(True)
        field.setFocus()
        sheet.open()


def _look_of(mark: Mark) -> tuple[str, str]:
    """What a mark is called, and its icon."""
    if mark is Mark.SPAM:
        return tr("Spam"), "quiet"
    if mark is Mark.PRIVATE:
        return tr("Private"), "hidden"
    return tr("Do not call"), "phone-off"
