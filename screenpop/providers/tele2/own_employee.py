"""Whose calls this account watches: SmartMEX names employees by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.events import NO_USER, LineUser
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import read_number, same_number

if TYPE_CHECKING:
    from screenpop.providers.tele2.payloads import CallPayload


@frozen(kw_only=True)
class OwnEmployee:
    """The employee that the account's setting ``extension`` names.

    Attributes:
        extension: As set: the employee's number or id; "" for everyone.
        region: In which to read numbers.
        contact_id: The id, once it is known; "" before.
    """

    extension: str = ""
    region: str = ""
    contact_id: str = ""

    def extension_of(self, contact_id: str) -> str:
        """What an employee is called here: by the setting, or by the id."""
        is_own = contact_id != "" and contact_id in (self.contact_id, self.extension)
        return self.extension if is_own else contact_id

    def user_of(self, call: CallPayload) -> LineUser:
        """The employee whose call it is; nobody where none is named.

        Until the own id is known, a call to or from the own number counts as own.
        """
        contact_id = call.contact_id
        if contact_id and (self.contact_id or contact_id == self.extension):
            return LineUser(self.extension_of(contact_id))
        if any(map(self.has_number, _own_side(call))):
            return LineUser(self.extension)
        return LineUser(contact_id) if contact_id else NO_USER

    def has_number(self, text: str) -> bool:
        """Whether ``text`` is the number that the setting holds."""
        if not self.extension or not text:
            return False
        own = read_number(self.extension, self.region)
        return bool(own.e164) and same_number(own, read_number(text, self.region))


def _own_side(call: CallPayload) -> tuple[str, ...]:
    """The number or numbers that may be the employee's."""
    if call.direction == "out":
        return (call.caller,)
    if call.direction == "in":
        return (call.destination,)
    return call.caller, call.destination
