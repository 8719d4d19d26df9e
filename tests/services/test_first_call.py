"""A new account is tried with a call: the one that comes, and one that is made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import UsageError
from screenpop.services.first_call import FirstCall
from screenpop.simulator import create_cloud
from tests.services.office import ANA, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.domain.calls import Call
    from screenpop.services.events import DialProgress


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    with create_cloud("voxloud") as cloud:
        desk = open_office(write_config(tmp_path / "home", cloud.base_url), cloud)
        await desk.app.start()
        try:
            await desk.is_live()
            yield desk
        finally:
            await desk.app.stop()


async def test_calls_of_the_account_are_told_until_nobody_watches(
    office: Office,
) -> None:
    calls: list[Call] = []
    dials: list[DialProgress] = []
    first = FirstCall(office.app, "acme")
    assert first.can_dial
    assert not FirstCall(office.app, "other").can_dial
    end = first.watch(calls.append, dials.append, lambda _state: None)
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await eventually(lambda: calls, "the call")
    progress = await first.dial(ANA)
    assert progress.number_text
    assert dials
    end()
    heard = len(calls)
    call.hang_up()
    await office.app.tracker.settled()
    assert len(calls) == heard


@pytest.mark.parametrize("text", ["999", "nobody", "*21*1#"])
async def test_what_would_be_asked_about_is_no_test(office: Office, text: str) -> None:
    with pytest.raises(UsageError):
        await FirstCall(office.app, "acme").dial(text)
