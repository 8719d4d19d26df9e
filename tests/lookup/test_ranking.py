from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.contacts import (
    Contact,
    ContactMatch,
    ContactNumber,
    MatchQuality,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.ranking import rank, verify

# Made up, as Italy reserves no numbers for fiction.
ROME = "+390655501234"


def contact(*numbers: str, name: str = "Ann Example", **more: str) -> Contact:
    return Contact(
        source=more.get("source", "crm"),
        source_id=more.get("source_id", ""),
        name=name,
        company=more.get("company", ""),
        url=more.get("url", ""),
        numbers=tuple(ContactNumber(number) for number in numbers),
    )


def quality(caller: str, *kept: str, region: str = "IT") -> MatchQuality | None:
    number = read_number(caller, region)
    match = verify(contact(*kept), number, region, source_label="CRM")
    return match.quality if match else None


@pytest.mark.parametrize(
    ("caller", "kept", "expected"),
    [
        (ROME, "+39 06 5550 1234", MatchQuality.EXACT),
        (ROME, "06 55501234", MatchQuality.EXACT),
        (ROME, "0039 06 55501234", MatchQuality.EXACT),
        (ROME, "+1 655501234", MatchQuality.PROBABLE),
        (ROME, "+39 06 5550 1235", None),
        (ROME, "5550", None),
        (ROME, "1234", None),
        ("101", "101", MatchQuality.EXACT),
        ("101", "1101", None),
        ("101", "+39 06 5550 1101", None),
        ("+39101", "101", None),
        ("sip:ann@example.com", "sip:ann@example.com", MatchQuality.EXACT),
        ("sip:ann@example.com", "sip:bob@example.com", None),
        ("anonymous", "anonymous", None),
        ("", "", None),
    ],
)
def test_a_contact_must_really_have_the_number(
    caller: str, kept: str, expected: MatchQuality | None
) -> None:
    assert quality(caller, kept) == expected


def test_any_of_its_numbers_will_do_and_the_surest_counts() -> None:
    assert quality(ROME, "101", "+1 655501234", "06 55501234") is MatchQuality.EXACT


def test_the_reason_names_the_number_that_matched() -> None:
    person = Contact(
        source="crm",
        numbers=(
            ContactNumber("+12025550111", "+12025550111", "home"),
            ContactNumber("+12025550123", "+12025550123", "mobile"),
        ),
    )
    number = read_number("+12025550123", "US")
    match = verify(person, number, "US", source_label="CRM", took_seconds=0.25)
    assert match is not None
    assert match.reason == "same number, mobile"
    assert (match.source_label, match.took_seconds) == ("CRM", 0.25)


def matched(
    one: Contact,
    quality: MatchQuality = MatchQuality.EXACT,
    label: str = "CRM",
) -> ContactMatch:
    return ContactMatch(
        contact=one, quality=quality, reason="same number", source_label=label
    )


def names(matches: list[ContactMatch]) -> list[str]:
    return [match.contact.display_name for match in matches]


def test_surer_comes_first_then_the_more_trusted_source() -> None:
    probable = matched(contact(name="Probable"), MatchQuality.PROBABLE)
    ranked = rank(
        [
            [probable, matched(contact(name="Local"))],
            [matched(contact(name="Remote"))],
        ]
    )
    assert names(ranked) == ["Local", "Remote", "Probable"]


def test_within_a_source_names_come_first_then_the_latest_change() -> None:
    old = Contact(source="crm", name="Old", updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    new = Contact(source="crm", name="New", updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    firm = contact(name="", company="Aardvark Ltd")
    ranked = rank([[matched(firm), matched(old), matched(new)]])
    assert names(ranked) == ["New", "Old", "Aardvark Ltd"]


def test_the_same_person_in_two_sources_is_one_with_the_gaps_filled() -> None:
    local = contact("+12025550123", name="Ann Example", source="local")
    remote = contact(
        "+12025550123",
        "+12025550124",
        name="EXAMPLE, Ann",
        company="Example Ltd",
        url="https://crm.example.com/7",
        source_id="7",
    )
    (match,) = rank([[matched(local, label="Contacts")], [matched(remote)]])
    assert match.contact.source == "local"
    assert match.contact.name == "Ann Example"
    assert match.contact.company == "Example Ltd"
    assert match.contact.url == "https://crm.example.com/7"
    assert [number.raw for number in match.contact.numbers] == [
        "+12025550123",
        "+12025550124",
    ]
    assert match.source_label == "Contacts + CRM"


def test_people_who_share_a_number_stay_apart() -> None:
    ranked = rank([[matched(contact(name="Ann")), matched(contact(name="Bob"))]])
    assert names(ranked) == ["Ann", "Bob"]


def test_namesakes_in_one_source_stay_apart() -> None:
    first = contact(source_id="1", url="https://crm.example.com/1")
    second = contact(source_id="2", url="https://crm.example.com/2")
    assert len(rank([[matched(first), matched(second)]])) == 2


def test_a_firm_and_somebody_who_works_there_stay_apart() -> None:
    firm = contact(name="", company="Example Ltd")
    person = contact(name="Ann", company="Example Ltd")
    assert len(rank([[matched(firm)], [matched(person)]])) == 2


_MATCHES = st.builds(
    matched,
    st.builds(
        contact,
        name=st.sampled_from(["", "Ann", "Bob", "ann"]),
        company=st.sampled_from(["", "X", "Y"]),
        source_id=st.sampled_from(["", "1", "2"]),
    ),
    st.sampled_from(list(MatchQuality)),
)


@given(st.lists(_MATCHES, max_size=4))
def test_the_order_of_arrival_plays_no_part(matches: list[ContactMatch]) -> None:
    outcomes = {
        tuple(
            (match.contact.name.casefold(), match.contact.source_id, match.quality)
            for match in rank([order])
        )
        for order in itertools.permutations(matches)
    }
    assert len({len(outcome) for outcome in outcomes}) == 1
    assert all(
        [quality for *_, quality in outcome]
        == sorted((quality for *_, quality in outcome), reverse=True)
        for outcome in outcomes
    )
