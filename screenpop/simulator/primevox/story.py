"""What an onlooker sees on PrimeVOX: a ring and an end; who answered comes later."""

from __future__ import annotations

from typing import Final

from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.story import Step, StepKind

STEPS: Final = (
    Step(
        kind=StepKind.RING,
        call="nora",
        pause_seconds=0.5,
        says="Nora Whitfield, known from the contact file, calls the main office.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="nora",
        pause_seconds=8.0,
        was_answered=True,
        says="The agent picked up, of which PrimeVOX tells nothing; they have talked, "
        "and Nora hangs up.",
    ),
    Step(
        kind=StepKind.RECORD,
        call="nora",
        pause_seconds=2.0,
        says="The call list has the recording from now on; it is asked for in turn.",
        summary="Confirmed the order of twelve city bikes for the first of the month.",
    ),
    Step(
        kind=StepKind.RING,
        call="priya",
        pause_seconds=2.0,
        says="Priya Raman, known to nobody here, calls customer support.",
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
        says="The call list says that she left a message.",
        has_voicemail=True,
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
        was_answered=True,
        says="The agent picked up; they have talked.",
    ),
    Step(
        kind=StepKind.RECORD,
        call="withheld",
        pause_seconds=1.0,
        says="The call list has the call.",
    ),
)
