"""The made-up company whose mobile phones Tele2 runs: people, groups and things."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.simulator.tele2.asking import Shelf, integer
from screenpop.simulator.tele2.spelling import spelled, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.routing import Route
    from screenpop.simulator.tele2.options import Tele2Options

_FOUNDED: Final = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
LINES: Final = ("+442079460100", "+442079460101", "+442079460102")


@frozen(kw_only=True)
class Employee:
    """Somebody with a mobile phone; Tele2 says contact."""

    contact_id: int
    first_name: str
    last_name: str
    number: str
    shown: str
    is_archived: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@frozen
class Group:
    """Employees who belong together."""

    group_id: int
    name: str
    kind: int
    members: tuple[int, ...]


_AMELIA: Final = 1741000000000101
_RUI: Final = 1741000000000102
_SARA: Final = 1741000000000103
_GONE: Final = 1741000000000104

_EMPLOYEES: Final = (
    Employee(
        contact_id=_AMELIA,
        first_name="Amelia",
        last_name="Hart",
        number="+442079460111",
        shown=LINES[0],
    ),
    Employee(
        contact_id=_RUI,
        first_name="Rui",
        last_name="Costa",
        number="+442079460112",
        shown=LINES[1],
    ),
    Employee(
        contact_id=_SARA,
        first_name="Sara",
        last_name="Lindqvist",
        number="+442079460113",
        shown=LINES[0],
    ),
    Employee(
        contact_id=_GONE,
        first_name="Gil",
        last_name="Gone",
        number="+442079460114",
        shown=LINES[0],
        is_archived=True,
    ),
)
_GROUPS: Final = (
    Group(1741000000000201, "Sales", 1, (_AMELIA, _RUI)),
    Group(1741000000000202, "Support", 2, (_RUI, _SARA)),
)
BOX_ID: Final = 1741000000000301
BOX_NAME: Final = "Main office"
_CLIENT_ID: Final = 1741000000000001


class Company:
    """Employees, groups, boxes, VoIP endpoints, announcements; fixed for life."""

    def __init__(self, options: Tele2Options) -> None:
        self._options = options

    def employee(self, contact_id: str) -> Employee:
        """Whose id it is; raises UsageError."""
        for employee in _EMPLOYEES:
            if str(employee.contact_id) == contact_id and not employee.is_archived:
                return employee
        raise UsageError(f"The simulated company has no employee {contact_id}")

    def has_employee(self, contact_id: str) -> bool:
        """Whether it is an employee's id."""
        return any(
            str(employee.contact_id) == contact_id and not employee.is_archived
            for employee in _EMPLOYEES
        )

    def has_line(self, number: str) -> bool:
        """Whether the company owns `number`, an employee's included."""
        return number in LINES or any(one.number == number for one in _EMPLOYEES)

    def spelled(self, number: str) -> str:
        """A number in the platform's form."""
        return spelled(number, self._options.number_form)

    def routes(self) -> tuple[Route, ...]:
        """Everything about people and things."""
        options = self._options
        shelves = (
            Shelf("contacts", "contact_id", self._contacts, options),
            Shelf("groups", "group_id", _groups, options, {"contact_id": _has_member}),
            Shelf("voicemail_boxes", "box_id", _boxes, options),
            Shelf("voip_endpoints", "endpoint_id", _endpoints, options),
            Shelf("audio_prompts", "prompt_id", _prompts, options),
        )
        return tuple(route for shelf in shelves for route in shelf.routes())

    def _contacts(self) -> Iterator[tuple[int, JsonObject]]:
        for employee in _EMPLOYEES:
            groups = [one for one in _GROUPS if employee.contact_id in one.members]
            yield (
                employee.contact_id,
                {
                    "contactID": employee.contact_id,
                    "firstname": employee.first_name,
                    "lastname": employee.last_name,
                    "number": self.spelled(employee.number),
                    "current_callerid": self.spelled(employee.shown),
                    "archived": int(employee.is_archived),
                    "created": timestamp(_FOUNDED),
                    "avatar": f"https://media.example.com/{employee.contact_id}.png",
                    "group_membership": [_group(group) for group in groups],
                },
            )


def _group(group: Group) -> JsonObject:
    return {
        "groupID": group.group_id,
        "name": group.name,
        "type": group.kind,
        "created": timestamp(_FOUNDED),
        "members": [{"contactID": member} for member in group.members],
    }


def _groups() -> Iterator[tuple[int, JsonObject]]:
    for group in _GROUPS:
        yield group.group_id, _group(group)


def _has_member(query: Mapping[str, str], group: JsonObject) -> bool:
    wanted = {"contactID": integer(query, "contact_id")}
    members = group["members"]
    return isinstance(members, list) and wanted in members


def _boxes() -> Iterator[tuple[int, JsonObject]]:
    yield (
        BOX_ID,
        {
            "voicemailBoxID": BOX_ID,
            "boxName": BOX_NAME,
            "clientID": _CLIENT_ID,
            "created": timestamp(_FOUNDED),
        },
    )


def _endpoints() -> Iterator[tuple[int, JsonObject]]:
    for number, employee in enumerate(_EMPLOYEES[:2]):
        endpoint_id = 1741000000000401 + number
        yield (
            endpoint_id,
            {
                "id": endpoint_id,
                "name": f"Desk phone {number + 1}",
                "employee_id": employee.contact_id,
            },
        )


def _prompts() -> Iterator[tuple[int, JsonObject]]:
    for number, name in enumerate(("Welcome", "Closed")):
        prompt_id = 1741000000000501 + number
        yield prompt_id, {"id": prompt_id, "name": name, "type": number + 1}
