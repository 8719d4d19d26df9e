"""One running app per user: the lock that the first start holds."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import InstanceError, StoreFull
from screenpop.wording import tr, tr_marked

if TYPE_CHECKING:
    from pathlib import Path

# Windows locks bytes and lets nobody read them: lock one that is never written.
_LOCKED_BYTE: Final = 1 << 20
_LONGEST_PID: Final = 20
_FOR_WANT_OF_DISK: Final = (errno.ENOSPC, errno.EROFS)


class InstanceLock:
    """Held by the running app for as long as its process lives.

    The system lets go of it when the process ends, however it ends. The file stays:
    deleting it would let two processes hold locks on two files of one name.

    Args:
        lock_file: In a folder that belongs to this user alone.
    """

    def __init__(self, lock_file: Path) -> None:
        self._path = lock_file
        self._handle: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def acquire(self) -> bool:
        """Take the lock; False when another process has it.

        Raises:
            InstanceError: The lock file cannot be used at all.
        """
        if self._handle is not None:
            return True
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            handle = os.open(self._path, flags | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        if not _lock(handle):
            os.close(handle)
            return False
        try:
            os.ftruncate(handle, 0)
            os.write(handle, b"%d" % os.getpid())
        except OSError as error:
            os.close(handle)
            raise self._unusable(error) from error
        self._handle = handle
        return True

    def _unusable(self, error: OSError) -> InstanceError:
        if error.errno in _FOR_WANT_OF_DISK:
            advice = tr_marked(StoreFull.default_advice)
        else:
            advice = tr("Delete it, and see that its folder belongs to you.")
        title = tr(
            "The file {path} cannot be used: {reason}",
            path=self._path,
            reason=error.strerror,
        )
        return InstanceError(title, advice)

    def release(self) -> None:
        """Let go of the lock; not holding it is fine."""
        if self._handle is None:
            return
        os.ftruncate(self._handle, 0)
        # Explicitly: a child process has a copy of the handle until it is fully there.
        _unlock(self._handle)
        os.close(self._handle)
        self._handle = None


def is_held_by_somebody(lock_file: Path) -> bool:
    """Whether the app seems to run, without touching the lock.

    Trying the lock for a moment would make a start at that moment give up. The holder's
    process id tells enough: a wrong guess costs a short wait.
    """
    try:
        with lock_file.open("rb") as file:
            holder = int(file.read(_LONGEST_PID))
    except (OSError, ValueError):
        return False
    return _is_alive(holder)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

    def _is_alive(_process_id: int) -> bool:
        # os.kill(…, 0) would send it Ctrl+C here; the short wait is no loss.
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

    def _is_alive(process_id: int) -> bool:
        try:
            os.kill(process_id, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True
        return True
