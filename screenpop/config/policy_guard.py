"""Open a policy only where no ordinary user could have written it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.config.toml_file import LARGEST_BYTES
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.policy_places import PolicyPlaces

_WHEEL: Final = 0
_MACOS_ADMIN: Final = 80
"""The group of administrators, who may write to /Library/Application Support."""


class PolicyRefusedError(Exception):
    """A policy that must not be read, or cannot be; as text, why."""


def read_guarded(path: Path, places: PolicyPlaces) -> bytes | None:
    """The bytes of a policy file; None when there is none.

    Raises:
        PolicyRefusedError: Somebody besides administrators could have written it, it
            is no plain file, or it cannot be read.
    """
    try:
        refuse_folders(path.parent, places)
        handle = os.open(path, _open_flags())
    except FileNotFoundError:
        if not os.path.lexists(path):
            return None
        raise PolicyRefusedError(tr("it is a link that leads nowhere")) from None
    except OSError as error:
        if path.is_symlink():
            raise PolicyRefusedError(_link()) from error
        raise PolicyRefusedError(
            tr("it cannot be read: {reason}", reason=error.strerror)
        ) from error
    try:
        # What is open is looked at: the path could be another file by now.
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise PolicyRefusedError(tr("it is no plain file"))
        _refuse_writable(path, found, places)
        data = _read_all(handle)
    except OSError as error:
        raise PolicyRefusedError(
            tr("it cannot be read: {reason}", reason=error.strerror)
        ) from error
    finally:
        os.close(handle)
    if len(data) > LARGEST_BYTES:
        raise PolicyRefusedError(tr("it is far too large for settings"))
    return data


def _read_all(handle: int) -> bytes:
    """Up to one byte more than a policy may have."""
    data = b""
    while part := os.read(handle, LARGEST_BYTES + 1 - len(data)):
        data += part
    return data


def refuse_folders(folder: Path, places: PolicyPlaces) -> None:
    """Look at a folder and those above it.

    Raises:
        PolicyRefusedError: Somebody besides administrators could put files there.
        OSError: It cannot be looked at.
    """
    real = folder.resolve()
    # Where a link leads to has other folders above it.
    for start in (folder,) if real == folder else (folder, real):
        for each in (start, *start.parents):
            _refuse_writable(each, each.stat(), places, is_above=each != start)
            if each == places.top:
                break


def _open_flags() -> int:
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    return flags


def _link() -> str:
    return tr("it is a link to another file; a policy must be a file itself")


if sys.platform == "win32":

    def _refuse_writable(
        path: Path,
        found: os.stat_result,
        places: PolicyPlaces,
        *,
        is_above: bool = False,
    ) -> None:
        """Ask the access list."""
        if found.st_uid in places.trusted:
            return
        from screenpop.config.policy_guard_windows import users_may_write

        if path.lstat().st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
            raise PolicyRefusedError(_link())
        if users_may_write(path, is_above=is_above):
            raise PolicyRefusedError(_writable(path))

else:

    def _refuse_writable(
        path: Path,
        found: os.stat_result,
        places: PolicyPlaces,
        *,
        is_above: bool = False,
    ) -> None:
        del is_above  # Adding a file and replacing one are the same right here.
        owners = (0, *places.trusted)
        groups = (_WHEEL, _MACOS_ADMIN) if sys.platform == "darwin" else (_WHEEL,)
        if found.st_uid not in owners:
            raise PolicyRefusedError(
                tr("{path} does not belong to an administrator", path=path)
            )
        # In a folder like /tmp nobody can touch what is somebody else's.
        is_sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
        by_group = found.st_mode & stat.S_IWGRP and found.st_gid not in groups
        by_others = found.st_mode & stat.S_IWOTH
        if (by_group or by_others) and not is_sticky:
            raise PolicyRefusedError(_writable(path))


def _writable(path: Path) -> str:
    return tr("{path} can be written by users who are no administrators", path=path)
