"""Where a note is: kept here, on its way, with the phone system, or refused. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.services.note_progress import NoteStage
from screenpop.ui.wording import reworded, tr

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef
    from screenpop.services.note_progress import NoteProgress
    from screenpop.ui.ports import CallNotesPort

Tone = Literal["", "good", "soft", "bad"]


@frozen(kw_only=True)
class NoteSheet:
    """What is known of the note on one call, besides what is being typed.

    Attributes:
        kept: The note as it is on this computer.
        taker: Who takes notes on this call besides us; "" for nobody.
        longest: How many characters the taker takes.
        severity: 0 (none) to 5.
    """

    ref: CallRef
    kept: str = ""
    taker: str = ""
    longest: int = 0
    needs_follow_up: bool = False
    severity: int = 0
    progress: NoteProgress | None = None


@frozen
class NoteState:
    """What to say of a note.

    Attributes:
        counter: How much of the room is used; "" where there is no limit.
        can_repeat: Sending it again may help.
    """

    text: str
    tone: Tone = ""
    counter: str = ""
    is_too_long: bool = False
    can_repeat: bool = False


def sheet_of(notes: CallNotesPort, ref: CallRef) -> NoteSheet:
    """What the services know; reads the database."""
    terms = notes.terms(ref.account_id)
    if terms is None:
        return NoteSheet(ref=ref, kept=notes.text(ref))
    marks = notes.marks(ref)
    return NoteSheet(
        ref=ref,
        kept=notes.text(ref),
        taker=terms.account_label,
        longest=terms.longest,
        needs_follow_up=marks.needs_follow_up,
        severity=marks.severity,
        progress=notes.progress(ref),
    )


def state_of(sheet: NoteSheet, typed: str) -> NoteState:
    """What to say while ``typed`` stands in the box."""
    taker = plain(sheet.taker, 60)
    length = len(typed.strip())
    counter, is_too_long = "", False
    if taker and typed.strip():
        counter = tr("{count} of {most}", count=length, most=sheet.longest)
        is_too_long = length > sheet.longest
    if is_too_long:
        text = tr("Too long for {taker}: kept here as a whole, not sent", taker=taker)
        return NoteState(text, "bad", counter, is_too_long=True)
    if typed.strip() != sheet.kept.strip():
        return NoteState("", counter=counter)
    progress = sheet.progress
    if not taker or progress is None:
        return NoteState(tr("Saved here") if sheet.kept else "", "good", counter)
    if progress.stage is NoteStage.SENT:
        return NoteState(
            tr("Saved here and sent to {taker}", taker=taker), "good", counter
        )
    if progress.stage is NoteStage.WAITING:
        text = tr("Saved here, waiting to be sent to {taker}", taker=taker)
        return NoteState(text, "soft", counter)
    problem = plain(reworded(progress.problem), 200)
    text = tr(
        "Saved here. Not taken by {taker}: {problem}", taker=taker, problem=problem
    )
    return NoteState(text, "bad", counter, can_repeat=True)
