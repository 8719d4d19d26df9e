"""Who has this number, and search as you type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screenpop.domain.contacts import Contact, ContactNumber, MatchQuality
from screenpop.store.contact_import import ContactImport
from screenpop.store.contact_rows import (
    e164_key,
    end_keys,
    extension_key,
    number_key,
    prefix_ranges,
    shares_ending,
)
from screenpop.store.folding import fold
from tests.builders import LONDON, MOBILE, OTHER_LONDON, a_contact, at

if TYPE_CHECKING:
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.database import Database


def saved(contacts: LocalContacts, *several: Contact) -> list[Contact]:
    futures = [contacts.save(contact) for contact in several]
    return [future.result() for future in futures]


def names(found: tuple[Contact, ...]) -> list[str]:
    return [contact.display_name for contact in found]


# --- who is it ------------------------------------------------------------------------


def test_a_contact_comes_back_as_it_was(contacts: LocalContacts) -> None:
    contact = a_contact(
        "Änne O'Example",
        source="crm",
        source_id="7",
        company="Example Ltd",
        job_title="Buyer",
        numbers=(ContactNumber("020 7946 0123", LONDON, "work"), ContactNumber("101")),
        emails=("anne@example.com",),
        url="https://example.com/7",
        updated_at=at(0.25),
    )
    saved(contacts, contact)
    assert contacts.get("crm", "7") == contact
    assert contacts.get("crm", "8") is None
    assert contacts.get("other", "7") is None


def test_the_same_number_is_an_exact_match(contacts: LocalContacts) -> None:
    (contact,) = saved(contacts, a_contact("Ann Example", MOBILE, LONDON))
    (match,) = contacts.match_number(LONDON)
    assert (match.contact, match.quality) == (contact, MatchQuality.EXACT)
    assert (match.reason, match.source_label) == ("same number, work", "Contacts")


def test_several_contacts_may_share_a_number(contacts: LocalContacts) -> None:
    saved(contacts, a_contact("Ann", LONDON), a_contact("Bob", LONDON))
    found = contacts.match_number(LONDON, "2079460123")
    assert {match.contact.name for match in found} == {"Ann", "Bob"}


@pytest.mark.parametrize(
    ("raw", "national"),
    [
        ("020 7946 0123", "2079460123"),
        ("0044 20 7946 0123", "2079460123"),
        ("(0)20-7946-0123", "02079460123"),
    ],
)
def test_a_number_nobody_could_read_matches_by_its_end(
    contacts: LocalContacts, raw: str, national: str
) -> None:
    saved(contacts, a_contact(numbers=(ContactNumber(raw, "", "desk"),)))
    (match,) = contacts.match_number(LONDON, national)
    assert match.quality is MatchQuality.PROBABLE
    assert match.reason == "same last 9 digits, desk"


def test_an_exact_match_leaves_no_doubt(contacts: LocalContacts) -> None:
    ending_alike = ContactNumber("0999 207946 0123")
    saved(contacts, a_contact("Ann", LONDON), a_contact("Bob", numbers=(ending_alike,)))
    found = contacts.match_number(LONDON, "2079460123")
    assert [match.contact.name for match in found] == ["Ann"]


def test_a_national_number_of_eight_digits_matches_by_all_of_them(
    contacts: LocalContacts,
) -> None:
    saved(contacts, a_contact(numbers=(ContactNumber("55 50 01 23"),)))
    (match,) = contacts.match_number("", "55500123")
    assert match.reason == "same last 8 digits"
    assert contacts.match_number("", "5500123") == ()
    assert contacts.match_number("+4755500123", "55500123") == (match,)


def test_a_contact_with_two_fitting_numbers_matches_once(
    contacts: LocalContacts,
) -> None:
    numbers = (ContactNumber("020 7946 0123"), ContactNumber("0020 7946 0123"))
    saved(contacts, a_contact(numbers=numbers))
    assert len(contacts.match_number("", "2079460123")) == 1


@pytest.mark.parametrize(
    ("kept", "calling"),
    [
        ("+551187650123", "+5511987650123"),
        ("+5511987650123", "+551187650123"),
    ],
)
def test_a_brazilian_mobile_is_found_with_and_without_its_ninth_digit(
    contacts: LocalContacts, kept: str, calling: str
) -> None:
    contacts.save(a_contact("Ana Exemplo", kept)).result()
    (match,) = contacts.match_number(calling, calling[3:])
    assert match.quality is MatchQuality.PROBABLE
    assert match.reason == "same last 8 digits, work"
    landline = "+551135550130"
    assert contacts.match_number(landline, landline[3:]) == ()


def test_extensions_match_exactly_only(contacts: LocalContacts) -> None:
    saved(
        contacts,
        a_contact("Ann", numbers=(ContactNumber("101"),)),
        a_contact("Bob", numbers=(ContactNumber("0101"),)),
        a_contact("Cem", "+44101"),
    )
    (match,) = contacts.match_extension("101")
    assert (match.contact.name, match.quality) == ("Ann", MatchQuality.EXACT)
    assert contacts.match_extension("01") == ()
    assert contacts.match_extension("not one") == ()
    assert contacts.match_number("", "101") == ()


@pytest.mark.parametrize("e164", ["", "+", "44", "+44x", "+" + "9" * 40, "+٤٤"])
def test_what_is_no_number_matches_nobody(contacts: LocalContacts, e164: str) -> None:
    saved(contacts, a_contact("Ann", LONDON))
    assert contacts.match_number(e164) == ()


def test_rubbish_for_a_number_is_kept_but_finds_nobody(contacts: LocalContacts) -> None:
    rubbish = (ContactNumber("ask Bob"), ContactNumber("1" * 40), ContactNumber(""))
    (contact,) = saved(contacts, a_contact(numbers=rubbish))
    assert contacts.get("local", contact.source_id) == contact


# --- keys -----------------------------------------------------------------------------

e164_numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
extensions = st.from_regex(r"[0-9]{1,7}", fullmatch=True)
unread = st.from_regex(r"[0-9]{8,15}", fullmatch=True)


@given(e164_numbers, extensions, unread)
def test_the_three_kinds_of_keys_never_meet(e164: str, ext: str, raw: str) -> None:
    number, extension = e164_key(e164), extension_key(ext)
    digits = number_key(ContactNumber(raw))
    assert number is not None
    assert extension is not None
    assert digits is not None
    assert extension < 0 < number < digits


@given(extensions, extensions)
def test_extensions_keep_their_leading_zeros(one: str, other: str) -> None:
    assert (extension_key(one) == extension_key(other)) == (one == other)


@given(e164_numbers)
def test_a_number_shares_its_own_ending(e164: str) -> None:
    key = e164_key(e164)
    assert key is not None
    ends = end_keys(e164[-9:])
    assert shares_ending(key, ends) == bool(ends)


@given(e164_numbers, st.integers(1, 16))
def test_a_number_lies_in_the_ranges_of_its_beginnings(e164: str, length: int) -> None:
    key = e164_key(e164)
    assert key is not None
    digits = e164[1 : 1 + length]
    assert any(low <= key <= high for low, high in prefix_ranges(digits))


@given(extensions, st.integers(1, 7))
def test_an_extension_lies_in_the_ranges_of_its_beginnings(
    extension: str, length: int
) -> None:
    key = extension_key(extension)
    assert key is not None
    assert any(low <= key <= high for low, high in prefix_ranges(extension[:length]))


@given(e164_numbers, unread)
def test_ranges_hold_nothing_else(e164: str, digits: str) -> None:
    key = e164_key(e164)
    assert key is not None
    inside = any(low <= key <= high for low, high in prefix_ranges(digits))
    assert inside == e164[1:].startswith(digits)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# --- search as you type ---------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "a",
        "änne",
        "ANNE",
        "ann exa",
        "exa ann",
        "o'brien",
        "brien",
        "café",
        "cafe",
        "442079",
        "+44 20 79",
        "0044 20",
        "2079460123",
        "020 7946 0123",
        "10",
    ],
)
def test_a_contact_is_found_while_typing(contacts: LocalContacts, typed: str) -> None:
    numbers = (ContactNumber(LONDON, LONDON), ContactNumber("101"))
    saved(
        contacts,
        a_contact("Änne O'Brien-Example", company="Café 24", numbers=numbers),
        a_contact("Zoe", MOBILE),
    )
    assert names(contacts.search(typed)) == ["Änne O'Brien-Example"]


@pytest.mark.parametrize(
    "typed",
    ["", " ", "xavier", "ann xavier", "nne", "*", '"', 'a" OR "z', "9999", "'", "-ann"],
)
def test_what_does_not_fit_finds_nobody_and_breaks_nothing(
    contacts: LocalContacts, typed: str
) -> None:
    saved(contacts, a_contact("Bob Example", LONDON))
    assert contacts.search(typed) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_whatever_is_typed_gets_an_answer(contacts: LocalContacts, typed: str) -> None:
    assert contacts.search(typed) == ()


@pytest.mark.parametrize("typed", ["नमस्ते", "\U0001df00x", "\U00030000", "①", "ﬁ", "İ"])
def test_any_script_can_be_searched(contacts: LocalContacts, typed: str) -> None:
    saved(contacts, a_contact(f"{typed} Example"))
    assert len(contacts.search(typed)) == 1
    assert len(contacts.search(typed[:1])) == 1


def test_digits_as_typed_here_may_mean_another_beginning(
    contacts: LocalContacts,
) -> None:
    saved(contacts, a_contact("Ann", LONDON))
    assert contacts.search("0207") == ()
    assert names(contacts.search("0207", number_prefixes=["44207"])) == ["Ann"]


def test_a_rare_word_is_found_among_thousands_that_begin_alike(
    database: Database, contacts: LocalContacts
) -> None:
    into = ContactImport(database, "crm", replaces=True)
    into.begin()
    into.add_batch(
        [
            a_contact(f"Person {n}", company="Example Logistics", source="crm")
            for n in range(9_000)
        ]
    )
    into.add_batch([a_contact("Ann Late", company="Logibert Logistics", source="crm")])
    into.add_batch([a_contact("Bob Late", company="Example Logistics", source="crm")])
    into.finish()
    for typed in ("logib", "logibert", "logibert logis", "ann logis", "logis logib"):
        assert [c.name for c in contacts.search(typed)] == ["Ann Late"]
    assert [c.name for c in contacts.search("bob logis")] == ["Bob Late"]
    assert len(contacts.search("logistics", limit=50)) == 50
    assert len(contacts.search("logis example", limit=50)) == 50
    assert contacts.search("logistix") == ()
    assert contacts.search("logibert exampless") == ()


def test_names_that_begin_as_typed_come_first(contacts: LocalContacts) -> None:
    saved(
        contacts,
        a_contact("Zoe", company="Mark Ltd"),
        a_contact("Bob Marks"),
        a_contact("Mark Young"),
        a_contact("Mark Adams"),
    )
    expected = ["Mark Adams", "Mark Young", "Bob Marks", "Zoe"]
    assert names(contacts.search("mark")) == expected
    assert names(contacts.search("mark", limit=2)) == expected[:2]


# --- changing -------------------------------------------------------------------------


def test_a_new_local_contact_gets_an_id(contacts: LocalContacts) -> None:
    one, two = saved(contacts, a_contact("Ann"), a_contact("Ann"))
    assert one.source_id
    assert one.source_id != two.source_id
    assert contacts.count() == 2


def test_a_changed_contact_is_found_by_its_new_face_only(
    contacts: LocalContacts,
) -> None:
    (old,) = saved(contacts, a_contact("Ann Oldname", LONDON))
    saved(contacts, a_contact("Ann Newname", MOBILE, source_id=old.source_id))
    assert contacts.match_number(LONDON) == ()
    assert contacts.search("oldname") == ()
    assert names(contacts.search("newname")) == ["Ann Newname"]
    assert len(contacts.match_number(MOBILE)) == 1
    assert contacts.count() == 1


def test_a_deleted_contact_is_gone(contacts: LocalContacts) -> None:
    ann, _bob = saved(contacts, a_contact("Ann", LONDON), a_contact("Bob", LONDON))
    assert contacts.delete("local", ann.source_id).result()
    assert not contacts.delete("local", ann.source_id).result()
    assert [m.contact.name for m in contacts.match_number(LONDON)] == ["Bob"]
    assert contacts.search("ann") == ()


def test_forgetting_a_number_takes_it_out_everywhere(contacts: LocalContacts) -> None:
    saved(
        contacts,
        a_contact("Ann", LONDON),
        a_contact("Bob", LONDON, MOBILE, source="crm", source_id="7"),
        a_contact("Cem", OTHER_LONDON),
    )
    assert contacts.forget(LONDON).result() == 2
    assert contacts.forget(LONDON).result() == 0
    assert contacts.forget("rubbish").result() == 0
    assert contacts.match_number(LONDON, "2079460123") == ()
    assert contacts.search("ann") == ()
    bob = contacts.get("crm", "7")
    assert bob is not None
    assert [number.e164 for number in bob.numbers] == [MOBILE]
    assert contacts.count() == 2


def test_sources_are_counted_apart(contacts: LocalContacts) -> None:
    saved(contacts, a_contact("Ann"), a_contact("Bob"))
    contacts.save(
        a_contact("Cem", source="crm", source_id="1"), source_label="Our CRM"
    ).result()
    assert [(s.source, s.label, s.contacts) for s in contacts.sources()] == [
        ("crm", "Our CRM", 1),
        ("local", "Contacts", 2),
    ]


def test_hostile_text_is_stored_all_the_same(
    contacts: LocalContacts, database: Database
) -> None:
    (contact,) = saved(contacts, a_contact("\ud800 Ann", company="\x00<b>"))
    assert names(contacts.search("ann")) == ["\ufffd Ann"]
    assert contacts.get("local", contact.source_id) is not None
    check = database.read(lambda c: c.execute("PRAGMA quick_check").fetchone())
    assert check == ("ok",)
