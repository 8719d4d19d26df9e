"""How far a copy has come, as its mark says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue

OWN: Final = "contacts"
"""The feed of the default folder."""

FOLDER: Final = "folder:"
"""What the feed of another folder begins with; its id follows."""

USERS: Final = "users"
"""The feed of the organization's people."""

_CONTACT_FIELDS: Final = (
    "displayName,givenName,surname,companyName,jobTitle,businessPhones,homePhones,"
    "mobilePhone,emailAddresses,lastModifiedDateTime"
)
_USER_FIELDS: Final = (
    "displayName,givenName,surname,companyName,jobTitle,businessPhones,mobilePhone,mail"
)


@frozen
class Place:
    """How far the copy has come.

    Attributes:
        has_people: The organization's people are part of it.
        links: The delta link of each feed that was read to its end.
        todo: The feeds that this round has still to read; none between two rounds.
        next_link: The next page of the first of them; "" for its beginning.
        is_whole: This round brings everything.
    """

    has_people: bool
    links: Mapping[str, str] = field(default_factory=dict)
    todo: tuple[str, ...] = ()
    next_link: str = ""
    is_whole: bool = False

    def mark(self) -> str:
        """The mark to go on with."""
        return json.dumps(
            {
                "people": self.has_people,
                "links": dict(self.links),
                "todo": list(self.todo),
                "next": self.next_link,
                "whole": self.is_whole,
            },
            separators=(",", ":"),
        )

    @classmethod
    def of(cls, mark: str) -> Place | None:
        """What ``mark`` says; None for nothing that can be used."""
        try:
            value: JsonValue = json.loads(mark) if mark else None
        except ValueError:
            value = None
        if not isinstance(value, dict):
            return None
        reader = FieldReader(value)
        links, todo = reader.child("links"), reader.texts("todo")
        if links is None or not all(map(is_feed, todo)):
            return None
        return cls(
            has_people=bool(reader.flag("people")),
            links={key: links.text(key) for key in links.source},
            todo=todo,
            next_link=reader.text("next"),
            is_whole=bool(reader.flag("whole")),
        )


def is_feed(text: str) -> bool:
    """Whether it names a feed."""
    return text in (OWN, USERS) or text.startswith(FOLDER)


def first_page(feed: str) -> str:
    """Where a feed is read from its beginning ("contact: delta", "user: delta")."""
    if feed == USERS:
        return f"/users/delta?$select={_USER_FIELDS}"
    folder = ""
    if feed.startswith(FOLDER):
        folder = f"/contactFolders/{quote(feed.removeprefix(FOLDER), safe='')}"
    return f"/me{folder}/contacts/delta?$select={_CONTACT_FIELDS}"
