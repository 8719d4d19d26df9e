"""Asking the apps of all users of a Windows computer at once, as installers have to.

A pipe belongs to no session, and its default permissions let administrators and the
system in. Whoever else made a pipe of such a name learns nothing but what is asked, and
cannot act as the one who asks: the pipe is opened for identification only.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final

from screenpop.desktop.control_message import (
    LONGEST_ANSWER_BYTES,
    ControlAnswer,
    ControlRequest,
    decode_answer,
    encode_request,
)
from screenpop.desktop.pipe import PREFIX
from screenpop.domain.errors import PayloadError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PAUSE_SECONDS: Final = 0.2
_FOLDER: Final = "\\\\.\\pipe\\"


def ask_every_app(
    verb: str, args: Mapping[str, object], *, patience_seconds: float
) -> tuple[str, ...]:
    """Ask every app and wait until those that agreed are gone.

    Args:
        verb: What to do, an ending one.
        args: With what.
        patience_seconds: How long to wait for the last of them.

    Returns:
        Why some still run, one sentence each; nothing when none does.
    """
    line = encode_request(ControlRequest(os.getpid(), verb, args))
    return ask_all(
        lambda: tuple(name for name in _pipes() if name.startswith(PREFIX)),
        lambda name: decode_answer(_exchange(_FOLDER + name, line)),
        patience_seconds=patience_seconds,
    )


def ask_all(
    names: Callable[[], Sequence[str]],
    ask: Callable[[str], ControlAnswer],
    *,
    patience_seconds: float,
) -> tuple[str, ...]:
    """The same over any list of apps; what is gone when it is asked has ended."""
    refusals = []
    for name in names():
        try:
            answer = ask(name)
        except FileNotFoundError:
            continue
        except (OSError, PayloadError):
            refusals.append(tr("The running screenpop does not answer"))
            continue
        if not answer.is_ok:
            refusals.append(answer.title)
    give_up_at = time.monotonic() + patience_seconds
    while not refusals and names():
        if time.monotonic() > give_up_at:
            return (tr("The running screenpop does not end"),)
        time.sleep(_PAUSE_SECONDS)
    return tuple(refusals)


if sys.platform == "win32":
    import _winapi
    import msvcrt

    # winbase.h: what is given counts, and it is the right to identify us.
    _IDENTIFY_ONLY: Final = 0x0010_0000 | 0x0001_0000

    def _pipes() -> list[str]:
        return os.listdir(_FOLDER)  # noqa: PTH208 - no folder that pathlib knows

    def _exchange(name: str, line: bytes) -> bytes:
        access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
        handle = _winapi.CreateFile(
            name, access, 0, 0, _winapi.OPEN_EXISTING, _IDENTIFY_ONLY, 0
        )
        with os.fdopen(
            msvcrt.open_osfhandle(handle, os.O_RDWR), "r+b", buffering=0
        ) as pipe:
            pipe.write(line)
            received = bytearray()
            while not received.endswith(b"\n"):
                piece = pipe.read(65_536)
                if not piece or len(received) > LONGEST_ANSWER_BYTES:
                    break
                received += piece
        return bytes(received)

else:

    def _pipes() -> list[str]:
        return []

    def _exchange(name: str, line: bytes) -> bytes:
        raise FileNotFoundError(name)
