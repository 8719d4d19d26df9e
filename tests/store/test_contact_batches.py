"""What is made ready to be written in one go is what each contact makes by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.contact_columns import ContactColumns
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.store.contact_batches import BETWEEN, new_contacts
from screenpop.store.contact_rows import new_contact
from screenpop.store.folding import fold, fold_all

_TEXTS = st.one_of(
    st.text(max_size=8),
    st.text(" -_'aB3\n\x00\x1cé", max_size=8),
    st.sampled_from(["", "Ann Example", "O'Brien-Luk", "ΣΊΣΥΦΟΣ", "𝚺𝚺", "\ud800"]),
)
_NUMBERS = st.builds(
    ContactNumber,
    _TEXTS | st.sampled_from(["101", "06 5550 1234", "12345678"]),
    st.sampled_from(["", "+390655501234", "+3906", "+", "39", "+²³"]),
    _TEXTS,
)
_CONTACTS = st.builds(
    Contact,
    source=st.just("crm"),
    source_id=_TEXTS,
    name=_TEXTS,
    company=_TEXTS,
    job_title=_TEXTS,
    numbers=st.lists(_NUMBERS, max_size=3).map(tuple),
    emails=st.lists(_TEXTS, max_size=2).map(tuple),
    url=_TEXTS,
    updated_at=st.none() | st.just(datetime(2026, 1, 2, 3, 4, 5, 6, UTC)),
)


@given(st.lists(_CONTACTS, max_size=4))
def test_contacts_in_one_go_are_those_made_one_by_one(contacts: list[Contact]) -> None:
    columns = ContactColumns.of(contacts)
    expected = []
    for source_id, values, keys in map(new_contact, contacts):
        texts = ["" if value is None else str(value) for value in values]
        expected.append((source_id, BETWEEN.join([source_id, *texts]), keys))
    assert new_contacts(columns) == expected
    assert all(len(texts.split(BETWEEN)) == 9 for _, texts, _ in expected)
    assert list(columns.contacts("crm")) == contacts


@given(st.lists(st.tuples(_TEXTS, _TEXTS), max_size=4))
def test_texts_in_one_go_are_folded_as_each_by_itself(
    texts: list[tuple[str, str]],
) -> None:
    firsts, seconds = [one for one, _ in texts], [two for _, two in texts]
    assert fold_all(firsts, seconds) == [fold(*each) for each in texts]
