"""What the demo shows of MobTexting: what its voice flow tells, and no more."""

from __future__ import annotations

from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.story import Step, StepKind

STEPS = (
    Step(
        kind=StepKind.RING,
        call="nora",
        pause_seconds=0.5,
        says="Nora Whitfield, known from the contact file, calls; a step of the voice "
        "flow tells so.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="nora",
        pause_seconds=8.0,
        says="The agent picked up, which MobTexting does not tell; they have talked, "
        "and the flow's last step says so.",
        was_answered=True,
    ),
    Step(
        kind=StepKind.RECORD,
        call="nora",
        pause_seconds=2.0,
        says="The recording and a note are in MobTexting's call log, which is read "
        "later: nothing is sent about them.",
        summary="Confirmed the order of twelve city bikes for the first of the month.",
    ),
    Step(
        kind=StepKind.RING,
        call="priya",
        pause_seconds=2.0,
        says="Priya Raman, known only to MobTexting, calls; the flow tells her name.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="priya",
        pause_seconds=5.0,
        says="Nobody picks up: a missed call.",
        cause=ReleaseReason.NO_ANSWER,
    ),
    Step(
        kind=StepKind.RING,
        call="withheld",
        pause_seconds=2.0,
        says="Somebody calls without showing a number.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="withheld",
        pause_seconds=4.0,
        says="They have talked.",
        was_answered=True,
    ),
)
