"""How updates stand, for the command line, the doctor and whoever reads JSON.

In English: no window shows this.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.frozen import frozen
from screenpop.services.updates.finding import Standing, why_off
from screenpop.services.updates.hand_over import waiting_setup
from screenpop.wording import english

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.services.updates.finding import Found, UpdatePlace

LATE: Final = timedelta(days=14)
"""News of updates older than this are worth a word."""


@frozen(kw_only=True)
class UpdateFacts:
    """How updates stand.

    Attributes:
        kind: How the program was installed.
        off: Why nothing is looked for; "" when it is.
        keys: How many keys this build trusts.
        checked_at: ISO 8601; "" for never.
        ready: The version that waits to be put in place.
        failed: Versions that did not work here, and why.
        is_late: The last news are old, or there never were any.
    """

    version: str
    kind: str
    off: str
    keys: int
    channel: str
    ring: str
    checked_at: str
    offered: str
    ready: str
    problem: str
    failed: tuple[tuple[str, str], ...]
    is_late: bool

    def as_table(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def facts_of(place: UpdatePlace) -> UpdateFacts:
    """How updates stand; reads files."""
    memory, here = place.memory(), place.installation
    waiting = waiting_setup(place.folder)
    ready = waiting.version if waiting else ""
    if here.versions is not None:
        ready = here.versions.ready()
    checked, off = memory.checked(), english(why_off(place))
    return UpdateFacts(
        version=place.version.text,
        kind=here.kind.value,
        off=off,
        keys=len(here.keys),
        channel=place.settings.channel,
        ring=place.settings.ring,
        checked_at=memory.checked_at,
        offered=memory.offered,
        ready=ready,
        problem=memory.problem,
        failed=tuple(memory.failed.items()),
        is_late=not off and (checked is None or place.now() - checked > LATE),
    )


def lines_of(facts: UpdateFacts) -> Iterator[str]:
    """The same for people, one line each."""
    yield f"This is version {facts.version}, installed as: {facts.kind}."
    if facts.off:
        yield facts.off
        return
    yield f"Updates come from the channel {facts.channel}, ring {facts.ring}."
    if facts.checked_at:
        yield f"They were last looked for at {facts.checked_at}."
    else:
        yield "They were never looked for."
    if facts.ready:
        yield f"Version {facts.ready} is ready and is put in place at the next start."
    elif facts.offered:
        yield f"There is version {facts.offered}."
    if facts.problem:
        yield f"The last look went wrong: {facts.problem}"
    for version, why in facts.failed:
        yield f"Version {version} did not work here: {why}"


def found_text(found: Found, place: UpdatePlace) -> str:
    """What a look came to, one sentence."""
    version, own = found.manifest.version.text, place.version.text
    match found.standing:
        case Standing.CURRENT:
            return f"Version {own} is the current one."
        case Standing.TURN:
            return f"There is version {version}; its turn for this computer will come."
        case Standing.FAILED:
            return f"Version {version} did not work here before: {found.why}"
        case Standing.ABSENT:
            return f"There is version {version}, but not for this kind of computer."
        case Standing.OFFERED:
            return f"There is version {version}; {own} is running."
