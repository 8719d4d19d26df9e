"""Which phones rang, answered and hung up, worked out from a call's events; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.events import (
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
    ReleaseCause,
)
from screenpop.domain.frozen import frozen
from screenpop.providers.primevox import event_types as types

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from screenpop.providers.primevox.payloads import EventPayload

Kind: TypeAlias = type[LegInitiated | LegAlerting | LegConnected | LegReleased]

_GAVE_UP: Final = {
    types.BUSY: ReleaseCause.BUSY,
    types.NO_ANSWER: ReleaseCause.NO_ANSWER,
    types.OFFLINE: ReleaseCause.FAILED,
    types.AGENT_DID_NOT_PICK_UP: ReleaseCause.NO_ANSWER,
}
_ANSWERS: Final = frozenset(
    {types.ANSWERED, types.GROUP_ANSWERED, types.PICKED_UP_PARKED}
)


@frozen
class Step:
    """Something that happened to one user's phone."""

    at: datetime
    user: LineUser
    kind: Kind
    cause: ReleaseCause = ReleaseCause.UNKNOWN


@dataclass(slots=True)
class _Walk:
    """The phones in the call, on the way through its events.

    Attributes:
        ringing: By extension: our users whose phones ring, or who are calling out.
        talking: By extension.
    """

    is_outbound: bool
    steps: list[Step] = field(default_factory=list)
    ringing: dict[str, LineUser] = field(default_factory=dict)
    talking: dict[str, LineUser] = field(default_factory=dict)

    def begin(self, at: datetime, user: LineUser, *, is_calling: bool) -> None:
        if user.extension not in {**self.ringing, **self.talking}:
            self.ringing[user.extension] = user
            kind: Kind = LegInitiated if is_calling else LegAlerting
            self.steps.append(Step(at, user, kind))

    def answer(self, at: datetime, user: LineUser) -> None:
        """The user talks; whoever else rings has lost the race.

        A group that answers says so beside the extension that does.
        """
        if user.extension in self.talking:
            return
        known = self.ringing.pop(user.extension, user)
        self.talking[user.extension] = known
        self.steps.append(Step(at, known, LegConnected))
        self.release(at, tuple(self.ringing), ReleaseCause.ANSWERED_ELSEWHERE)

    def release(
        self, at: datetime, extensions: Iterable[str], cause: ReleaseCause
    ) -> None:
        for extension in extensions:
            user = self.ringing.pop(extension, None) or self.talking.pop(
                extension, None
            )
            if user is not None:
                self.steps.append(Step(at, user, LegReleased, cause))

    def take(self, event: EventPayload, at: datetime) -> None:
        """Go on by one event."""
        number = event.event_type
        extension, name = types.extension_of(event)
        user = LineUser(extension=extension, name=name)
        if number in types.HANG_UPS:
            everyone = (*self.ringing, *self.talking)
            self.release(at, everyone, ReleaseCause.NORMAL)
        elif number == types.FAR_ANSWERED:
            for caller in tuple(self.ringing.values()):
                self.answer(at, caller)
        elif not extension:
            return
        elif number == types.RANG:
            self.begin(at, user, is_calling=self.is_outbound)
        elif number in _ANSWERS and not self.is_outbound:
            self.answer(at, user)
        elif number in _GAVE_UP:
            self.begin(at, user, is_calling=self.is_outbound)
            self.release(at, (extension,), _GAVE_UP[number])


def steps_of(
    events: Iterable[EventPayload],
    *,
    direction: Direction | None,
    start: datetime,
    caller: str = "",
) -> tuple[Step, ...]:
    """What a call's events say of our users' phones.

    Args:
        events: In any order.
        direction: None for an internal call.
        start: When the call began, for events without a time.
        caller: The extension that called; "" for a call from outside.
    """
    walk = _Walk(is_outbound=direction is Direction.OUTBOUND)
    timed: list[tuple[datetime, EventPayload]] = []
    latest = start
    for event in events:
        latest = event.at or latest
        timed.append((latest, event))
    timed.sort(key=lambda pair: pair[0])
    if caller and timed:
        walk.begin(timed[0][0], LineUser(extension=caller), is_calling=True)
    for at, event in timed:
        walk.take(event, at)
    return tuple(walk.steps)


def ends_of(steps: Iterable[Step], at: datetime) -> tuple[Step, ...]:
    """The releases that are missing, all ``at`` the end of the call."""
    last: dict[str, Step] = {step.user.extension: step for step in steps}
    return tuple(
        Step(max(at, step.at), step.user, LegReleased, ReleaseCause.NORMAL)
        for step in last.values()
        if step.kind is not LegReleased
    )
