"""A computer joins the team that its administrators chose, by itself, and stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.domain.errors import PolicyError
from tests.policy.conftest import Machine
from tests.relay.team_office import TeamDeskApp, team_office
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from screenpop.relay.broker.nats_broker import NatsBroker
    from tests.relay.team_office import TeamOffice
    from tests.relay.team_server import TeamServer


@pytest.fixture
async def office(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> AsyncIterator[TeamOffice]:
    async with team_office(team, relay, tmp_path / "relay") as office:
        yield office


async def test_a_computer_joins_by_the_code_that_was_left_for_it_and_cannot_leave(
    office: TeamOffice, tmp_path: Path
) -> None:
    machine = Machine(tmp_path / "machine")
    for folder in (machine.root, machine.file.parent):
        folder.mkdir(mode=0o755)
    machine.file.touch(0o644)
    code = tmp_path / "team-code"
    code.write_text(f"{await office.code()}\n")
    machine.write(
        f"[policy]\nteam_code = {str(code)!r}\nrelays = ['127.0.0.1']\n"
        'locked = ["team.membership", "accounts"]\n'
    )
    paths = Paths.under(tmp_path / "desk")._replace(policy=machine.places)
    desk = TeamDeskApp(paths)
    try:
        app = await desk.start()
        await eventually(lambda: not code.exists(), "the code to be used up")
        # What the relay brings is there, though users may add nothing.
        await eventually(
            lambda: [one.id for one in app.settings.accounts] == ["acme"],
            "the team's account",
        )
        with pytest.raises(PolicyError):
            await app.membership.leave()
        assert await app.membership.facts() is not None
    finally:
        await desk.stop()
