"""Killed at each step of the intake in turn, the app loses and repeats nothing.

The steps are not listed here: a first run of the program tells them.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.end2end.voxloud_calls import webhook
from tests.waiting import until

if TYPE_CHECKING:
    from tests.end2end.running_app import AppProcess, DeskHome

KNOWN = {
    "request 1",
    "sql-insert-deliveries 1",
    "sql-commit 1",
    "hand-over 1",
    "answer 1",
    "sql-insert-call_events 1",
    "sql-insert-calls 1",
    "sql-insert-pop_claims 1",
    "sql-update-deliveries 1",
    "sql-commit 2",
    "tell-CallChanged 1",
    "tell-PopRequested 1",
    "tell-CallLogChanged 1",
}
"""Without these the first run would have told too little."""
BESIDE = ("tell-AccountStateChanged", "tell-MissedChanged", "tell-UserNotice")
"""Told of accounts and counts whenever they change, sooner or later than the call."""
RING = ("INCOMING",)
CALL = ("INCOMING", "ANSWERED", "HANGUP")


@dataclass
class Story:
    """The webhooks of one call, sent one after the other, again where need be.

    Attributes:
        accepted: Those that were answered with a 2xx.
    """

    home: DeskHome
    call_id: str
    kinds: tuple[str, ...]
    accepted: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bodies = [
            webhook(self.call_id, kind, "+442079460555") for kind in self.kinds
        ]

    def send(self, app: AppProcess) -> None:
        """Send what was not accepted, each when the one before was thought about."""
        sender = app.sender()
        for number, body in enumerate(self.bodies, 1):
            if body in self.accepted:
                continue
            status = sender.post(body)
            assert status in (0, 200)
            if status == 0:
                return
            self.accepted.append(body)
            until(
                lambda number=number: self._has_settled(app, number),  # type: ignore[misc]
                "the webhook to be dealt with",
            )
            if app.process.poll() is not None:
                return

    def _has_settled(self, app: AppProcess, number: int) -> bool:
        if app.process.poll() is not None:
            return True
        told = self.home.notes("step")
        last = "tell-PopUpdated 1" if number == 1 else f"tell-CallChanged {number}"
        return self.home.all_read() and (last in told or not told)

    def assert_kept(self) -> None:
        """What was answered is on disk, before anybody mends anything."""
        for body in self.accepted:
            kept = self.home.select("SELECT 1 FROM deliveries WHERE body = ?", body)
            assert kept, f"acknowledged and lost: {self.call_id}"

    def mend(self, app: AppProcess) -> None:
        """What the next run makes up for, and the vendor who sends again."""
        app.wait_for_listener()
        until(self.home.all_read, "what was left to be read")
        self.send(app)
        assert len(self.accepted) == len(self.bodies)
        until(self.home.all_read, "everything to be read")
        assert self.home.pops()[self.call_id] <= 1


def _steps(home: DeskHome, words: tuple[str, ...], story: Story) -> list[str]:
    """All that is done for the webhooks, from a request to the card and after."""
    app = home.start(*words, dies="steps").wait_for_listener()
    _arm(home)
    story.send(app)
    app.kill()
    steps = [step for step in home.notes("step") if not step.startswith(BESIDE)]
    home.notes_file.write_text(
        "".join(
            f"{line}\n"
            for line in home.notes_file.read_text("utf-8").splitlines()
            if not line.startswith("step ")
        ),
        "utf-8",
    )
    return steps


def _arm(home: DeskHome) -> None:
    home.notes_file.with_name("armed").touch()


def _disarm(home: DeskHome) -> None:
    home.notes_file.with_name("armed").unlink()


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (("--headless",), RING),
        pytest.param(("--headless",), CALL, marks=pytest.mark.soak),
        pytest.param((), RING, marks=pytest.mark.soak),
    ],
)
def test_killed_at_any_step_it_loses_nothing_acknowledged_and_repeats_no_card(
    home: DeskHome, words: tuple[str, ...], kinds: tuple[str, ...], half: int
) -> None:
    """In two halves, which can run side by side."""
    before = Story(home, "first", kinds)
    steps = _steps(home, words, before)
    assert not KNOWN - set(steps), "the steps are not all seen any more"
    steps = steps[half::2]
    for number, step in enumerate(steps):
        _disarm(home)
        app = home.start(*words, dies=f"step {step}")
        before.mend(app)
        before = Story(home, f"call-{number}", kinds)
        _arm(home)
        before.send(app)
        assert app.process.wait(timeout=20) == -signal.SIGKILL, step
        before.assert_kept()
    _disarm(home)
    app = home.start(*words)
    before.mend(app)
    assert app.terminate() == 0
    assert home.value("SELECT count(*) FROM calls") == len(steps) + 1
    assert len(home.select("SELECT DISTINCT state FROM calls")) == 1
    assert set(home.pops().values()) == {1}
    assert len(home.pops()) > len(steps) // 2
    assert home.run("replay", "--dry-run", "--json").json["differences"] == []
