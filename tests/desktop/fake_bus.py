"""Services of a desktop on the real session bus, made of Python, on their own thread.

They are strict: an unknown method is an error, and what was asked is kept.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

Answer = tuple[str, tuple[Any, ...]]
Method = Callable[..., Answer]


class BusService:
    """Owns names on the bus and answers what it was given answers for.

    Attributes:
        asked: Every call that came, as (method, arguments), in order.
    """

    def __init__(self, *names: str) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self._methods: dict[str, Method] = {}
        self._properties: dict[str, tuple[str, Any]] = {}
        self._names = names
        self._connection: DBusConnection = open_dbus_connection("SESSION")
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.caller = ""

    def answer(self, method: str, made: Method) -> None:
        """Answer that method; ``made`` gets its arguments."""
        self._methods[method] = made

    def set(self, name: str, signature: str, value: Any) -> None:
        """Give a property this value, telling nobody."""
        self._properties[name] = (signature, value)

    def tell(
        self, path: str, interface: str, member: str, signature: str, *body: Any
    ) -> None:
        """Emit a signal."""
        address = DBusAddress(path, None, interface)
        with self._lock:
            self._connection.send(new_signal(address, member, signature, body))

    def change(self, path: str, interface: str, name: str, value: bool) -> None:
        """Give a yes or no another value, and tell everybody."""
        self.set(name, "b", value)
        properties = "org.freedesktop.DBus.Properties"
        changed = {name: ("b", value)}
        self.tell(
            *(path, properties, "PropertiesChanged", "sa{sv}as"),
            *(interface, changed, []),
        )

    def start(self) -> None:
        """Take the names and begin to answer."""
        bus = Proxy(message_bus, self._connection)
        for name in self._names:
            (taken,) = bus.RequestName(name)
            assert taken == 1, f"{name} is somebody else's"
        self._thread.start()

    def stop(self) -> None:
        """Leave the bus."""
        self._connection.sock.shutdown(2)
        self._thread.join(5)
        with contextlib.suppress(OSError):
            self._connection.close()

    def _serve(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except (OSError, EOFError):
                return
            if message.header.message_type is MessageType.method_call:
                reply = self._reply(message)
                with self._lock:
                    self._connection.send(reply)

    def _reply(self, message: Message) -> Message:
        fields = message.header.fields
        method = fields[HeaderFields.member]
        self.caller = fields[HeaderFields.sender]
        if method == "Get" and message.body[1] in self._properties:
            return new_method_return(message, "v", (self._properties[message.body[1]],))
        if method not in self._methods:
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        self.asked.append((method, tuple(message.body)))
        signature, body = self._methods[method](*message.body)
        return new_method_return(message, signature or None, body)


@contextlib.contextmanager
def serving(service: BusService) -> Iterator[BusService]:
    """The service while it is on the bus."""
    service.start()
    try:
        yield service
    finally:
        service.stop()
