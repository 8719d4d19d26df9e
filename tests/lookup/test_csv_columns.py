from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.lookup.csv_columns import guess_columns
from screenpop.lookup.csv_headings import ContactField

GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,"
    "Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
    "Organization Title,Organization Department,Birthday,Notes,Photo,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,"
    "Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,"
    "Website 1 - Label,Website 1 - Value"
)
OLD_GOOGLE = (
    "Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,"
    "E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,"
    "Organization 1 - Name,Organization 1 - Title"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,"
    "Business Street,Business Postal Code,Business Country/Region,Business Fax,"
    "Business Phone,Business Phone 2,Callback,Car Phone,Company Main Phone,Home Phone,"
    "Mobile Phone,Other Phone,Pager,Account,Birthday,E-mail Address,E-mail Type,"
    "E-mail Display Name,E-mail 2 Address,Web Page"
)


def fields(header: str) -> dict[str, ContactField]:
    guess = guess_columns(header.split(","), [])
    return {
        column.heading: column.field
        for column in guess.columns
        if column.field is not ContactField.IGNORED
    }


def test_googles_export_is_understood() -> None:
    found = fields(GOOGLE)
    assert found == {
        "First Name": ContactField.FIRST_NAME,
        "Middle Name": ContactField.MIDDLE_NAME,
        "Last Name": ContactField.LAST_NAME,
        "File As": ContactField.NAME,
        "Organization Name": ContactField.COMPANY,
        "Organization Title": ContactField.JOB_TITLE,
        "E-mail 1 - Value": ContactField.EMAIL,
        "E-mail 2 - Value": ContactField.EMAIL,
        "Phone 1 - Value": ContactField.PHONE,
        "Phone 2 - Value": ContactField.PHONE,
        "Website 1 - Value": ContactField.URL,
    }


def test_googles_numbers_are_labelled_row_by_row() -> None:
    guess = guess_columns(GOOGLE.split(","), [])
    second = guess.columns[GOOGLE.split(",").index("Phone 2 - Value")]
    assert second.label_column == GOOGLE.split(",").index("Phone 2 - Label")


def test_googles_older_export_is_understood() -> None:
    found = fields(OLD_GOOGLE)
    assert found["Name"] is ContactField.NAME
    assert found["Given Name"] is ContactField.FIRST_NAME
    assert found["Phone 1 - Value"] is ContactField.PHONE
    assert found["Organization 1 - Name"] is ContactField.COMPANY
    assert found["Organization 1 - Title"] is ContactField.JOB_TITLE
    assert "Organization 1 - Type" not in found


def test_outlooks_export_is_understood() -> None:
    found = fields(OUTLOOK)
    phones = [name for name, field in found.items() if field is ContactField.PHONE]
    assert phones == [
        "Business Fax",
        "Business Phone",
        "Business Phone 2",
        "Callback",
        "Car Phone",
        "Company Main Phone",
        "Home Phone",
        "Mobile Phone",
        "Other Phone",
    ]
    assert found["Job Title"] is ContactField.JOB_TITLE
    assert found["E-mail Address"] is ContactField.EMAIL
    assert found["E-mail 2 Address"] is ContactField.EMAIL
    assert found["Web Page"] is ContactField.URL
    assert not {"Title", "E-mail Type", "E-mail Display Name", "Account"} & set(found)


def test_outlooks_numbers_are_labelled_by_their_heading() -> None:
    guess = guess_columns(OUTLOOK.split(","), [])
    labels = {column.heading: column.label for column in guess.columns}
    assert labels["Business Phone 2"] == "business"
    assert labels["Mobile Phone"] == "mobile"
    assert labels["Company Main Phone"] == "company main"


@pytest.mark.parametrize(
    "header",
    [
        "Nome,Cognome,Ragione sociale,Telefono",
        "Vorname,Nachname,Firma,Telefon",
        "Prénom,Nom,Société,Téléphone",
        "Nombre,Apellidos,Empresa,Móvil",
        "Vardas,Pavardė,Įmonė,Telefonas",
        "Имя,Фамилия,Компания,Мобильный",
        "first_name,last_name,company_name,phone_number",
        "FirstName,LastName,CompanyName,MobilePhone",
        "name,surname,organisation,msisdn",
    ],
)
def test_headings_in_other_languages_and_spellings(header: str) -> None:
    guess = guess_columns(header.split(","), [])
    assert [column.field for column in guess.columns] == [
        ContactField.FIRST_NAME,
        ContactField.LAST_NAME,
        ContactField.COMPANY,
        ContactField.PHONE,
    ]


def test_a_single_name_is_the_whole_name() -> None:
    assert fields("Nome,Telefono")["Nome"] is ContactField.NAME
    assert fields("Name,Phone")["Name"] is ContactField.NAME


def test_a_list_without_headings_is_read_by_what_it_holds() -> None:
    rows = [
        ["Ann Example", "+1 202 555 0123", "ann@example.com", "2024-01-02"],
        ["Bob Example", "(202) 555-0124", "bob@example.com", "2024-01-03"],
    ]
    guess = guess_columns(rows[0], rows[1:])
    assert not guess.has_header
    assert [column.field for column in guess.columns] == [
        ContactField.NAME,
        ContactField.PHONE,
        ContactField.EMAIL,
        ContactField.IGNORED,
    ]


def test_unknown_headings_are_read_by_what_stands_below() -> None:
    guess = guess_columns(["who", "ring"], [["Ann", "2025550123"]])
    assert guess.has_header
    assert guess.has_phone
    assert guess.columns[1].field is ContactField.PHONE
    assert guess.columns[0].field is ContactField.NAME


def test_a_column_called_after_telephones_without_numbers_is_none() -> None:
    guess = guess_columns(
        ["Name", "Mobile", "Phone"],
        [["Ann", "yes", "2025550123"], ["Bob", "no", "2025550124"]],
    )
    fields_found = [column.field for column in guess.columns]
    assert fields_found[1:] == [ContactField.IGNORED, ContactField.PHONE]


@pytest.mark.parametrize(
    "heading",
    ["Phone Type", "Account Number", "VAT number", "House number", "Phone consent"],
)
def test_some_numbers_are_no_telephones(heading: str) -> None:
    assert not guess_columns(["Name", heading], []).has_phone


def test_the_user_can_decide_otherwise() -> None:
    guess = guess_columns(["Name", "Ref"], [["Ann", "x"]])
    assert not guess.has_phone
    chosen = guess.with_field(1, ContactField.PHONE)
    assert chosen.has_phone
    assert chosen.columns[1].heading == "Ref"


@given(
    header=st.lists(st.text(), max_size=8),
    sample=st.lists(st.lists(st.text(), max_size=8), max_size=4),
)
def test_any_table_gets_a_use_for_each_column(
    header: list[str], sample: list[list[str]]
) -> None:
    guess = guess_columns(header, sample)
    assert len(guess.columns) == max([len(header), *map(len, sample)])
