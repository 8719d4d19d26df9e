"""Whose calls somebody means: by extension, number, address or name.

Events call people by what the phone system calls them, which may be an id that nobody
knows. Whom an administrator names is looked up there once, when a code is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError, UsageError
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import read_number, same_number
from screenpop.domain.plain_text import plain
from screenpop.providers.protocol import SupportsUsers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.config.relay_settings import LineRule
    from screenpop.providers.protocol import LineHolder
    from screenpop.relay.devices import Line
    from screenpop.services.connections import Connection

_MOST_NAMED: Final = 6


@frozen
class NamedLine:
    """A line as events name it.

    Attributes:
        remark: What whoever asked for it should know; "" for nothing.
    """

    line: Line
    remark: str = ""


async def named_line(
    connection: Connection, line: Line, rules: Iterable[LineRule]
) -> NamedLine:
    """What events call the one whom ``line`` names.

    Args:
        connection: The line's account.
        line: As the administrator wrote it.
        rules: What relay.toml says of lines.

    Raises:
        UsageError: It names nobody, or several.
    """
    if not line.extension:
        return NamedLine(line)
    asking = connection.able(SupportsUsers)
    if asking is None:
        return NamedLine(line, _unheard(connection, line, rules))
    try:
        users = await asking.list_users()
    except ScreenpopError as error:
        return _unchecked(connection, line, error)
    found = _meant(users, line.extension, connection.region)
    if len(found) == 1:
        (user,) = found
        known_as = user.own_number
        return NamedLine(replace(line, extension=user.extension, known_as=known_as))
    if found:
        text = plain(line.extension, 40)
        raise UsageError(
            f"“{text}” fits several users of {connection.label}",
            f"Name one of these by number or id: {_list(found)}.",
        )
    return _stranger(connection, line, users)


def _meant(
    users: Iterable[LineHolder], text: str, region: str
) -> tuple[LineHolder, ...]:
    """Those whom a text names: exactly, else by number, address or name."""
    told = tuple(users)
    exact = tuple(each for each in told if text in (each.extension, each.user_id))
    if exact:
        return exact
    number, word = read_number(text, region), text.casefold()
    return tuple(
        each
        for each in told
        if word in (each.email.casefold(), each.name.casefold())
        or (
            number.e164
            and same_number(number, read_number(each.own_number or "", region))
        )
    )


def _unheard(connection: Connection, line: Line, rules: Iterable[LineRule]) -> str:
    """That no ring says whose it is, where nothing makes up for that."""
    manifest = connection.manifest
    if manifest is None or manifest.rings_name_extensions:
        return ""
    if connection.settings.options.get(manifest.line_map_option):
        return ""
    account_id = connection.account_id
    if any(
        rule.account == account_id and line.extension in rule.extensions
        for rule in rules
    ):
        return ""
    return (
        f"{manifest.name} does not say whose phone rings, only which number is called. "
        f"Unless {plain(line.extension, 40)} is that number, this computer shows no "
        "card before [[relay.lines]] in relay.toml says which number's calls it shows"
    )


def _unchecked(connection: Connection, line: Line, error: ScreenpopError) -> NamedLine:
    """The line as it is, where it can be what events say.

    Raises:
        UsageError: It is a number, which has to be looked up.
    """
    account = connection.label
    if read_number(line.extension, connection.region).e164:
        raise UsageError(
            f"The users of {account} cannot be read: {error.title}",
            "A number is looked up among them. Let the account's key read them and try "
            "again, or give the id by which the phone system's events name the user.",
        ) from error
    text = plain(line.extension, 40)
    return NamedLine(
        line, f"whether {account} has “{text}” was not checked: {error.title}"
    )


def _stranger(
    connection: Connection, line: Line, users: tuple[LineHolder, ...]
) -> NamedLine:
    """A line that names nobody: a slip, or somebody who is still to come.

    Raises:
        UsageError: The phone system knows people by ids, so nobody will come.
    """
    title = f"{connection.label} has no user “{plain(line.extension, 40)}”"
    if any(each.own_number for each in users):
        raise UsageError(
            title, f"Give their number, name or id. It has: {_list(users)}."
        )
    return NamedLine(line, f"{title}; the code is made all the same")


def _list(users: Iterable[LineHolder]) -> str:
    shown = [
        f"{plain(each.name, 40)} ({each.own_number or each.extension})"
        for each in users
    ]
    more = ["…"] if len(shown) > _MOST_NAMED else []
    return ", ".join(shown[:_MOST_NAMED] + more)
