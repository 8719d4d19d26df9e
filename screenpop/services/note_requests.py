"""Notes that a command asks for, answered in plain values."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import NotOffered, UsageError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.services.call_notes import CallNotes, NoteMarks

_HIGHEST_SEVERITY = 5


async def answer_note(
    notes: CallNotes, asked: Mapping[str, object]
) -> dict[str, object]:
    """Write what is asked for, send it at once, and tell how things stand.

    Args:
        notes: Where notes are kept.
        asked: ``account`` and ``call``; ``text``, ``follow_up`` and ``severity`` where
            they are to be changed, None for as they are.

    Raises:
        UsageError: What is asked for makes no sense.
        NotOffered: Marks for a call whose vendor takes none.
        StoreError: Or one of its kin; nothing was stored.
    """
    ref = CallRef(str(asked.get("account", "")), str(asked.get("call", "")))
    text, marks = asked.get("text"), _marks(notes.marks(ref), asked)
    if not ref.account_id or not ref.call_id:
        raise UsageError(tr("A note belongs to a call of an account"))
    if text is not None or marks is not None:
        if marks is not None and notes.terms(ref.account_id) is None:
            raise NotOffered(
                tr(
                    "The phone system of this call takes no follow-up flag and no "
                    "severity"
                ),
                tr("The note itself can be kept here."),
            )
        kept = notes.text(ref) if text is None else str(text)
        await asyncio.wrap_future(notes.keep(ref, kept, marks))
        await notes.send_now(ref)
    progress = notes.progress(ref)
    now = notes.marks(ref)
    return {
        "account": progress.account_label if progress else ref.account_id,
        "call": ref.call_id,
        "text": notes.text(ref),
        "follow_up": now.needs_follow_up,
        "severity": now.severity,
        "stage": progress.stage.value if progress else "",
        "problem": progress.problem if progress else "",
        "advice": progress.advice if progress else "",
    }


def _marks(now: NoteMarks, asked: Mapping[str, object]) -> NoteMarks | None:
    """The marks as asked for; None when they are to stay.

    Raises:
        UsageError: They are none.
    """
    follow_up, severity = asked.get("follow_up"), asked.get("severity")
    if follow_up is None and severity is None:
        return None
    if isinstance(follow_up, bool):
        now = replace(now, needs_follow_up=follow_up)
    if isinstance(severity, int):
        if not 0 <= severity <= _HIGHEST_SEVERITY:
            raise UsageError(tr("A severity is a number from 0 to 5"))
        now = replace(now, severity=severity)
    return now
