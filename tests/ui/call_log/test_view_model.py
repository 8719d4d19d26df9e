"""Searching, the work list and notes, without any window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import StoreBusy
from screenpop.services.call_history import LogFilter
from screenpop.services.lost_callers import LostKey
from screenpop.services.team.claims import ClaimView, Holder
from screenpop.ui.call_log.view_model import CallLogModel
from tests.ui.left_messages import LostList, lost
from tests.ui.past_calls import NOW, PastCalls, entry, missed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def past() -> PastCalls:
    return PastCalls((missed(0), entry(1), missed(4), entry(3)))


@pytest.fixture
def model(past: PastCalls) -> CallLogModel:
    return CallLogModel(past, lambda: NOW)


async def test_search_and_kind_narrow_the_list(model: CallLogModel) -> None:
    assert len(await model.page(0)) == 4
    assert model.look_for(LogFilter(text="ana", kind="all"))
    assert [one.name for one in await model.page(0)] == ["Ana Rossi", "Ana Rossi"]
    assert not model.look_for(LogFilter(text="ana", kind="all"))
    assert model.look_for(LogFilter(text="", kind="outbound"))
    assert [one.ref.call_id for one in await model.page(0)] == ["call-3"]


def test_an_empty_list_says_why(model: CallLogModel) -> None:
    assert model.empty_text[0] == "No calls yet"
    model.look_for(LogFilter(text="zoe", kind="all"))
    assert model.empty_text[0] == "No call fits “zoe”"


async def test_done_takes_all_calls_of_a_caller_and_can_be_undone(
    model: CallLogModel, past: PastCalls
) -> None:
    await model.load_missed()
    assert model.missed_title == "1 caller waits for a call back"
    caller = model.missed[0]

    await model.tick_off(caller)
    assert not any(one.needs_call_back for one in past.entries)

    await model.put_back(caller)
    assert len(model.missed[0].refs) == 2


async def test_a_note_that_could_not_be_kept_is_not_lost(
    model: CallLogModel, past: PastCalls
) -> None:
    ref = CallRef("acme", "call-1")
    model.write_note(ref, "sends the contract")
    past.error = StoreBusy("The database is busy")
    with pytest.raises(StoreBusy):
        await model.save_notes()
    assert model.note_of(entry(1)) == "sends the contract"

    past.error = None
    await model.save_notes()
    assert not model.has_unsaved_notes
    assert past.note(ref) == "sends the contract"


async def test_export_says_how_many_and_where(
    model: CallLogModel, tmp_path: Path
) -> None:
    model.look_for(LogFilter(text="", kind="outbound"))
    text = await model.export(tmp_path / "calls.csv")
    assert text == "1 call written to calls.csv"


async def test_a_lost_caller_stands_once_beside_the_missed_calls(
    past: PastCalls,
) -> None:
    known = missed(0)
    same = lost(
        key=LostKey("acme", "2025550142"), number_e164=known.number_e164, attempts=5
    )
    lists = LostList(lost(), same)
    model = CallLogModel(past, lambda: NOW, lists)
    await model.load_missed()
    assert [one.who for one in model.missed] == ["Ana Rossi", "(202) 555-0199"]
    both, alone = model.missed
    assert both.details.startswith("5 times · today")
    assert alone.details.startswith("3 times · today")
    assert alone.number == "+12025550199"

    await model.tick_off(both)
    await model.tick_off(alone)
    assert not model.missed
    assert lists.done == {same.key, alone.lost[0]}
    await model.put_back(alone)
    assert [one.who for one in model.missed] == ["(202) 555-0199"]


class Claims:
    """Ana has one caller; whoever is claimed is ours."""

    def __init__(self) -> None:
        self.views = {"+442079460123": ClaimView(Holder.COLLEAGUE, "Ana")}

    def view(self, _account_id: str, e164: str) -> ClaimView | None:
        return self.views.get(e164, ClaimView(Holder.NOBODY)) if e164 else None

    async def claim(self, account_id: str, e164: str) -> ClaimView | None:
        self.views.setdefault(e164, ClaimView(Holder.ME, is_confirmed=False))
        return self.view(account_id, e164)

    async def release(self, account_id: str, e164: str) -> ClaimView | None:
        del self.views[e164]
        return self.view(account_id, e164)


async def test_the_work_list_says_who_of_the_team_has_which_caller(
    past: PastCalls,
) -> None:
    known = missed(0)
    claims = Claims()
    claims.views = {known.number_e164: ClaimView(Holder.COLLEAGUE, "Ana")}
    past.entries[:] = [known]
    lists = LostList(lost())
    model = CallLogModel(past, lambda: NOW, lists, claims=lambda: claims)
    await model.load_missed()
    hers, free = model.missed
    assert (hers.claim.text, hers.claim.is_free) == ("Ana has it", False)
    assert (free.claim.text, free.claim.is_free) == ("", True)
    # Somebody was faster than the picture on the screen.
    assert await model.claim(hers) == "Ana"
    assert await model.claim(free) == ""
    mine = model.missed[1]
    assert mine.claim.text == "You have it, not confirmed: the team cannot be reached"
    assert await model.claim(mine) == ""
    assert model.missed[1].claim == free.claim
