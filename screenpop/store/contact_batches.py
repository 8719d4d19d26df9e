"""Make contacts ready to be written, thousands in one go.

What comes out is what ``contact_rows.new_contact`` makes of each by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.contacts import ContactNumber
from screenpop.domain.json_fields import storable
from screenpop.store.columns import quoted, texts_to_json, to_micros
from screenpop.store.contact_rows import content_id, e164_key, number_key
from screenpop.store.folding import fold_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.contact_columns import ContactColumns, NumberTexts

BETWEEN: Final = "\0"
"""Between two columns in one text: no text that can be stored holds it."""
NewRow: TypeAlias = tuple[str, str, tuple[int, ...]]
"""A ``NewContact`` in fewer pieces: its id, its columns with that, and its keys.

The moment is text as well, "" for none.
"""


def new_contacts(contacts: ContactColumns) -> list[NewRow]:
    """``contacts`` ready to be written; one without an id gets it from its content."""
    ids: list[str] = []
    numbers_json: list[str] = []
    keys: list[tuple[int, ...]] = []
    each = zip(
        _storable(contacts.source_ids),
        contacts.names,
        contacts.companies,
        contacts.numbers,
        strict=True,
    )
    # Nearly all have one number: no call for what can be said in a line.
    for own_id, name, company, numbers in each:
        if len(numbers) == 1:
            raw, e164, label = numbers[0]
            told = quoted(e164 or raw)
            key = e164_key(e164) if e164 else number_key(ContactNumber(raw))
            numbers_json.append(f"[[{quoted(raw)},{quoted(e164)},{quoted(label)}]]")
            keys.append(() if key is None else (key,))
        else:
            told = ",".join([quoted(e164 or raw) for raw, e164, _ in numbers])
            numbers_json.append(f"[{','.join(map(texts_to_json, numbers))}]")
            keys.append(_keys(numbers))
        comma = "," if numbers else ""
        ids.append(
            own_id or content_id(f"[{quoted(name)},{quoted(company)}{comma}{told}]")
        )
    columns = zip(
        ids,
        _storable(contacts.names),
        _storable(contacts.companies),
        _storable(contacts.job_titles),
        numbers_json,
        [texts_to_json(each) if each else "[]" for each in contacts.emails],
        _storable(contacts.urls),
        ["" if at is None else str(to_micros(at)) for at in contacts.updated_at],
        fold_all(contacts.names, contacts.companies),
        strict=True,
    )
    return list(zip(ids, map(BETWEEN.join, columns), keys, strict=True))


def _keys(numbers: Sequence[NumberTexts]) -> tuple[int, ...]:
    found = {number_key(ContactNumber(*each)) for each in numbers}
    return tuple(key for key in found if key is not None)


def _storable(texts: Sequence[str]) -> Sequence[str]:
    whole = "".join(texts)
    try:
        whole.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair.
        return list(map(storable, texts))
    return list(map(storable, texts)) if "\x00" in whole else texts
