"""What the demo shows of Mango Voice: its platform live, and its records after."""

from __future__ import annotations

from typing import Final

from screenpop.simulator.story_steps import StepKind, Telling, varied

STEPS: Final = varied(
    {
        ("nora", StepKind.RECORD): Telling(
            says="The call's record arrives, and says that there is a recording.",
            summary="Mango Voice has no summaries.",
        ),
        ("priya", StepKind.RING): Telling(
            says="Priya Raman calls customer support, where a Switchboard asks us "
            "first; Mango Voice keeps no contacts, so that her number is all there is.",
        ),
    },
    without=(("withheld", StepKind.RECORD),),
)
