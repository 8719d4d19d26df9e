"""The panel beside the calls: everything known of one, and the note about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.ui.call_log.texts import (
    Fact,
    facts_of,
    links_of,
    record_facts,
    who_text,
)
from screenpop.ui.note_state import NoteSheet
from screenpop.ui.theme.theme import TextSize
from screenpop.ui.time_text import clock_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.messages import EmptyState
from screenpop.ui.widgets.note_foot import NoteFoot
from screenpop.ui.widgets.text import TextBlock, section_header
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.services.call_history import LogDetails, LogEntry, TimelineStep
    from screenpop.ui.call_log.vendor_part import VendorPart
    from screenpop.ui.ports import OpenUrl
    from screenpop.ui.theme.theme import Theme

_NOTE_PAUSE_MS: Final = 600
_LONGEST_STORY: Final = 20_000
_LABEL_PX: Final = 92


class NoteBox(QPlainTextEdit):
    """A note; `paused` whenever the writer stops for a moment or leaves."""

    paused = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setPlaceholderText(tr("Write what was said or promised"))
        self.setFixedHeight(theme.px(84))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_NOTE_PAUSE_MS)
        self._pause.timeout.connect(self.paused)
        self.textChanged.connect(self._pause.start)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving is a pause too."""
        super().focusOutEvent(event)
        if self._pause.isActive():
            self._pause.stop()
            self.paused.emit()

    def show_note(self, text: str) -> None:
        """Show a note without taking that for writing."""
        if self.toPlainText() == text:
            return
        was_blocked = self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(was_blocked)


@frozen
class DetailsActions:
    """What the panel's buttons do."""

    call: Callable[[LogEntry], object]
    create_contact: Callable[[LogEntry], object]
    open_url: OpenUrl
    note_written: Callable[[CallRef, str], object]
    note_paused: Callable[[], object]
    note_marked: Callable[[LogEntry, bool, int], object]
    note_repeat: Callable[[LogEntry], object]
    disposed: Callable[[LogEntry, str], object]


