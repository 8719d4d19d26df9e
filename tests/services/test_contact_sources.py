"""Contact sources as the running desk uses them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import AuthenticationFailed, UsageError
from screenpop.domain.numbers import read_number
from screenpop.domain.privacy import Secret
from screenpop.lookup.protocol import ContactChanges
from screenpop.services.events import PopUpdated, UserNotice
from screenpop.services.source_overview import SourceOverview
from screenpop.services.source_setup import SourceDraft
from screenpop.services.source_sync import sync_source
from screenpop.store.contact_sync import sync_mark
from tests.net.loopback import LoopbackServer
from tests.services.office import ANA, BEN
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from screenpop.services.events import CallCard
    from tests.net.loopback import Connection, Request
    from tests.services.office import Office

FIELDS = {"path": "/c?phone={e164}", "number_paths": "phone", "key_header": "X-Key"}


@dataclass
class Crm:
    """Knows who has a number, to those with the key."""

    people: dict[str, str] = field(default_factory=dict)
    server: LoopbackServer | None = None
    key: str = "SEKRET-1"
    is_away: bool = False
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request, connection: Connection) -> None:
        await self.may_answer.wait()
        if self.is_away:
            await connection.reply(503)
            return
        if request.headers.get("x-key") != self.key:
            await connection.reply(401)
            return
        phone = request.query.get("phone", "")
        name = self.people.get(phone)
        records = [{"id": 1, "name": name, "phone": phone}] if name else []
        await connection.reply(200, json.dumps(records).encode())

    def draft(self, source_id: str = "crm", key: str = "SEKRET-1") -> SourceDraft:
        assert self.server is not None
        return SourceDraft(
            source_id=source_id,
            kind="rest",
            fields={**FIELDS, "base_url": self.server.url, "label": "Our CRM"},
            secrets={"key": Secret(key)},
        )


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    known = Crm()
    known.may_answer.set()
    async with LoopbackServer(known.answer) as server:
        known.server = server
        yield known


async def test_a_caller_whom_only_the_source_knows_is_named(
    office: Office, crm: Crm
) -> None:
    crm.people[ANA] = "Ana Bell"
    await office.app.source_desk.setup.add(crm.draft())
    await eventually(office.app.source_desk.live, "the source to be open")
    call = office.cloud.incoming_call(ANA)
    call.ring()
    card = await office.popped()
    assert card.number_e164 == ANA

    def names() -> list[str]:
        updates = [event.card for event in office.all(PopUpdated)]
        return [card.chosen.contact.name for card in updates if card.chosen]

    await eventually(lambda: "Ana Bell" in names(), "the name from the source")
    shown = await office.card(call)
    assert shown is not None
    assert shown.chosen is not None
    assert shown.chosen.source_label == "Our CRM"


async def test_a_draft_is_tried_before_anything_is_saved(
    office: Office, crm: Crm
) -> None:
    setup = office.app.source_desk.setup
    assert "answers" in await setup.try_out(crm.draft())
    with pytest.raises(AuthenticationFailed):
        await setup.try_out(crm.draft(key="wrong"))
    assert setup.all() == ()
    assert "crm" not in office.app.paths.config_file.read_text()


@pytest.mark.parametrize(
    ("source_id", "fields", "words"),
    [
        ("acme", {}, "taken"),
        ("x", {"path": ""}, "Path for a number is missing"),
        ("x", {"base_url": ""}, "Address is missing"),
        ("x", {"nonsense": "1"}, "no setting"),
        ("x", {"key": "SEKRET"}, "keychain"),
    ],
)
async def test_a_draft_that_cannot_work_is_refused(
    office: Office, crm: Crm, source_id: str, fields: dict[str, str], words: str
) -> None:
    draft = crm.draft(source_id)
    wrong = SourceDraft(
        source_id=source_id,
        kind="rest",
        fields={**draft.fields, **fields},
        secrets=draft.secrets,
    )
    with pytest.raises(UsageError) as caught:
        await office.app.source_desk.setup.add(wrong)
    assert words in str(caught.value)


async def test_a_source_that_is_removed_is_asked_no_more(
    office: Office, crm: Crm
) -> None:
    desk = office.app.source_desk
    await desk.setup.add(crm.draft())
    await eventually(desk.live, "the source to be open")
    await desk.setup.set_enabled("crm", is_enabled=False)
    await eventually(lambda: not desk.live(), "the source to be switched off")
    await desk.setup.set_enabled("crm", is_enabled=True)
    await eventually(desk.live, "the source to be open again")
    await desk.setup.remove("crm")
    await eventually(lambda: not desk.live(), "the source to be gone")
    assert "crm" not in office.app.paths.config_file.read_text()


async def test_a_source_that_did_not_answer_is_not_said_to_know_nobody(
    office: Office, crm: Crm
) -> None:
    crm.is_away = True
    await SourceOverview(office.app).add(crm.draft())
    call = office.cloud.incoming_call(ANA)
    call.ring()

    async def card() -> CallCard:
        shown = await office.card(call)
        assert shown is not None
        return shown

    await office.popped()
    assert (await card()).silent == ()
    await eventually(
        lambda: not office.app.screen_pop.recent()[0].is_lookup_pending, "the end"
    )
    assert (await card()).silent == ("Our CRM",)
    # A key that is refused is the user's matter, and told once; this is not.
    assert office.all(UserNotice) == []


async def test_a_source_that_refuses_its_key_in_mid_life_is_told_of_once(
    office: Office, crm: Crm
) -> None:
    overview = SourceOverview(office.app)
    await overview.add(crm.draft())
    await office.app.lookup.ask(read_number(ANA, "GB"), lambda _: None)
    assert office.all(UserNotice) == []
    crm.key = "another"
    for number in (BEN, "+442079460789"):
        await office.app.lookup.ask(read_number(number, "GB"), lambda _: None)
    (notice,) = office.all(UserNotice)
    assert "Our CRM does not accept the key" in notice.title
    (standing,) = await overview.standings()
    assert standing.problem == notice.title
    assert standing.advice == notice.advice != ""


async def test_a_new_key_is_used_at_once(office: Office, crm: Crm) -> None:
    setup = office.app.source_desk.setup
    await setup.add(crm.draft(key="wrong"))
    await eventually(office.app.source_desk.live, "the source to be open")
    with pytest.raises(AuthenticationFailed):
        await setup.check("crm")
    await setup.set_secret("crm", "key", Secret("SEKRET-1"))
    assert "answers" in await setup.check("crm")


# --- copies ---------------------------------------------------------------------------


def person(source_id: str, name: str, number: str = ANA) -> Contact:
    return Contact(
        source="book",
        source_id=source_id,
        name=name,
        numbers=(ContactNumber(number, number),),
    )


@dataclass
class Book:
    """A source whose answers a test lines up."""

    answers: list[ContactChanges | Exception]
    key: str = "book"
    label: str = "The book"
    asked: list[str] = field(default_factory=list)

    async def changes(self, mark: str) -> ContactChanges:
        self.asked.append(mark)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def whole(*people: Contact, mark: str = "1", has_more: bool = False) -> ContactChanges:
    return ContactChanges(changed=people, mark=mark, is_whole=True, has_more=has_more)


@pytest.fixture
def names(office: Office) -> Callable[[], set[str]]:
    local = office.app.local_contacts
    return lambda: {match.contact.name for match in local.match_number(ANA)}


async def test_a_copy_follows_its_source(
    office: Office, names: Callable[[], set[str]]
) -> None:
    local = office.app.local_contacts
    first = whole(person("1", "Ana"), person("2", "Ben"), mark="p", has_more=True)
    book = Book([first, whole(person("3", "Cy"))])
    report = await sync_source(book, local)
    assert (report.changed, report.is_whole) == (3, True)
    assert book.asked == ["", "p"]
    assert names() == {"Ana", "Ben", "Cy"}

    changed = ContactChanges(
        changed=(person("2", "Benjamin"),), gone_ids=("1", "9"), mark="2"
    )
    book.answers = [changed]
    await sync_source(book, local)
    assert book.asked[-1] == "1"
    assert names() == {"Benjamin", "Cy"}
    assert sync_mark(local, "book") == "2"

    book.answers = [whole(person("3", "Cy"), mark="3")]
    await sync_source(book, local)
    assert names() == {"Cy"}


async def test_a_copy_that_breaks_off_leaves_the_one_from_before(
    office: Office, names: Callable[[], set[str]]
) -> None:
    local = office.app.local_contacts
    await sync_source(Book([whole(person("1", "Ana"))]), local)
    broken: list[ContactChanges | Exception] = [
        whole(person("2", "Ben"), has_more=True),
        AuthenticationFailed("no"),
    ]
    with pytest.raises(AuthenticationFailed):
        await sync_source(Book(broken), local)
    assert names() == {"Ana"}
    assert sync_mark(local, "book") == "1"
