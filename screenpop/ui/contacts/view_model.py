"""Editing one contact and importing many, without any window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import ContactDraft
from screenpop.domain.frozen import frozen
from screenpop.domain.number_format import format_number
from screenpop.domain.plain_text import plain
from screenpop.lookup.csv_headings import ContactField
from screenpop.ui.wording import joined, tr, tr_count

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact, ContactNumber
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.lookup.csv_contacts import CsvContents
    from screenpop.lookup.vcard_files import VCardContents
    from screenpop.services.contact_book import ContactHit, ImportReport

_SHOWN_PROBLEMS: Final = 5


@frozen(kw_only=True)
class ContactForm:
    """What the editor's fields hold, as typed; several numbers one to a line."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    numbers: str = ""
    emails: str = ""

    @property
    def problem(self) -> str:
        """What keeps it from being saved; "" when nothing does."""
        if not (self.first_name or self.last_name or self.company):
            return tr("Give the contact a name or a company.")
        if not self.numbers.strip():
            return tr("Give the contact at least one number.")
        return ""

    def draft(self) -> ContactDraft:
        """The contact to be saved."""
        return ContactDraft(
            first_name=self.first_name.strip(),
            last_name=self.last_name.strip(),
            company=self.company.strip(),
            job_title=self.job_title.strip(),
            numbers=_lines(self.numbers),
            emails=_lines(self.emails),
        )


def form_of(contact: Contact) -> ContactForm:
    """The editor's fields for a contact."""
    first, _, last = plain(contact.name).partition(" ")
    return ContactForm(
        first_name=first,
        last_name=last,
        company=plain(contact.company),
        job_title=plain(contact.job_title),
        numbers="\n".join(plain(each.raw) for each in contact.numbers),
        emails="\n".join(plain(each) for each in contact.emails),
    )


def form_for_caller(number: str, name: str) -> ContactForm:
    """The editor's fields for somebody who just called."""
    shown = plain(name)
    first, _, last = shown.partition(" ")
    if any(char.isdigit() for char in shown):
        # Networks put the number where the name should be.
        first = last = ""
    return ContactForm(first_name=first, last_name=last, numbers=plain(number))


def form_with_number(contact: Contact, number: str) -> ContactForm:
    """The editor's fields for a contact that gets one more number."""
    form = form_of(contact)
    return replace(form, numbers="\n".join((*_lines(form.numbers), plain(number))))


def hit_texts(hit: ContactHit) -> tuple[str, str]:
    """Title and details of a contact in a list."""
    return contact_texts(hit.contact, plain(hit.source_label))


def contact_texts(contact: Contact, origin: str = "") -> tuple[str, str]:
    """Title and details of a contact; ``origin`` stands last, where it says any."""
    number = _number_shown(contact.numbers[0]) if contact.numbers else ""
    company = contact.company if contact.name else ""
    return plain(contact.display_name) or tr("No name"), joined(
        plain(company), plain(number), origin
    )


def cards_text(contents: VCardContents) -> str:
    """How many cards a file has, and that its first contacts stand below."""
    counted = tr_count(
        "The file has {count} card.", "The file has {count} cards.", contents.cards
    )
    if not contents.sample:
        return f"{counted} {tr('None of them has a number that can be read.')}"
    return f"{counted} {tr('It begins with these contacts.')}"


def field_choices() -> tuple[tuple[str, str], ...]:
    """What a column of a file may hold."""
    named = {
        ContactField.IGNORED: tr("Leave out"),
        ContactField.NAME: tr("Whole name"),
        ContactField.FIRST_NAME: tr("First name"),
        ContactField.MIDDLE_NAME: tr("Middle name"),
        ContactField.LAST_NAME: tr("Last name"),
        ContactField.COMPANY: tr("Company"),
        ContactField.JOB_TITLE: tr("Job title"),
        ContactField.PHONE: tr("Phone number"),
        ContactField.EMAIL: tr("E-mail"),
        ContactField.ID: tr("Number of the record"),
        ContactField.URL: tr("Page of the record"),
    }
    return tuple((field.value, text) for field, text in named.items())


def column_title(guess: ColumnGuess, column: int) -> str:
    """What a column is called."""
    shown = plain(guess.columns[column].heading, 60)
    return shown or tr("Column {number}", number=column + 1)


def column_example(contents: CsvContents, column: int) -> str:
    """What the column holds in the first row that has something there."""
    cells = (row[column] for row in contents.sample if column < len(row))
    return next((shown for cell in cells if (shown := plain(cell, 60))), "")


def shown_order(guess: ColumnGuess) -> tuple[int, ...]:
    """The columns by their numbers: what is taken first, what is left out after it."""
    is_left_out = [use.field is ContactField.IGNORED for use in guess.columns]
    return tuple(sorted(range(len(is_left_out)), key=is_left_out.__getitem__))


def import_problem(guess: ColumnGuess) -> str:
    """What keeps a file from being imported; "" when nothing does."""
    if guess.has_phone:
        return ""
    return tr("Say which column holds the phone numbers.")


def report_texts(report: ImportReport) -> tuple[str, str]:
    """What became of an import, in a title and details."""
    if report.is_stopped:
        return tr("Stopped: nothing was changed"), ""
    title = tr_count(
        "{count} contact imported", "{count} contacts imported", report.imported
    )
    skipped = doubles = unreadable = ""
    if report.doubles:
        doubles = tr_count(
            "{count} came twice in the file.",
            "{count} came more than once in the file.",
            report.doubles,
        )
    if report.skipped:
        skipped = tr_count(
            "{count} entry gave no contact.",
            "{count} entries gave no contact.",
            report.skipped,
        )
    if report.unreadable:
        unreadable = tr_count(
            "{count} number could not be read and was left out.",
            "{count} numbers could not be read and were left out.",
            report.unreadable,
        )
    problems = (plain(one, 200) for one in report.problems[:_SHOWN_PROBLEMS])
    return title, " ".join(filter(None, (doubles, skipped, unreadable, *problems)))


def _number_shown(number: ContactNumber) -> str:
    return plain(format_number(number.e164, "") if number.e164 else number.raw)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
