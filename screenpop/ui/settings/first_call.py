"""The end of adding an account: a test call, and contacts for the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from screenpop.domain.events import Direction
from screenpop.ui.settings.state_texts import state_tone
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled
from screenpop.ui.widgets.messages import InlineMessage, announce
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.widgets.window import Sheet
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from screenpop.domain.calls import Call
    from screenpop.services.events import AccountState, DialProgress
    from screenpop.ui.setup_ports import FirstCallPort
    from screenpop.ui.theme.theme import Theme


class FirstCallSheet(Sheet):
    """Waits for a call of the account, and says when one came.

    Args:
        call: The account that is tried.
        import_contacts: Opens the import; None where it is not offered.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        call: FirstCallPort,
        import_contacts: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(theme, parent, tr("Try it with a call"))
        self._call = call
        self._import = import_contacts
        self.body.addWidget(
            TextBlock(
                theme,
                tr(
                    "Call your own number from another phone now. The card comes up "
                    "while it rings."
                ),
            )
        )
        self.state = InlineMessage(theme)
        self.arrived = InlineMessage(theme)
        self.body.addWidget(self.state)
        self.body.addWidget(self.arrived)
        self.number = QLineEdit()
        self.dial_button = TextButton(theme, tr("Call it"), self._dial, icon="phone")
        self._build_dial()
        self.body.addStretch(1)
        if import_contacts is not None:
            self.import_button = self.add_button(
                tr("Import contacts…"), self._import_contacts
            )
        self.done_button = self.add_button(tr("Done"), self.accept, "primary")
        self.done_button.setDefault(True)
        self.setMinimumWidth(theme.px(440))
        self._end = call.watch(self._call_came, self._dial_progressed, self._show_state)
        self.finished.connect(lambda _result: self._end())
        self.arrived.say(tr("Waiting for a call…"))
        state = call.state()
        if state is None:
            self.state.hide()
        else:
            self._show_state(state)

    def _build_dial(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(8))
        self.do_on_enter(self.number, self._dial)
        field = Labelled(
            self.theme,
            tr("Or have your phone call a number of yours"),
            self.number,
            help_text=tr("Your phone rings first: pick up, and the other one rings."),
        )
        self.body.addWidget(field)
        row.addWidget(self.dial_button)
        row.addStretch(1)
        self.body.addLayout(row)
        can_dial = self._call.can_dial
        field.setVisible(can_dial)
        self.dial_button.setVisible(can_dial)

    def _show_state(self, state: AccountState) -> None:
        self.state.say(state.headline, state.advice, tone=state_tone(state.state))

    def _call_came(self, call: Call) -> None:
        if call.direction is not Direction.INBOUND or call.is_own_leg:
            return
        text = tr("A call came: it works.")
        if self.arrived.text != text:
            self.arrived.say(text, tone="good")
            announce(self, text)

    def _dial(self) -> None:
        text = self.number.text().strip()
        if not text or not self.dial_button.isEnabled():
            return
        self.message.clear()
        self.dial_button.setEnabled(False)
        self.tasks.start(
            self._call.dial(text),
            self._dial_progressed,
            finally_=lambda: self.dial_button.setEnabled(True),
            slot="dial",
        )

    def _dial_progressed(self, progress: DialProgress) -> None:
        self.message.say(progress.text, progress.advice)

    def _import_contacts(self) -> None:
        self.accept()
        if self._import is not None:
            self._import()
