"""A policy that changes while the program runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import PolicyError
from screenpop.services.events import UserNotice
from screenpop.simulator import create_cloud
from tests.policy.conftest import Machine
from tests.services.office import open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.services.office import Office

LOCKED = '[card]\ncorner = "top-left"\n[policy]\nlocked = ["card.corner"]\n'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "machine")
    for folder in (made.root, made.file.parent):
        folder.mkdir(mode=0o755)
    return made


@pytest.fixture
async def governed(tmp_path: Path, machine: Machine) -> AsyncIterator[Office]:
    """A running desk of a computer with a folder for a policy."""
    with create_cloud("voxloud") as cloud:
        paths = write_config(tmp_path / "home", cloud.base_url)
        desk = open_office(paths._replace(policy=machine.places), cloud)
        await desk.app.start()
        try:
            yield desk
        finally:
            await desk.app.stop()


def _rewrite(machine: Machine, text: str) -> None:
    machine.write(text)
    machine.file.chmod(0o644)


@pytest.mark.skipif(sys.platform != "linux", reason="told by inotify")
@pytest.mark.expects_log(r"policy .*policy\.toml")
async def test_a_policy_that_comes_breaks_and_goes_is_obeyed_at_once(
    governed: Office, machine: Machine
) -> None:
    app = governed.app
    _rewrite(machine, LOCKED)
    await eventually(
        lambda: app.settings.card.corner == "top-left", "the policy to be obeyed"
    )
    with pytest.raises(PolicyError):
        await app.preferences.set("card.corner", "top-right")

    # A slip of the hand frees nothing, and is told.
    _rewrite(machine, "[card\n")
    await eventually(
        lambda: any("policy.toml" in one.title for one in governed.all(UserNotice)),
        "a notice of the broken policy",
    )
    assert app.settings.card.corner == "top-left"
    assert app.preferences.lock("card.corner")

    machine.file.unlink()
    await eventually(lambda: not app.preferences.lock("card.corner"), "no lock")
    await app.preferences.set("card.corner", "top-right")
    assert app.preferences.get("card.corner") == "top-right"


async def test_a_lock_holds_before_anybody_has_told_of_it(
    governed: Office, machine: Machine
) -> None:
    app = governed.app
    app.policy.stop()
    _rewrite(machine, LOCKED)
    with pytest.raises(PolicyError):
        await app.preferences.set("card.corner", "top-right")
    app.policy.look()
    assert app.settings.card.corner == "top-left"


async def test_a_preset_code_that_cannot_be_used_is_told_and_stays(
    governed: Office, machine: Machine, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.write_text("no code at all")
    _rewrite(machine, f"[policy]\nteam_code = {str(code)!r}\n")
    governed.app.policy.look()
    await eventually(
        lambda: any("join its team" in one.title for one in governed.all(UserNotice)),
        "a notice",
    )
    assert code.exists()
