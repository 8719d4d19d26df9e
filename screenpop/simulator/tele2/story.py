"""What the demo shows of Tele2: the event stream, which needs no public address."""

from __future__ import annotations

from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.story import Step, StepKind

STEPS = (
    Step(
        kind=StepKind.RING,
        call="nora",
        pause_seconds=0.5,
        says="Nora Whitfield, known from the contact file, calls the main office; the "
        "event stream tells so.",
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
        says="The recording is ready. Tele2 makes no summaries.",
        summary="Recorded.",
    ),
    Step(
        kind=StepKind.RING,
        call="priya",
        pause_seconds=2.0,
        says="Priya Raman calls customer support. Tele2 knows its own employees only, "
        "so that her number is all there is.",
    ),
    Step(
        kind=StepKind.HANG_UP,
        call="priya",
        pause_seconds=5.0,
        says="Nobody picks up: a missed call, and a lost caller in Tele2's own list.",
        cause=ReleaseReason.NO_ANSWER,
    ),
    Step(
        kind=StepKind.RECORD,
        call="priya",
        pause_seconds=1.0,
        says="Her message is in the voicemail box.",
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
