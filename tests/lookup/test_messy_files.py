"""Contact files as offices really keep them: each is read as a person would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.lookup.contact_files import open_contacts
from screenpop.lookup.csv_contacts import read_contacts

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact

_LISTS = Path(__file__).with_name("fixtures") / "messy_lists.txt"
_CARDS = _LISTS.with_name("messy_cards.txt")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|([rt0\\]))")
_FEWEST_LISTS = 75
_FEWEST_CARDS = 49


@dataclass(frozen=True, slots=True)
class MessyFile:
    """One of the files, and what it has to give."""

    name: str
    region: str
    encoding: str
    text: str
    contacts: list[str]


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return {"r": "\r", "t": "\t", "0": "\0", "\\": "\\"}[found[2]]


def _files(corpus: Path) -> list[MessyFile]:
    _, *blocks = ("\n" + corpus.read_text(encoding="utf-8")).split("\n== ")
    found = []
    for block in blocks:
        head, *lines = block.removesuffix("\n").split("\n")
        name, region, encoding = head.rsplit(", ", 2)
        rows = [line for line in lines if not line.startswith("-->")]
        contacts = [line[4:] for line in lines if line.startswith("-->")]
        text = _ESCAPE.sub(_unescaped, "\n".join(rows) + "\n")
        found.append(MessyFile(name, region, encoding, text, contacts))
    return found


def _told(contact: Contact) -> str:
    numbers = (number.e164 or number.raw for number in contact.numbers)
    return " | ".join((contact.name, contact.company, *numbers))


def _wrongly_read(files: list[MessyFile], path: Path) -> list[str]:
    wrong = []
    for each in files:
        path.write_bytes(each.text.encode(each.encoding))
        got = [_told(contact) for contact in open_contacts(path, None, each.region)]
        if got != each.contacts:
            wrong.append(f"{each.name}: expected {each.contacts}, got {got}")
    return wrong


def test_messy_lists_are_read_as_a_person_would(tmp_path: Path) -> None:
    lists = _files(_LISTS)
    wrong = _wrongly_read(lists, tmp_path / "contacts.csv")
    assert not wrong, "\n" + "\n".join(wrong)
    assert len(lists) >= _FEWEST_LISTS


def test_messy_cards_are_read_as_a_person_would(tmp_path: Path) -> None:
    cards = _files(_CARDS)
    wrong = _wrongly_read(cards, tmp_path / "contacts.vcf")
    assert not wrong, "\n" + "\n".join(wrong)
    assert len(cards) >= _FEWEST_CARDS


def test_a_stray_line_of_another_codepage_costs_no_letter(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    lines = "Nome;Telefono\nNicolò;0655501234\n".encode(), b"Ren\xe9e;3335550123\n"
    path.write_bytes(b"".join(lines))
    names = [each.name for each in read_contacts(path, None, "IT")]
    assert names == ["Nicolò", "Renée"]


def test_an_endless_line_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    endless = "x" * 3_000_000
    path.write_text(
        f"Nome,Telefono,Note\nMario,0655501234,{endless}\nAnna,3335550123,\n"
    )
    reader = read_contacts(path, None, "IT")
    assert [each.name for each in reader] == ["Anna"]
    assert [row.line for row in reader.bad_rows] == [2]
    assert "more than a million characters" in reader.bad_rows[0].reason


def test_an_open_quotation_before_an_endless_line_costs_no_other(
    tmp_path: Path,
) -> None:
    path = tmp_path / "contacts.csv"
    endless = "x" * 3_000_000
    path.write_text(
        "Name,Phone\nAnn,202-555-0143\n"
        f'"Bob,202-555-0144\n{endless}\nCid,202-555-0145\n'
    )
    reader = read_contacts(path, None, "US")
    assert [each.name for each in reader] == ["Ann", "Bob", "Cid"]
    assert [row.line for row in reader.bad_rows] == [4]
