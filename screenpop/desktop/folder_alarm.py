"""Learn that files in a folder changed, without waking up to look.

Linux tells it by inotify; where nothing tells it, ``open_folder_alarm`` gives None.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

_log = logging.getLogger(__name__)


class FolderAlarm(Protocol):
    """Something that becomes readable when files in one of its folders change."""

    def fileno(self) -> int:
        """What to watch for being readable."""
        ...

    def take(self) -> None:
        """Take what is to be read; what exactly it says does not matter."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


if sys.platform == "linux":

    def open_folder_alarm(folders: Iterable[Path]) -> FolderAlarm | None:
        """An alarm for those of the folders that there are; None for none of them."""
        there = [folder for folder in folders if folder.is_dir()]
        if not there:
            return None
        try:
            return _Inotify(there)
        except OSError as error:
            # The limit of the user's watches, mostly: then it is seen later.
            _log.info("folders cannot be watched: %s", error.strerror)
            return None

    class _Inotify:
        """Of inotify(7). Python has no name for it."""

        # Written and closed, attributes, moved from and to, made, deleted, itself gone.
        _EVENTS = 0x8 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800
        _LARGEST = 65_536

        def __init__(self, folders: Iterable[Path]) -> None:
            import ctypes

            libc = ctypes.CDLL(None, use_errno=True)
            self._handle: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            if self._handle < 0:
                raise OSError(ctypes.get_errno(), "no inotify")
            for folder in folders:
                name = os.fsencode(folder)
                if libc.inotify_add_watch(self._handle, name, self._EVENTS) < 0:
                    reason = ctypes.get_errno()
                    os.close(self._handle)
                    raise OSError(reason, os.strerror(reason))

        def fileno(self) -> int:
            """The handle to read events from."""
            return self._handle

        def take(self) -> None:
            """Take all that there is."""
            try:
                while os.read(self._handle, self._LARGEST):
                    pass
            except BlockingIOError:
                return

        def close(self) -> None:
            """Give it back."""
            os.close(self._handle)

else:

    def open_folder_alarm(folders: Iterable[Path]) -> FolderAlarm | None:
        """None that this program knows of."""
        return None
