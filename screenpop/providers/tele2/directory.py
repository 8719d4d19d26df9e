"""People and things of the phone system in our words; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.numbers import (
    format_number,
    national_significant,
    read_number,
)
from screenpop.providers.abilities import NamedThing
from screenpop.providers.protocol import LineHolder, OwnedNumber
from screenpop.wording import Marked, marked, tr

if TYPE_CHECKING:
    from screenpop.providers.tele2.directory_payloads import (
        BoxPayload,
        EmployeePayload,
        EndpointPayload,
        GroupPayload,
        PromptPayload,
    )
    from screenpop.providers.tele2.own_employee import OwnEmployee
    from screenpop.providers.tele2.payloads import CallPayload

# Brands of the platform stand in these countries.
_HOME_REGIONS: Final = {"lt": "LT", "lv": "LV"}
# How a number may be written for the vendor, whose documents do not say: +370…, 370…,
# as it is dialled within the country, and the same without a leading zero or eight.
NUMBER_STYLES: Final = ("plus", "digits", "national", "bare")


def to_line_holder(employee: EmployeePayload, own: OwnEmployee) -> LineHolder:
    """An employee, under the name that the account's calls are told by.

    Numbers that cannot be read while no country is known are left out: whoever guesses
    the country by them would be misled.
    """
    told = (employee.shown_number, employee.number)
    shown = [
        OwnedNumber(e164(text, own.region) or text)
        for text in told
        if e164(text, own.region) or (text and own.region)
    ]
    return LineHolder(
        user_id=employee.contact_id,
        name=_name(employee),
        extension=own.extension_of(employee.contact_id),
        own_number=e164(employee.number, own.region) or employee.number,
        caller_id=shown[0] if shown else None,
        # Nobody can choose another for a single call.
        caller_ids=tuple(shown[:1]),
    )


def to_contact(employee: EmployeePayload, *, source: str, region: str) -> Contact:
    """An employee as somebody who may call."""
    numbers = (ContactNumber(employee.number, e164(employee.number, region)),)
    return Contact(
        source=source,
        source_id=employee.contact_id,
        name=_name(employee),
        numbers=numbers if employee.number else (),
    )


def e164(text: str, region: str) -> str:
    """The canonical form of a number as the vendor writes it; "" when it has none."""
    return read_number(text, region).e164


def written(number: str, style: str, region: str) -> str:
    """A number for the vendor, in one of ``NUMBER_STYLES``; others stay as they are."""
    canonical = read_number(number, region).e164
    if not canonical:
        return number.strip()
    if style == "digits":
        return canonical.removeprefix("+")
    if style in ("national", "bare"):
        national = national_significant(canonical)
        if style == "national":
            shown = format_number(canonical, region)
            is_foreign = shown.startswith("+")
            national = "" if is_foreign else "".join(filter(str.isdigit, shown))
        if national and read_number(national, region).e164 == canonical:
            return national
        return f"00{canonical.removeprefix('+')}"
    return canonical


def home_region(base_url: str) -> str:
    """The country of a brand of the platform, by its address; "" when not known."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        return ""
    return _HOME_REGIONS.get(host.rpartition(".")[2], "")


def employee_thing(employee: EmployeePayload) -> NamedThing:
    """An employee with everything that is told."""
    return _thing(
        employee.contact_id,
        _name(employee) or employee.number,
        (marked("number"), employee.number),
        (marked("shown"), employee.shown_number),
        (marked("groups"), ", ".join(group.name for group in employee.groups)),
        (marked("avatar"), employee.avatar),
        (marked("created"), employee.created),
        (marked("archived"), tr("yes") if employee.is_archived else ""),
    )


def group_thing(group: GroupPayload) -> NamedThing:
    """A group with its members."""
    return _thing(
        group.group_id,
        group.name,
        (marked("members"), ", ".join(group.members)),
        (marked("type"), group.kind),
        (marked("created"), group.created),
    )


def box_thing(box: BoxPayload) -> NamedThing:
    """A voicemail box."""
    return _thing(
        box.box_id,
        box.name,
        (marked("client"), box.client_id),
        (marked("created"), box.created),
    )


def endpoint_thing(endpoint: EndpointPayload) -> NamedThing:
    """A VoIP phone."""
    return _thing(
        endpoint.endpoint_id, endpoint.name, (marked("employee"), endpoint.employee_id)
    )


def prompt_thing(prompt: PromptPayload) -> NamedThing:
    """An announcement."""
    return _thing(prompt.prompt_id, prompt.name, (marked("type"), prompt.kind))


def recording_thing(call: CallPayload) -> NamedThing:
    """A recording without its link, which opens it for whoever has it."""
    return _thing(
        call.recording_id,
        tr(
            "{caller} to {called}",
            caller=call.caller or tr("withheld"),
            called=call.destination,
        ),
        (marked("at"), call.started_at.isoformat(sep=" ") if call.started_at else ""),
        (marked("direction"), call.direction),
        (marked("call"), call.call_id),
        (marked("employee"), call.contact_id),
    )


def _thing(thing_id: str, name: str, *details: tuple[Marked, str]) -> NamedThing:
    return NamedThing(thing_id, name, tuple(pair for pair in details if pair[1]))


def _name(employee: EmployeePayload) -> str:
    return f"{employee.first_name} {employee.last_name}".strip()
