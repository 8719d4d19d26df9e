"""The demo's story, as data: made-up people, what happened before, what happens now.

Numbers come from the ranges that the regulators keep free for fiction: London
020 7946 0xxx (Ofcom) and 202 555 01xx (North American Numbering Plan).
"""

from __future__ import annotations

import csv
import importlib
import io
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.simulator.catalog import VENDORS
from screenpop.simulator.people import PastCall, Person
from screenpop.simulator.story_steps import Step, StepKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screenpop.simulator.protocol import SimulatedCall, VendorCloud


@frozen(kw_only=True)
class StoryCall:
    """A call of the story.

    Attributes:
        key: Its name within the story.
        caller: In E.164; "" when withheld.
        caller_name: What the vendor says the caller is called; may be "".
        line: Which of the cloud's lines was called, counted from 0.
    """

    key: str
    caller: str
    caller_name: str = ""
    line: int = 0


@frozen(kw_only=True)
class DemoStory:
    """Everything the demo shows.

    Attributes:
        region: How the app should read national numbers, ISO 3166.
        past_calls: For the cloud's history; the local call log may take them too.
    """

    vendor: str
    region: str
    people: tuple[Person, ...]
    past_calls: tuple[PastCall, ...]
    calls: tuple[StoryCall, ...]
    steps: tuple[Step, ...]

    @property
    def contacts_csv(self) -> str:
        """The people of the local contact file, with a header line."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("name", "company", "job_title", "phone", "email"))
        for person in self.people:
            if person.in_local_file:
                writer.writerow(
                    (
                        person.name,
                        person.company,
                        person.job_title,
                        person.number,
                        person.email,
                    )
                )
        return text.getvalue()


_NORA = Person(
    first_name="Nora",
    last_name="Whitfield",
    number="+442079460421",
    company="Whitfield Cycles",
    job_title="Owner",
    email="nora@example.com",
)
_TOMAS = Person(
    first_name="Tomás",
    last_name="Rivera",
    number="+12025550143",
    company="Rivera & Sons",
    job_title="Purchasing",
    email="tomas@example.org",
)
_PRIYA = Person(
    first_name="Priya",
    last_name="Raman",
    number="+442079460733",
    company="Northgate Couriers",
    job_title="Fleet lead",
    email="priya@example.org",
    in_cloud=True,
    in_local_file=False,
)

_PAST_CALLS = (
    PastCall(
        number=_NORA.number,
        minutes_ago=2 * 24 * 60,
        seconds=245,
        name=_NORA.name,
        summary="Asked for a quote for twelve city bikes.",
    ),
    PastCall(
        number=_NORA.number, minutes_ago=9 * 24 * 60, is_inbound=False, seconds=64
    ),
    PastCall(number=_TOMAS.number, minutes_ago=26 * 60, was_answered=False, seconds=18),
    PastCall(number=_PRIYA.number, minutes_ago=5 * 24 * 60, seconds=130),
    PastCall(number="", minutes_ago=3 * 60, was_answered=False, seconds=11),
)

_CALLS = (
    StoryCall(key="nora", caller=_NORA.number),
    StoryCall(key="priya", caller=_PRIYA.number, line=1),
    StoryCall(key="withheld", caller=""),
)

# Where each stands: a vendor that tells less than others has steps of its own.
_STEPS = {
    "voxloud": "screenpop.simulator.story_steps:USUAL_STEPS",
    "mango_voice": "screenpop.simulator.mango_voice.story:STEPS",
    "mobtexting": "screenpop.simulator.mobtexting.story:STEPS",
    "primevox": "screenpop.simulator.primevox.story:STEPS",
    "tele2": "screenpop.simulator.tele2.story:STEPS",
}


def demo_story(vendor: str) -> DemoStory:
    """The story to show on the cloud of `vendor`.

    Raises:
        UsageError: No such vendor.
    """
    if vendor not in VENDORS:
        raise UsageError(f"There is no simulator for {vendor!r}")
    return DemoStory(
        vendor=vendor,
        region="GB",
        people=(_NORA, _TOMAS, _PRIYA),
        past_calls=_PAST_CALLS,
        calls=_CALLS,
        steps=_steps_of(vendor),
    )


def _steps_of(vendor: str) -> tuple[Step, ...]:
    module, _, name = _STEPS[vendor].partition(":")
    steps: tuple[Step, ...] = getattr(importlib.import_module(module), name)
    return steps


class StoryTeller:
    """Makes a story happen on a cloud.

    Args:
        cloud: Started by the caller.
    """

    def __init__(self, cloud: VendorCloud, story: DemoStory) -> None:
        self.cloud = cloud
        self.story = story
        self._by_key = {call.key: call for call in story.calls}
        self._happening: dict[str, SimulatedCall] = {}

    def prepare(self) -> None:
        """Give the cloud its contacts and its past."""
        self.cloud.seed_contacts([one for one in self.story.people if one.in_cloud])
        self.cloud.seed_history(self.story.past_calls)

    def perform(self, step: Step) -> SimulatedCall:
        """Let `step` happen now; its pause is the caller's to keep.

        Raises:
            UsageError: An earlier step of that call is missing.
        """
        if step.kind is StepKind.RING:
            self._happening[step.call] = self._begin(self._by_key[step.call])
        call = self._happening.get(step.call)
        if call is None:
            raise UsageError(f"The call of {step.call} has not begun")
        if step.kind is StepKind.RING:
            call.ring()
        elif step.kind is StepKind.ANSWER:
            call.answer()
        elif step.kind is StepKind.HANG_UP:
            if step.was_answered:
                call.answer()
            call.hang_up(step.cause)
        else:
            call.publish_record(
                recorded=bool(step.summary),
                voicemail=step.has_voicemail,
                summary=step.summary,
            )
        return call

    def play(self, pause: Callable[[float], bool]) -> Iterator[Step]:
        """Let all steps happen; each is yielded once it has.

        Args:
            pause: Waits so many seconds; False to stop early.
        """
        for step in self.story.steps:
            if not pause(step.pause_seconds):
                return
            self.perform(step)
            yield step

    def _begin(self, call: StoryCall) -> SimulatedCall:
        lines = self.cloud.lines
        return self.cloud.incoming_call(
            call.caller,
            caller_name=call.caller_name,
            line=lines[call.line % len(lines)],
        )
