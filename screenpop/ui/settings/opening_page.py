"""When calls open records, which, and a test of it with a past call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from screenpop.domain.open_template import PLACEHOLDERS
from screenpop.domain.plain_text import plain
from screenpop.ui.call_log.texts import when_text, who_text
from screenpop.ui.settings.form import scrolled
from screenpop.ui.settings.kept_fields import LockNote
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Choice, Labelled
from screenpop.ui.widgets.messages import InlineMessage
from screenpop.ui.widgets.text import TextBlock, heading
from screenpop.ui.wording import (
    Marked,
    joined,
    marked,
    tr,
    tr_count,
    tr_in,
    tr_marked,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from typing import Any

    from screenpop.config.settings import Settings
    from screenpop.domain.calls import CallRef
    from screenpop.domain.record_opening import OpenPlan
    from screenpop.services.call_history import LogEntry
    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.setup_ports import OpenerPort
    from screenpop.ui.theme.theme import Theme

_CALLED: Final = (
    ("never", marked("Never by itself")),
    ("ring", marked("As soon as it rings")),
    ("answer", marked("When I answer")),
)
_CALLING: Final = (
    ("never", marked("Never by itself")),
    ("ring", marked("As soon as I dial")),
    ("answer", marked("When they answer")),
)
_SHOWN: Final = {
    "never": marked("Opening is switched off for calls like this. It would open:"),
    "ring": marked("As soon as it rings, it opens:"),
    "answer": marked("When it is answered, it opens:"),
}


class OpeningPage(SettingsPage):
    """Every change is kept at once."""

    def __init__(
        self,
        theme: Theme,
        kept: SettingsPort,
        opener: OpenerPort,
        *,
        calls: Callable[[], Coroutine[Any, Any, tuple[LogEntry, ...]]],
        settings: Callable[[], Settings],
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing is read before ``load``; ``calls`` gives the latest of the log."""
        super().__init__(
            theme,
            tr("Opening records"),
            tr(
                "A call can open its record without a click. It opens only what you or "
                "your administrator wrote down, once for a call, and nothing while it "
                "is not sure who it is."
            ),
        )
        self._kept = kept
        self._opener = opener
        self._calls = calls
        self._settings = settings
        self._clock = clock
        self._refs: dict[str, CallRef] = {}
        self._refreshers: list[Callable[[], None]] = []
        inner = QWidget()
        self._fields = QVBoxLayout(inner)
        self._fields.setContentsMargins(0, 0, theme.px(8), 0)
        self._fields.setSpacing(theme.px(12))
        self._build_fields()
        self._build_test()
        self._fields.addStretch(1)
        self._area = scrolled(inner)
        self.column.addWidget(self._area, 1)

    def load(self) -> None:
        """Show what is in force, and the latest calls to try it with."""
        super().load()
        for show in self._refreshers:
            show()
        self._tell_about_file()
        self.tasks.start(self._calls(), self._show_calls, slot="calls")

    # --- building --------------------------------------------------------------------

    def _build_fields(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(12))
        self._fields.addLayout(row)
        self.inbound = self._choice(
            row, "card.open_record", tr("When somebody calls"), _CALLED
        )
        self.outbound = self._choice(
            row, "card.open_outbound", tr("When I call"), _CALLING
        )
        gaps = " ".join(f"{{{word}}}" for word in PLACEHOLDERS)
        self.url = self._line(
            "card.open_url",
            tr("Address to open"),
            tr(
                "Such as https://crm.example.com/search?phone={gap}. Empty: the "
                "contact's own page. It may hold {gaps}.",
                gap="{e164}",
                gaps=gaps,
            ),
        )
        self.hosts = self._line(
            "card.link_hosts",
            tr("Hosts of contacts' pages"),
            tr(
                "Such as crm.example.com. Contacts' own pages open by themselves on "
                "these only. Once you name one, a click opens no others either."
            ),
        )
        self.note = TextBlock(self.theme, tone="soft")
        self._fields.addWidget(self.note)

    def _build_test(self) -> None:
        theme = self.theme
        self._fields.addWidget(heading(theme, tr("Try it with a past call")))
        self.call = Choice(theme)
        self._fields.addWidget(Labelled(theme, tr_in("a past call", "Call"), self.call))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.try_button = TextButton(
            theme, tr("What would open?"), self._rehearse, icon="search"
        )
        self.open_button = TextButton(
            theme, tr("Open it now"), self._repeat, icon="open"
        )
        row.addWidget(self.try_button)
        row.addWidget(self.open_button)
        row.addStretch(1)
        self._fields.addLayout(row)
        self.result = InlineMessage(theme)
        self._fields.addWidget(self.result)

    def _choice(
        self,
        row: QHBoxLayout,
        key: str,
        label: str,
        choices: tuple[tuple[str, Marked], ...],
    ) -> Choice:
        shown = tuple((name, tr_marked(text)) for name, text in choices)
        box = Choice(self.theme, shown)
        box.currentIndexChanged.connect(lambda _index: self._keep(key, box.key))
        column = QVBoxLayout()
        column.setSpacing(self.theme.px(6))
        column.addWidget(Labelled(self.theme, label, box))
        row.addLayout(column, 1)
        self._refreshers.append(lambda: box.offer(shown, self._kept.get(key)))
        self._note_lock(column, key, box)
        return box

    def _line(self, key: str, label: str, help_text: str) -> QLineEdit:
        line = QLineEdit()
        line.editingFinished.connect(lambda: self._keep_line(key, line))
        self._fields.addWidget(Labelled(self.theme, label, line, help_text=help_text))
        self._refreshers.append(lambda: line.setText(self._kept.get(key)))
        self._note_lock(self._fields, key, line)
        return line

    def _note_lock(self, column: QVBoxLayout, key: str, field: QWidget) -> None:
        note = LockNote(self.theme)
        column.addWidget(note)
        self._refreshers.append(lambda: note.show_lock(field, self._kept.lock(key)))

    # --- keeping ---------------------------------------------------------------------

    def _keep_line(self, key: str, line: QLineEdit) -> None:
        if line.text().strip() != self._kept.get(key):
            self._keep(key, line.text().strip())

    def _keep(self, key: str, value: str) -> None:
        self.message.clear()
        self.tasks.start(
            self._kept.set(key, value),
            lambda _none: self.message.say(tr("Saved"), tone="good"),
            outlives_window=True,
        )

    def _tell_about_file(self) -> None:
        """What holds besides, and cannot be changed here."""
        card, policy = self._settings().card, self._settings().policy
        rules = len(card.rules)
        told = []
        if not policy.open_records:
            told.append(tr("Your administrator has switched opening off."))
        if card.open_program:
            program = plain(card.open_program[0], 120)
            told.append(tr("Instead of an address, {program} is run.", program=program))
        if rules:
            told.append(
                tr_count(
                    "{count} rule for single lines is in config.toml.",
                    "{count} rules for single lines are in config.toml.",
                    rules,
                )
            )
        self.note.setText(" ".join(told))
        self.note.setVisible(bool(told))

    # --- trying ----------------------------------------------------------------------

    def _show_calls(self, calls: tuple[LogEntry, ...]) -> None:
        now = self._clock()
        self._refs = {
            f"{one.ref.account_id}/{one.ref.call_id}": one.ref for one in calls
        }
        texts = (joined(who_text(one), when_text(one.started_at, now)) for one in calls)
        self.call.offer(tuple(zip(self._refs, texts, strict=True)), self.call.key)
        for button in (self.try_button, self.open_button):
            button.setEnabled(bool(calls))

    def _rehearse(self) -> None:
        ref = self._refs.get(self.call.key)
        if ref is not None:
            self._try(self._opener.rehearse(ref))

    def _repeat(self) -> None:
        ref = self._refs.get(self.call.key)
        if ref is not None:
            self._try(self._opener.repeat(ref))

    def _try(self, work: Coroutine[Any, Any, OpenPlan]) -> None:
        self.result.clear()
        self.run(work, self._show_plan)

    def _show_plan(self, plan: OpenPlan) -> None:
        # It is the last thing on the page, and may be below the window's edge.
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.result))
        if plan.target is None:
            self.result.say(tr("Nothing is opened"), plain(plan.reason), tone="warn")
            return
        what = plan.target.url or " ".join(plan.target.argv)
        self.result.say(tr_marked(_SHOWN[plan.when]), plain(what, 500), tone="good")
