from __future__ import annotations

import codecs
import contextlib
import csv
import io
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.errors import ImportFailed
from screenpop.lookup.bad_rows import BadRow
from screenpop.lookup.csv_contacts import inspect_csv, read_contacts
from screenpop.lookup.csv_headings import ContactField

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact

TEXT = "Name,Phone,Company\nZoë Example,+12025550123,Café Ltd\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.csv"


def read(path: Path, text: str, region: str = "US") -> list[Contact]:
    path.write_text(text, encoding="utf-8", newline="")
    return list(read_contacts(path, None, region))


# --- how files are written -----------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("latin-1"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.rstrip("\n").encode(),
        b"\n\n" + TEXT.encode() + b"\n\n",
    ],
)
def test_any_encoding_and_line_end_is_read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    (contact,) = read_contacts(path, None, "US")
    assert contact.name == "Zoë Example"
    assert contact.company == "Café Ltd"
    assert contact.numbers[0].e164 == "+12025550123"


def test_western_text_that_no_codepage_knows_is_read(path: Path) -> None:
    path.write_bytes(b"Name,Phone\nA\x81\xe9,+12025550123\n")
    (contact,) = read_contacts(path, None, "US")
    assert contact.name.endswith("é")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(path: Path, delimiter: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["Name", "Phone", "Company"])
    writer.writerow(["Example, Ann; the | first", "+12025550123", "Example, Ltd"])
    writer.writerow(["Bob", "+12025550124", "Bob; Sons"])
    (first, second) = read(path, buffer.getvalue())
    assert first.name == "Example, Ann; the | first"
    assert second.company == "Bob; Sons"


def test_excels_own_word_on_the_delimiter_is_heeded(path: Path) -> None:
    (contact,) = read(path, "sep=;\nName;Phone\nA,B,C;+12025550123\n")
    assert contact.name == "A,B,C"


def test_one_column_of_numbers_is_a_list_of_contacts(path: Path) -> None:
    contacts = read(path, "+12025550123\n+12025550124\n")
    assert [one.display_name for one in contacts] == ["+12025550123", "+12025550124"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04xxxx", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0xx", "Office"),
        (b"%PDF-1.7", "PDF"),
        (b"BEGIN:VCARD\n", "vCard"),
        (b"<!doctype html>", "web page"),
        (b"\x00\x00\x01\x02\x00\xff\x00\x00\x00\x07", "no text"),
        (b"a" * 1_100_000, "million characters"),
        (b"", "empty"),
        (b"\n \n\n", "empty"),
        (b"Name,Colour\nAnn,red\n", "no column with phone numbers"),
    ],
)
def test_what_is_no_contact_list_is_refused_in_words(
    path: Path, content: bytes, words: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(ImportFailed) as caught:
        list(read_contacts(path, None, "US"))
    assert words in caught.value.title
    assert caught.value.advice


def test_a_missing_file_is_refused_in_words(path: Path) -> None:
    with pytest.raises(ImportFailed, match="No such file"):
        read_contacts(path, None, "US")


def test_a_folder_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="cannot be read"):
        read_contacts(tmp_path, None, "US")


def test_a_file_gone_after_it_was_chosen_is_refused_in_words(path: Path) -> None:
    path.write_text(TEXT)
    reader = read_contacts(path, None, "US")
    path.unlink()
    with pytest.raises(ImportFailed, match="No such file"):
        list(reader)


# --- what rows say -------------------------------------------------------------------


def test_names_are_put_together(path: Path) -> None:
    text = (
        "First Name,Middle Name,Last Name,Phone\n"
        "Ann,,Example,2025550123\n"
        ",,Solo,2025550124\n"
    )
    assert [one.name for one in read(path, text)] == ["Ann Example", "Solo"]


def test_every_field_finds_its_place(path: Path) -> None:
    text = (
        "ID,Full name,Company,Job title,Work phone,Mobile,E-mail,Website\n"
        "7,Ann Example,Example Ltd,Buyer,(202) 555-0123,+1 202 555 0124,"
        "ann@example.com; a.e@example.org,https://crm.example.com/7\n"
    )
    (contact,) = read(path, text)
    assert contact.source == "local"
    assert contact.source_id == "7"
    assert contact.job_title == "Buyer"
    assert contact.emails == ("ann@example.com", "a.e@example.org")
    assert contact.url == "https://crm.example.com/7"
    assert [(one.raw, one.e164, one.label) for one in contact.numbers] == [
        ("(202) 555-0123", "+12025550123", "work"),
        ("+1 202 555 0124", "+12025550124", "mobile"),
    ]


def test_googles_labels_and_several_numbers_in_one_cell(path: Path) -> None:
    text = (
        "Name,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
        "Ann,* Mobile,+12025550123 ::: +12025550124,Work,+12025550125\n"
    )
    (contact,) = read(path, text)
    assert [(one.e164, one.label) for one in contact.numbers] == [
        ("+12025550123", "mobile"),
        ("+12025550124", "mobile"),
        ("+12025550125", "work"),
    ]


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("+12025550123; +12025550124", ["+12025550123", "+12025550124"]),
        ("2025550123 / 2025550124", ["+12025550123", "+12025550124"]),
        ('"2025550123, 2025550124"', ["+12025550123", "+12025550124"]),
        ('"2025550123\n2025550124"', ["+12025550123", "+12025550124"]),
        ("+12025550123 ::: +12025550123", ["+12025550123"]),
        ("+12025550123;ext=12", ["+12025550123"]),
        ("202-555-0123 x12", ["+12025550123"]),
        ('"=""+12025550123"""', ["+12025550123"]),
        ("'+12025550123", ["+12025550123"]),
        ("\u202a+1 202 555 0123\u202c", ["+12025550123"]),
    ],
)
def test_cells_are_taken_apart_into_numbers(
    path: Path, cell: str, numbers: list[str]
) -> None:
    (contact,) = read(path, f"Name,Phone\nAnn,{cell}\n")
    assert [number.e164 for number in contact.numbers] == numbers


