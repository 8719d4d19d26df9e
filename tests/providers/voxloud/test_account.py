"""Keys, addresses, users, contacts and history, against the stand-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.contacts import ContactDraft, ContactNumber
from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    PayloadError,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.providers.protocol import HistoryQuery, OwnedNumber
from tests.providers.voxloud.conftest import Keychain
from tests.providers.voxloud.stand_in import KEY, recorded

if TYPE_CHECKING:
    from screenpop.providers.voxloud.provider import VoxloudProvider
    from tests.net.loopback import Connection, Request
    from tests.providers.voxloud.conftest import Open
    from tests.providers.voxloud.stand_in import StandIn


# --- key and address ------------------------------------------------------------------


async def test_a_right_key_says_whose_it_is(account: VoxloudProvider) -> None:
    identity = await account.check()
    assert (identity.name, identity.email) == ("Acme", "admin@example.com")
    assert identity.clock_skew_seconds is not None


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1", "/api/v1/", "/api/v2"])
async def test_the_address_may_end_with_the_version(
    open_account: Open, cloud: StandIn, suffix: str
) -> None:
    account = await open_account(suffix)
    await account.check()
    await account.list_users()
    assert cloud.log == ["POST /api/v1/validate-auth", "GET /api/v2/users"]


async def test_the_key_is_read_once_and_again_after_a_refusal(
    open_account: Open, cloud: StandIn
) -> None:
    keychain = Keychain("old-key")
    account = await open_account(read_secret=keychain.read)
    for reads in (1, 2):
        with pytest.raises(AuthenticationFailed):
            await account.check()
        assert keychain.reads == reads
    keychain.key = KEY
    await account.check()
    await account.list_users()
    assert keychain.reads == 3
    cloud.key = "changed"
    with pytest.raises(AuthenticationFailed):
        await account.check()


async def test_no_key_is_read_before_it_is_needed(open_account: Open) -> None:
    keychain = Keychain(KEY)
    await open_account(read_secret=keychain.read)
    assert keychain.reads == 0


async def test_a_clock_is_not_compared_when_the_answer_has_no_date(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"name": "Acme"}')

    cloud.fail_next("POST /api/v1/validate-auth", handler)
    assert (await account.check()).clock_skew_seconds is None


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"null"])
async def test_an_answer_of_another_shape_is_unreadable(
    account: VoxloudProvider, cloud: StandIn, body: bytes
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, body)

    cloud.fail_next("POST /api/v1/validate-auth", handler)
    with pytest.raises(PayloadError):
        await account.check()


@pytest.mark.parametrize(("header", "seconds"), [({}, None), ({"Retry_After": "9"}, 9)])
async def test_throttling_carries_the_wait(
    account: VoxloudProvider,
    cloud: StandIn,
    header: dict[str, str],
    seconds: float | None,
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(429, b"", **header)

    cloud.fail_next("GET /api/v2/users", handler)
    with pytest.raises(ProviderThrottled) as caught:
        await account.list_users()
    assert caught.value.retry_after_seconds == seconds
    assert await account.list_users()


async def test_maintenance_is_unavailable(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(503)

    cloud.fail_next("GET /api/v2/users", handler)
    with pytest.raises(ProviderUnavailable, match="out of order"):
        await account.list_users()


# --- users ----------------------------------------------------------------------------


async def test_users_come_with_the_numbers_they_may_show(
    account: VoxloudProvider,
) -> None:
    john, federico = await account.list_users()
    assert (john.name, john.extension) == ("John Smith", "101")
    assert john.caller_id == OwnedNumber("+390112121212", "Main office")
    assert [number.label for number in john.caller_ids] == [
        "Main office",
        "Customer support",
        "Secondary office",
    ]
    assert federico.extension == "102"


async def test_users_without_numbers_are_users_too(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    did = {"number": "390112121212", "label": None}
    cloud.users = [
        {"id": 1, "extension_number": "103", "outbound_cli": None},
        {"id": 2, "extension_number": 104, "outbound_cli": {"outbound_did": did}},
    ]
    bare, one = await account.list_users()
    assert (bare.user_id, bare.name, bare.extension) == ("1", "", "103")
    assert bare.caller_id is None
    assert one.caller_ids == (OwnedNumber("+390112121212"),)


# --- contacts -------------------------------------------------------------------------


async def test_a_caller_is_found_however_the_number_is_stored(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    stored = recorded("answer_contact")
    cloud.contacts = {
        "a": stored,
        "b": stored | {"id": "b", "primary_phone": "0312345678", "phones": []},
        "c": stored | {"id": "c", "primary_phone": "+390999", "phones": []},
    }
    found = await account.find_by_number("+390312345678")
    assert [contact.source_id for contact in found] == [stored["id"], "b"]
    assert found[0].numbers[0] == ContactNumber("+390312345678", "+390312345678")
    assert found[1].numbers[0] == ContactNumber("0312345678", "+390312345678")
    assert found[0].name == "John Doe"
    assert found[0].company == "John & Associates"
    assert found[0].emails == ("john@example.com", "j.doe@example.com")
    assert found[0].url == "https://www.crm.com/contacts/profile/1"
    assert found[0].updated_at == datetime(2022, 12, 27, 13, 42, 37, tzinfo=UTC)


async def test_an_extension_matches_too_much_to_be_asked_for_by_two_digits(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    assert await account.find_by_number("10") == ()
    assert await account.find_by_number("") == ()
    assert cloud.log == []
    assert await account.find_by_number("101") == ()


@pytest.mark.parametrize(
    "text",
    ["joh", "DOE", "john doe", "doe john", "example.com@", "678", "+39 031 2345 678"],
)
async def test_contacts_are_searched_by_what_the_text_looks_like(
    account: VoxloudProvider, cloud: StandIn, text: str
) -> None:
    cloud.contacts = {item["id"]: item for item in recorded("answer_contacts")["data"]}
    cloud.contacts["x"] = recorded("answer_contact") | {
        "id": "x",
        "first_name": "Zed",
        "last_name": "Zoe",
        "primary_phone": "+442079460000",
        "phones": [],
        "primary_email": "",
        "emails": [],
    }
    if "@" in text:
        text = "john@example"
    page = await account.search_contacts(text)
    assert [contact.name for contact in page.contacts] == ["John Doe"]
    assert not page.has_next


async def test_contacts_are_paged(account: VoxloudProvider, cloud: StandIn) -> None:
    contact = recorded("answer_contact")
    cloud.contacts = {str(n): contact | {"id": str(n)} for n in range(5)}
    first = await account.search_contacts("", limit=3)
    second = await account.search_contacts("", offset=3, limit=3)
    assert [item.source_id for item in first.contacts] == ["0", "1", "2"]
    assert first.has_next
    assert [item.source_id for item in second.contacts] == ["3", "4"]
    assert not second.has_next
    assert len((await account.search_contacts("john", limit=999)).contacts) == 5


async def test_a_contact_is_created_read_changed_and_deleted(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    draft = ContactDraft(
        "Ada",
        "Byron",
        company="Engines",
        job_title="Countess",
        numbers=("06 5550 1234", "+44 7700 900123"),
        emails=("ada@example.com", "ada@example.org"),
        website="https://example.com",
    )
    created = await account.create_contact(draft)
    assert [number.e164 for number in created.numbers] == [
        "+390655501234",
        "+447700900123",
    ]
    assert await account.get_contact(created.source_id) == created
    stored = cloud.contacts[created.source_id]
    stored["crm_name"], stored["crm_contact_url"] = "Pipe", "https://crm.example.com/1"
    changed = await account.update_contact(
        created.source_id, ContactDraft("Ada", "Lovelace", numbers=("+390655501234",))
    )
    assert changed.name == "Ada Lovelace"
    assert changed.url == "https://crm.example.com/1"
    stored = cloud.contacts[created.source_id]
    assert stored["crm_name"] == "Pipe"
    assert stored["website"] == "https://example.com"
    await account.delete_contact(created.source_id)
    await account.delete_contact(created.source_id)
    with pytest.raises(NotFound):
        await account.get_contact(created.source_id)


@pytest.mark.parametrize(
    ("draft", "name"),
    [
        (ContactDraft("", "Byron", numbers=("+390655501234",)), "Byron"),
        (ContactDraft("", company="Acme", numbers=("+390655501234",)), "Acme"),
        (ContactDraft("", numbers=("+390655501234",)), "+390655501234"),
    ],
)
async def test_a_contact_always_gets_the_first_name_that_voxloud_wants(
    account: VoxloudProvider, draft: ContactDraft, name: str
) -> None:
    assert (await account.create_contact(draft)).name == name


@pytest.mark.parametrize("numbers", [(), ("101",), ("+390655501234", "nonsense")])
async def test_a_contact_without_full_numbers_is_refused_before_sending(
    account: VoxloudProvider, cloud: StandIn, numbers: tuple[str, ...]
) -> None:
    with pytest.raises(RequestRejected) as caught:
        await account.create_contact(ContactDraft("Ada", numbers=numbers))
    assert caught.value.advice
    assert cloud.log == []


async def test_where_put_is_refused_post_is_tried(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.contacts = {"a": recorded("answer_contact") | {"id": "a"}}

    async def refuse(_request: Request, connection: Connection) -> None:
        await connection.reply(405)

    async def accept(request: Request, connection: Connection) -> None:
        await connection.reply(200, request.body)

    cloud.fail_next("PUT /api/v1/contacts/a", refuse)
    cloud.fail_next("POST /api/v1/contacts/a", accept)
    draft = ContactDraft("Ada", numbers=("+390655501234",))
    assert (await account.update_contact("a", draft)).name == "Ada"


@pytest.mark.parametrize("contact_id", ["", ".", ".."])
async def test_an_id_that_would_mean_another_path_is_not_sent(
    account: VoxloudProvider, cloud: StandIn, contact_id: str
) -> None:
    with pytest.raises(NotFound):
        await account.get_contact(contact_id)
    await account.delete_contact(contact_id)
    assert cloud.log == []


async def test_an_id_of_any_characters_stays_one_part_of_the_path(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.contacts = {"a/../b?c": recorded("answer_contact")}
    assert (await account.get_contact("a/../b?c")).name == "John Doe"


async def test_a_bare_list_of_contacts_is_read_as_the_only_page(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'[{"id": 1, "first_name": "Ada"}]')

    cloud.fail_next("GET /api/v1/contacts", handler)
    page = await account.search_contacts("")
    assert [contact.name for contact in page.contacts] == ["Ada"]
    assert not page.has_next


# --- history --------------------------------------------------------------------------


def _history(cloud: StandIn) -> None:
    cloud.events = [recorded("history_cancelled"), recorded("history_fax")]


async def test_history_comes_newest_first_in_pages(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    _history(cloud)
    page = await account.history(HistoryQuery(size=1))
    assert [record.kind for record in page.records] == [RecordKind.FAX]
    assert page.call_ids == ("fae5d4a5-d2f9-1236-57a7-06f6192f6ec4",)
    assert (page.has_next, page.total) == (True, 2)
    page = await account.history(HistoryQuery(size=1, page=1))
    assert [record.outcome for record in page.records] == [CallOutcome.CANCELLED]
    assert not page.has_next


@pytest.mark.parametrize("number", ["+390697631539", "0697631539", "06 9763 1539"])
async def test_history_is_searched_by_number_and_time(
    account: VoxloudProvider, cloud: StandIn, number: str
) -> None:
    _history(cloud)
    query = HistoryQuery(
        number=number,
        since=datetime(2018, 5, 1, tzinfo=UTC),
        until=datetime(2018, 5, 10, tzinfo=UTC),
    )
    page = await account.history(query)
    assert [record.record_id for record in page.records] == ["8536"]
    export = await account.export_history(query)
    assert export == b"id,type\r\n8536,PHONE_CALL"


async def test_an_extension_is_searched_as_it_is(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [recorded("phone_call_bare") | {"timestamp": "2018-05-07T13:47:49Z"}]
    page = await account.history(HistoryQuery(number="102"))
    assert page.records[0].is_internal


async def test_one_record_is_found_by_id_and_by_call(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    _history(cloud)
    assert (await account.record("8536")).record_id == "8536"
    with pytest.raises(NotFound):
        await account.record("1")
    call = "125113c1-cca0-1236-9ea3-06f6192f6ec4"
    assert [found.record_id for found in await account.records_of_call(call)] == [
        "8536"
    ]
    assert await account.records_of_call("no-such-call") == ()


@pytest.mark.parametrize("body", [b"[]", b"", b'{"content": []}'])
async def test_no_record_of_a_call_may_be_said_in_several_ways(
    account: VoxloudProvider, cloud: StandIn, body: bytes
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, body)

    for _ in range(2):
        cloud.fail_next("GET /api/v1/telephony-events", handler)
    assert await account.records_of_call("a-call") == ()


async def test_an_empty_answer_for_a_record_means_that_there_is_none(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b"[]")

    cloud.fail_next("GET /api/v1/telephony-events/9", handler)
    with pytest.raises(NotFound):
        await account.record("9")


async def test_a_record_that_is_none_is_unreadable(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [{"id": 9, "type": "SOMETHING", "timestamp": "2018-05-07"}]
    with pytest.raises(PayloadError):
        await account.record("9")
    assert (await account.history(HistoryQuery())).records == ()


async def test_a_web_page_is_no_export(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b"<html>Sign in", "text/html; charset=utf-8")

    cloud.fail_next("POST /api/v1/telephony-events", handler)
    with pytest.raises(PayloadError, match="web page"):
        await account.export_history(HistoryQuery())
