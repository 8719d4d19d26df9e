"""What the demo shows of Tele2: the event stream, which needs no public address."""

from __future__ import annotations

from typing import Final

from screenpop.simulator.story_steps import StepKind, Telling, varied

STEPS: Final = varied(
    {
        ("nora", StepKind.RING): Telling(
            says="Nora Whitfield, known from the contact file, calls the main office; "
            "the event stream tells so.",
        ),
        ("nora", StepKind.RECORD): Telling(
            says="The recording is ready. Tele2 makes no summaries.",
            summary="Recorded.",
        ),
        ("priya", StepKind.RING): Telling(
            says="Priya Raman calls customer support. Tele2 knows its own employees "
            "only, so that her number is all there is.",
        ),
        ("priya", StepKind.HANG_UP): Telling(
            says="Nobody picks up: a missed call, and a lost caller in Tele2's own "
            "list.",
        ),
        ("priya", StepKind.RECORD): Telling(
            says="Her message is in the voicemail box.",
        ),
    },
    without=(("withheld", StepKind.RECORD),),
)
