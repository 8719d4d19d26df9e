"""Who is at the other end of a local socket."""

from __future__ import annotations

import os
import struct
import sys
from typing import Final, Protocol

_XUCRED_BYTES: Final = 76


class LocalSocket(Protocol):
    """What is needed of a socket: Python's own, or what asyncio shows of one."""

    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes:
        """Read a socket option."""
        ...


def is_own_peer(sock: LocalSocket) -> bool:
    """Whether the process at the other end runs as this user.

    For the connecting side this tells who listens, for the listening side who
    connected.
    """
    return _peer_user(sock) == _own_user()


if sys.platform == "linux":
    import socket

    def _peer_user(sock: LocalSocket) -> int:
        size = struct.calcsize("3i")
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", credentials)[1])

elif sys.platform == "darwin":

    def _peer_user(sock: LocalSocket) -> int:
        # SOL_LOCAL and LOCAL_PEERCRED of <sys/un.h>; a struct xucred comes back.
        credentials = sock.getsockopt(0, 1, _XUCRED_BYTES)
        return int(struct.unpack_from("=II", credentials)[1])

else:

    def _peer_user(sock: LocalSocket) -> int:
        # Windows has pipes instead, whose own rights keep strangers out.
        del sock
        return -1


if sys.platform == "win32":

    def _own_user() -> int:
        return 0

else:

    def _own_user() -> int:
        return os.getuid()
