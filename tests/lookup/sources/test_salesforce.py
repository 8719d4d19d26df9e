"""Salesforce, against a stand-in written from its public documentation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    NotOffered,
    ProviderThrottled,
    ProviderUnavailable,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.lookup.oauth import sign_in
from screenpop.lookup.sign_in_terms import SignInTerms
from screenpop.lookup.sources.salesforce import MANIFEST, SIGN_IN, page_of
from screenpop.lookup.sources.salesforce.queries import escaped
from tests.lookup.sources.conftest import Keys, a_context
from tests.lookup.sources.crm_contract import (
    ANA,
    BEN,
    Office,
    SignedInCrmContract,
)
from tests.lookup.sources.standins.authorization import CLIENT_ID, Browser
from tests.lookup.sources.standins.common import Answer
from tests.lookup.sources.standins.salesforce import SalesforceStandIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.conftest import Serve

    Make = Callable[..., Any]


def refused(status: int, code: str, message: str = "x") -> Answer:
    return Answer(status, [{"errorCode": code, "message": message}])


@pytest.fixture
async def office(serve: Serve, make: Make) -> Office:
    service = SalesforceStandIn()
    server = await serve(service)
    service.server.extra = {"instance_url": server.url}
    service.add(
        "Contact",
        "003000000000051AAA",
        Name="Ana Bell",
        Title="Buyer",
        Email="ana@example.com",
        Account="Example Ltd",
        Phone="+44 20 7946 0123",
    )
    kept = json.loads(service.server.signed_in())
    kept["extra"] = {"instance_url": server.url}
    secrets = {"tokens": json.dumps(kept)}
    source = make(MANIFEST, server.url, secrets, client_id=CLIENT_ID)
    return Office(source, service, kept["access"])


class TestContract(SignedInCrmContract):
    says = "Salesforce of Example Ltd"
    refusals: ClassVar[list[tuple[Answer, type[Exception]]]] = [
        (refused(400, "MALFORMED_SEARCH"), RequestRejected),
        (refused(400, "QUERY_TIMEOUT"), ProviderUnavailable),
        (refused(403, "API_DISABLED_FOR_ORG"), NotOffered),
        (refused(403, "API_CURRENTLY_DISABLED"), NotOffered),
        (refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit"), QuotaExceeded),
        (refused(404, "NOT_FOUND"), NotFound),
        (refused(410, "UNSUPPORTED_API_VERSION"), NotFound),
        (refused(429, "x"), ProviderThrottled),
        (refused(500, "UNKNOWN_EXCEPTION"), ProviderUnavailable),
        (refused(503, "SERVER_UNAVAILABLE"), ProviderUnavailable),
        (Answer(400, b"half ["), RequestRejected),
    ]
    throttled = refused(
        403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests)"
    )
    wait_seconds = None
    forbidden = refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights")
    unauthorised = refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
    has_pages = False  # the stand-in has no certificate

    def add_named(self, service: Any, name: str) -> None:
        service.add("Contact", "003000000000077AAA", Name=name, Phone="+442079460123")

    def add_many(self, service: Any, count: int) -> None:
        for each in range(count):
            service.add("Lead", f"00Q{each}", Name="Ana", Phone="+442079460123")


@pytest.mark.parametrize(
    "written",
    [
        "+442079460123",
        "+44 20 7946 0123",
        "020 7946 0123",
        "(020) 7946-0123",
        "02079460123",
        "442079460123",
        "2079460123",
    ],
)
@pytest.mark.parametrize("field", ["Phone", "MobilePhone", "OtherPhone"])
async def test_a_number_is_found_however_it_was_typed(
    office: Office, field: str, written: str
) -> None:
    office.service.records.clear()
    office.service.add("Contact", "0031", Name="Ana Bell", **{field: written})
    (contact,) = await office.source.by_number(ANA)
    assert [each.raw for each in contact.numbers] == [written]


async def test_kinds_of_records_come_in_order(office: Office) -> None:
    add = office.service.add
    add("Account", "0011", Name="Bell plc", Phone="+44 7700 900123")
    add("Lead", "00Q1", Name="Ben Case", Company="Case Co", MobilePhone="07700 900123")
    add("Contact", "0031", Name="Cy Dorn", HomePhone="07700900123")
    found = await office.source.by_number(BEN)
    assert [(each.name, each.company) for each in found] == [
        ("Cy Dorn", ""),
        ("Ben Case", "Case Co"),
        ("", "Bell plc"),
    ]


async def test_a_converted_lead_is_not_told_again(office: Office) -> None:
    office.service.add(
        "Lead", "00Q1", Name="Ben", Phone="07700900123", IsConverted=True
    )
    assert await office.source.by_number(BEN) == ()


async def test_what_was_entered_just_now_is_found_all_the_same(office: Office) -> None:
    office.service.add("Lead", "00Q1", Name="Ben", Phone="(0)7700-900 123")
    office.service.unindexed.add("00Q1")
    (contact,) = await office.source.by_number(BEN)
    assert contact.name == "Ben"


async def test_the_record_is_told_whole(office: Office) -> None:
    (contact,) = await office.source.by_number(ANA)
    assert (contact.job_title, contact.company) == ("Buyer", "Example Ltd")
    assert contact.emails == ("ana@example.com",)
    assert contact.updated_at is not None
    assert contact.updated_at.isoformat() == "2026-11-20T08:00:00+00:00"


def test_a_records_page_is_below_the_organisations_address() -> None:
    home = "https://example.my.salesforce.com"
    assert page_of(home, "Lead", "00Q51") == f"{home}/lightning/r/Lead/00Q51/view"
    assert page_of(home, "Lead", "../../x") == ""
    assert page_of("http://example.com", "Lead", "00Q51") == ""


async def test_a_deleted_record_is_not_found(office: Office) -> None:
    office.service.records.clear()
    assert await office.source.by_number(ANA) == ()


async def test_fields_and_kinds_that_are_not_shown_are_left_out(office: Office) -> None:
    office.service.fields["Contact"] -= {"AssistantPhone", "AccountId"}
    del office.service.fields["Lead"]
    (contact,) = await office.source.by_number(ANA)
    assert (contact.name, contact.company) == ("Ana Bell", "")
    asked = len(office.service.paths)
    await office.source.by_number(ANA)
    assert len(office.service.paths) == asked + 1
    assert (await office.source.check()).endswith("; it does not show: lead")


async def test_an_organisation_that_shows_no_numbers_says_so(office: Office) -> None:
    office.service.fields.clear()
    with pytest.raises(NotOffered):
        await office.source.by_number(ANA)


@pytest.mark.parametrize("text", ["?*", "a", "' OR Name != '", "{}", "NOT x"])
async def test_no_text_changes_the_question(office: Office, text: str) -> None:
    assert await office.source.by_text(text, 5) == ()


async def test_words_are_searched_by_their_beginnings(office: Office) -> None:
    assert len(await office.source.by_text("bel an", 5)) == 1
    assert office.service.questions[-1].startswith("FIND {bel* an*} IN ALL FIELDS")


def test_reserved_characters_are_quoted() -> None:
    reserved = "?&|!{}[]()^~*:\\\"'+-"
    assert escaped(f"a{reserved} 1") == "a" + "".join(f"\\{c}" for c in reserved) + " 1"


async def test_the_organisation_is_asked_where_it_moved_to(
    office: Office, serve: Serve
) -> None:
    await office.source.by_number(ANA)
    new = await serve(office.service)
    office.service.server.extra = {"instance_url": new.url}
    office.service.server.expire()
    await office.source.by_number(ANA)
    await office.source.by_number(ANA)
    assert new.requests


async def test_a_sign_in_that_does_not_say_where_is_refused(
    serve: Serve, make: Make
) -> None:
    service = SalesforceStandIn()
    server = await serve(service)
    tokens = {"tokens": service.server.signed_in()}
    source = make(MANIFEST, server.url, tokens, client_id=CLIENT_ID)
    with pytest.raises(AuthenticationFailed, match="where the account is"):
        await source.by_number(ANA)


async def test_nobody_is_signed_in_before_they_are(make: Make) -> None:
    source = make(MANIFEST, "https://login.salesforce.com", client_id=CLIENT_ID)
    with pytest.raises(AuthenticationFailed, match="Nobody has signed in"):
        await source.by_number(ANA)


async def test_signing_in_leaves_all_that_a_question_needs(
    serve: Serve, make: Make
) -> None:
    service = SalesforceStandIn()
    server = await serve(service)
    service.server.extra = {"instance_url": server.url}
    context = a_context(server.url, Keys(), client_id=CLIENT_ID, redirect_port="0")
    tokens = await sign_in(SignInTerms.of(SIGN_IN, context), Browser().open)
    kept = {"tokens": tokens.as_secret().reveal()}
    source = make(MANIFEST, server.url, kept, client_id=CLIENT_ID)
    assert await source.check() == "Salesforce of Example Ltd"
