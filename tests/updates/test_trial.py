"""Switching to another version, and back, killed anywhere."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.services.updates import at_start
from screenpop.services.updates.finding import Standing
from screenpop.services.updates.installation import (
    Kind,
    clean_environment,
    installation_of,
)
from screenpop.services.updates.trial import MOST_ATTEMPTS, self_test, settle
from screenpop.services.updates.versions import Trial, VersionsFolder
from tests.updates.workshop import FAILS, WORKS, Served, Workshop
from update_pins import pin
from update_signing import public_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.updates.finding import UpdatePlace


def ready(workshop: Workshop, version: str = "0.2.0", self_test: str = WORKS) -> None:
    """Have a version wait, as if its first self-test had passed."""
    workshop.put(version, self_test)
    workshop.versions.set_ready(version)


def start(workshop: Workshop) -> str:
    """Start whatever is current, as its menu entry does; the version that then runs."""
    running = workshop.versions.current()
    for _ in range(4):
        place = workshop.place(version=running)
        program = settle(place, workshop.versions)
        if program is None:
            return running
        running = program.resolve().parent.name
    raise AssertionError("it switches for ever")


def test_the_next_start_is_the_new_version_and_the_former_one_is_kept(
    workshop: Workshop,
) -> None:
    workshop.put("0.0.9")
    ready(workshop)
    assert start(workshop) == "0.2.0"
    assert workshop.versions.current() == "0.2.0"
    assert workshop.versions.has("0.1.0")
    assert not workshop.versions.has("0.0.9")
    assert workshop.versions.ready() == ""
    assert workshop.kept()["news"][0] == "screenpop was updated to version 0.2.0"
    assert start(workshop) == "0.2.0"


async def test_a_failed_self_test_takes_it_back_and_it_is_not_tried_again(
    workshop: Workshop,
) -> None:
    ready(workshop, self_test=FAILS)
    assert start(workshop) == "0.1.0"
    assert workshop.versions.current() == "0.1.0"
    assert not workshop.versions.has("0.2.0")
    kept = workshop.kept()
    assert "no window came up" in kept["failed"]["0.2.0"]
    assert kept["news"][0] == "The update to version 0.2.0 was taken back"
    workshop.publish("0.2.0")
    assert (await workshop.look()).standing is Standing.FAILED
    workshop.publish("0.2.1", serial=8)
    assert (await workshop.look()).standing is Standing.OFFERED


def test_a_self_test_that_hangs_is_ended_and_counts_as_failed(
    workshop: Workshop,
) -> None:
    workshop.put("0.2.0", "sleep 60")
    program = workshop.versions.program("0.2.0")
    assert "in time" in self_test(program, "0.2.0", seconds=0.3)


def test_an_older_version_that_waits_is_not_gone_back_to(workshop: Workshop) -> None:
    ready(workshop, "0.0.9")
    assert start(workshop) == "0.1.0"
    assert workshop.versions.ready() == ""


class KilledError(BaseException):
    """The process is gone at this very step."""


STEPS = ("set_trial", "switch", "set_ready", "keep_only", "remember", "test")


def dying(
    workshop: Workshop, place: UpdatePlace, at: int
) -> tuple[UpdatePlace, VersionsFolder, Callable[[Path, str], str]]:
    """The same installation, which kills its process at its step number ``at``."""
    count = itertools.count()

    def step() -> None:
        if next(count) == at:
            raise KilledError

    class Dying(VersionsFolder):
        def set_trial(self, trial: Trial | None) -> None:
            step()
            super().set_trial(trial)
            step()

        def switch(self, version: str) -> None:
            step()
            super().switch(version)
            step()

        def set_ready(self, version: str) -> None:
            step()
            super().set_ready(version)
            step()

    def test(program: Path, version: str) -> str:
        step()
        problem = self_test(program, version)
        step()
        return problem

    return place, Dying(workshop.root), test


@pytest.mark.parametrize("works", [True, False], ids=["works", "fails"])
def test_killed_at_any_step_it_starts_and_ends_up_right(
    tmp_path: Path, *, works: bool
) -> None:
    for at in range(40):
        workshop = Workshop(tmp_path / str(at), Served())
        ready(workshop, self_test=WORKS if works else FAILS)
        place, versions, test = dying(workshop, workshop.place(), at)
        try:
            settle(place, versions, test)
        except KilledError:
            pass
        else:
            assert at > 6
            return
        # Whatever is current by now is whole, and starts.
        assert workshop.versions.current_program.is_file()
        assert start(workshop) == ("0.2.0" if works else "0.1.0")
        assert workshop.versions.trial() is None
        assert workshop.versions.ready() == ""
        assert workshop.versions.has("0.1.0")
        assert ("0.2.0" in workshop.kept()["failed"]) is not works
    raise AssertionError("it never came to an end")


def test_a_trial_that_is_cut_off_again_and_again_counts_as_failed(
    workshop: Workshop,
) -> None:
    ready(workshop)
    trial = Trial(version="0.2.0", former="0.1.0", attempts=MOST_ATTEMPTS)
    workshop.versions.set_trial(trial)
    workshop.versions.switch("0.2.0")
    assert start(workshop) == "0.1.0"
    assert "cut off" in workshop.kept()["failed"]["0.2.0"]


def test_a_trial_is_ended_even_where_updates_are_off_by_now(workshop: Workshop) -> None:
    ready(workshop)
    workshop.versions.set_trial(Trial(version="0.2.0", former="0.1.0"))
    off = workshop.place(enabled=False)
    command = at_start.settled(off, is_in_call=True)
    assert command == [str(workshop.versions.current_program)]
    assert workshop.versions.current() == "0.2.0"


@pytest.mark.parametrize("reason", ["call", "policy"])
def test_a_start_in_a_call_or_where_policy_forbids_it_switches_nothing(
    workshop: Workshop, reason: str
) -> None:
    ready(workshop)
    place = workshop.place(enabled=reason != "policy")
    assert at_start.settled(place, is_in_call=reason == "call") is None
    assert workshop.versions.current() == "0.1.0"
    assert workshop.versions.ready() == "0.2.0"


# --- the folders ---------------------------------------------------------------------


def test_the_kind_and_the_keys_are_read_beside_the_program(workshop: Workshop) -> None:
    program = workshop.versions.program("0.1.0")
    text = public_text(workshop.key)
    address = "https://updates.example.com/{channel}.json"
    pin(program.parent, Kind.TARBALL.value, [text], address)
    here = installation_of(program)
    assert here.kind.value == "tarball"
    assert here.keys == (bytes(workshop.key.verify_key),)
    assert here.manifest_url == address
    assert here.versions is not None
    assert here.versions.root == workshop.root
    assert here.can_replace_itself


@pytest.mark.parametrize(
    ("marker", "kind"),
    [
        (None, "none"),
        ('{"kind": "flatpak"}', "managed"),
        ('{"kind": "deb"}', "deb"),
        ("{", "none"),
    ],
)
def test_a_marker_of_another_kind_leaves_updates_to_others(
    tmp_path: Path, marker: str | None, kind: str
) -> None:
    program = tmp_path / "screenpop"
    if marker is not None:
        (tmp_path / "installation.json").write_text(marker)
    here = installation_of(program)
    assert here.kind.value == kind
    assert not here.can_replace_itself
    assert here.keys == ()


def test_another_version_gets_none_of_this_ones_libraries() -> None:
    handed = clean_environment()
    assert not [name for name in handed if name.startswith("_PYI_")]
    assert handed["PYINSTALLER_RESET_ENVIRONMENT"] == "1"
