"""People and things of the phone system as SmartMEX sends them, typed.

From the same documents as ``payloads``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader
from screenpop.providers.tele2.payloads import id_text

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue


@frozen(kw_only=True)
class GroupPayload:
    """A group of employees."""

    group_id: str
    name: str
    kind: str
    created: str
    members: tuple[str, ...]


@frozen(kw_only=True)
class EmployeePayload:
    """What the vendor calls a contact: an employee with a phone.

    Attributes:
        number: The employee's own.
        shown_number: What is shown to those they call.
        avatar: As sent, whatever that is.
    """

    contact_id: str
    first_name: str
    last_name: str
    number: str
    shown_number: str
    is_archived: bool
    created: str
    avatar: str
    groups: tuple[GroupPayload, ...]


@frozen(kw_only=True)
class BoxPayload:
    """A voicemail box."""

    box_id: str
    name: str
    client_id: str
    created: str


@frozen(kw_only=True)
class EndpointPayload:
    """A VoIP phone."""

    endpoint_id: str
    name: str
    employee_id: str


@frozen(kw_only=True)
class PromptPayload:
    """A recorded announcement."""

    prompt_id: str
    name: str
    kind: str


def read_employee(item: dict[str, JsonValue]) -> EmployeePayload:
    """One employee."""
    fields = FieldReader(item)
    return EmployeePayload(
        contact_id=id_text(fields, "contactID"),
        first_name=fields.text("firstname"),
        last_name=fields.text("lastname"),
        number=fields.text("number"),
        shown_number=fields.text("current_callerid"),
        is_archived=bool(fields.flag("archived")),
        created=fields.text("created"),
        avatar=fields.text("avatar"),
        groups=tuple(map(_group, fields.children("group_membership"))),
    )


def read_group(item: dict[str, JsonValue]) -> GroupPayload:
    """One group."""
    return _group(FieldReader(item))


def _group(fields: FieldReader) -> GroupPayload:
    members = (id_text(member, "contactID") for member in fields.children("members"))
    return GroupPayload(
        group_id=id_text(fields, "groupID"),
        name=fields.text("name"),
        kind=fields.text("type"),
        created=fields.text("created"),
        members=tuple(filter(None, members)),
    )


def read_box(item: dict[str, JsonValue]) -> BoxPayload:
    """One voicemail box."""
    fields = FieldReader(item)
    return BoxPayload(
        box_id=id_text(fields, "voicemailBoxID"),
        name=fields.text("boxName"),
        client_id=id_text(fields, "clientID"),
        created=fields.text("created"),
    )


def read_endpoint(item: dict[str, JsonValue]) -> EndpointPayload:
    """One VoIP phone."""
    fields = FieldReader(item)
    return EndpointPayload(
        endpoint_id=id_text(fields, "id"),
        name=fields.text("name"),
        employee_id=id_text(fields, "employee_id"),
    )


def read_prompt(item: dict[str, JsonValue]) -> PromptPayload:
    """One announcement."""
    fields = FieldReader(item)
    return PromptPayload(
        prompt_id=id_text(fields, "id"),
        name=fields.text("name"),
        kind=fields.text("type"),
    )
