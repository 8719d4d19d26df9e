"""The doctor on updates of the program itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from screenpop.services.findings import Finding, ok, warn

if TYPE_CHECKING:
    from screenpop.services.findings import Surroundings
    from screenpop.services.updates.status import UpdateFacts

AREA = "updates"


async def check_updates(home: Surroundings) -> list[Finding]:
    """Whether new versions are looked for, and what became of them."""
    # Late: the app that runs has not got these.
    from screenpop.services.updates.finding import place_here
    from screenpop.services.updates.status import facts_of

    place = place_here(home.paths, home.loaded.settings.updates)
    facts = await asyncio.to_thread(facts_of, place)
    return findings_of(facts)


def findings_of(facts: UpdateFacts) -> list[Finding]:
    """What is worth a word of how updates stand."""
    if facts.off:
        return [ok(AREA, facts.off.rstrip("."))]
    found = [
        warn(
            AREA,
            f"Version {version} did not work here: {why}".rstrip("."),
            "A newer one is tried by itself; tell whoever looks after screenpop.",
        )
        for version, why in facts.failed
        if version == facts.offered or not facts.offered
    ]
    if facts.problem:
        advice = "`screenpop update check` tries again."
        found.append(warn(AREA, f"The last look went wrong: {facts.problem}", advice))
    elif facts.is_late:
        title = "Updates have not been looked for lately"
        found.append(warn(AREA, title, "`screenpop update check` does it now."))
    if facts.ready:
        title = f"Version {facts.ready} is ready; it is put in place at the next start"
        found.append(ok(AREA, title))
    return found or [ok(AREA, f"Version {facts.version} is the current one")]
