"""Keep memory together that glibc would spread over the threads."""

from __future__ import annotations

import sys
from typing import Final

# From glibc's malloc.h.
_M_ARENA_MAX: Final = -8


def share_one_heap() -> None:
    """Let all threads that start from now on allocate from one heap.

    glibc gives each thread a heap of its own, so that none waits for another. Python's
    threads take turns anyway, and seven heaps with gaps are 0.4 MiB of an idle app.
    """
    if sys.platform != "linux":
        return
    import ctypes

    # Other C libraries than glibc may not have it.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
