"""What an onlooker sees on PrimeVOX: a ring and an end; who answered comes later."""

from __future__ import annotations

from typing import Final

from screenpop.simulator.story_steps import StepKind, Telling, varied

STEPS: Final = varied(
    {
        ("nora", StepKind.HANG_UP): Telling(
            pause_seconds=8.0,
            was_answered=True,
            says="The agent picked up, of which PrimeVOX tells nothing; they have "
            "talked, and Nora hangs up.",
        ),
        ("nora", StepKind.RECORD): Telling(
            says="The call list has the recording from now on; it is asked for in "
            "turn.",
        ),
        ("priya", StepKind.RING): Telling(
            says="Priya Raman, known to nobody here, calls customer support.",
        ),
        ("priya", StepKind.RECORD): Telling(
            says="The call list says that she left a message.",
        ),
        ("withheld", StepKind.HANG_UP): Telling(
            pause_seconds=4.0,
            was_answered=True,
            says="The agent picked up; they have talked.",
        ),
        ("withheld", StepKind.RECORD): Telling(says="The call list has the call."),
    },
    without=(("nora", StepKind.ANSWER), ("withheld", StepKind.ANSWER)),
)
