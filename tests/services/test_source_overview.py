"""Contact sources as the settings window sees them, with a real web service behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import AuthenticationFailed
from screenpop.domain.privacy import Secret
from screenpop.services.source_overview import SourceOverview, SourceStanding
from tests.services.office import ANA
from tests.services.test_contact_sources import Crm, crm

if TYPE_CHECKING:
    from tests.services.office import Office

__all__ = ["crm"]


@pytest.fixture
def overview(office: Office) -> SourceOverview:
    return SourceOverview(office.app)


async def _only(overview: SourceOverview) -> SourceStanding:
    (standing,) = await overview.standings()
    return standing


async def test_what_is_added_changed_and_removed_is_in_use_when_it_is_said(
    office: Office, overview: SourceOverview, crm: Crm
) -> None:
    await overview.add(crm.draft())
    assert len(office.app.source_desk.live()) == 1
    standing = await _only(overview)
    assert (standing.label, standing.kind_name) == ("Our CRM", "Web service (JSON)")
    assert standing.can_check
    assert not standing.is_copied
    assert "key" not in standing.values

    await overview.change("crm", {**standing.values, "label": "The CRM"})
    assert (await _only(overview)).label == "The CRM"
    await overview.set_enabled("crm", is_enabled=False)
    assert office.app.source_desk.live() == ()
    assert not (await _only(overview)).is_enabled

    await overview.remove("crm")
    assert await overview.standings() == ()


async def test_why_a_source_did_not_answer_is_told_until_it_is_mended(
    office: Office, overview: SourceOverview, crm: Crm
) -> None:
    from screenpop.domain.numbers import read_number

    await overview.add(crm.draft(key="wrong"))
    assert (await _only(overview)).problem == ""
    await office.app.lookup.ask(read_number(ANA, "GB"), lambda _: None)
    assert "Our CRM" in (await _only(overview)).problem
    with pytest.raises(AuthenticationFailed):
        await overview.check("crm")

    await overview.set_secret("crm", "key", Secret("SEKRET-1"))
    assert (await _only(overview)).problem == ""
    assert "answers" in await overview.check("crm")
