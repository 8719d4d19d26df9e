"""How far a note on a call has come on its way to the call's phone system."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef


class NoteStage(StrEnum):
    """How far a note on a call has come on its way to the call's vendor."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


@frozen(kw_only=True)
class NoteProgress:
    """A note that is kept here has come this far on its way to the vendor.

    Attributes:
        account_label: Who shall have it.
        problem: Why it was refused; "" otherwise.
        advice: What the user can do about that; may be "".
    """

    ref: CallRef
    stage: NoteStage
    account_label: str
    problem: str = ""
    advice: str = ""
