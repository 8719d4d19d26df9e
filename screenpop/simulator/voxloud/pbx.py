"""The made-up company whose telephones Voxloud runs: people, groups and numbers."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.simulator.http_server import json_answer
from screenpop.simulator.routing import Route

if TYPE_CHECKING:
    from screenpop.simulator.http_server import Answer, JsonObject
    from screenpop.simulator.routing import Question


@frozen
class Did:
    """A number that the company owns."""

    number: str
    label: str

    def spelled(self) -> JsonObject:
        """As ``Did`` of the users API."""
        return {"number": self.number, "label": self.label}


@frozen(kw_only=True)
class User:
    """Somebody with a phone.

    Attributes:
        dids: What they may show when calling out; the first is chosen.
    """

    user_id: str
    first_name: str
    last_name: str
    extension: str
    email: str
    sip_username: str
    dids: tuple[Did, ...]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@frozen
class Group:
    """Phones that ring together."""

    name: str
    extension: str
    members: tuple[str, ...]


_DIDS = (
    Did("+442079460100", "Main office"),
    Did("+442079460101", "Customer support"),
    Did("+442079460102", "Secondary office"),
)

_PEOPLE = (
    ("Amelia", "Hart", "101", _DIDS),
    ("Rui", "Costa", "102", _DIDS[1:2]),
    ("Sara", "Lindqvist", "103", _DIDS[:2]),
)


class Pbx:
    """Users, groups and numbers; fixed for the life of a cloud."""

    def __init__(self, chance: random.Random) -> None:
        self.company = "Harbour Bikes Ltd"
        self.email = "admin@example.com"
        self.pbx_id = 117
        self.account_id = f"{chance.getrandbits(128):032x}"
        self.dids = _DIDS
        self.groups = (
            Group("Sales", "801", ("101", "102")),
            Group("Support", "802", ("102", "103")),
        )
        self.users = tuple(
            User(
                user_id=new_uuid(chance),
                first_name=first,
                last_name=last,
                extension=extension,
                email=f"{first}.{last}@example.com".lower(),
                sip_username=f"sip_{chance.getrandbits(36):09x}",
                dids=dids,
            )
            for first, last, extension, dids in _PEOPLE
        )

    def user(self, extension: str) -> User:
        """Whose phone `extension` is; raises UsageError."""
        for user in self.users:
            if user.extension == extension:
                return user
        raise UsageError(f"The simulated company has no extension {extension}")

    def has_user(self, extension: str) -> bool:
        """Whether `extension` is somebody's phone."""
        return any(user.extension == extension for user in self.users)

    def members(self, extension: str) -> tuple[User, ...]:
        """Who rings when `extension` is called, a group's too; empty for nobody."""
        for group in self.groups:
            if group.extension == extension:
                return tuple(map(self.user, group.members))
        return (self.user(extension),) if self.has_user(extension) else ()

    def has_number(self, number: str) -> bool:
        """Whether `number` is one of the company's own."""
        return any(did.number == number for did in self.dids)

    def routes(self) -> tuple[Route, ...]:
        """validate-auth and the users API."""
        return (
            Route(method="POST", path="/api/v1/validate-auth", respond=self._validate),
            Route(method="GET", path="/api/v2/users", respond=self._list),
        )

    def _validate(self, question: Question) -> Answer:
        return json_answer({"name": self.company, "email": self.email})

    def _list(self, question: Question) -> Answer:
        return json_answer(
            [
                {
                    "id": user.user_id,
                    "first_name": user.first_name,
                    "last_name": user.last_name,
                    "extension_number": int(user.extension),
                    "outbound_cli": {
                        "outbound_did": user.dids[0].spelled(),
                        "available_dids": [did.spelled() for did in user.dids],
                    },
                }
                for user in self.users
            ]
        )


def new_uuid(chance: random.Random) -> str:
    """A repeatable UUID."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
