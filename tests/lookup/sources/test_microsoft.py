"""Contacts of Microsoft 365, against a stand-in of Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from screenpop.domain.contacts import ContactNumber
from screenpop.domain.errors import (
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.lookup.oauth import sign_in
from screenpop.lookup.sign_in_terms import SignInTerms
from screenpop.lookup.sources.microsoft import MANIFEST
from screenpop.lookup.sources.microsoft.source import SIGN_IN
from tests.lookup.sources.conftest import a_context
from tests.lookup.sources.copied_contract import (
    ANA,
    ANA_WRITTEN,
    Answer,
    Copied,
    CopiedSourceContract,
)
from tests.lookup.sources.copying import Copy
from tests.lookup.sources.standins.authorization import CLIENT_ID, Browser
from tests.lookup.sources.standins.microsoft import GRAPH, PEOPLE_SCOPE, SCOPES, Graph
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    Open = Callable[..., Copy]


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    stand_in = Graph()
    async with LoopbackServer(stand_in) as server:
        stand_in.base_url = f"{server.url}{GRAPH}"
        yield stand_in


@pytest.fixture
def copy(graph: Graph, make: Callable[..., Any], tmp_path: Path) -> Iterator[Open]:
    """``copy(organization_people="yes")``: a signed-in source and its copy."""
    opened: list[Copy] = []

    def made(**options: str) -> Copy:
        given = {**MANIFEST.defaults(), "client_id": CLIENT_ID, **options}
        given["login_url"] = graph.base_url.removesuffix(GRAPH)
        secrets = {"tokens": graph.tokens.signed_in()}
        source = make(MANIFEST, graph.base_url, secrets, **given)
        opened.append(Copy.of(source, tmp_path))
        return opened[-1]

    yield made
    for each in opened:
        each.database.close()


def fill(graph: Graph, count: int) -> None:
    for number in range(count):
        graph.save(f"c{number}", f"Person {number}", mobilePhone="020 7946 0000")


@pytest.fixture
def copied(graph: Graph, copy: Open) -> Copied:
    return Copied(graph, copy, graph.paths)


class TestContract(CopiedSourceContract):
    before: ClassVar[list[Answer]] = [(200, {"value": []}, {})]
    halves: ClassVar[list[object]] = [
        [],
        {"value": []},
        {"value": [], "@odata.nextLink": "a", "@odata.deltaLink": "b"},
    ]
    quiet = 2
    bad_marks = ("x", "[]", "{}", '{"todo": 3}', '{"links": []}')
    check = "Signed in as Ana Bell"

    def save(self, service: Any, own_id: str, name: str, phone: str = "") -> None:
        service.save(own_id, name, **({"mobilePhone": phone} if phone else {}))

    def delete(self, service: Any, own_id: str) -> None:
        service.delete(own_id)


async def test_a_contact_comes_with_all_that_a_card_shows(
    graph: Graph, copy: Open
) -> None:
    graph.save(
        "AAMk=",
        "Ana <b>Bell</b>",
        companyName="Example Ltd",
        jobTitle="Buyer",
        businessPhones=[ANA_WRITTEN, "ext. 12"],
        homePhones=["+44 7700 900123"],
        mobilePhone="07700 900124",
        emailAddresses=[{"name": "Ana", "address": "ana@example.com"}, {}],
        lastModifiedDateTime="2026-11-20T10:00:00Z",
    )
    graph.save("2", "Nobody to call", emailAddresses=[{"address": "x@example.com"}])
    one = copy()
    await one.sync()
    contact = one.contact("AAMk=")
    assert (contact.name, contact.company) == ("Ana <b>Bell</b>", "Example Ltd")
    assert contact.job_title == "Buyer"
    assert contact.emails == ("ana@example.com",)
    assert contact.updated_at is not None
    assert contact.numbers == (
        ContactNumber("07700 900124", "+447700900124", "mobile"),
        ContactNumber(ANA_WRITTEN, ANA, "work"),
        ContactNumber("ext. 12", "", "work"),
        ContactNumber("+44 7700 900123", "+447700900123", "home"),
    )
    assert one.count == 1


async def test_contacts_of_every_folder_come_and_go_with_it(
    graph: Graph, copy: Open
) -> None:
    graph.folders = {"F1=": "", "F2-_=": "F1="}
    graph.save("a", "Ana", mobilePhone=ANA)
    graph.save("b", "Ben", folder="F1=", mobilePhone=ANA)
    graph.save("c", "Cy", folder="F2-_=", mobilePhone=ANA)
    one = copy()
    await one.sync()
    assert one.names(ANA) == {"Ana", "Ben", "Cy"}
    graph.folders["F3"] = ""
    graph.save("d", "Dee", folder="F3", mobilePhone=ANA)
    assert (await one.sync()).is_whole is False
    assert one.names(ANA) == {"Ana", "Ben", "Cy", "Dee"}
    graph.drop_folder("F1=")
    graph.folders["F2-_="] = ""
    assert (await one.sync()).is_whole
    assert one.names(ANA) == {"Ana", "Cy", "Dee"}


async def test_a_link_that_is_forgotten_makes_the_copy_anew(
    graph: Graph, copy: Open
) -> None:
    fill(graph, 20)
    one = copy()
    await one.sync()
    graph.delete("c3")
    graph.forget_states()
    report = await one.sync()
    assert (report.is_whole, one.count) == (True, 19)


async def test_a_link_that_is_forgotten_half_way_through_changes_loses_nothing(
    graph: Graph, copy: Open
) -> None:
    fill(graph, 20)
    one = copy()
    await one.sync()
    graph.page_size = 5
    fill(graph, 20)
    graph.delete("c19")

    class Forgetful:
        key, label, pages = one.source.key, one.source.label, 0

        async def changes(self, mark: str) -> Any:
            self.pages += 1
            if self.pages == 3:
                graph.forget_states()
            return await one.source.changes(mark)

    report = await Copy(Forgetful(), one.local, one.database).sync()
    assert (report.is_whole, one.count) == (True, 19)


async def test_a_link_forgotten_during_a_whole_copy_leaves_the_one_from_before(
    graph: Graph, copy: Open
) -> None:
    graph.page_size = 5
    fill(graph, 20)
    one = copy()
    first = await one.source.changes("")
    graph.forget_states()
    with pytest.raises(ProviderUnavailable, match="anew"):
        await one.source.changes(first.mark)


async def test_who_changes_during_the_first_copy_is_copied_as_they_are(
    graph: Graph, copy: Open
) -> None:
    graph.folders = {"F": ""}
    graph.save("a", "Ana", mobilePhone=ANA)
    graph.save("b", "Ben", mobilePhone=ANA)
    one = copy()

    class Busy:
        key, label, pages = one.source.key, one.source.label, 0

        async def changes(self, mark: str) -> Any:
            changes = await one.source.changes(mark)
            self.pages += 1
            if self.pages == 1:
                # The same people, in a later page of the same round.
                graph.save("a", "Ana Bell", folder="F", mobilePhone=ANA)
            return changes

    await Copy(Busy(), one.local, one.database).sync()
    assert one.names(ANA) == {"Ana Bell", "Ben"}


async def test_people_of_the_organization_come_where_it_is_wished_and_granted(
    graph: Graph, copy: Open
) -> None:
    graph.tokens.scopes = (*SCOPES, PEOPLE_SCOPE)
    graph.save_user("u1", "Una", businessPhones=[ANA_WRITTEN], mail="u@example.com")
    one = copy(organization_people="yes")
    await one.sync()
    assert one.names(ANA) == {"Una"}
    assert one.contact("users:u1").emails == ("u@example.com",)
    graph.delete("u1")
    await one.sync()
    assert one.names(ANA) == set()


async def test_people_who_were_not_granted_are_left_out_and_told_of(
    graph: Graph, copy: Open
) -> None:
    graph.save_user("u1", "Una", businessPhones=[ANA_WRITTEN])
    one = copy(organization_people="yes")
    await one.sync()
    assert one.count == 0
    assert "without the right" in await one.source.check()


async def test_signing_in_asks_for_what_the_service_wants(graph: Graph) -> None:
    browser = Browser()
    context = a_context(
        graph.base_url,
        None,
        client_id=CLIENT_ID,
        tenant="common",
        login_url=graph.base_url.removesuffix(GRAPH),
    )
    tokens = await sign_in(SignInTerms.of(SIGN_IN, context), browser.open)
    assert tokens.access in graph.tokens.access
    assert "localhost" in browser.pages[0]


async def test_a_token_that_expires_half_way_is_renewed(
    graph: Graph, copy: Open
) -> None:
    graph.page_size = 5
    fill(graph, 12)
    one = copy()

    class Slow:
        key, label = one.source.key, one.source.label

        async def changes(self, mark: str) -> Any:
            graph.tokens.expire()
            one.source._authority._renewed_at = float("-inf")
            return await one.source.changes(mark)

    await Copy(Slow(), one.local, one.database).sync()
    assert one.count == 12
    assert graph.tokens.refreshes > 2


async def test_a_service_that_asks_to_wait_long_is_left_until_later(
    graph: Graph, copy: Open
) -> None:
    one = copy()
    graph.failing = [(429, {}, {"Retry-After": "600"})]
    with pytest.raises(ProviderThrottled) as caught:
        await one.sync()
    assert caught.value.retry_after_seconds == 600


async def test_odd_records_are_passed_over(graph: Graph, copy: Open) -> None:
    one = copy()
    link = f"{graph.base_url}/me/contacts/delta?$deltatoken=x"
    odd: list[object] = [
        1,
        None,
        {},
        {"id": 3},
        {"id": "a", "mobilePhone": {"x": 1}},
        {"id": []},
    ]
    good = {"id": "g", "mobilePhone": ANA, "businessPhones": ANA_WRITTEN}
    page = {"value": [*odd, good], "@odata.deltaLink": link}
    graph.failing = [(200, {"value": []}, {}), (200, page, {})]
    await one.sync()
    assert one.count == 1


async def test_a_link_to_another_host_is_not_followed(graph: Graph, copy: Open) -> None:
    one = copy()
    page = {"value": [], "@odata.nextLink": "https://evil.example/v1.0/x"}
    graph.failing = [(200, {"value": []}, {}), (200, page, {})]
    with pytest.raises(RequestRejected):
        await one.sync()


async def test_a_missing_permission_is_told(graph: Graph, copy: Open) -> None:
    one = copy()
    graph.failing = [(403, {"error": {"code": "ErrorAccessDenied"}}, {})]
    with pytest.raises(PermissionDenied):
        await one.sync()
