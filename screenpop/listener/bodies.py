"""The body of a request as it comes in: of a told length, or in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from screenpop.listener.heads import RequestHead


class BodyTooLarge(Exception):
    """It is longer than is taken."""


class BrokenBody(Exception):
    """It is not what the head promised."""


class Body(Protocol):
    """Takes a body in."""

    def take(self, data: bytes) -> bytes | None:
        """The whole body once it is complete, None before that.

        What follows a complete body belongs to no request and is dropped.

        Raises:
            BodyTooLarge: It is longer than is taken.
            BrokenBody: It is not what the head promised.
        """
        ...


def body_of(head: RequestHead, most_bytes: int) -> Body:
    """What takes the body that this head announces.

    Args:
        head: Its length, if told, has been checked already.
        most_bytes: The longest body taken.
    """
    if head.is_chunked:
        return _ChunkedBody(most_bytes)
    return _CountedBody(head.length)


class _CountedBody:
    """So many bytes."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._parts = bytearray()

    def take(self, data: bytes) -> bytes | None:
        if not self._parts and len(data) == self._length:
            return data
        self._parts += data
        if len(self._parts) < self._length:
            return None
        return bytes(self._parts[: self._length])


class _ChunkedBody:
    """Chunks, as h11 reads them; few vendors send any."""

    _LINE_BYTES: Final = 16 * 1024

    def __init__(self, most_bytes: int) -> None:
        import h11

        self._h11 = h11
        self._most_bytes = most_bytes
        self._parts = bytearray()
        self._machine = h11.Connection(
            h11.SERVER, max_incomplete_event_size=self._LINE_BYTES
        )
        # Only what frames the body: the rest of the head has been read.
        self._machine.receive_data(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self._machine.next_event()

    def take(self, data: bytes) -> bytes | None:
        h11 = self._h11
        try:
            # Empty bytes would tell the parser that the sender hung up.
            if data:
                self._machine.receive_data(data)
            while isinstance(event := self._machine.next_event(), h11.Data):
                self._parts += event.data
                if len(self._parts) > self._most_bytes:
                    raise BodyTooLarge
        except h11.RemoteProtocolError:
            raise BrokenBody from None
        return bytes(self._parts) if isinstance(event, h11.EndOfMessage) else None
