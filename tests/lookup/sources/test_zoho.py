"""Zoho CRM, against a stand-in written from its public documentation."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.domain.privacy import Secret
from screenpop.lookup.oauth import sign_in
from screenpop.lookup.sign_in_terms import SignInTerms
from screenpop.lookup.sources.zoho import MANIFEST, SIGN_IN
from tests.lookup.sources.conftest import Keys, a_context
from tests.lookup.sources.crm_contract import (
    ANA,
    BEN,
    NOBODY,
    Office,
    SignedInCrmContract,
)
from tests.lookup.sources.standins.authorization import (
    CLIENT_ID,
    CLIENT_SECRET,
    Browser,
)
from tests.lookup.sources.standins.common import Answer
from tests.lookup.sources.standins.zoho import ZohoStandIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.conftest import Serve

    Make = Callable[..., Any]


def refused(status: int, code: str, message: str = "x", **headers: str) -> Answer:
    body = {"code": code, "details": {}, "message": message, "status": "error"}
    return Answer(status, body, headers)


def settings(url: str) -> dict[str, str]:
    """Settings of an account in Europe, whose sign-in is the stand-in."""
    return {
        "client_id": CLIENT_ID,
        "data_centre": "zoho.eu",
        "authorize_url": f"{url}/oauth/v2/auth",
        "token_url": f"{url}/oauth/v2/token",
        "redirect_port": "0",
    }


@pytest.fixture
async def office(serve: Serve, make: Make) -> Office:
    service = ZohoStandIn()
    server = await serve(service)
    service.server.extra = {"api_domain": server.url}
    service.add(
        "Contacts",
        "410000000000051",
        Full_Name="Ana Bell",
        Account_Name={"name": "Example Ltd", "id": "410000000000007"},
        Title="Buyer",
        Email="ana@example.com",
        Phone="+44 20 7946 0123",
    )
    kept = json.loads(service.server.signed_in())
    kept["extra"] = {"api_domain": server.url}
    secrets = {"tokens": json.dumps(kept), "client_secret": CLIENT_SECRET}
    source = make(MANIFEST, "https://www.zohoapis.com", secrets, **settings(server.url))
    return Office(source, service, kept["access"])


class TestContract(SignedInCrmContract):
    says = "Zoho CRM of Example Ltd"
    refusals: ClassVar[list[tuple[Answer, type[Exception]]]] = [
        (refused(400, "INVALID_QUERY"), RequestRejected),
        (refused(400, "INVALID_DATA"), RequestRejected),
        (refused(401, "AUTHENTICATION_FAILURE"), AuthenticationFailed),
        (refused(403, "NO_PERMISSION"), PermissionDenied),
        (refused(404, "INVALID_URL_PATTERN"), NotFound),
        (refused(429, "TOO_MANY_REQUESTS"), ProviderThrottled),
        (refused(429, "TOO_MANY_REQUESTS", "API credits exceeded"), QuotaExceeded),
        (refused(500, "INTERNAL_ERROR"), ProviderUnavailable),
        (refused(504, "x"), ProviderUnavailable),
    ]
    throttled = refused(429, "TOO_MANY_REQUESTS", "too many requests", Retry_After="60")
    wait_seconds = 60
    forbidden = refused(403, "NO_PERMISSION", "permission denied to view contacts")
    unauthorised = refused(401, "INVALID_TOKEN", "invalid oauth token")

    def add_named(self, service: Any, name: str) -> None:
        service.add("Contacts", "77", Full_Name=name, Phone="+44 20 7946 0123")

    def add_many(self, service: Any, count: int) -> None:
        for each in range(count):
            service.add("Leads", f"1{each}", Full_Name="Ana", Phone="+44 20 7946 0123")


@pytest.mark.parametrize(
    "written",
    [
        "+442079460123",
        "+44 20 7946 0123",
        "020 7946 0123",
        "(020 7946 0123)",
        "02079460123",
        "442079460123",
        "2079460123",
    ],
)
@pytest.mark.parametrize("field", ["Phone", "Mobile", "Asst_Phone"])
async def test_a_number_is_found_however_it_was_typed(
    office: Office, field: str, written: str
) -> None:
    office.service.records.clear()
    office.service.add("Contacts", "1", Full_Name="Ana Bell", **{field: written})
    (contact,) = await office.source.by_number(ANA)
    assert [each.raw for each in contact.numbers] == [written]


async def test_the_spellings_are_tried_until_somebody_is_found(office: Office) -> None:
    office.service.records["410000000000051"]["Phone"] = "02079460123"
    await office.source.by_number(ANA)
    assert {term for _, term in office.service.asked} == {"2079460123"}
    office.service.asked.clear()
    await office.source.by_number(NOBODY)
    assert [term for module, term in office.service.asked if module == "Contacts"] == [
        "2079460199",
        "02079460199",
        "+442079460199",
        "020 7946 0199",
        "+44 20 7946 0199",
    ]


async def test_contacts_come_before_leads(office: Office) -> None:
    add = office.service.add
    add("Leads", "1", Full_Name="Ben Case", Company="Case Co", Mobile="07700900123")
    add("Contacts", "2", First_Name="Cy", Last_Name="Dorn", Phone="+447700900123")
    found = await office.source.by_number(BEN)
    assert [(each.name, each.company) for each in found] == [
        ("Cy Dorn", ""),
        ("Ben Case", "Case Co"),
    ]


async def test_the_record_is_told_whole(office: Office) -> None:
    (contact,) = await office.source.by_number(ANA)
    assert (contact.job_title, contact.company) == ("Buyer", "Example Ltd")
    assert contact.emails == ("ana@example.com",)
    assert contact.url == "https://crm.zoho.eu/crm/tab/Contacts/410000000000051"
    assert contact.updated_at is not None
    assert contact.updated_at.isoformat() == "2026-11-20T08:00:00+00:00"


async def test_a_converted_lead_and_a_deleted_contact_are_not_found(
    office: Office,
) -> None:
    office.service.records.clear()
    office.service.add("Leads", "1", Phone="02079460123", is_converted=True)
    assert await office.source.by_number(ANA) == ()


@pytest.mark.parametrize("why", ["NO_PERMISSION", "INVALID_MODULE"])
async def test_without_leads_contacts_are_found_all_the_same(
    office: Office, why: str
) -> None:
    office.service.refused_modules["Leads"] = why
    assert len(await office.source.by_number(ANA)) == 1
    assert (await office.source.check()).endswith("; it does not show leads")


async def test_a_refresh_that_comes_too_often_is_no_lost_sign_in(
    office: Office,
) -> None:
    said = "You have made too many requests continuously."
    body = {"error": "Access Denied", "error_description": said, "status": "failure"}
    office.service.server.expire()
    office.service.server.failing.append((400, body, {}))
    with pytest.raises(ProviderUnavailable):
        await office.source.by_number(ANA)
    assert len(await office.source.by_number(ANA)) == 1


async def test_a_consent_that_does_not_cover_it_is_told(office: Office) -> None:
    office.service.lacking_scopes = True
    with pytest.raises(PermissionDenied, match="Sign in again"):
        await office.source.by_number(ANA)


async def test_signing_in_leaves_all_that_a_question_needs(
    serve: Serve, make: Make
) -> None:
    service = ZohoStandIn()
    server = await serve(service)
    service.server.extra = {"api_domain": server.url}
    context = a_context("", Keys(), **settings(server.url))
    terms = SignInTerms.of(SIGN_IN, context)
    tokens = await sign_in(terms, Browser().open, Secret(CLIENT_SECRET))
    secrets = {"tokens": tokens.as_secret().reveal(), "client_secret": CLIENT_SECRET}
    source = make(MANIFEST, "", secrets, **settings(server.url))
    assert await source.check() == "Zoho CRM of Example Ltd"


@pytest.mark.parametrize(
    "centre", ["zoho.com", "zoho.eu", "zoho.com.au", "zohocloud.ca"]
)
def test_each_data_centre_has_its_own_sign_in(centre: str) -> None:
    context = a_context("", Keys(), client_id=CLIENT_ID, data_centre=centre)
    terms = SignInTerms.of(SIGN_IN, context)
    assert urlsplit(terms.authorize_url).hostname == f"accounts.{centre}"
    assert urlsplit(terms.token_url).hostname == f"accounts.{centre}"


async def test_the_wait_is_told_by_the_services_own_header(office: Office) -> None:
    reset = str(int((time.time() + 30) * 1000))
    office.service.fault = refused(429, "TOO_MANY_REQUESTS", X_RATELIMIT_RESET=reset)
    with pytest.raises(ProviderThrottled) as caught:
        await office.source.by_number(ANA)
    assert caught.value.retry_after_seconds == pytest.approx(30, abs=20)
