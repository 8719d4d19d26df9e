"""The team: enter the code that lets this computer join, see how that stands, leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from screenpop.domain.plain_text import plain
from screenpop.ui.settings.kept_fields import KeptFields, LockNote
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import confirm
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.events import AccountState
    from screenpop.services.team.joining import TeamFacts
    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.setup_ports import TeamPort
    from screenpop.ui.theme.theme import Theme

_LONGEST: Final = 80


class TeamPage(SettingsPage):
    """Either a box for the code, or the team that this computer is in."""

    is_long = True

    def __init__(
        self,
        theme: Theme,
        team: TeamPort,
        states: Callable[[], tuple[AccountState, ...]],
        settings: SettingsPort | None = None,
    ) -> None:
        """Nothing is read before ``load``.

        Args:
            theme: Of the window.
            team: Joins and leaves.
            states: Tells how accounts stand.
            settings: What the user shares; None where it is not to be changed.
        """
        super().__init__(
            theme,
            tr("Team"),
            tr(
                "With a relay, your company takes the phone system's calls at one "
                "place, and this computer hears of yours. It needs no key of the phone "
                "system and no address in the internet."
            ),
        )
        self._team = team
        self._states = states
        self._outside = self._build_outside()
        self._inside = QWidget()
        self._facts = QFormLayout(self._inside)
        self._facts.setContentsMargins(0, 0, 0, 0)
        self._facts.setHorizontalSpacing(theme.px(16))
        self._facts.setVerticalSpacing(theme.px(8))
        self.column.addWidget(self._outside)
        self.column.addWidget(self._inside)
        self._shared = QWidget()
        self._kept = self._build_shared(settings) if settings is not None else None
        self.column.addWidget(self._shared)
        row = QHBoxLayout()
        self.leave_button = TextButton(
            theme, tr("Leave the team…"), self._ask_leave, kind="danger"
        )
        row.addWidget(self.leave_button)
        row.addStretch(1)
        self.column.addLayout(row)
        self._settings = settings
        self.lock_note = LockNote(theme)
        self.column.addWidget(self.lock_note)
        self.column.addStretch(1)
        self._show(None)

    def load(self) -> None:
        """Show how it stands now."""
        super().load()
        if self._kept is not None:
            self._kept.refresh()
        self.tasks.start(self._team.facts(), self._show, slot="load")

    def refresh(self) -> None:
        """An account is doing differently."""
        self.load()

    # --- outside of any team ---------------------------------------------------------

    def _build_outside(self) -> QWidget:
        theme = self.theme
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self.code = QLineEdit()
        self.code.setPlaceholderText("https://…/enrol#…")
        self.code.textChanged.connect(self._code_changed)
        self.code.returnPressed.connect(self._join)
        help_text = tr(
            "Whoever runs your team's relay makes it for you. It works once, on one "
            "computer; do not hand it on."
        )
        labelled = Labelled(theme, tr("Enrolment code"), self.code, help_text=help_text)
        column.addWidget(labelled)
        row = QHBoxLayout()
        self.join_button = TextButton(
            theme, tr("Join the team"), self._join, kind="primary"
        )
        self.join_button.setEnabled(False)
        row.addWidget(self.join_button)
        row.addStretch(1)
        column.addLayout(row)
        return box

    def _code_changed(self, text: str) -> None:
        self.join_button.setEnabled(bool(text.strip()))

    def _join(self) -> None:
        if self.code.text().strip():
            self.run(self._team.join(self.code.text()), self._joined)

    def _joined(self, facts: TeamFacts) -> None:
        # It is worth nothing any more, and need not be read over a shoulder.
        self.code.clear()
        self._show(facts)
        self.message.say(
            tr("This computer has joined {team}.", team=plain(facts.team, _LONGEST)),
            tone="good",
        )

    # --- in one ----------------------------------------------------------------------

    def _build_shared(self, settings: SettingsPort) -> KeptFields:
        column = QVBoxLayout(self._shared)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(8))
        fields = KeptFields(self.theme, settings, column, self.tasks)
        fields.header(tr("What you share"))
        fields.check(
            "team.presence",
            tr("Show colleagues whether I am free, in a call or away"),
            words=tr("presence, status"),
        )
        fields.check(
            "team.share_rules",
            tr("Agree with my team on which numbers are spam and whose they are"),
            words=tr("rules, marks"),
        )
        help_text = tr(
            "What you say of a number then counts for all who agree, until you take "
            "it back; your own word always comes first. Numbers and contacts are not "
            "sent, only keyed hashes of them."
        )
        column.addWidget(TextBlock(self.theme, help_text, tone="soft"))
        return fields

    def _show(self, facts: TeamFacts | None) -> None:
        self._outside.setVisible(facts is None)
        self._inside.setVisible(facts is not None)
        self._shared.setVisible(facts is not None and self._kept is not None)
        self.leave_button.setVisible(facts is not None)
        lock = self._settings.lock("team.membership") if self._settings else ""
        self.lock_note.show_lock(self.leave_button, lock if facts else "")
        while self._facts.rowCount():
            self._facts.removeRow(0)
        if facts is None:
            return
        self._add(tr("Team"), facts.team)
        self._add(tr("You are"), facts.agent)
        self._add(tr("Relay"), facts.relay_url.partition("://")[2])
        self._add(tr("This computer"), facts.device_id)
        states = {state.account_id: state for state in self._states()}
        for account_id in facts.accounts:
            state = states.get(account_id)
            label = state.label if state else account_id
            told = state.headline if state else tr("Not in the settings any more")
            self._add(plain(label, _LONGEST), told)

    def _add(self, label: str, text: str) -> None:
        block = TextBlock(self.theme, plain(text, _LONGEST))
        block.allow_copy()
        block.setAccessibleName(label)
        self._facts.addRow(TextBlock(self.theme, label, tone="soft"), block)

    def _ask_leave(self) -> None:
        confirm(
            self.theme,
            self,
            tr("Leave the team?"),
            tr(
                "The team's accounts and this computer's key are removed; the call log "
                "stays. To come back you need a new code."
            ),
            tr("Leave"),
            lambda: self.run(self._team.leave(), self._left),
        )

    def _left(self, left_over: str) -> None:
        self._show(None)
        self.message.say(
            tr("This computer has left its team."),
            left_over,
            tone="warn" if left_over else "good",
        )
