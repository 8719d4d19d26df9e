"""HubSpot, against a stand-in written from its public documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.sources.hubspot import MANIFEST
from tests.lookup.sources.crm_contract import ANA, BEN, CrmSourceContract, Office
from tests.lookup.sources.standins.common import Answer
from tests.lookup.sources.standins.hubspot import (
    COMPANIES,
    CONTACTS,
    TOKEN,
    HubSpotStandIn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.conftest import Serve

SECONDLY = {
    "status": "error",
    "message": "You have reached your secondly limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "SECONDLY",
}


@pytest.fixture
async def office(serve: Serve, make: Callable[..., Any]) -> Office:
    service = HubSpotStandIn()
    server = await serve(service)
    service.add("companies", "900", name="Example Ltd", phone="+44 20 7946 0000")
    service.add(
        "contacts",
        "51",
        firstname="Ana",
        lastname="Bell",
        email="ana@example.com",
        phone="+44 20 7946 0123",
        jobtitle="Buyer",
        associatedcompanyid="900",
    )
    return Office(make(MANIFEST, server.url, {"key": TOKEN}), service, TOKEN)


class TestContract(CrmSourceContract):
    throttled = Answer(
        429, SECONDLY, {"X_HubSpot_RateLimit_Interval_Milliseconds": "10000"}
    )
    wait_seconds = 10
    forbidden = Answer(403, {"status": "error", "message": "No access to contacts"})
    unauthorised = Answer(
        401, {"status": "error", "category": "EXPIRED_AUTHENTICATION"}
    )

    def add_named(self, service: Any, name: str) -> None:
        service.add("contacts", "77", firstname=name, phone="+442079460123")

    def add_many(self, service: Any, count: int) -> None:
        for each in range(count):
            service.add("contacts", f"1{each}", firstname="Ana", phone="+442079460123")


@pytest.mark.parametrize(
    "written",
    [
        "+442079460123",
        "+44 20 7946 0123",
        "+44 (0)20 7946 0123",
        "020 7946 0123",
        "02079460123",
        "442079460123",
        "2079460123",
        "(020) 7946-0123",
        "0044 20 7946 0123",
    ],
)
@pytest.mark.parametrize("field", ["phone", "mobilephone"])
async def test_a_number_is_found_however_it_was_typed(
    office: Office, field: str, written: str
) -> None:
    office.service.records["contacts"].clear()
    office.service.add("contacts", "52", lastname="Bell", **{field: written})
    (contact,) = await office.source.by_number(ANA)
    assert contact.numbers[0].raw == written


async def test_the_record_is_told_whole(office: Office) -> None:
    office.service.records["contacts"]["51"]["mobilephone"] = "07700 900123"
    (contact,) = await office.source.by_number(BEN)
    assert contact.job_title == "Buyer"
    assert contact.emails == ("ana@example.com",)
    assert [(n.raw, n.label) for n in contact.numbers] == [
        ("+44 20 7946 0123", "work"),
        ("07700 900123", "mobile"),
    ]
    assert contact.url == ("https://app-eu1.hubspot.com/contacts/8675309/record/0-1/51")
    assert contact.updated_at is not None
    assert contact.updated_at.isoformat() == "2026-11-20T08:00:00+00:00"


async def test_the_account_is_asked_for_once(office: Office) -> None:
    await office.source.by_number(ANA)
    await office.source.by_number(ANA)
    assert office.service.paths.count("/account-info/v3/details") == 1


async def test_a_company_of_their_own_words_goes_before_the_linked_one(
    office: Office,
) -> None:
    office.service.records["contacts"]["51"]["company"] = "Bell & Sons"
    (contact,) = await office.source.by_number(ANA)
    assert contact.company == "Bell & Sons"
    assert not any("companies" in path for path in office.service.paths)


async def test_a_company_is_found_where_no_person_has_the_number(
    office: Office,
) -> None:
    (contact,) = await office.source.by_number(read_number("+442079460000", "GB"))
    assert (contact.name, contact.company) == ("", "Example Ltd")
    assert contact.url.endswith("/contacts/8675309/record/0-2/900")


async def test_archived_and_merged_records_do_not_show(office: Office) -> None:
    office.service.archived.add("51")
    assert await office.source.by_number(ANA) == ()


async def test_without_companies_persons_are_found_all_the_same(
    office: Office,
) -> None:
    office.service.scopes.discard(COMPANIES)
    (contact,) = await office.source.by_number(ANA)
    assert (contact.name, contact.company) == ("Ana Bell", "")
    assert await office.source.by_number(BEN) == ()
    assert office.service.paths.count("/crm/v3/objects/companies/search") == 0
    assert "may not read companies" in await office.source.check()


async def test_a_missing_scope_is_named(office: Office) -> None:
    office.service.scopes.discard(CONTACTS)
    with pytest.raises(PermissionDenied, match=CONTACTS):
        await office.source.check()


async def test_the_check_names_the_account(office: Office) -> None:
    said = await office.source.check()
    assert said == "HubSpot account 8675309 at app-eu1.hubspot.com"


async def test_a_wrong_token_is_told(serve: Serve, make: Callable[..., Any]) -> None:
    server = await serve(HubSpotStandIn())
    source = make(MANIFEST, server.url, {"key": "pat-na1-wrong"})
    with pytest.raises(AuthenticationFailed):
        await source.check()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            Answer(400, {"message": "x", "category": "VALIDATION_ERROR"}),
            RequestRejected,
        ),
        (Answer(423, {"message": "locked"}), ProviderUnavailable),
        (Answer(477, b"", {"Retry_After": "3600"}), ProviderThrottled),
        (Answer(429, {**SECONDLY, "policyName": "DAILY"}), QuotaExceeded),
        (Answer(429, b"half {"), ProviderThrottled),
        (Answer(521, b""), ProviderUnavailable),
        (Answer(524, b""), ProviderUnavailable),
    ],
)
async def test_every_documented_refusal_has_its_kind(
    office: Office, answer: Answer, kind: type[Exception]
) -> None:
    office.service.fault = answer
    with pytest.raises(kind):
        await office.source.by_number(ANA)
