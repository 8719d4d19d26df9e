"""vCards as phones, mail programs and servers write them, and broken ones."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.errors import ImportFailed
from screenpop.lookup.contact_files import inspect_file, open_contacts
from screenpop.lookup.vcard_files import VCardContents, is_vcard_file
from screenpop.lookup.vcard_lines import LONGEST_LINE, cards_in
from screenpop.lookup.vcards import NO_NUMBER, read_cards

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact
    from screenpop.lookup.bad_rows import BadRow

FILES = Path(__file__).parent / "fixtures" / "contact_files"


def read_file(name: str, region: str) -> tuple[list[Contact], list[BadRow]]:
    file = open_contacts(FILES / name, None, region)
    return list(file), file.bad_rows


def one(text: str | bytes, region: str = "GB") -> Contact:
    """The contact of a card that says ``text`` and a number."""
    body = text.encode() if isinstance(text, str) else text
    card = b"BEGIN:VCARD\nTEL:020 7946 0001\n" + body + b"\nEND:VCARD\n"
    (read,) = read_cards([card], region, source="x")
    assert read.contact is not None
    return read.contact


def numbers_of(contact: Contact) -> list[tuple[str, str]]:
    return [(each.e164 or each.raw, each.label) for each in contact.numbers]


# --- as programs export them ----------------------------------------------------------


def test_an_androids_cards_are_read() -> None:
    (person, desk), bad = read_file("android-2.1.vcf", "LT")
    assert (person.name, person.company) == ("Šarūnas Žukauskas", "UAB Ąžuolas")
    assert numbers_of(person) == [
        ("+37061234567", "mobile"),
        ("+37061234568", ""),
        ("+37052123456", "work fax"),
    ]
    assert numbers_of(desk) == [("101", "work")]
    assert [each.reason for each in bad] == [NO_NUMBER]


def test_iclouds_cards_are_read_with_the_labels_of_their_groups() -> None:
    (person, company), bad = read_file("icloud-3.0.vcf", "US")
    assert person.name == "Dr. Ana Maria Bell"
    assert person.company == "Example Bakery, Ltd"
    assert person.job_title == "Head of cakes"
    assert numbers_of(person) == [
        ("+12025550142", "home fax"),
        ("+12025550143", "boat"),
        ("+12025550144", "mobile"),
    ]
    assert person.emails == ("ana@example.com", "ana.bell@example.org")
    assert person.url == "https://bakery.example.com/ana"
    assert person.updated_at == datetime(2024, 5, 1, 8, 9, 10, tzinfo=UTC)
    assert person.source_id == "8E5C2B6A-1111-4222-8333-0123456789AB"
    assert (company.name, company.company) == ("", "Example Plumbing GmbH")
    assert [each.reason for each in bad] == ["it is a list of others"]


def test_googles_cards_are_read() -> None:
    (person, nameless), bad = read_file("google-3.0.vcf", "IT")
    assert person.name == "Giulia D'Esempio"
    assert person.company == "Società Esempio S.r.l."
    assert numbers_of(person) == [
        ("+393405550163", "mobile"),
        ("+390655501234", "work"),
        ("+390655501235", "segreteria"),
    ]
    assert nameless.display_name == "+39 06 5550 1236"
    assert bad == []


def test_outlooks_card_in_its_codepage_is_read() -> None:
    (person,), bad = read_file("outlook-2.1.vcf", "DE")
    assert person.name == "Herr Jörg Müller"
    assert person.company == "Größe & Söhne GmbH"
    assert person.job_title == "Geschäftsführer"
    assert [label for _, label in numbers_of(person)] == [
        "work",
        "home",
        "mobile",
        "work fax",
    ]
    assert bad == []


def test_thunderbirds_cards_with_addresses_for_numbers_are_read() -> None:
    (person, company), bad = read_file("thunderbird-4.0.vcf", "GB")
    assert (person.name, person.company) == ("Inés de la Vega", "Ejemplo, S.A.")
    assert numbers_of(person) == [
        ("+442079460018", "work"),
        ("+447700900123", "mobile"),
        ("+442079460019", "home"),
        ("ines@example.com", ""),
    ]
    assert person.emails == ("ines@example.com",)
    assert person.url == "https://crm.example.com/contact?id=7,8"
    assert person.updated_at == datetime(2024, 1, 31, 9, 11, 12, tzinfo=UTC)
    assert (company.name, company.company) == ("", "Ejemplo Logística")
    assert len(bad) == 1


def test_old_phones_write_utf_16_and_codepages() -> None:
    (russian,), _ = read_file("nokia-utf16-2.1.vcf", "US")
    assert russian.name == "Иван Петров"
    (lithuanian,), _ = read_file("old-phone-cp1257-2.1.vcf", "LT")
    assert (lithuanian.name, lithuanian.company) == ("Julė Žemaitė", "Kepėjų namai")


def test_a_broken_card_costs_no_other() -> None:
    contacts, bad = read_file("broken.vcf", "GB")
    assert [each.name for each in contacts] == [
        "No version",
        "Small letters and, a fold in a letter: Zoë TEL:not a property, a fold",
        "No end here",
        "With an agent",
        "On one line with the one before",
        "Indented",
        "Junk lines é",
    ]
    numbers = [each.e164[-4:] for one in contacts for each in one.numbers]
    assert numbers == ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"]
    assert [(each.line, each.reason) for each in bad] == [
        (32, NO_NUMBER),
        (53, "it has no end"),
    ]


# --- what properties say --------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("TEL;TYPE=CELL:N", "mobile"),
        ("TEL;CELL;VOICE:N", "mobile"),
        ("TEL;TYPE=cell,voice,pref:N", "mobile"),
        ('tel;type="Work,Cell":N', "work mobile"),
        ("TEL;TYPE=WORK;TYPE=FAX:N", "work fax"),
        ("TEL;TYPE=pref:N", ""),
        ("TEL;VALUE=uri;TYPE=home:tel:N", "home"),
        ("A.TEL:N\na.x-ablabel:_$!<Mobile>!$_", "mobile"),
        ("A.TEL;TYPE=WORK:N\nA.X-ABLabel:Reception", "reception"),
        ("A.TEL:N\nB.X-ABLabel:Reception", ""),
        (" TEL;TYPE=HOME : N", ""),
    ],
)
def test_labels_of_numbers_in_every_spelling(line: str, label: str) -> None:
    card = f"BEGIN:VCARD\nFN:A\n{line}\nEND:VCARD".replace("N\n", "+442079460123\n")
    card = card.replace(":N", ":+442079460123").replace(": N", ":+442079460123")
    reads = list(read_cards([card.encode()], "GB", source="x"))
    found = reads[0].contact
    if line.startswith(" "):
        assert found is None  # folded into the name
    else:
        assert found is not None
        assert numbers_of(found) == [("+442079460123", label)]


@pytest.mark.parametrize(
    ("lines", "name", "company"),
    [
        ("FN:Ann Bell\nN:Other;Name", "Ann Bell", ""),
        ("N:Bell;Ann;Mary;Dr.;Jr.", "Ann Mary Bell", ""),
        ("FN:\nN:;;;;\nORG:;Sales", "", "Sales"),
        ("FN:Acme\nORG:Acme", "", "Acme"),
        ("FN:Acme\nN:Acme\nORG:Acme", "Acme", "Acme"),
        ("NICKNAME:Bee", "Bee", ""),
        ("FN:Semi\\; comma\\, b\\\\slash\\nline", "Semi; comma, b\\slash line", ""),
        ("FN;X=\"a;b:c\":Quoted", "Quoted", ""),
        ("VERSION:2.1\nFN:C:\\new", "C:\\new", ""),
        ("VERSION:2.1\nFN:Folded\n  twice", "Folded twice", ""),
        ("VERSION:3.0\nFN:Fold\n ed", "Folded", ""),
        ("FN;ENCODING=b:QW5uIELDqWxs", "Ann Béll", ""),
        ("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:B=E9ll", "Béll", ""),
        ("FN;QUOTED-PRINTABLE:=41=\n=42", "AB", ""),
        ("FN;CHARSET=no-such:Béll", "Béll", ""),
        ("FN;CHARSET=unicode_escape:\\x41", "\\x41", ""),
        ("N;ENCODING=QUOTED-PRINTABLE:=3B=41;B", "B ;A", ""),
        ("FN:A\u202eB<img src=x>", "AB<img src=x>", ""),
    ],
)  # fmt: skip
def test_names_and_companies(lines: str, name: str, company: str) -> None:
    found = one(lines)
    assert (found.name, found.company) == (name, company)


@pytest.mark.parametrize(
    ("rev", "year"),
    [
        ("20240131T101112Z", 2024),
        ("2024-01-31T10:11:12.123Z", 2024),
        ("2024-01-31", 2024),
        ("20240131", 2024),
        ("0000-99-99T99:99:99Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
    ],
)
def test_when_a_card_was_changed(rev: str, year: int | None) -> None:
    at = one(f"FN:A\nREV:{rev}").updated_at
    assert (at.year if at else None) == year


def test_several_numbers_in_one_property_are_all_taken_once() -> None:
    found = one("FN:A\nTEL:020 7946 0002, 020 7946 0003\nTEL:+442079460002")
    assert [each.e164[-4:] for each in found.numbers] == ["0001", "0002", "0003"]


def test_a_card_with_endless_properties_is_bounded() -> None:
    lines = "\n".join(f"TEL:+4420794{n:05d}" for n in range(3_000))
    mails = "\n".join(f"EMAIL:{n}@example.com" for n in range(300))
    found = one(f"FN:{'x' * 5000}\n{mails}\n{lines}")
    assert len(found.name) <= 300
    assert len(found.numbers) <= 50
    assert len(found.emails) <= 20


def test_a_line_longer_than_any_text_is_passed_over() -> None:
    found = one("FN:A\nPHOTO:" + "x" * LONGEST_LINE * 3 + "\nTITLE:Buyer")
    assert (found.name, found.job_title) == ("A", "Buyer")
    folded = "\n ".join(["NOTE:x"] + ["x" * 70] * 5000)
    assert one(f"FN:A\n{folded}\nTITLE:Buyer").job_title == "Buyer"


# --- files ----------------------------------------------------------------------------


def test_what_a_file_holds_is_shown_before_it_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "many.vcf"
    card = "BEGIN:VCARD\r\nFN:P{0}\r\nTEL:+1202555{1:04d}\r\nEND:VCARD\r\n"
    text = "".join(card.format(n, n % 200) for n in range(500))
    path.write_text(text, newline="")
    contents = inspect_file(path, "US")
    assert isinstance(contents, VCardContents)
    assert contents.cards == 500
    assert [each.name for each in contents.sample[:2]] == ["P0", "P1"]
    assert len(contents.sample) < 20


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_any_encoding_and_line_end_is_read(
    tmp_path: Path, ending: str, encoding: str
) -> None:
    path = tmp_path / "x.vcf"
    lines = ["BEGIN:VCARD", "VERSION:3.0", "FN:Zoë", "TEL:020 7946 0001", "END:VCARD"]
    path.write_bytes(ending.join(lines).encode(encoding))
    assert is_vcard_file(path)
    (contact,) = open_contacts(path, None, "GB")
    assert contact.name == "Zoë"


def test_a_vcard_is_known_by_what_it_holds_or_is_called(tmp_path: Path) -> None:
    renamed = tmp_path / "contacts.txt"
    renamed.write_text("BEGIN:VCARD\nEND:VCARD\n")
    table = tmp_path / "contacts.csv"
    table.write_text("Name,Phone\n")
    assert is_vcard_file(renamed)
    assert not is_vcard_file(table)
    empty = tmp_path / "empty.VCF"
    empty.write_bytes(b"")
    with pytest.raises(ImportFailed, match="no vCard in it"):
        inspect_file(empty, "GB")
    with pytest.raises(ImportFailed, match="cannot be read"):
        inspect_file(tmp_path / "missing.vcf", "GB")
    with pytest.raises(ImportFailed, match="cannot be read"):
        inspect_file(tmp_path, "GB")


def test_a_uuid_means_the_same_in_every_file_and_a_small_number_does_not(
    tmp_path: Path,
) -> None:
    uuid = "8E5C2B6A-1111-4222-8333-0123456789AB"
    path = tmp_path / "shop (2).vcf"
    card = "BEGIN:VCARD\nFN:Ann\nTEL:020 7946 0123\nUID:{}\nEND:VCARD\n"
    path.write_text("".join(map(card.format, (uuid, "7", ""))))
    ids = [each.source_id for each in open_contacts(path, None, "GB")]
    assert ids == [uuid, "shop/7", ""]
    path = path.with_suffix(".csv")
    path.write_text(f"Id,Name,Phone\n{uuid},Ann,020 7946 0123\n,Bob,020 7946 0124\n")
    ids = [each.source_id for each in open_contacts(path, None, "GB")]
    assert ids == [f"shop/{uuid}", ""]


def test_memory_does_not_grow_with_pictures(tmp_path: Path) -> None:
    path = tmp_path / "pictures.vcf"
    picture = b"PHOTO;ENCODING=b:" + b"\r\n ".join([b"A" * 74] * 20_000)
    with path.open("wb") as stream:
        for number in range(10):
            stream.write(b"BEGIN:VCARD\r\nFN:P\r\n" + picture + b"\r\n")
            stream.write(b"TEL:+120255501%02d\r\nEND:VCARD\r\n" % number)
    tracemalloc.start()
    assert len(list(open_contacts(path, None, "US"))) == 10
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6_000_000  # the file has 15 MB


# --- any bytes ------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        b"BEGIN:VCARD", b"END:VCARD", b"VERSION:2.1", b"VERSION:4.0", b"FN:", b"N:",
        b"TEL;TYPE=", b"TEL;VALUE=uri:tel:", b"TEL:+442079460001", b"item1.", b"\r\n",
        b"\n ", b"=\r\n", b"\r", b";", b":", b",", b"\\", b'"', b"=", b"=C5", b"%",
        b";ENCODING=QUOTED-PRINTABLE", b";ENCODING=b", b";CHARSET=utf-16",
        b";CHARSET=cp1257", b"AGENT:", b"X-ABLABEL:_$!<", b"REV:2024", b"\xff\xfe",
        b"\x00", b"^n", b"UID:urn:uuid:", b"KIND:group", b"ORG:", b"EMAIL:a@b",
    ]
)  # fmt: skip


@given(pieces=st.lists(st.one_of(_PIECES, st.binary(max_size=8)), max_size=60))
def test_any_bytes_are_read_without_trouble(pieces: list[bytes]) -> None:
    whole = list(read_cards([b"".join(pieces)], "GB", source="x"))
    in_pieces = list(read_cards(pieces, "GB", source="x"))
    assert in_pieces == whole
    for card in whole:
        assert (card.contact is None) == bool(card.problem)
        if card.contact is not None:
            assert card.contact.numbers
            repr(card.contact).encode()  # nothing in it that no database takes


@given(
    fields=st.dictionaries(
        st.sampled_from(["FN", "ORG", "TITLE"]),
        st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1),
    ),
    width=st.integers(5, 75),
)
def test_what_was_folded_by_bytes_comes_back(
    fields: dict[str, str], width: int
) -> None:
    lines = []
    for name, value in fields.items():
        data = f"{name}:{value}".encode()
        parts = [data[n : n + width] for n in range(0, len(data), width)]
        lines.append(b"\r\n ".join(parts))
    body = b"VERSION:4.0\r\n" + b"\r\n".join(lines)
    (card,) = cards_in([b"BEGIN:VCARD\r\n" + body + b"\r\nEND:VCARD"])
    written = {name: line.decode().partition(":")[2] for _, _, name, line in card.lines}
    assert written == fields
