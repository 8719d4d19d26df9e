"""Copies of a phone system's contacts, renewed without anybody asking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.services.account_copies import RENEW_AFTER
from screenpop.services.upkeep import COPIES_EVERY
from screenpop.simulator import Faults
from screenpop.simulator.people import Person
from screenpop.store.contact_copy import last_copied
from tests.services.office import ANA, BEN
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.services.office import Office


def a_person(name: str, number: str) -> Person:
    first, _, last = name.partition(" ")
    return Person(first_name=first, last_name=last, number=number)


def copied(office: Office, number: str) -> set[str]:
    found = office.app.local_contacts.match_number(number)
    return {match.contact.name for match in found}


def later(office: Office, ahead: timedelta) -> None:
    """So much time goes by, and a call ends."""
    office.app.clock = lambda: datetime.now(UTC) + ahead
    call = office.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up()


async def test_a_copy_of_yesterday_is_renewed_when_a_call_has_ended(
    office: Office,
) -> None:
    office.cloud.seed_contacts([a_person("Ana Bell", ANA)])
    await office.app.contacts.sync("acme")
    assert copied(office, ANA) == {"Ana Bell"}
    office.cloud.seed_contacts([a_person("Ben Kerr", BEN)])
    later(office, RENEW_AFTER + timedelta(minutes=1))
    await eventually(lambda: copied(office, BEN), "the copy to be renewed")


async def test_a_removed_account_leaves_no_copy_to_renew(office: Office) -> None:
    office.cloud.seed_contacts([a_person("Ana Bell", ANA)])
    await office.app.contacts.sync("acme")
    await office.app.accounts.remove("acme")
    await eventually(lambda: not copied(office, ANA), "the copy to go")
    assert last_copied(office.app.local_contacts) == {}


async def test_what_was_never_copied_or_is_fresh_is_left_alone(office: Office) -> None:
    office.cloud.seed_contacts([a_person("Ana Bell", ANA)])
    later(office, COPIES_EVERY + timedelta(minutes=1))
    await _renewed(office)
    assert copied(office, ANA) == set()
    await office.app.contacts.sync("acme")
    office.cloud.seed_contacts([a_person("Ben Kerr", BEN)])
    later(office, 2 * COPIES_EVERY + timedelta(minutes=2))
    await _renewed(office)
    assert copied(office, BEN) == set()


async def test_a_phone_system_in_trouble_leaves_the_copy_as_it_was(
    office: Office,
) -> None:
    office.cloud.seed_contacts([a_person("Ana Bell", ANA)])
    await office.app.contacts.sync("acme")
    office.cloud.set_faults(Faults(server_error=503))
    later(office, RENEW_AFTER + timedelta(minutes=1))
    await _renewed(office)
    assert copied(office, ANA) == {"Ana Bell"}


async def _renewed(office: Office) -> None:
    now = office.app.clock()
    await eventually(
        lambda: now - office.app.upkeep._copies_seen_at < COPIES_EVERY,
        "the look at the copies",
    )

    def running() -> list[str]:
        names = [task.get_name() for task in office.app.supervisor._tasks]
        return [name for name in names if name == "renew copies"]

    await eventually(lambda: not running(), "its end")
