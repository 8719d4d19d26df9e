"""Ask the running app for something; on the way of every ``screenpop dial``.

Plain blocking sockets: importing an event loop would take longer than the whole
exchange.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final

from screenpop.desktop.control_message import (
    LONGEST_ANSWER_BYTES,
    LONGEST_REQUEST_BYTES,
    ControlAnswer,
    ControlRequest,
    decode_answer,
    encode_request,
)
from screenpop.desktop.instance import is_held_by_somebody
from screenpop.domain.errors import InstanceError, PayloadError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_START_SECONDS: Final = 2.0
_RETRY_SECONDS: Final = 0.02
_PIECE_BYTES: Final = 65_536


def ask(
    socket_file: Path,
    lock_file: Path,
    verb: str,
    args: Mapping[str, object],
    *,
    timeout_seconds: float = 5.0,
) -> ControlAnswer:
    """Have the running app do ``verb`` and return what it says.

    An app that has the lock and does not answer yet is starting: it is given two
    seconds to be ready.

    Args:
        socket_file: Where the app listens.
        lock_file: What the app holds while it runs.
        verb: What to do.
        args: With what; anything JSON has a form for.
        timeout_seconds: How long the answer may take once the app has been reached.

    Raises:
        InstanceError: No app runs, or it gave no answer. The title says which; in the
            latter case the request may have been carried out.
    """
    line = encode_request(ControlRequest(os.getpid(), verb, args))
    if len(line) > LONGEST_REQUEST_BYTES:
        raise InstanceError(tr("That is too long to hand to the running screenpop"))
    try:
        return decode_answer(
            _exchange_when_ready(socket_file, lock_file, line, timeout_seconds)
        )
    except (OSError, PayloadError):
        raise InstanceError(
            tr("The running screenpop does not answer"),
            tr(
                "Look at its window before you try again; if there is none, "
                "end screenpop and start it anew."
            ),
        ) from None


def _exchange_when_ready(
    socket_file: Path, lock_file: Path, line: bytes, timeout_seconds: float
) -> bytes:
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        try:
            return _exchange(socket_file, line, timeout_seconds)
        except (FileNotFoundError, ConnectionRefusedError):
            if not is_held_by_somebody(lock_file):
                raise InstanceError(
                    tr("screenpop is not running"), tr("Start it with: screenpop")
                ) from None
            if time.monotonic() > give_up_at:
                raise
        time.sleep(_RETRY_SECONDS)


if sys.platform == "win32":
    from screenpop.desktop.pipe import pipe_name

    def _exchange(socket_file: Path, line: bytes, timeout_seconds: float) -> bytes:
        del timeout_seconds  # A pipe opened as a file knows none.
        with open(pipe_name(socket_file), "r+b", buffering=0) as pipe:  # noqa: PTH123
            pipe.write(line)
            received = bytearray()
            while not received.endswith(b"\n"):
                piece = pipe.read(_PIECE_BYTES)
                if not piece or len(received) > LONGEST_ANSWER_BYTES:
                    break
                received += piece
        return bytes(received)

else:
    import socket

    from screenpop.desktop.peer import is_own_peer

    def _exchange(socket_file: Path, line: bytes, timeout_seconds: float) -> bytes:
        give_up_at = time.monotonic() + timeout_seconds
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as app:
            app.settimeout(timeout_seconds)
            app.connect(os.fspath(socket_file))
            if not is_own_peer(app):
                raise InstanceError(
                    tr("Another user answers in the place of the running screenpop"),
                    tr(
                        "Delete {socket_file} and tell your administrator.",
                        socket_file=socket_file,
                    ),
                )
            app.sendall(line)
            received = bytearray()
            while not received.endswith(b"\n"):
                # The whole answer has to be there in time, not each piece of it.
                app.settimeout(max(0.001, give_up_at - time.monotonic()))
                piece = app.recv(_PIECE_BYTES)
                if not piece or len(received) > LONGEST_ANSWER_BYTES:
                    break
                received += piece
        return bytes(received)
