"""What the demo shows of MobTexting: what its voice flow tells, and no more."""

from __future__ import annotations

from typing import Final

from screenpop.simulator.story_steps import StepKind, Telling, varied

STEPS: Final = varied(
    {
        ("nora", StepKind.RING): Telling(
            says="Nora Whitfield, known from the contact file, calls; a step of the "
            "voice flow tells so.",
        ),
        ("nora", StepKind.HANG_UP): Telling(
            pause_seconds=8.0,
            says="The agent picked up, which MobTexting does not tell; they have "
            "talked, and the flow's last step says so.",
            was_answered=True,
        ),
        ("nora", StepKind.RECORD): Telling(
            says="The recording and a note are in MobTexting's call log, which is read "
            "later: nothing is sent about them.",
        ),
        ("priya", StepKind.RING): Telling(
            says="Priya Raman, known only to MobTexting, calls; the flow tells her "
            "name.",
        ),
        ("withheld", StepKind.HANG_UP): Telling(pause_seconds=4.0, was_answered=True),
    },
    without=(
        ("nora", StepKind.ANSWER),
        ("priya", StepKind.RECORD),
        ("withheld", StepKind.ANSWER),
        ("withheld", StepKind.RECORD),
    ),
)