class DetailsPanel(QStackedWidget):
    """One call; an empty state while none is chosen."""

    def __init__(
        self, theme: Theme, actions: DetailsActions, vendor: VendorPart
    ) -> None:
        super().__init__()
        self._theme = theme
        self._actions = actions
        self._vendor = vendor
        self._entry: LogEntry | None = None
        self.addWidget(
            EmptyState(
                theme, "phone", tr("No call chosen"), tr("Choose one to see its story.")
            )
        )
        self.addWidget(self._build())
        # Words on buttons are long in some languages, and nothing here scrolls aside.
        buttons = self._inner.minimumSizeHint().width() + theme.px(12)
        self.setMinimumWidth(max(theme.px(250), buttons))

    def clear(self) -> None:
        """Show no call."""
        self._entry = None
        self.setCurrentIndex(0)

    @property
    def entry(self) -> LogEntry | None:
        """The call that is shown."""
        return self._entry

    def show_entry(self, entry: LogEntry, note: str, now: datetime) -> None:
        """Show what the list knows already; the rest comes with `show_details`."""
        is_other = self._entry is None or self._entry.ref != entry.ref
        self._entry = entry
        self.setCurrentIndex(1)
        who = who_text(entry)
        number = plain(entry.number_text)
        self._who.setText(who)
        second = joined(plain(entry.company), number if number != who else "")
        self._second.setText(second)
        self._second.setVisible(bool(second))
        has_number = bool(entry.number_e164 or entry.number_text)
        self.call_button.setEnabled(has_number)
        self.copy_button.setEnabled(has_number)
        self.create_button.setVisible(has_number and not entry.name)
        self._vendor.show_entry(entry)
        if is_other or not self.note.hasFocus():
            # It may have been written on the card meanwhile.
            self.note.show_note(note)
        if is_other:
            self.foot.show_sheet(NoteSheet(ref=entry.ref, kept=note))
            self._came_to.hide()
            self._fill(facts_of(entry, now), None, ())
            self._area.verticalScrollBar().setValue(0)

    def show_details(self, details: LogDetails, now: datetime) -> None:
        """Show everything, if it still is about the chosen call."""
        if self._entry is None or details.entry.ref != self._entry.ref:
            return
        self._offer_dispositions(details)
        facts = facts_of(details.entry, now)
        if details.record is not None:
            facts += record_facts(details.record)
        self._fill(facts, details, details.timeline)

    def _offer_dispositions(self, details: LogDetails) -> None:
        """What users can say of the call; also what is no longer on the list."""
        said = details.entry.disposition
        offered = details.dispositions
        if said and said not in offered:
            offered = (said, *offered)
        pairs = tuple((one, plain(one)) for one in offered)
        self.disposition.offer((("", tr("Not said")), *pairs), said)
        self._came_to.setVisible(bool(offered) and not details.entry.is_live)

    def show_sheet(self, sheet: NoteSheet) -> None:
        """Show where the note is, if it still is that of the chosen call."""
        if self._entry is not None and sheet.ref == self._entry.ref:
            self.foot.show_sheet(sheet)

    # --- building --------------------------------------------------------------------

    def _build(self) -> QWidget:
        theme = self._theme
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = self._inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.px(16), theme.px(4), theme.px(8), theme.px(16))
        column.setSpacing(theme.px(8))
        self._who = TextBlock(theme, size=TextSize.TITLE, strong=True)
        self._second = TextBlock(theme, tone="soft")
        self._second.allow_copy()
        column.addWidget(self._who)
        column.addWidget(self._second)
        column.addLayout(self._build_buttons())
        column.addSpacing(theme.px(4))
        self.note = NoteBox(theme)
        self.note.textChanged.connect(self._written)
        self.note.paused.connect(self._actions.note_paused)
        column.addWidget(Labelled(theme, tr("Note"), self.note))
        self.foot = NoteFoot(theme, self.note.toPlainText, is_wide=False)
        self.foot.marked.connect(self._marked)
        self.foot.repeat_wanted.connect(self._repeat)
        column.addWidget(self.foot)
        self.disposition = Choice(theme)
        self.disposition.currentIndexChanged.connect(self._dispose)
        self._came_to = Labelled(theme, tr("What it came to"), self.disposition)
        self._came_to.hide()
        column.addWidget(self._came_to)
        column.addWidget(self._vendor.recording)
        self._story = QVBoxLayout()
        self._story.setSpacing(theme.px(6))
        column.addLayout(self._story)
        column.addWidget(self._vendor.steps)
        column.addStretch(1)
        self._area.setWidget(inner)
        return self._area

    def _build_buttons(self) -> QGridLayout:
        theme = self._theme
        self.call_button = TextButton(
            theme, tr("Call"), self._call, kind="primary", icon="phone"
        )
        self.copy_button = TextButton(theme, tr("Copy number"), self._copy, icon="copy")
        self.create_button = TextButton(
            theme, tr("Create contact"), self._create, icon="create"
        )
        # Below the others: three in a row are wider than the panel.
        rows = QGridLayout()
        rows.setSpacing(theme.px(8))
        rows.addWidget(self.call_button, 0, 0)
        rows.addWidget(self.copy_button, 0, 1)
        rows.addWidget(self.create_button, 1, 0, 1, 2)
        rows.setColumnStretch(2, 1)
        return rows

    # --- what the user does ----------------------------------------------------------

    def _call(self) -> None:
        if self._entry is not None:
            self._actions.call(self._entry)

    def _copy(self) -> None:
        if self._entry is not None:
            number = self._entry.number_e164 or plain(self._entry.number_text)
            QGuiApplication.clipboard().setText(number)

    def _create(self) -> None:
        if self._entry is not None:
            self._actions.create_contact(self._entry)

    def _marked(self, needs_follow_up: bool, severity: int) -> None:
        if self._entry is not None:
            self._actions.note_marked(self._entry, needs_follow_up, severity)

    def _repeat(self) -> None:
        if self._entry is not None:
            self._actions.note_repeat(self._entry)

    def _dispose(self) -> None:
        if self._entry is not None:
            self._actions.disposed(self._entry, self.disposition.key)

    def _written(self) -> None:
        self.foot.refresh()
        if self._entry is not None:
            self._actions.note_written(self._entry.ref, self.note.toPlainText())

    # --- the story -------------------------------------------------------------------

    def _fill(
        self,
        facts: tuple[Fact, ...],
        details: LogDetails | None,
        timeline: tuple[TimelineStep, ...],
    ) -> None:
        _empty(self._story)
        for fact in facts:
            self._story.addWidget(self._line(fact.label, fact.text))
        record = details.record if details else None
        if record is not None:
            is_fresh = details is not None and self._vendor.gives_links(details.entry)
            for link in links_of(record, with_recording=not is_fresh):
                button = TextButton(
                    self._theme,
                    link.label,
                    _opener(self._actions.open_url, link.url),
                    icon="link",
                )
                button.setToolTip(tr("Opens {host} in your browser", host=link.host))
                button.setAccessibleDescription(button.toolTip())
                self._story.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
            self._tell(tr("Summary"), record.summary)
            self._tell(tr("Transcription"), record.transcription)
        if timeline:
            self._story.addSpacing(self._theme.px(8))
            self._story.addWidget(section_header(self._theme, tr("What happened")))
            for step in timeline:
                at = clock_text(step.at, with_seconds=True)
                self._story.addWidget(self._line(at, plain(step.text)))

    def _line(self, label: str, text: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        name = TextBlock(self._theme, label, size=TextSize.CAPTION, tone="faint")
        name.setFixedWidth(self._theme.px(_LABEL_PX))
        value = TextBlock(self._theme, text, size=TextSize.CAPTION)
        value.allow_copy()
        value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        value.setAccessibleName(f"{label}: {text}")
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(value, 1)
        return line

    def _tell(self, title: str, text: str) -> None:
        if not text:
            return
        lines = (plain(line, 2000) for line in text[:_LONGEST_STORY].splitlines())
        self._story.addSpacing(self._theme.px(8))
        self._story.addWidget(section_header(self._theme, title))
        block = TextBlock(self._theme, "\n".join(lines))
        block.allow_copy()
        block.setAccessibleName(f"{title}: {block.text()}")
        self._story.addWidget(block)


def _opener(open_url: OpenUrl, url: str) -> Callable[[], None]:
    def open_it() -> None:
        open_url(url)

    return open_it


def _empty(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
