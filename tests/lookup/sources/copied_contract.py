"""What every signed-in and copied source keeps, whatever its service does to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from screenpop.domain.errors import AuthenticationFailed, PayloadError
from tests.lookup.sources.standins.authorization import CLIENT_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.copying import Copy

ANA = "+442079460123"
ANA_WRITTEN = "020 7946 0123"
Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Copied:
    """A stand-in, and what makes a signed-in source of it with its copy.

    Attributes:
        service: Has ``tokens``, ``failing`` and ``page_size``.
        asked: What it was asked since this was cleared.
    """

    service: Any
    copy: Callable[[], Copy]
    asked: list[Any]


class CopiedSourceContract:
    """Inherit, and give a fixture ``copied``.

    Attributes:
        before: Answers before the one that brings contacts.
        halves: Answers to that which say nothing that can be kept.
        quiet: How many questions find out that nothing has changed.
        bad_marks: Marks that no sync has left.
        check: What a check says of the account with nobody in it.
    """

    before: ClassVar[list[Answer]] = []
    halves: ClassVar[list[object]]
    quiet: ClassVar[int]
    bad_marks: ClassVar[tuple[str, ...]]
    check: ClassVar[str]

    # To be written by each.
    def save(self, service: Any, own_id: str, name: str, phone: str = "") -> None:
        raise NotImplementedError

    def delete(self, service: Any, own_id: str) -> None:
        raise NotImplementedError

    def fill(self, service: Any, count: int) -> None:
        for number in range(count):
            self.save(service, f"c{number}", f"Person {number}", "020 7946 0000")

    async def test_a_check_tells_whose_account_it_is(self, copied: Copied) -> None:
        assert await copied.copy().source.check() == self.check

    async def test_three_thousand_contacts_come_in_pages_and_then_only_changes(
        self, copied: Copied
    ) -> None:
        service = copied.service
        service.page_size = 400
        self.fill(service, 3_000)
        one = copied.copy()
        report = await one.sync()
        assert (report.changed, report.is_whole, one.count) == (3_000, True, 3_000)
        copied.asked.clear()
        copied_at = one.copied_at
        report = await one.sync()
        assert (report.changed, report.gone, report.is_whole) == (0, 0, False)
        assert len(copied.asked) == self.quiet
        # That nothing has changed there makes what is here as good as new.
        assert copied_at < one.copied_at

        self.save(service, "c7", "Ana Bell", ANA_WRITTEN)
        self.save(service, "c8", "Has no phone any more")
        self.delete(service, "c9")
        report = await one.sync()
        assert (report.changed, report.gone) == (1, 2)
        assert one.names(ANA) == {"Ana Bell"}
        assert one.count == 2_998

    async def test_a_consent_taken_back_leaves_the_copy_and_asks_to_sign_in(
        self, copied: Copied
    ) -> None:
        self.save(copied.service, "a", "Ana", ANA_WRITTEN)
        one = copied.copy()
        await one.sync()
        copied.service.tokens.revoke()
        with pytest.raises(AuthenticationFailed) as caught:
            await one.sync()
        assert "Sign in again" in caught.value.advice
        assert CLIENT_SECRET not in str(caught.value)
        assert one.names(ANA) == {"Ana"}

    async def test_a_service_that_asks_to_wait_is_waited_for(
        self, copied: Copied
    ) -> None:
        copied.service.page_size = 5
        self.fill(copied.service, 12)
        one = copied.copy()
        copied.service.failing = [
            (status, {}, {"Retry-After": "0"}) for status in (429, 503, 504)
        ]
        await one.sync()
        assert one.count == 12

    async def test_half_an_answer_is_no_answer(self, copied: Copied) -> None:
        one = copied.copy()
        for body in self.halves:
            copied.service.failing = [*self.before, (200, body, {})]
            with pytest.raises(PayloadError):
                await one.sync()

    async def test_a_mark_that_is_none_brings_everything(self, copied: Copied) -> None:
        self.fill(copied.service, 2)
        source = copied.copy().source
        for mark in self.bad_marks:
            changes = await source.changes(mark)
            assert (len(changes.changed), changes.is_whole) == (2, True)
