"""What the dialer shows and what it may send, decided without any window.

At most one order is in flight: from the moment an order is handed out until its outcome
is known, every further Enter or click gives none.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.dialing import DialOrigin, Verdict
from screenpop.domain.plain_text import plain
from screenpop.services.dialer import DialOrder
from screenpop.services.events import DialConfirmationNeeded, DialProgress, DialState
from screenpop.ui.dialer.flow_choice import FlowChoice
from screenpop.ui.dialer.line_choice import LineChoice
from screenpop.ui.dialer.texts import (
    NO_MESSAGE,
    ORIGINS,
    CallSteps,
    DialRow,
    Message,
    MessageTone,
    Question,
    RowKind,
    call_question,
    row_of,
    steps_of,
    unclear_question,
)
from screenpop.ui.dialer.typing import TypedText, grouped, looks_like_number
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from screenpop.services.dialer import DialPreview
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import DialDeskPort, DialerPort, MemoryPort

NOTHING: Final = -1
"""The row index that stands for what is typed."""

_SHORTEST_SEARCH: Final = 2
_MOST_ROWS: Final = 12
_LONGEST_ORDER: Final = 500
_TONES: Final[dict[Verdict, MessageTone]] = {
    Verdict.ALLOW: "soft",
    Verdict.CONFIRM: "warn",
    Verdict.REFUSE: "bad",
}
_OVER: Final = (DialState.ENDED, DialState.CANCELLED)


class DialerStage(StrEnum):
    """What the pane is about."""

    EDITING = "editing"
    ASKING = "asking"
    SENDING = "sending"
    UNDER_WAY = "under_way"
    UNCLEAR = "unclear"


class DialerModel:
    """The state behind the dialer pane.

    Args:
        memory: Remembers the account and the caller ID of the last call.
    """

    def __init__(
        self, desk: DialDeskPort, dialer: DialerPort, memory: MemoryPort
    ) -> None:
        self._desk = desk
        self._dialer = dialer
        self.line = LineChoice(desk, memory)
        self.flow = FlowChoice(desk)
        self._text = ""
        self._rows: tuple[DialRow, ...] = ()
        self._order: DialOrder | None = None
        self._dial_id = ""
        self._progress: DialProgress | None = None
        self.selected = NOTHING
        self.stage = DialerStage.EDITING
        self.message = NO_MESSAGE
        self.question: Question | None = None

    # --- what is shown ---------------------------------------------------------------

    @property
    def text(self) -> str:
        """What the box holds."""
        return self._text

    @property
    def rows(self) -> tuple[DialRow, ...]:
        """Whom to choose from."""
        return self._rows

    @property
    def rows_title(self) -> str:
        """What the rows are."""
        if self._rows and self._rows[0].kind is RowKind.NUMBER:
            return tr("Numbers in this text")
        if self._text.strip():
            return tr("Suggestions")
        if any(row.kind is RowKind.FAVOURITE for row in self._rows):
            return tr("Favourites and recent calls")
        return tr("Recent calls")

    @property
    def empty_text(self) -> str:
        """What to say instead of rows."""
        if not self._text.strip():
            return tr("No calls yet. Type a name or a number, or paste one.")
        if looks_like_number(self._text) or self.preview.number_text:
            return ""
        return tr("Nobody of that name. You can still type the number.")

    @property
    def target(self) -> str:
        """Whom a call would go to; "" for nobody."""
        return joined(*self.target_parts)

    @property
    def target_parts(self) -> tuple[str, str]:
        """Who is called, and at which number where that is not the same."""
        row = self._chosen_row()
        if row is not None:
            # No company: it would push the number out of sight, which is dialled.
            return row.title, row.number_text
        return (plain(self.preview.number_text) if self._text.strip() else ""), ""

    @property
    def favourite(self) -> str:
        """The number that could be kept at hand, or is; "" for none."""
        row = self._chosen_row()
        if row is not None:
            return row.number
        return self.preview.number_text if self._text.strip() else ""

    @property
    def is_favourite(self) -> bool:
        """Whether it is kept at hand."""
        return self._desk.is_favourite(self.favourite)

    async def turn_favourite(self) -> None:
        """Keep the number at hand, or no longer."""
        row, number = self._chosen_row(), self.favourite
        await self._desk.set_favourite(
            number,
            row.name if row is not None else "",
            is_wanted=not self.is_favourite,
        )
        self._set_text(self._text)
        numbers = [each.number for each in self._rows]
        if row is not None and number in numbers:
            self.selected = numbers.index(number)

    @property
    def can_call(self) -> bool:
        """Whether the button does anything."""
        return (
            self.stage is DialerStage.EDITING
            and bool(self.target)
            and not self.flow.problem
            and self.preview.verdict is not Verdict.REFUSE
        )

    @property
    def hint(self) -> Message:
        """Why it is refused or what to look out for, under the box."""
        if self.message.text:
            return self.message
        if not self.target:
            return NO_MESSAGE
        preview = self.preview
        if self.flow.problem and preview.verdict is not Verdict.REFUSE:
            return Message(self.flow.problem)
        return Message(" ".join(preview.reasons), tone=_TONES[preview.verdict])

    @property
    def preview(self) -> DialPreview:
        """What would happen for the chosen row, else for what is typed."""
        row = self._chosen_row()
        is_automatic = self.flow.is_chosen
        if row is None:
            return self._dialer.preview(
                self._text,
                DialOrigin.TYPED,
                self.line.account_id,
                is_automatic=is_automatic,
            )
        return self._dialer.preview(
            row.number,
            ORIGINS[row.kind],
            row.account_id or self.line.account_id,
            is_automatic=is_automatic,
        )

    @property
    def sent_to(self) -> str:
        """Whom the order in flight is for."""
        if self._order is None:
            return ""
        return plain(self._order.name) or plain(self._order.text, 60)

    @property
    def is_flow_sent(self) -> bool:
        """Whether the phone system speaks in the order in flight."""
        return self._order is not None and self._order.speech is not None

    @property
    def steps(self) -> CallSteps | None:
        """How far the call under way has come; None when there is none."""
        if self._progress is None or self.stage is not DialerStage.UNDER_WAY:
            return None
        return steps_of(self._progress)

    # --- editing ---------------------------------------------------------------------

    def open(self, text: str = "") -> None:
        """Start afresh, unless a call is being started or asked about."""
        self.line.refresh()
        self.flow.use_account(self.line.account_id)
        if self.stage in (DialerStage.EDITING, DialerStage.UNDER_WAY):
            is_number = text.startswith("+") and text[1:].isdigit()
            self.start_over(self._desk.format_partial(text) if is_number else text)

    def start_over(self, text: str = "") -> None:
        """Back to the box."""
        if self.stage is DialerStage.SENDING:
            return
        self.stage = DialerStage.EDITING
        self.message, self.question, self._order = NO_MESSAGE, None, None
        self._progress, self._dial_id = None, ""
        self.flow.reset()
        self._set_text(text)

    def type(self, typed: TypedText) -> TypedText:
        """A keystroke or a paste has changed the box; what it shall show."""
        shown = grouped(self._text, typed, self._desk.format_partial)
        self.message = NO_MESSAGE
        self._set_text(shown.text)
        return shown

    def refresh(self) -> None:
        """Suggest anew: the recent calls have changed."""
        if self.stage is DialerStage.EDITING and self.selected == NOTHING:
            self._set_text(self._text)

    def move(self, step: int) -> None:
        """Choose the next or the previous row; above the first is what is typed."""
        least = NOTHING if self._is_number() or not self._text.strip() else 0
        last = len(self._rows) - 1
        self.selected = max(min(least, last), min(last, self.selected + step))

    def select(self, index: int) -> None:
        """Choose a row."""
        if NOTHING <= index < len(self._rows):
            self.selected = index

    @property
    def wants_search(self) -> bool:
        """Whether slower sources are worth asking."""
        return len(self._text.strip()) >= _SHORTEST_SEARCH and not (
            self._rows and self._rows[0].kind is RowKind.NUMBER
        )

    async def search_more(self) -> None:
        """Ask slower sources; what they know is added below, so nothing moves."""
        text = self._text
        found = await self._desk.search(text)
        if text != self._text:
            return
        known = {(row.number, row.name) for row in self._rows}
        more = tuple(
            row for row in map(row_of, found) if (row.number, row.name) not in known
        )
        self._rows = (*self._rows, *more)[:_MOST_ROWS]

    def _set_text(self, text: str) -> None:
        self._text = text
        stripped = text.strip()
        candidates: tuple[str, ...] = ()
        if stripped:
            typed = self._dialer.preview(text, DialOrigin.TYPED, self.line.account_id)
            candidates = typed.candidates
        if len(candidates) > 1:
            self._rows = tuple(
                DialRow(kind=RowKind.NUMBER, title=plain(one), details="", number=one)
                for one in candidates
            )
        else:
            self._rows = tuple(map(row_of, self._desk.suggest(text)))
        # A name is not dialled: the first who has it is, and is seen to be chosen.
        by_name = bool(stripped) and not self._is_number() and len(candidates) <= 1
        self.selected = 0 if by_name and self._rows else NOTHING

    def _is_number(self) -> bool:
        return bool(
            self._dialer.preview(
                self._text, DialOrigin.TYPED, self.line.account_id
            ).number_text
        ) or looks_like_number(self._text)

    def _chosen_row(self) -> DialRow | None:
        if 0 <= self.selected < len(self._rows):
            return self._rows[self.selected]
        return None

    # --- calling ---------------------------------------------------------------------

    def call(self) -> DialOrder | None:
        """Enter or the button: the order to send, or None when there is none to send.

        None with a `question` means that the user is asked first.
        """
        if not self.can_call:
            return None
        preview = self.preview
        order = self._order_of()
        if preview.verdict is Verdict.CONFIRM:
            self._ask(order, preview.number_text, preview.reasons)
            return None
        return self._hand_out(order)

    def ask(self, needed: DialConfirmationNeeded) -> bool:
        """A link or another program asks to call; False while another call starts."""
        if self.stage in (DialerStage.SENDING, DialerStage.UNCLEAR):
            return False
        origin = DialOrigin(needed.origin) if needed.origin else DialOrigin.LINK
        # Whoever can speak is found by the dialer; the account of the line may not.
        usual = "" if needed.speech else self.line.account_id
        account_id = needed.account_id or usual
        same_account = account_id == self.line.account_id
        order = DialOrder(
            text=needed.number_raw,
            origin=origin,
            account_id=account_id,
            caller_id=self.line.caller_id if same_account else "",
            speech=needed.speech,
        )
        if not needed.number_text:
            self.start_over(plain(needed.number_raw))
            self.message = Message(" ".join(needed.reasons), tone="bad")
            return True
        preview = self._dialer.preview(
            order.text,
            origin,
            order.account_id,
            is_automatic=order.speech is not None,
        )
        if preview.verdict is Verdict.REFUSE:
            self.start_over(needed.number_text)
            self.message = Message(" ".join(preview.reasons), tone="bad")
            return True
        self._ask(order, needed.number_text, needed.reasons or preview.reasons)
        return True

    def confirm(self) -> DialOrder | None:
        """The user says yes to the question."""
        if self.stage is not DialerStage.ASKING or self._order is None:
            return None
        return self._hand_out(replace(self._order, is_confirmed=True))

    def cancel(self) -> None:
        """The user says no to the question."""
        if self.stage is DialerStage.ASKING:
            self.stage, self.question, self._order = DialerStage.EDITING, None, None

    async def send(self, order: DialOrder) -> None:
        """Have the order carried out; errors are left to the caller."""
        self.progressed(await self._dialer.dial(order))

    def failed(self, trouble: Trouble) -> None:
        """Nothing was sent, or it was refused."""
        self.stage = DialerStage.EDITING
        self._order, self._dial_id = None, ""
        self.message = Message(trouble.title, trouble.advice, "bad")

    def progressed(self, progress: DialProgress) -> None:
        """News of a dial; of another one than ours it changes nothing."""
        if not self._is_ours(progress):
            return
        self._dial_id = progress.dial_id
        self._progress = progress
        if progress.state is DialState.UNCLEAR:
            self.stage = DialerStage.UNCLEAR
            self.question = unclear_question(progress)
            self.flow.reset()
        elif progress.state is DialState.FAILED:
            text = progress.text or tr("The call was not started")
            self._back(Message(text, progress.advice, "bad"))
        elif progress.state in _OVER:
            self._back(Message(progress.text or tr("The call has ended")))
            self._set_text("")
        elif progress.state not in (DialState.INTENDED, DialState.SENDING):
            self.stage = DialerStage.UNDER_WAY
            self._order = None
            self.flow.reset()

    async def settle(self, *, did_ring: bool) -> None:
        """The answer to whether the phone rang."""
        await self._dialer.settle_unclear(self._dial_id, did_ring=did_ring)
        if did_ring:
            self._back(Message(tr("Good: the call was started."), tone="good"))
            self._set_text("")
        else:
            self._back(
                Message(
                    tr("Nothing was called."),
                    tr("Call again when you are ready."),
                    "warn",
                )
            )

    def _order_of(self) -> DialOrder:
        row = self._chosen_row()
        if row is None:
            return DialOrder(
                text=self._text[:_LONGEST_ORDER],
                origin=DialOrigin.TYPED,
                account_id=self.line.account_id,
                caller_id=self.line.caller_id,
                speech=self.flow.speech,
            )
        account_id = row.account_id or self.line.account_id
        if self.flow.is_chosen:
            # It was chosen among the flows of this account.
            account_id = self.line.account_id
        same_account = account_id == self.line.account_id
        return DialOrder(
            text=row.number,
            origin=ORIGINS[row.kind],
            account_id=account_id,
            caller_id=self.line.caller_id if same_account else "",
            name=row.name,
            speech=self.flow.speech,
        )

    def _ask(self, order: DialOrder, number: str, reasons: tuple[str, ...]) -> None:
        self.stage = DialerStage.ASKING
        self._order = order
        who = joined(plain(order.name), plain(number))
        self.question = call_question(who, reasons, order.speech)

    def _hand_out(self, order: DialOrder) -> DialOrder:
        self.stage = DialerStage.SENDING
        self.question, self.message = None, NO_MESSAGE
        self._order, self._dial_id, self._progress = order, "", None
        return order

    def _is_ours(self, progress: DialProgress) -> bool:
        if self._dial_id:
            return progress.dial_id == self._dial_id
        if self.stage is DialerStage.SENDING:
            return True
        # Left over from before a crash: it waits until nobody is in the middle of it.
        return progress.state is DialState.UNCLEAR and self.stage is DialerStage.EDITING

    def _back(self, message: Message) -> None:
        self.stage = DialerStage.EDITING
        self.question, self._order, self._dial_id = None, None, ""
        self._progress = None
        self.message = message
