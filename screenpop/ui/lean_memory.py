"""Keep together what glibc would spread over the threads, and give back the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

# From glibc's malloc.h.
_M_ARENA_MAX: Final = -8


def share_one_heap() -> None:
    """Let all threads that start from now on allocate from one heap.

    glibc gives each thread a heap of its own, so that none waits for another. Python's
    threads take turns anyway, and seven heaps with gaps are 0.4 MiB of an idle app.
    """
    # Other C libraries than glibc may not have it.
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what the heap has free at its end and within."""
    trim = _of_libc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_libc(name: str) -> Callable[..., object] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    found: Callable[..., object] | None = getattr(ctypes.CDLL(None), name, None)
    return found
