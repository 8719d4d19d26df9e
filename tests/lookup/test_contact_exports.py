"""The CSV files that Google Contacts and Outlook export, in the languages they speak.

The headings are those of the programs, the people are made up. Each file holds columns
with digits that are no telephone: identity numbers, post codes, accounts, mileage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.lookup.contact_files import open_contacts

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact

FILES = Path(__file__).parent / "fixtures" / "contact_files"


def read(name: str, region: str) -> list[Contact]:
    return list(open_contacts(FILES / name, None, region))


def numbers_of(contact: Contact) -> dict[str, str]:
    return {each.e164: each.label for each in contact.numbers}


def test_googles_export() -> None:
    person, company, filed = read("google-new.csv", "US")
    assert person.name == "Ana Maria Bell"
    assert person.company == "Example Bakery, Ltd"
    assert person.job_title == "Head of cakes"
    assert numbers_of(person) == {
        "+12025550142": "mobile",
        "+12025550143": "mobile",
        "+12025550144": "work fax",
        "+12025550145": "segreteria",
    }
    assert person.emails == ("ana@example.com", "ana.bell@example.org")
    assert person.url == "https://bakery.example.com/ana"
    assert (company.name, company.company) == ("", "Example Plumbing")
    assert filed.name == "Filed only"


def test_googles_older_export_in_utf_16() -> None:
    person, desk = read("google-old.csv", "IT")
    assert person.name == "Giulia D'Esempio"
    assert person.company == "Società Esempio S.r.l."
    assert numbers_of(person) == {
        "+393405550163": "mobile",
        "+390655501234": "mobile",
        "+390655501235": "work",
    }
    assert desk.name == "Centralino"


def test_outlooks_export() -> None:
    (person,) = read("outlook-english.csv", "US")
    assert (person.name, person.company) == ("Zoë Kern", "Kern & Co")
    assert person.job_title == "Buyer"
    assert numbers_of(person) == {
        "+12025550112": "assistant",
        "+12025550110": "business",
        "+12025550111": "mobile",
    }
    assert person.emails == ("zoe@example.com",)


@pytest.mark.parametrize(
    ("file", "region", "name", "company", "title", "numbers"),
    [
        (
            "german",
            "DE",
            "Jörg Müller",
            "Größe & Söhne GmbH",
            "Einkäufer",
            {
                "+493023125010": "geschäftlich",
                "+493023125013": "privat",
                "+493023125011": "mobiltelefon",
                "+493023125012": "haupttelefon",
            },
        ),
        (
            "italian",
            "IT",
            "Niccolò Esempio",
            "Società Esempio S.p.A.",
            "Acquisti",
            {
                "+390655501237": "fax uff",
                "+390655501234": "ufficio",
                "+390655501235": "abitazione",
                "+393405550166": "cellulare",
            },
        ),
        (
            "spanish",
            "ES",
            "Begoña Núñez Ejemplo",
            "Ejemplo, S.A.",
            "Directora",
            {
                "+34915550138": "trabajo",
                "+34915550140": "centralita la organización",
                "+34915550139": "particular",
            },
        ),
        (
            "lithuanian",
            "LT",
            "Šarūnas Žukauskas",
            "UAB „Ąžuolas“",
            "Vadybininkas",
            {
                "+37065550126": "darbo faksograma",
                "+37065550123": "darbo",
                "+37065550125": "darbo",
                "+37065550144": "mobilusis",
            },
        ),
    ],
)
def test_outlooks_exports_in_other_languages(
    file: str, region: str, name: str, company: str, title: str, numbers: dict[str, str]
) -> None:
    (person,) = read(f"outlook-{file}.csv", region)
    assert (person.name, person.company, person.job_title) == (name, company, title)
    assert numbers_of(person) == numbers
    assert all("example" in each for each in person.emails)
    assert person.emails


def test_baltic_headings_tell_the_codepage_wherever_the_reader_sits() -> None:
    (person,) = read("outlook-lithuanian.csv", "GB")
    assert person.name == "Šarūnas Žukauskas"


def test_the_region_tells_the_codepage_where_headings_do_not(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("Name,Phone\nŽemaitė,+37065550123\n".encode("cp1257"))
    assert next(iter(open_contacts(path, None, "LT"))).name == "Žemaitė"
    path.write_bytes("Имя;Телефон\nЮлия;+12025550123\n".encode("cp1251"))
    assert next(iter(open_contacts(path, None, "US"))).name == "Юлия"
