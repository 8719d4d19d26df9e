"""What happens in the demo, moment by moment, and how vendors' stories differ."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from screenpop.domain.frozen import frozen
from screenpop.simulator.protocol import ReleaseReason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class StepKind(Enum):
    """What a step does to a call."""

    RING = "ring"
    ANSWER = "answer"
    HANG_UP = "hang up"
    RECORD = "record"


@frozen(kw_only=True)
class Step:
    """One moment of the story.

    Attributes:
        call: The key of the call it happens to.
        pause_seconds: How long nothing happens before it.
        says: What an onlooker sees, one sentence.
        cause: Why the call ends, for HANG_UP.
        was_answered: Somebody had picked up, which the vendor did not tell, for
            HANG_UP.
        summary: What the record says of the talk, for RECORD.
        has_voicemail: The caller left a message, for RECORD.
    """

    kind: StepKind
    call: str
    pause_seconds: float
    says: str
    cause: ReleaseReason = ReleaseReason.NORMAL
    was_answered: bool = False
    summary: str = ""
    has_voicemail: bool = False


Moment: TypeAlias = "tuple[str, StepKind]"
"""A step by the call it happens to and what it does."""


@frozen(kw_only=True)
class Telling:
    """How a vendor's story tells a step otherwise; None leaves it as it usually is."""

    says: str | None = None
    pause_seconds: float | None = None
    was_answered: bool | None = None
    summary: str | None = None


USUAL_STEPS = (
    Step(
        kind=StepKind.RING,
        call="nora",
        pause_seconds=0.5,
        says="Nora Whitfield, known from the contact file, calls the main office.",
    ),
    Step(
        kind=StepKind.ANSWER,
        call="nora",
        pause_seconds=4.0,
        says="The agent picks up.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="nora",
        pause_seconds=6.0,
        says="They have talked; Nora hangs up.",
    ),
    Step(
        kind=StepKind.RECORD,
        call="nora",
        pause_seconds=2.0,
        says="The call's record arrives, with a summary.",
        summary="Confirmed the order of twelve city bikes for the first of the month.",
    ),
    Step(
        kind=StepKind.RING,
        call="priya",
        pause_seconds=2.0,
        says="Priya Raman, known only to the phone system, calls customer support.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="priya",
        pause_seconds=5.0,
        says="Nobody picks up: a missed call.",
        cause=ReleaseReason.NO_ANSWER,
    ),
    Step(
        kind=StepKind.RECORD,
        call="priya",
        pause_seconds=1.0,
        says="Her message arrives.",
        has_voicemail=True,
    ),
    Step(
        kind=StepKind.RING,
        call="withheld",
        pause_seconds=2.0,
        says="Somebody calls without showing a number.",
    ),
    Step(
        kind=StepKind.ANSWER,
        call="withheld",
        pause_seconds=2.0,
        says="The agent picks up.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="withheld",
        pause_seconds=2.0,
        says="They have talked.",
    ),
    Step(
        kind=StepKind.RECORD,
        call="withheld",
        pause_seconds=1.0,
        says="The call's record arrives.",
    ),
)


def varied(
    told: Mapping[Moment, Telling], *, without: Collection[Moment] = ()
) -> tuple[Step, ...]:
    """The usual steps, some told otherwise and some left out.

    Raises:
        KeyError: A moment is none of the story's.
    """
    known = {(step.call, step.kind): step for step in USUAL_STEPS}
    for moment, telling in told.items():
        known[moment] = _told(known[moment], telling)
    for moment in without:
        del known[moment]
    return tuple(known.values())


def _told(step: Step, telling: Telling) -> Step:
    says, pause = telling.says, telling.pause_seconds
    answered, summary = telling.was_answered, telling.summary
    return replace(
        step,
        says=step.says if says is None else says,
        pause_seconds=step.pause_seconds if pause is None else pause,
        was_answered=step.was_answered if answered is None else answered,
        summary=step.summary if summary is None else summary,
    )