def test_extensions_are_kept_as_they_are(path: Path) -> None:
    (contact,) = read(path, "Name,Phone\nFront desk,101\n")
    assert [(one.raw, one.e164) for one in contact.numbers] == [("101", "")]


def test_national_numbers_are_read_in_the_region(path: Path) -> None:
    # A number that the United Kingdom keeps for fiction.
    (contact,) = read(path, "Name,Phone\nAnn,020 7946 0018\n", "GB")
    assert contact.numbers[0].e164 == "+442079460018"


def test_formulas_stay_text(path: Path) -> None:
    formula = "=cmd|'/c calc'!A1"
    (contact,) = read(path, f"Name,Phone\n{formula},+12025550123\n")
    assert contact.name == formula


def test_marks_that_repaint_a_name_are_dropped(path: Path) -> None:
    (contact,) = read(path, 'Name,Phone\n"Ann\u202e\n\tEx\x00",+12025550123\n')
    assert contact.name == "Ann Ex"


def test_an_address_that_cannot_be_one_is_dropped(path: Path) -> None:
    text = f"Name,Phone,URL\nAnn,+12025550123,https://e.example/\u202e{'x' * 20}\n"
    assert read(path, text)[0].url == ""


def test_bad_rows_are_counted_with_their_lines_and_the_rest_is_read(
    path: Path,
) -> None:
    path.write_text(
        "Name,Phone\n"
        "Ann,+12025550123\n"
        "No number,\n"
        "\n"
        "Damaged,2.03E+09\n"
        '"Two\nlines",n/a\n'
        "Bob,+12025550124,too,many,fields\n"
        "Short\n"
    )
    reader = read_contacts(path, None, "US")
    assert [one.name for one in reader] == ["Ann", "Bob"]
    reason = "it has no phone number that can be read"
    assert reader.bad_rows == [
        BadRow(3, reason),
        BadRow(5, reason),
        BadRow(7, reason),
        BadRow(9, reason),
    ]
    assert (reader.contacts, reader.skipped) == (2, 4)
    assert reader.unreadable_numbers == 1
    assert reader.progress == 1.0


def test_a_quote_that_never_ends_costs_rows_not_the_import(path: Path) -> None:
    filler = "".join(f"P{n},+1202555{n % 200:04d}\n" for n in range(20_000))
    path.write_text(f'Name,Phone\nAnn,+12025550123\n"broken,x\n{filler}')
    reader = read_contacts(path, None, "US")
    found = list(reader)
    assert found[0].name == "Ann"
    assert len(found) == 20_001
    assert [row.line for row in reader.bad_rows] == [3]


def test_the_user_may_map_the_columns_otherwise(path: Path) -> None:
    path.write_text("A,B\nAnn,+12025550123\nBob,+12025550124\n")
    contents = inspect_csv(path)
    assert contents.sample[0] == ("Ann", "+12025550123")
    mapping = contents.guess.with_field(0, ContactField.COMPANY)
    first = next(iter(read_contacts(path, mapping, "US", source="fair")))
    assert (first.source, first.name, first.company) == ("fair", "", "Ann")


def test_progress_is_told_on_the_way(path: Path) -> None:
    path.write_text("Name,Phone\n" + "Ann,+12025550123\n" * 20_000)
    reader = read_contacts(path, None, "US")
    assert reader.progress == 0.0
    seen = [reader.progress for _ in reader]
    assert seen == sorted(seen)
    assert 0.0 < seen[len(seen) // 2] < 1.0
    assert reader.progress == 1.0


def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    with path.open("w") as stream:
        stream.write("Name,Phone\n")
        for number in range(60_000):
            stream.write(f"Ann {number},+1202{number:07d}\n")
    reader = iter(read_contacts(path, None, "US"))
    for _ in range(20_000):  # by now the cache of numbers is full
        next(reader)
    tracemalloc.start()
    for _ in reader:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The cache of numbers is renewed once, some 6 MB; the file alone has 1.3 MB.
    assert peak < 12_000_000


def read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with contextlib.suppress(ImportFailed):
        assert all(contact.numbers for contact in read_contacts(path, None, "US"))


@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_or_refuse(tmp_path_factory.mktemp("any") / "contacts.csv", content)


@given(
    rows=st.lists(
        st.lists(
            st.one_of(
                st.text(max_size=30),
                st.sampled_from(["Phone", "Name", "+12025550123", '"', "=1+1", "101"]),
            ),
            max_size=5,
        ),
        max_size=8,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_is_read_or_refused(
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = "\n".join(delimiter.join(row) for row in [["Name", "Phone"], *rows])
    content = text.encode(encoding, "replace")
    read_or_refuse(tmp_path_factory.mktemp("any") / "contacts.csv", content)


_NAMES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1
)


@given(names=st.lists(_NAMES, min_size=1, max_size=5))
def test_what_a_csv_writer_wrote_comes_back(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("written") / "contacts.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Company", "Phone"])
        for number, name in enumerate(names):
            writer.writerow([name, f"+120255501{number:02d}"])
    found = list(read_contacts(path, None, "US"))
    numbers = [contact.numbers[0].e164 for contact in found]
    assert numbers == [f"+120255501{number:02d}" for number in range(len(names))]
    for contact, name in zip(found, names, strict=True):
        if name.isascii() and name.isprintable():
            assert contact.company == " ".join(name.split())
