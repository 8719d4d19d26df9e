"""Learn that the computer slept or changed its network, without waking up to look.

Where the system says nothing by itself (``open_alarms`` is empty there), whoever has
something to do anyway can compare ``asleep_seconds`` with what it was before.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Protocol

_log = logging.getLogger(__name__)


class Alarm(Protocol):
    """Something that becomes readable when the computer's surroundings change.

    Attributes:
        is_of_network: It is about addresses; else it is about the clock.
    """

    @property
    def is_of_network(self) -> bool:
        """See above."""
        ...

    def fileno(self) -> int:
        """What to watch for being readable."""
        ...

    def take(self) -> bool:
        """Take what is to be read; whether it means that something changed."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


if sys.platform == "linux":
    import socket

    def asleep_seconds() -> float:
        """How long the computer has slept since it was started."""
        awake = time.clock_gettime(time.CLOCK_MONOTONIC)
        return time.clock_gettime(time.CLOCK_BOOTTIME) - awake

    def running_seconds() -> float:
        """How long the computer has run and slept; nobody can set this clock."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def open_alarms() -> tuple[Alarm, ...]:
        """One for sleep and one for the network, as far as this system has them."""
        alarms: list[Alarm] = []
        for kind in (_ClockAlarm, _AddressAlarm):
            try:
                alarms.append(kind())
            except OSError as error:
                _log.info("%s cannot be had: %s", kind.__name__, error.strerror)
        return tuple(alarms)

    class _ClockAlarm:
        """A timer that never fires, and is called off by whatever moves the clock.

        That is what a resume does; also setting the clock, so that one has to look.
        Python has timers of this kind only from 3.13 on.
        """

        is_of_network = False

        def __init__(self) -> None:
            import ctypes

            realtime, absolute_cancelled_on_set, never = 0, 3, 2**63 - 1
            libc = ctypes.CDLL(None, use_errno=True)
            flags = os.O_NONBLOCK | os.O_CLOEXEC
            self._handle: int = libc.timerfd_create(realtime, flags)
            if self._handle < 0:
                raise OSError(ctypes.get_errno(), "no timer")
            moment = (ctypes.c_int64 * 4)(0, 0, never, 0)
            how = absolute_cancelled_on_set
            if libc.timerfd_settime(self._handle, how, ctypes.byref(moment), None):
                reason = ctypes.get_errno()
                os.close(self._handle)
                raise OSError(reason, "no such timer")

        def fileno(self) -> int:
            """The timer's handle."""
            return self._handle

        def take(self) -> bool:
            """Whether it was called off."""
            try:
                os.read(self._handle, 8)
            except BlockingIOError:
                return False
            except OSError:
                # ECANCELED, and it is set again by that.
                return True
            return False

        def close(self) -> None:
            """Give it back."""
            os.close(self._handle)

    class _AddressAlarm:
        """Hears when an IPv4 address comes or goes: Wi-Fi, a cable, a VPN.

        Those of IPv6 are told anew every few minutes although nothing changed.
        """

        is_of_network = True
        _ADDRESSES_OF_IPV4 = 0x10
        _LARGEST = 65_536

        def __init__(self) -> None:
            flags = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            self._socket = socket.socket(socket.AF_NETLINK, flags, socket.NETLINK_ROUTE)
            try:
                self._socket.bind((0, self._ADDRESSES_OF_IPV4))
            except OSError:
                self._socket.close()
                raise

        def fileno(self) -> int:
            """The socket's handle."""
            return self._socket.fileno()

        def take(self) -> bool:
            """Whether anything was said; what exactly does not matter."""
            is_heard = False
            while True:
                try:
                    self._socket.recv(self._LARGEST)
                except BlockingIOError:
                    return is_heard
                except OSError:
                    # More was said than it could keep.
                    return True
                is_heard = True

        def close(self) -> None:
            """Hang up."""
            self._socket.close()

else:

    def open_alarms() -> tuple[Alarm, ...]:
        """None that this program knows of."""
        return ()

    if sys.platform == "darwin":

        def asleep_seconds() -> float:
            """How long the computer has slept since it was started."""
            awake = time.clock_gettime(time.CLOCK_UPTIME_RAW)
            return time.clock_gettime(time.CLOCK_MONOTONIC) - awake

        def running_seconds() -> float:
            """How long the computer has run and slept; nobody can set this clock."""
            return time.clock_gettime(time.CLOCK_MONOTONIC)

    elif sys.platform == "win32":

        def asleep_seconds() -> float:
            """How long the computer has slept since it was started."""
            import ctypes

            awake = ctypes.c_uint64()
            kernel = ctypes.windll.kernel32
            kernel.QueryUnbiasedInterruptTime(ctypes.byref(awake))
            kernel.GetTickCount64.restype = ctypes.c_uint64
            since_start: int = kernel.GetTickCount64()
            return since_start / 1e3 - awake.value / 1e7

        def running_seconds() -> float:
            """How long the computer has run and slept; nobody can set this clock."""
            return time.monotonic()

    else:

        def asleep_seconds() -> float:
            """Not known here."""
            return 0.0

        def running_seconds() -> float:
            """How long the computer has run; nobody can set this clock."""
            return time.monotonic()
