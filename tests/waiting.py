"""The one place where tests wait for an effect: by asking again, never by sleeping."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_PAUSE_SECONDS = 0.01
# What is awaited may take so many times longer where neighbours use the processors.
_SLOWEST = 3


def until(ask: Callable[[], T], what: str, *, seconds: float = 10.0) -> T:
    """Ask until the answer is truthy and return it.

    Args:
        seconds: More than it ever takes on a machine that is left alone.

    Raises:
        TimeoutError: it did not come true in time; the text says `what` was awaited.
    """
    deadline = time.monotonic() + seconds * _SLOWEST
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds * _SLOWEST:g} s for {what}")
        time.sleep(_PAUSE_SECONDS)
    return answer


async def eventually(ask: Callable[[], T], what: str, *, seconds: float = 10.0) -> T:
    """Do the same inside a coroutine, leaving the loop free meanwhile.

    Raises:
        TimeoutError: it did not come true in time; the text says `what` was awaited.
    """
    deadline = time.monotonic() + seconds * _SLOWEST
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds * _SLOWEST:g} s for {what}")
        await asyncio.sleep(_PAUSE_SECONDS)
    return answer
