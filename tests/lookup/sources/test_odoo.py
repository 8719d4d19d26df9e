"""Odoo, old and new, against a stand-in written from its public documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    NotOffered,
    PermissionDenied,
    ProviderUnavailable,
    RequestRejected,
    ScreenpopError,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.sources.odoo import MANIFEST
from tests.lookup.sources.conftest import a_context
from tests.lookup.sources.crm_contract import ANA, BEN, CrmSourceContract, Office
from tests.lookup.sources.standins.common import Answer
from tests.lookup.sources.standins.odoo import (
    BASIC,
    DATABASE,
    KEY,
    LOGIN,
    OdooStandIn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.conftest import Serve

    Make = Callable[..., Any]

OLD = {"database": DATABASE, "user": LOGIN}
ACCESS = "You are not allowed to access 'Contact' (res.partner) records."


async def an_office(serve: Serve, make: Make, *, is_new: bool = True) -> Office:
    service = OdooStandIn(has_json_two=is_new)
    server = await serve(service)
    service.add(
        51,
        "Ana Bell",
        phone="020 7946 0123",
        phone_sanitized="+442079460123",
        parent_id=[7, "Example Ltd"],
        commercial_company_name="Example Ltd",
        function="Buyer",
        email="ana@example.com",
    )
    source = make(MANIFEST, server.url, {"key": KEY}, **({} if is_new else OLD))
    # The stand-in has no certificate; pages of records are shown for those that have.
    source._base_url = "https://odoo.example.com"
    return Office(source, service, KEY)


@pytest.fixture
async def office(serve: Serve, make: Make) -> Office:
    return await an_office(serve, make)


@pytest.fixture
async def old_office(serve: Serve, make: Make) -> Office:
    return await an_office(serve, make, is_new=False)


@pytest.fixture(params=["json_two", "json_rpc"])
async def either(request: pytest.FixtureRequest, serve: Serve, make: Make) -> Office:
    return await an_office(serve, make, is_new=request.param == "json_two")


def rpc_error(name: str, message: str, code: int = 200) -> Answer:
    data = {"name": name, "message": message, "arguments": [message], "debug": "…"}
    error = {"code": code, "message": "Odoo Server Error", "data": data}
    return Answer(200, {"jsonrpc": "2.0", "id": 1, "error": error})


class _Contract(CrmSourceContract):
    throttled = Answer(429, b"slow down", {"Retry_After": "30"}, "text/plain")
    wait_seconds = 30

    def add_named(self, service: Any, name: str) -> None:
        service.add(77, name, phone="+44 20 7946 0123")

    def add_many(self, service: Any, count: int) -> None:
        for each in range(count):
            service.add(1000 + each, "Ana", phone="+44 20 7946 0123")


class TestJsonTwoContract(_Contract):
    forbidden = Answer(
        403, {"name": "odoo.exceptions.AccessError", "message": ACCESS, "debug": "…"}
    )
    unauthorised = Answer(
        401, {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}
    )


class TestJsonRpcContract(_Contract):
    forbidden = rpc_error("odoo.exceptions.AccessError", ACCESS)
    unauthorised = rpc_error("odoo.exceptions.AccessDenied", "Access Denied")

    @pytest.fixture
    def office(self, old_office: Office) -> Office:
        return old_office


@pytest.mark.parametrize(
    "written",
    [
        "+442079460123",
        "+44 20 7946 0123",
        "+44 (0)20 7946-0123",
        "020 7946 0123",
        "020/79460123",
        "2079460123",
        "0044.20.7946.0123",
    ],
)
@pytest.mark.parametrize("has_search", [True, False])
async def test_a_number_is_found_however_it_was_typed(
    either: Office, written: str, *, has_search: bool
) -> None:
    if not has_search:
        either.service.fields -= {"phone_mobile_search", "phone_sanitized"}
    either.service.add(51, "Ana Bell", phone=written)
    (contact,) = await either.source.by_number(ANA)
    assert [each.raw for each in contact.numbers] == [written]


async def test_a_mobile_number_is_found_where_odoo_has_that_field(
    old_office: Office,
) -> None:
    old_office.service.add(52, "Ben Case", mobile="07700 900 123")
    (contact,) = await old_office.source.by_number(BEN)
    assert (contact.name, contact.numbers[0].label) == ("Ben Case", "mobile")


async def test_nothing_is_asked_of_fields_that_are_gone(office: Office) -> None:
    assert "mobile" not in office.service.fields
    await office.source.by_number(ANA)
    assert office.service.domains == [
        [
            "|",
            ["phone_mobile_search", "ilike", "2079460123"],
            ["phone_sanitized", "=", "+442079460123"],
        ]
    ]


async def test_the_fields_are_asked_for_once_and_after_an_upgrade_again(
    old_office: Office,
) -> None:
    await old_office.source.by_number(ANA)
    await old_office.source.by_number(ANA)
    assert len(old_office.service.paths) == 4  # authenticate, fields, twice search
    old_office.service.fields -= {"mobile"}
    with pytest.raises(RequestRejected):
        await old_office.source.by_number(ANA)
    assert len(await old_office.source.by_number(ANA)) == 1


async def test_the_record_is_told_whole(office: Office) -> None:
    (contact,) = await office.source.by_number(ANA)
    assert (contact.company, contact.job_title) == ("Example Ltd", "Buyer")
    assert contact.emails == ("ana@example.com",)
    (number,) = contact.numbers
    assert (number.raw, number.e164, number.label) == (
        "020 7946 0123",
        "+442079460123",
        "work",
    )
    assert contact.url == "https://odoo.example.com/odoo/res.partner/51"
    assert contact.updated_at is not None
    assert contact.updated_at.isoformat() == "2026-11-20T08:00:00+00:00"


async def test_an_older_odoo_has_other_addresses_of_records(old_office: Office) -> None:
    (contact,) = await old_office.source.by_number(ANA)
    assert contact.url == (
        "https://odoo.example.com/web#id=51&model=res.partner&view_type=form"
    )


async def test_a_number_of_another_country_counts_as_odoo_reads_it(
    office: Office,
) -> None:
    berlin = "+493023125000"
    office.service.add(53, "Cem", phone="030 23125 000", phone_sanitized=berlin)
    (contact,) = await office.source.by_number(read_number(berlin, "GB"))
    assert contact.name == "Cem"


async def test_a_company_is_told_as_one(either: Office) -> None:
    either.service.add(54, "Example plc", phone="07700 900123", is_company=True)
    (contact,) = await either.source.by_number(BEN)
    assert (contact.name, contact.company) == ("", "Example plc")


async def test_archived_contacts_are_not_found(either: Office) -> None:
    either.service.partners[51]["active"] = False
    assert await either.source.by_number(ANA) == ()


async def test_a_number_that_only_holds_the_digits_is_no_match(either: Office) -> None:
    either.service.partners.clear()
    either.service.add(60, "Other", phone="+44 20 7946 0123 456")
    assert await either.source.by_number(ANA) == ()


async def test_an_odoo_without_numbers_says_so(either: Office) -> None:
    either.service.fields = BASIC - {"phone"}
    with pytest.raises(NotOffered):
        await either.source.by_number(ANA)


async def test_the_check_names_company_and_user(either: Office) -> None:
    assert await either.source.check() == "Odoo of Example Ltd, as Tess Token"


async def test_the_check_sees_that_contacts_may_be_read(either: Office) -> None:
    either.service.is_partner_allowed = False
    with pytest.raises(PermissionDenied, match="Contact"):
        await either.source.check()


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"user": "nobody@example.com"}, AuthenticationFailed),
        ({"database": "other"}, ConfigurationError),
    ],
)
async def test_wrong_settings_of_an_older_odoo_are_told(
    serve: Serve, make: Make, wrong: dict[str, str], kind: type[Exception]
) -> None:
    server = await serve(OdooStandIn(has_json_two=False))
    source = make(MANIFEST, server.url, {"key": KEY}, **{**OLD, **wrong})
    with pytest.raises(kind):
        await source.check()


async def test_an_older_odoo_without_a_user_says_what_is_missing(
    serve: Serve, make: Make
) -> None:
    server = await serve(OdooStandIn(has_json_two=False))
    source = make(MANIFEST, server.url, {"key": KEY})
    with pytest.raises(NotOffered, match="Odoo 18 and older"):
        await source.check()


async def test_the_database_is_named_where_one_address_has_several(
    serve: Serve, make: Make
) -> None:
    service = OdooStandIn()
    service.databases.add("other")
    server = await serve(service)
    with pytest.raises(ScreenpopError):
        await make(MANIFEST, server.url, {"key": KEY}).check()
    source = make(MANIFEST, server.url, {"key": KEY}, database=DATABASE)
    assert "Example Ltd" in await source.check()


@pytest.mark.parametrize("wrong", [{"user": "x"}, {"database": "a\nb"}])
def test_settings_that_cannot_be_are_refused_at_once(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        MANIFEST.create(a_context("https://odoo.example.com", None, **wrong))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (rpc_error("odoo.exceptions.MissingError", "gone"), NotFound),
        (rpc_error("odoo.exceptions.UserError", "no"), RequestRejected),
        (rpc_error("odoo.exceptions.ValidationError", "no"), RequestRejected),
        (rpc_error("psycopg2.OperationalError", "FATAL"), ConfigurationError),
        (
            rpc_error("odoo.http.SessionExpiredException", "x", 100),
            AuthenticationFailed,
        ),
        (rpc_error("werkzeug.exceptions.NotFound", "404", 404), NotFound),
        (rpc_error("builtins.ZeroDivisionError", "x"), ProviderUnavailable),
        (Answer(404, b"<html>", content_type="text/html"), NotOffered),
    ],
)
async def test_every_fault_of_the_older_interface_has_its_kind(
    old_office: Office, answer: Answer, kind: type[Exception]
) -> None:
    old_office.service.fault = answer
    with pytest.raises(kind):
        await old_office.source.by_number(ANA)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(303, b"", {"Location": "/web/login"}), NotOffered),
        (Answer(404, {"name": "werkzeug.exceptions.NotFound"}), NotFound),
        (Answer(422, {"name": "builtins.TypeError", "message": "x"}), RequestRejected),
        (Answer(500, {"name": "builtins.ValueError"}), ProviderUnavailable),
    ],
)
async def test_every_refusal_of_the_newer_interface_has_its_kind(
    office: Office, answer: Answer, kind: type[Exception]
) -> None:
    office.service.fault = answer
    with pytest.raises(kind):
        await office.source.by_number(ANA)
