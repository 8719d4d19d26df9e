"""The dialer's pages beside the box: a question before a call, and its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from screenpop.ui.theme.theme import TextSize
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.messages import IconLabel, announce
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.ui.dialer.texts import CallSteps, Question
    from screenpop.ui.theme.theme import Theme

_TO_COME, _NOW, _DONE = range(3)
_STEP_ICONS: Final = {_TO_COME: "phone", _NOW: "phone-out", _DONE: "check"}
_STEP_ROLES: Final = {_TO_COME: "text_faint", _NOW: "accent", _DONE: "good"}


class QuestionPage(QWidget):
    """A question with two answers. A stray Enter presses neither."""

    def __init__(
        self,
        theme: Theme,
        yes: Callable[[], object],
        no: Callable[[], object],
    ) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addStretch(1)
        column.addWidget(IconLabel(theme, "alert", "warn", 32))
        self._title = TextBlock(theme, size=TextSize.TITLE, strong=True)
        # It takes the focus, so that it is read out and no key answers by accident.
        self._title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._reasons = TextBlock(theme, tone="soft")
        column.addWidget(self._title)
        column.addWidget(self._reasons)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.yes = TextButton(theme, "", yes, kind="primary")
        self.no = TextButton(theme, "", no)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        row.addStretch(1)
        column.addSpacing(theme.px(4))
        column.addLayout(row)
        column.addStretch(2)

    def ask(self, question: Question, yes: str, no: str) -> None:
        """Show a question with the words of its answers."""
        self._title.setText(question.title)
        self._reasons.setText("\n".join(question.reasons))
        self._title.setAccessibleName(question.title)
        self._title.setAccessibleDescription(" ".join(question.reasons))
        self.yes.show_text(yes)
        self.no.show_text(no)
        self._title.setFocus()
        announce(self, " ".join((question.title, *question.reasons)))


class _Step(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self._icon = IconLabel(theme, "phone", "text_faint", 20)
        self._who = TextBlock(theme, strong=True)
        self._state = TextBlock(theme, tone="soft")
        row.addWidget(self._icon)
        row.addWidget(self._who, 1)
        row.addWidget(self._state)

    def show_step(self, who: str, state: int, words: tuple[str, str, str]) -> None:
        self._icon.show_icon(_STEP_ICONS[state], _STEP_ROLES[state])
        self._who.setText(who)
        self._state.setText(words[state])
        self._state.show_tone("accent" if state == _NOW else "soft")
        self.setAccessibleName(f"{who}: {words[state]}")


class ProgressPage(QWidget):
    """Which of the two phones rings, and who is on the line."""

    def __init__(
        self, theme: Theme, done: Callable[[], object], again: Callable[[], object]
    ) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(16))
        column.addStretch(1)
        self._headline = TextBlock(theme, size=TextSize.TITLE, strong=True)
        column.addWidget(self._headline)
        self._own, self._party = _Step(theme), _Step(theme)
        column.addWidget(self._own)
        column.addWidget(self._party)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.done = TextButton(theme, tr("Done"), done, kind="primary")
        self.again = TextButton(theme, tr("Another call"), again)
        row.addWidget(self.done)
        row.addWidget(self.again)
        row.addStretch(1)
        column.addSpacing(theme.px(4))
        column.addLayout(row)
        column.addStretch(2)

    def show_sending(self, who: str, *, is_flow: bool = False) -> None:
        """The order is on its way; nothing can be pressed twice."""
        self._headline.setText(tr("Starting the call…"))
        own = "" if is_flow else tr("Your phone")
        self._show_steps(own, _TO_COME, who, _TO_COME)
        self.again.setEnabled(False)
        announce(self, self._headline.text())

    def show_steps(self, steps: CallSteps) -> None:
        """Show how far the call has come."""
        if self._headline.text() != steps.headline:
            announce(self, steps.headline)
        self._headline.setText(steps.headline)
        self._show_steps(
            steps.own_phone_text, steps.own_phone, steps.party_text, steps.party
        )
        self.again.setEnabled(True)

    def _show_steps(self, own: str, own_state: int, party: str, state: int) -> None:
        self._own.setVisible(bool(own))
        self._own.show_step(
            own, own_state, (tr("waits"), tr("rings: pick up"), tr("picked up"))
        )
        self._party.show_step(
            party, state, (tr("comes next"), tr("rings"), tr("on the line"))
        )
