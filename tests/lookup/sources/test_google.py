"""Contacts of a Google account, against a stand-in of the People API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from screenpop.domain.contacts import ContactNumber
from screenpop.domain.errors import (
    PermissionDenied,
    ProviderThrottled,
)
from screenpop.domain.privacy import Secret
from screenpop.lookup.oauth import sign_in
from screenpop.lookup.sign_in_terms import SignInTerms
from screenpop.lookup.sources.google import MANIFEST, SIGN_IN
from tests.lookup.sources.conftest import a_context
from tests.lookup.sources.copied_contract import (
    ANA,
    ANA_WRITTEN,
    Copied,
    CopiedSourceContract,
)
from tests.lookup.sources.copying import Copy
from tests.lookup.sources.standins.authorization import (
    CLIENT_ID,
    CLIENT_SECRET,
    Browser,
)
from tests.lookup.sources.standins.google import People
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    Open = Callable[..., Copy]


@pytest.fixture
async def people() -> AsyncIterator[tuple[People, str]]:
    stand_in = People()
    async with LoopbackServer(stand_in) as server:
        yield stand_in, server.url


@pytest.fixture
def account(people: tuple[People, str]) -> People:
    return people[0]


@pytest.fixture
def copy(
    people: tuple[People, str], make: Callable[..., Any], tmp_path: Path
) -> Iterator[Open]:
    """``copy()``: a signed-in source and its copy."""
    account, url = people
    opened: list[Copy] = []

    def made() -> Copy:
        secrets = {
            "tokens": account.tokens.signed_in(),
            "client_secret": CLIENT_SECRET,
        }
        given = {"client_id": CLIENT_ID, "token_url": f"{url}/token"}
        given["authorize_url"] = f"{url}/authorize"
        opened.append(Copy.of(make(MANIFEST, url, secrets, **given), tmp_path))
        return opened[-1]

    yield made
    for each in opened:
        each.database.close()


def fill(account: People, count: int) -> None:
    for number in range(count):
        account.save(f"people/c{number}", f"Person {number}", "020 7946 0000")


@pytest.fixture
def copied(account: People, copy: Open) -> Copied:
    return Copied(account, copy, account.queries)


class TestContract(CopiedSourceContract):
    halves: ClassVar[list[object]] = [
        [],
        {},
        {"connections": 3},
        {"nextSyncToken": []},
    ]
    quiet = 1
    bad_marks = ("x", "[]", "{}", '{"sync": []}')
    check = "Signed in, with 0 contacts"

    def save(self, service: Any, own_id: str, name: str, phone: str = "") -> None:
        service.save(f"people/{own_id}", name, *((phone,) if phone else ()))

    def delete(self, service: Any, own_id: str) -> None:
        service.delete(f"people/{own_id}")


async def test_a_contact_comes_with_all_that_a_card_shows(
    account: People, copy: Open
) -> None:
    account.put(
        "people/c1",
        names=[
            {"displayName": "Old name"},
            {"displayName": "Ana <b>Bell</b>", "metadata": {"primary": True}},
        ],
        organizations=[{"name": "Example Ltd", "title": "Buyer"}],
        phoneNumbers=[
            {"value": ANA_WRITTEN, "type": "main", "canonicalForm": ANA},
            {"value": "555 0123", "type": "Boat", "canonicalForm": "+12025550123"},
            {"value": "*100#"},
            {"type": "home"},
        ],
        emailAddresses=[{"value": "ana@example.com"}, {"value": None}],
        metadata={
            "sources": [
                {"type": "CONTACT", "updateTime": "2026-11-20T10:00:00.123456Z"},
                {"type": "PROFILE"},
            ]
        },
    )
    account.put("people/c2", names=[{"displayName": "Nobody to call"}])
    one = copy()
    await one.sync()
    contact = one.contact("people/c1")
    assert (contact.name, contact.company) == ("Ana <b>Bell</b>", "Example Ltd")
    assert contact.job_title == "Buyer"
    assert contact.emails == ("ana@example.com",)
    assert contact.url == "https://contacts.google.com/person/c1"
    assert contact.updated_at is not None
    assert contact.numbers == (
        ContactNumber(ANA_WRITTEN, ANA, "work"),
        ContactNumber("555 0123", "+12025550123", "Boat"),
        ContactNumber("*100#"),
    )
    assert one.count == 1


async def test_who_goes_on_under_another_name_is_not_there_twice(
    account: People, copy: Open
) -> None:
    account.save("people/c1", "Ana", ANA_WRITTEN)
    one = copy()
    await one.sync()
    account._people.pop("people/c1")
    account.save(
        "people/c2", "Ana Bell", ANA_WRITTEN, previousResourceNames=["people/c1"]
    )
    await one.sync()
    assert one.names(ANA) == {"Ana Bell"}


async def test_a_sync_token_that_expired_makes_the_copy_anew(
    account: People, copy: Open
) -> None:
    fill(account, 20)
    one = copy()
    await one.sync()
    account.delete("people/c3")
    account.forget_states()
    report = await one.sync()
    assert (report.is_whole, one.count) == (True, 19)


async def test_tokens_that_expire_half_way_through_changes_lose_nothing(
    account: People, copy: Open
) -> None:
    fill(account, 20)
    one = copy()
    await one.sync()
    account.page_size = 5
    fill(account, 20)
    account.delete("people/c19")

    class Forgetful:
        key, label, pages = one.source.key, one.source.label, 0

        async def changes(self, mark: str) -> Any:
            self.pages += 1
            if self.pages == 3:
                account.forget_states()
            return await one.source.changes(mark)

    report = await Copy(Forgetful(), one.local, one.database).sync()
    assert (report.is_whole, one.count) == (True, 19)


async def test_a_check_counts_the_contacts(account: People, copy: Open) -> None:
    fill(account, 3)
    assert await copy().source.check() == "Signed in, with 3 contacts"


async def test_signing_in_asks_for_what_the_service_wants(
    people: tuple[People, str],
) -> None:
    account, url = people
    browser = Browser()
    terms = SignInTerms.of(SIGN_IN, a_context(url, None, client_id=CLIENT_ID))
    assert terms.token_url == "https://oauth2.googleapis.com/token"
    terms = replace(terms, authorize_url=f"{url}/authorize", token_url=f"{url}/token")
    tokens = await sign_in(terms, browser.open, Secret(CLIENT_SECRET))
    assert tokens.access in account.tokens.access
    assert "SEKRET" not in browser.pages[0]


async def test_a_refresh_token_that_stays_the_same_is_kept(
    account: People, copy: Open
) -> None:
    one = copy()
    account.tokens.expire()
    await one.sync()
    account.tokens.expire()
    one.source._authority._renewed_at = float("-inf")
    await one.sync()
    assert account.tokens.refreshes == 2


async def test_too_many_whole_copies_are_left_until_later(
    account: People, copy: Open
) -> None:
    one = copy()
    account.failing = [(429, {"error": {"status": "RESOURCE_EXHAUSTED"}}, {})]
    with pytest.raises(ProviderThrottled):
        await one.sync()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("SERVICE_DISABLED", "not switched on"),
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "does not include the contacts"),
    ],
)
async def test_what_an_administrator_or_user_left_out_is_told(
    account: People, copy: Open, reason: str, words: str
) -> None:
    one = copy()
    details = [{"reason": reason}]
    account.failing = [(403, {"error": {"details": details}}, {})]
    with pytest.raises(PermissionDenied, match=words):
        await one.source.check()


async def test_odd_records_are_passed_over(account: People, copy: Open) -> None:
    one = copy()
    odd: list[object] = [1, None, {}, {"resourceName": 3, "names": "x"}]
    odd += [{"resourceName": "people/c1", "phoneNumbers": [{"value": []}, 7]}]
    odd += [{"resourceName": "people/c2", "metadata": [], "names": [None]}]
    good = {"resourceName": "people/c3", "phoneNumbers": [{"value": ANA_WRITTEN}]}
    page = {"connections": [*odd, good], "nextSyncToken": "t"}
    account.failing = [(200, page, {})]
    await one.sync()
    assert one.count == 1
