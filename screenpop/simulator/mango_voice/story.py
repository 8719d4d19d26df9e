"""What the demo shows of Mango Voice: its platform live, and its records after."""

from __future__ import annotations

from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.story import Step, StepKind

STEPS = (
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
        says="The call's record arrives, and says that there is a recording.",
        summary="Mango Voice has no summaries.",
    ),
    Step(
        kind=StepKind.RING,
        call="priya",
        pause_seconds=2.0,
        says="Priya Raman calls customer support, where a Switchboard asks us first; "
        "Mango Voice keeps no contacts, so that her number is all there is.",
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
)
