"""Opens or saves the recording of a call of the vendor's own history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from screenpop.domain.calls import CallRef
from screenpop.domain.cdr import CallOutcome
from screenpop.ui.recording_file import ask_where, saved_text
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.wrapping import WrappedRow
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.abilities import Sound
    from screenpop.ui.ports import OpenUrl, VendorCallsPort
    from screenpop.ui.settings.tool_list import ToolList
    from screenpop.ui.theme.theme import Theme

_WITHOUT_TALK: Final = frozenset(
    {
        CallOutcome.NO_ANSWER,
        CallOutcome.BUSY,
        CallOutcome.REJECTED,
        CallOutcome.CANCELLED,
        CallOutcome.FAILED,
    }
)


class HistoryRecording(QWidget):
    """Two buttons for the call that is chosen in a list.

    Args:
        tab: Whose list it is; it does the work and tells of troubles.
        vendor: None where nobody can be asked; then nothing is offered.
    """

    def __init__(
        self,
        theme: Theme,
        tab: ToolList,
        account_id: str,
        vendor: VendorCallsPort | None,
        open_url: OpenUrl,
    ) -> None:
        super().__init__()
        self._tab, self._account_id = tab, account_id
        self._vendor, self._open_url = vendor, open_url
        self._record: CallDetailRecord | None = None
        self._ref: CallRef | None = None
        row = WrappedRow(theme)
        self.setLayout(row)
        self.open_button = TextButton(
            theme, tr("Open recording"), self._open, icon="link"
        )
        self.open_button.setToolTip(tr("Asks for a fresh link and opens your browser"))
        self.open_button.setAccessibleDescription(self.open_button.toolTip())
        self.save_button = TextButton(
            theme, tr("Save recording…"), self._fetch, icon="save"
        )
        row.add(self.open_button, self.save_button)
        offer = vendor.offer(account_id) if vendor is not None else None
        self.open_button.setVisible(offer is not None and offer.has_link)
        self.save_button.setVisible(offer is not None and offer.has_sound)
        self.setVisible(offer is not None and (offer.has_link or offer.has_sound))
        self.show_call(None, "")

    def show_call(self, record: CallDetailRecord | None, call_id: str) -> None:
        """Offer the recording of this call, where there may be one."""
        is_likely = record is not None and (
            bool(record.recording_url) or record.outcome not in _WITHOUT_TALK
        )
        self._record = record
        self._ref = None
        if is_likely and call_id:
            self._ref = CallRef(self._account_id, call_id)
        for button in (self.open_button, self.save_button):
            button.setEnabled(self._ref is not None)

    def _open(self) -> None:
        if self._vendor is not None and self._ref is not None:
            self._tab.run(self._vendor.recording_link(self._ref), self._open_url)

    def _fetch(self) -> None:
        if self._vendor is None or self._ref is None or self._record is None:
            return
        started_at = self._record.started_at

        def fetched(sound: Sound) -> None:
            ask_where(
                self.window(), sound, started_at, lambda path: self.save_to(path, sound)
            )

        self._tab.run(self._vendor.sound(self._ref), fetched)

    def save_to(self, path: Path, sound: Sound) -> None:
        """Write the recording to this file and say so."""
        from screenpop.services.vendor_calls import write_sound

        def told(size: int) -> None:
            self._tab.message.say(saved_text(path, size), tone="good")

        self._tab.tasks.start(write_sound(sound, path), told, outlives_window=True)
