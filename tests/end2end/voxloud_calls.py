"""Voxloud's webhooks for made-up calls, and somebody who sends many at once."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.end2end.running_app import Sender

LINE = "+442079460100"
_TYPES = {
    "INCOMING": "CALL_INCOMING",
    "ANSWERED": "CALL_ANSWERED",
    "HANGUP": "CALL_HANGUP",
}


def webhook(
    call_id: str, kind: str, caller: str, *, at_ms: int | None = None, **changes: object
) -> bytes:
    """One webhook about a call that the demo agent receives, just now or `at_ms`."""
    now = int(time.time() * 1000) if at_ms is None else at_ms
    data = {
        "timestamp": now,
        "callId": call_id,
        "destinationNumber": LINE,
        "destinationName": "Robin Hale",
        "originatorNumber": caller,
        "originatorName": "",
        "type": kind,
        "userEmail": "robin@example.com",
        "userExtension": 101,
        "sipUsername": "sip_robin",
    } | changes
    envelope = {"timestamp": now, "type": _TYPES[kind], "pbx_id": 117, "data": data}
    return json.dumps(envelope).encode()


@dataclass(frozen=True)
class Hook:
    """A webhook and the call it is about."""

    call_id: str
    body: bytes


def burst(calls: int, rng: random.Random) -> list[Hook]:
    """Four webhooks for each call, one of them a repetition, roughly in order."""
    hooks: list[tuple[float, Hook]] = []
    for number in range(calls):
        call_id = f"call-{number:05}"
        caller = f"+4420794605{number % 100:02}"
        ring = webhook(call_id, "INCOMING", caller)
        bodies = (
            ring,
            ring,
            webhook(call_id, "ANSWERED", caller),
            webhook(call_id, "HANGUP", caller),
        )
        hooks += [
            (number + step + rng.random() * 20, Hook(call_id, body))
            for step, body in enumerate(bodies)
        ]
    return [hook for _, hook in sorted(hooks, key=lambda each: each[0])]


@dataclass
class Vendor:
    """Sends a list of webhooks over several connections until each is accepted.

    Attributes:
        left: What was not accepted yet.
        accepted: What got its 2xx, in that order.
    """

    left: deque[Hook]
    accepted: list[Hook] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def send(
        self,
        sender: Sender,
        *,
        connections: int,
        until_accepted: int,
        then: Callable[[], object],
    ) -> None:
        """Send until nothing is left or nobody answers.

        Args:
            sender: Knows the address.
            connections: How many send at once.
            until_accepted: After so many acceptances in all ...
            then: ... this is done once, while the sending goes on.
        """
        done = threading.Event()
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    if not self.left:
                        return
                    hook = self.left.popleft()
                status = sender.post(hook.body)
                with lock:
                    self.statuses.add(status)
                    kept = self.accepted if 200 <= status < 300 else self.left
                    kept.append(hook)
                    is_due = len(self.accepted) >= until_accepted and not done.is_set()
                    if is_due:
                        done.set()
                if is_due:
                    then()
                if status == 0:
                    return

        workers = [threading.Thread(target=work) for _ in range(connections)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


def vendor(hooks: Sequence[Hook]) -> Vendor:
    """Somebody who has these to send."""
    return Vendor(deque(hooks))
