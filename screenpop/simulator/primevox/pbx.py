"""The made-up company whose telephones PrimeVOX runs: people and numbers."""

from __future__ import annotations

import random

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen


@frozen
class Did:
    """A number that the company owns.

    Attributes:
        number: Ten digits, as the portal shows it.
    """

    number: str
    description: str
    group: str
    prefix: str

    @property
    def e164(self) -> str:
        """With its plus."""
        return f"+1{self.number}"


@frozen
class Extension:
    """Somebody with a phone.

    Attributes:
        endpoint: The id that events have in their first column.
    """

    number: str
    name: str
    endpoint: str


_DIDS = (
    Did("2025550100", "Main office", "Office", ""),
    Did("2025550101", "Customer support", "Support", "SUP"),
    Did("2025550102", "Sales campaign", "", ""),
)
_PEOPLE = (("101", "Amelia Hart"), ("102", "Rui Costa"), ("103", "Sara Lindqvist"))


class Pbx:
    """People and numbers; fixed for the life of a cloud."""

    def __init__(self, chance: random.Random) -> None:
        self.container = "100200"
        self.tenant = "300"
        self.dids = _DIDS
        self.extensions = tuple(
            Extension(number, name, f"{chance.getrandbits(52):013x}")
            for number, name in _PEOPLE
        )

    def extension(self, number: str) -> Extension:
        """Whose phone `number` is; raises UsageError."""
        for extension in self.extensions:
            if extension.number == number:
                return extension
        raise UsageError(f"The simulated company has no extension {number}")

    def has_extension(self, number: str) -> bool:
        """Whether `number` is somebody's phone."""
        return any(one.number == number for one in self.extensions)

    def did(self, number: str) -> Did:
        """The company's number `number`, in any spelling; raises UsageError."""
        digits = number.removeprefix("+")
        wanted = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        for did in self.dids:
            if did.number == wanted:
                return did
        raise UsageError("The simulated company has no such number")


def national(number: str) -> str:
    """As PrimeVOX writes a number: ten digits, or 011 and the rest."""
    digits = number.removeprefix("+")
    if number.startswith("+1") and len(digits) == 11:
        return digits[1:]
    return f"011{digits}" if number.startswith("+") else digits
