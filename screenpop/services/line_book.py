"""What the phone systems call their numbers and users, learnt once and kept."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from screenpop.domain.errors import ScreenpopError
from screenpop.domain.events import CallerId, LineUser
from screenpop.domain.numbers import read_number
from screenpop.providers.protocol import SupportsUsers

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.providers.protocol import LineHolder
    from screenpop.services.connections import Connection

_log = logging.getLogger(__name__)


class LineBook:
    """Names of our own numbers and colleagues, by account.

    Attributes:
        team: What the team calls whoever has an extension; None without one.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], str] = {}
        self._people: dict[tuple[str, str], str] = {}
        self._learnt: dict[str, Connection] = {}
        self.team: Callable[[str, str], str] | None = None

    def knows(self, connection: Connection) -> bool:
        """Whether this connection's users were read already."""
        return self._learnt.get(connection.account_id) is connection

    async def learn(self, connection: Connection) -> None:
        """Read the users of an account; without them numbers stay numbers."""
        directory = connection.able(SupportsUsers)
        if directory is None or self.knows(connection):
            return
        self._learnt[connection.account_id] = connection
        try:
            users = await directory.list_users()
        except ScreenpopError as error:
            del self._learnt[connection.account_id]
            _log.info("users of %s: %s", connection.account_id, error.title)
            return
        for user in users:
            self._add(connection, user)

    def _add(self, connection: Connection, user: LineHolder) -> None:
        account_id = connection.account_id
        if user.name:
            self._people[account_id, user.extension] = user.name
        for owned in (user.caller_id, *user.caller_ids):
            if owned is not None and owned.label:
                key = read_number(owned.number, connection.region).key
                self._numbers[account_id, key] = owned.label

    def line(self, account_id: str, line: CallerId, region: str) -> CallerId:
        """The label that the phone system gives the number, else ``line`` as it is."""
        key = read_number(line.number, region).key if line.number else ""
        label = self._numbers.get((account_id, key), "") if key else ""
        return CallerId(name=label) if label else line

    def colleague(self, account_id: str, user: LineUser) -> LineUser:
        """``user`` with a name, where the extension is known."""
        name = "" if user.name else self.name_of(account_id, user.extension)
        if not name:
            return user
        return LineUser(user.extension, user.email, name)

    def extensions(self) -> frozenset[str]:
        """Every internal number that is known to be somebody's."""
        return frozenset(extension for _, extension in self._people if extension)

    def name_of(self, account_id: str, extension: str) -> str:
        """Who has an extension, here or by the team's word; "" when nobody knows."""
        known = self._people.get((account_id, extension), "")
        if known or self.team is None or not extension:
            return known
        return self.team(account_id, extension)
