"""What every CRM source keeps, whatever its service does to it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    PayloadError,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    ScreenpopError,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.protocol import ContactSource, SupportsSourceCheck
from screenpop.lookup.ranking import verify
from tests.lookup.sources.standins.common import Answer

ANA = read_number("+442079460123", "GB")
BEN = read_number("+447700900123", "GB")
NOBODY = read_number("+442079460199", "GB")
MARKUP = '<img src="file:///etc/passwd"><b>Ana</b>'
HALF = Answer(200, b'{"results": [{"id": "1", "proper')
PAGE = Answer(200, b"<html>Sign in</html>", content_type="text/html")


@dataclass
class Office:
    """A source and the stand-in it asks; the stand-in knows Ana by ``ANA``."""

    source: Any
    service: Any
    secret: str


class CrmSourceContract:
    """Inherit, and give a fixture ``office``.

    Attributes:
        throttled: The service's answer to too many requests.
        wait_seconds: How long that asks to wait.
        forbidden: Its answer to a key without the permission.
        unauthorised: Its answer to a wrong key.
        has_pages: Whether its stand-in can have pages, which are encrypted ones only.
    """

    throttled: Answer
    wait_seconds: float | None
    forbidden: Answer
    unauthorised: Answer
    has_pages = True

    # To be written by each: a person of that name with Ana's number, and many of them.
    def add_named(self, service: Any, name: str) -> None:
        raise NotImplementedError

    def add_many(self, service: Any, count: int) -> None:
        raise NotImplementedError

    def test_it_is_a_live_source_that_can_be_checked(self, office: Office) -> None:
        source: object = office.source
        assert isinstance(source, ContactSource)
        assert isinstance(source, SupportsSourceCheck)
        assert (office.source.key, office.source.label) == ("crm", "The CRM")

    async def test_a_caller_is_found_and_their_page_can_be_opened(
        self, office: Office
    ) -> None:
        (contact,) = await office.source.by_number(ANA)
        assert verify(contact, ANA, "GB", source_label="") is not None
        assert contact.name == "Ana Bell"
        assert contact.company == "Example Ltd"
        assert contact.source == "crm"
        assert contact.source_id
        assert contact.url.startswith("https://") or not self.has_pages

    async def test_nobody_is_an_answer(self, office: Office) -> None:
        assert await office.source.by_number(NOBODY) == ()

    @pytest.mark.parametrize(
        "text", ["101", "anonymous", "sip:ana@example.com", "*21#"]
    )
    async def test_what_is_no_public_number_is_not_asked_for(
        self, office: Office, text: str
    ) -> None:
        assert await office.source.by_number(read_number(text, "GB")) == ()
        assert office.service.paths == []

    async def test_a_person_is_found_by_name(self, office: Office) -> None:
        found = await office.source.by_text("Ana Bell", 5)
        assert [each.name for each in found] == ["Ana Bell"]

    @pytest.mark.parametrize("text", ["", "   "])
    async def test_no_text_finds_nobody(self, office: Office, text: str) -> None:
        assert await office.source.by_text(text, 5) == ()

    async def test_any_text_can_be_searched_for(self, office: Office) -> None:
        for text in (
            '"; DROP \\ {x} %',
            "O'Neill & Sons (UK)",
            "é" * 5_000,
            "a'b:*?~^",
        ):
            assert await office.source.by_text(text, 5) == ()

    async def test_markup_stays_text(self, office: Office) -> None:
        self.add_named(office.service, MARKUP)
        names = {each.name for each in await office.source.by_number(ANA)}
        assert MARKUP in names

    async def test_of_ten_thousand_matches_fifty_are_read(self, office: Office) -> None:
        self.add_many(office.service, 10_000)
        assert len(await office.source.by_number(ANA)) == 50
        assert len(await office.source.by_text("Ana", 10_000)) <= 50

    async def test_a_service_that_says_nothing_can_be_left(
        self, office: Office
    ) -> None:
        office.service.is_silent = True
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await office.source.by_number(ANA)
        office.service.is_silent = False
        assert len(await office.source.by_number(ANA)) == 1

    @pytest.mark.parametrize("answer", [HALF, PAGE, Answer(200, [1]), Answer(200, 7)])
    async def test_an_unreadable_answer_is_told(
        self, office: Office, answer: Answer
    ) -> None:
        office.service.fault = answer
        with pytest.raises(PayloadError):
            await office.source.by_number(ANA)

    async def test_too_many_requests_are_told_with_the_wait(
        self, office: Office
    ) -> None:
        office.service.fault = self.throttled
        with pytest.raises(ProviderThrottled) as caught:
            await office.source.by_number(ANA)
        assert caught.value.retry_after_seconds == self.wait_seconds

    async def test_a_missing_permission_is_told_in_the_services_words(
        self, office: Office
    ) -> None:
        office.service.fault = self.forbidden
        with pytest.raises(PermissionDenied) as caught:
            await office.source.by_number(ANA)
        assert "Ask whoever runs your" in caught.value.advice
        assert len(caught.value.advice) < 300

    async def test_a_key_that_stops_working_is_told_and_a_new_one_taken(
        self, office: Office
    ) -> None:
        assert len(await office.source.by_number(ANA)) == 1
        office.service.fault = self.unauthorised
        with pytest.raises(AuthenticationFailed):
            await office.source.by_number(ANA)
        office.service.fault = None
        assert len(await office.source.by_number(ANA)) == 1

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    async def test_an_outage_is_told(self, office: Office, status: int) -> None:
        office.service.fault = Answer(status, b"oops", content_type="text/plain")
        with pytest.raises(ProviderUnavailable):
            await office.source.by_number(ANA)

    async def test_no_number_name_or_key_is_logged_or_told(
        self, office: Office, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        await office.source.by_number(ANA)
        told = [await office.source.check()]
        echo = f"{office.secret} asked for 020 7946 0123 and +442079460123"
        body = {"message": echo, "error": echo, "error_description": echo}
        for status in (400, 401, 403, 404, 409, 429, 500):
            office.service.fault = Answer(status, body)
            with pytest.raises(ScreenpopError) as caught:
                await office.source.by_number(ANA)
            told.append(str(caught.value))
        for text in (caplog.text, *told):
            assert office.secret not in text
            assert "7946" not in text
            assert "Ana" not in text


class SignedInCrmContract(CrmSourceContract):
    """For those that are signed in to: ``office.service.server`` gives the tokens.

    Attributes:
        says: What a check says.
        refusals: The service's documented refusals, and of which kind each is.
    """

    says: str
    refusals: ClassVar[list[tuple[Answer, type[Exception]]]]

    async def test_the_check_names_the_organisation(self, office: Office) -> None:
        assert await office.source.check() == self.says

    async def test_a_token_that_ran_out_is_renewed_unseen(self, office: Office) -> None:
        office.service.server.expire()
        assert len(await office.source.by_number(ANA)) == 1
        assert office.service.server.refreshes == 1

    async def test_after_a_revoked_consent_the_user_has_to_sign_in(
        self, office: Office
    ) -> None:
        office.service.server.revoke()
        with pytest.raises(AuthenticationFailed, match="Sign in again"):
            await office.source.by_number(ANA)

    async def test_every_documented_refusal_has_its_kind(self, office: Office) -> None:
        for answer, kind in self.refusals:
            office.service.fault = answer
            with pytest.raises(kind):
                await office.source.by_number(ANA)
