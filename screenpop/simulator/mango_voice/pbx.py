"""The made-up company whose telephones Mango Voice runs: people, numbers, tokens."""

from __future__ import annotations

import random

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen


@frozen(kw_only=True)
class User:
    """Somebody with a phone.

    Attributes:
        click_token: What Click2Call must send back for this user.
    """

    name: str
    extension: str
    email: str
    click_token: str


@frozen
class Line:
    """A number of the company; at a switchboard, a machine takes the call first."""

    number: str
    name: str
    has_switchboard: bool = False


_PEOPLE = (("Amelia Hart", "101"), ("Rui Costa", "102"), ("Sara Lindqvist", "103"))
_LINES = (
    Line("+12025550100", "Main office"),
    Line("+12025550101", "Customer support", has_switchboard=True),
)


class Pbx:
    """Users, numbers and tokens; fixed for the life of a cloud."""

    def __init__(self, chance: random.Random) -> None:
        self.idents = tuple(f"{chance.getrandbits(96):024x}" for _ in range(3))
        self.security_token = f"simulated-{chance.getrandbits(128):032x}"
        self.lines = _LINES
        self.users = tuple(
            User(
                name=name,
                extension=extension,
                email=f"{name.replace(' ', '.').lower()}@example.com",
                click_token=f"{chance.getrandbits(64):016x}",
            )
            for name, extension in _PEOPLE
        )

    @property
    def combined_token(self) -> str:
        """The three tokens as the admin portal shows them."""
        return ".".join(self.idents)

    @property
    def user_token(self) -> str:
        """The token of the user APIs, one for the whole phone system."""
        return self.combined_token

    def user(self, extension: str) -> User:
        """Whose phone `extension` is; raises UsageError."""
        for user in self.users:
            if user.extension == extension:
                return user
        raise UsageError(f"The simulated company has no extension {extension}")

    def has_user(self, extension: str) -> bool:
        """Whether `extension` is somebody's phone."""
        return any(user.extension == extension for user in self.users)

    def line(self, number: str) -> Line:
        """The line of a number, the main one for ""; raises UsageError."""
        for line in self.lines:
            if number in ("", line.number):
                return line
        raise UsageError("The simulated company has no such number")
