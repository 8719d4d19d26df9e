"""The D-Bus session bus, as far as the desktop around us is asked over it.

Loaded when the first question is asked. What goes wrong on the bus is a ``BusError``:
a missing bus, a service that is not there, an answer that does not come.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from jeepney import MatchRule, Message
    from jeepney.io.asyncio import DBusConnection

_log = logging.getLogger(__name__)

ADDRESS_VARIABLE: Final = "DBUS_SESSION_BUS_ADDRESS"
PATIENCE_SECONDS: Final = 2.0
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"


class BusError(Exception):
    """Nobody on the bus could answer; its text is for logs."""


class Place(NamedTuple):
    """Where a question goes.

    Attributes:
        name: Who owns the object.
        path: Which object.
        interface: Which of its interfaces.
    """

    name: str
    path: str
    interface: str


class Signal(NamedTuple):
    """Something that somebody on the bus told everybody.

    Attributes:
        path: Which object told it.
        member: What it is called.
        body: Its arguments.
    """

    path: str
    member: str
    body: tuple[Any, ...]


Heard = Callable[[Signal], None]


def has_session_bus() -> bool:
    """Whether there is a bus at all; costs nothing."""
    return bool(os.environ.get(ADDRESS_VARIABLE))


class SessionBus:
    """A connection to the session bus; use `open_session_bus`."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._listeners: list[tuple[MatchRule, Heard]] = []
        self._receiving = asyncio.get_running_loop().create_task(self._receive())

    async def call(self, place: Place, method: str, signature: str, *args: Any) -> Any:
        """Ask for something to be done; what came back, as a tuple.

        Raises:
            BusError: It was not.
        """
        from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

        address = DBusAddress(place.path, place.name, place.interface)
        message = new_method_call(address, method, signature or None, args)
        reply = await self._answer_to(message)
        if reply.header.message_type is MessageType.error:
            raise BusError(str(reply.header.fields.get(HeaderFields.error_name)))
        return reply.body

    async def get(self, place: Place, name: str) -> Any:
        """The value of a property.

        Raises:
            BusError: There is none, or nobody answers.
        """
        properties = place._replace(interface=_PROPERTIES)
        body = await self.call(properties, "Get", "ss", place.interface, name)
        _signature, value = body[0]
        return value

    async def names(self) -> frozenset[str]:
        """Who is on the bus, by the names that are known beforehand.

        Raises:
            BusError: The bus is gone.
        """
        (found,) = await self.call(_DAEMON, "ListNames", "")
        return frozenset(name for name in found if not name.startswith(":"))

    async def hear(
        self, place: Place, member: str, heard: Heard, *, about: str = ""
    ) -> None:
        """Have ``heard`` told of a signal, until the bus is closed.

        Args:
            place: Who tells it; an empty path or name stands for any.
            member: What it is called.
            heard: Told of each, on this loop.
            about: Only those whose first argument is this; "" for all.

        Raises:
            BusError: The bus does not let us listen.
        """
        from jeepney import MatchRule

        parts = {
            "type": "signal",
            "path": place.path or None,
            "interface": place.interface,
            "member": member,
        }
        # In messages the sender goes by another name than in rules.
        self._listeners.append((MatchRule(**parts), heard))
        rule = MatchRule(sender=place.name or None, **parts)
        if about:
            rule.add_arg_condition(0, about)
        await self.call(_DAEMON, "AddMatch", "s", rule.serialise())

    def is_lost(self) -> bool:
        """Whether the bus is gone."""
        return self._receiving.done()

    async def close(self) -> None:
        """Hang up."""
        self._receiving.cancel()
        await asyncio.gather(self._receiving, return_exceptions=True)
        try:
            await self._connection.close()
        except OSError as error:
            _log.debug("the bus was gone before it was left: %s", error)

    async def _answer_to(self, message: Message) -> Message:
        if self.is_lost():
            raise BusError("the bus is gone")
        serial = next(self._connection.outgoing_serial)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[serial] = answer
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._connection.send(message, serial=serial)
                return await answer
        except TimeoutError as error:
            raise BusError("no answer in time") from error
        except OSError as error:
            raise BusError("the bus is gone") from error
        finally:
            del self._waiting[serial]

    async def _receive(self) -> None:
        try:
            while True:
                self._take(await self._connection.receive())
        except (OSError, EOFError, ValueError) as error:
            _log.info("the session bus is gone: %s", type(error).__name__)
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the bus is gone"))

    def _take(self, message: Message) -> None:
        from jeepney import HeaderFields

        fields = message.header.fields
        answer = self._waiting.get(fields.get(HeaderFields.reply_serial, -1))
        if answer is not None:
            if not answer.done():
                answer.set_result(message)
            return
        for rule, heard in tuple(self._listeners):
            if rule.matches(message):
                path = str(fields.get(HeaderFields.path, ""))
                member = str(fields.get(HeaderFields.member, ""))
                heard(Signal(path, member, tuple(message.body)))


_DAEMON: Final = Place(
    "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"
)


async def open_session_bus() -> SessionBus:
    """Connect to the session bus.

    Raises:
        BusError: There is none, or it does not let us in.
    """
    if not has_session_bus():
        raise BusError("there is no session bus")
    from jeepney.io.asyncio import open_dbus_connection

    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return SessionBus(await open_dbus_connection("SESSION"))
    except (OSError, ValueError, TimeoutError, EOFError) as error:
        raise BusError("the bus does not let us in") from error
