"""Pipedrive, against a stand-in written from its public documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    NotOffered,
    PermissionDenied,
    ProviderThrottled,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.lookup.sources.pipedrive import MANIFEST
from tests.lookup.sources.conftest import a_context
from tests.lookup.sources.crm_contract import (
    ANA,
    NOBODY,
    CrmSourceContract,
    Office,
)
from tests.lookup.sources.standins.common import Answer
from tests.lookup.sources.standins.pipedrive import TOKEN, PipedriveStandIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.conftest import Serve

TOO_MANY = {"success": False, "error": "Request over limit", "errorCode": 429}


@pytest.fixture
async def office(serve: Serve, make: Callable[..., Any]) -> Office:
    service = PipedriveStandIn()
    server = await serve(service)
    service.add(51, "Ana Bell", "+442079460123", organization="Example Ltd")
    return Office(make(MANIFEST, server.url, {"key": TOKEN}), service, TOKEN)


class TestContract(CrmSourceContract):
    throttled = Answer(429, TOO_MANY, {"x_ratelimit_reset": "2"})
    wait_seconds = 2
    forbidden = Answer(403, {"success": False, "error": "Scope and URL mismatch"})
    unauthorised = Answer(401, {"success": False, "error": "unauthorized access"})

    def add_named(self, service: Any, name: str) -> None:
        service.add(77, name, "+442079460123")

    def add_many(self, service: Any, count: int) -> None:
        for each in range(count):
            service.add(1000 + each, "Ana", "+442079460123")


@pytest.mark.parametrize(
    "written",
    [
        "+442079460123",
        "+44 20 7946 0123",
        "020 7946 0123",
        "(020 7946 0123)",
        "02079460123",
        "442079460123",
        "0044 2079460123",
    ],
)
async def test_a_number_is_found_however_it_was_typed(
    office: Office, written: str
) -> None:
    office.service.add(51, "Ana Bell", "+44 7700 900123", written)
    (contact,) = await office.source.by_number(ANA)
    assert [each.raw for each in contact.numbers] == ["+44 7700 900123", written]


async def test_spaced_spellings_are_asked_only_where_digits_find_nobody(
    office: Office,
) -> None:
    await office.source.by_number(ANA)
    assert office.service.terms == ["2079460123"]
    office.service.terms.clear()
    await office.source.by_number(NOBODY)
    assert office.service.terms == ["2079460199", "020 7946 0199", "+44 20 7946 0199"]


async def test_the_record_is_told_whole(office: Office) -> None:
    (contact,) = await office.source.by_number(ANA)
    assert contact.company == "Example Ltd"
    assert contact.emails == ("ana@example.com",)
    assert contact.url == "https://example-ltd.pipedrive.com/person/51"
    assert contact.updated_at is not None


async def test_the_companys_own_address_says_where_records_are() -> None:
    source: Any = MANIFEST.create(a_context("https://acme.pipedrive.com"))
    assert await source._known_domain() == "acme"


async def test_a_number_that_only_holds_the_digits_is_no_match(office: Office) -> None:
    office.service.persons.clear()
    office.service.add(60, "Other", "+442079460123456")
    assert await office.source.by_number(ANA) == ()


async def test_a_deleted_person_is_not_found(office: Office) -> None:
    del office.service.persons[51]
    assert await office.source.by_number(ANA) == ()


async def test_the_first_version_is_asked_where_the_second_is_not_there(
    office: Office,
) -> None:
    office.service.has_second_version = False
    assert len(await office.source.by_number(ANA)) == 1
    assert len(await office.source.by_number(ANA)) == 1
    assert office.service.paths.count("/api/v2/persons/search") == 1


async def test_persons_are_found_although_nobody_says_where_their_pages_are(
    office: Office,
) -> None:
    source, service = office.source, office.service
    answer = service.answer

    def without_users(request: Any) -> Answer:
        if request.path.endswith("/users/me"):
            return Answer(500, b"")
        found: Answer = answer(request)
        return found

    service.answer = without_users
    (contact,) = await source.by_number(ANA)
    assert (contact.name, contact.url) == ("Ana Bell", "")


async def test_the_check_names_company_and_user(office: Office) -> None:
    assert await office.source.check() == "Pipedrive of Example Ltd, as Tess Token"


async def test_a_wrong_token_is_told(serve: Serve, make: Callable[..., Any]) -> None:
    server = await serve(PipedriveStandIn())
    with pytest.raises(AuthenticationFailed):
        await make(MANIFEST, server.url, {"key": "wrong"}).check()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, {"success": False, "error": "no"}), RequestRejected),
        (Answer(400, {"success": False, "error": "Bad request"}), RequestRejected),
        (Answer(402, {"success": False, "error": "Payment required"}), NotOffered),
        (Answer(403, {"success": False, "error": "no scope"}), PermissionDenied),
        (Answer(403, b"<html>", content_type="text/html"), ProviderThrottled),
        (Answer(404, {"success": False}), NotFound),
        (Answer(410, {"success": False}), NotFound),
        (Answer(415, {"success": False}), RequestRejected),
        (Answer(422, {"success": False}), RequestRejected),
        (Answer(429, TOO_MANY), ProviderThrottled),
        (
            Answer(429, TOO_MANY, {"x_daily_ratelimit_token_remaining": "0"}),
            QuotaExceeded,
        ),
    ],
)
async def test_every_documented_refusal_has_its_kind(
    office: Office, answer: Answer, kind: type[Exception]
) -> None:
    office.service.fault = answer
    with pytest.raises(kind):
        await office.source.by_number(ANA)
