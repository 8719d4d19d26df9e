"""Unpack a version without trusting the archive further than its signature goes."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final

from screenpop.domain.errors import UpdateRefused
from screenpop.services.updates.versions import disk_error
from screenpop.wording import tr

MOST_FILES: Final = 50_000
LARGEST_UNPACKED: Final = 2 * 1000**3


def unpack(stream: IO[bytes], target: Path) -> None:
    """Unpack the one folder of an archive into ``target``.

    Raises:
        UpdateRefused: It is broken, too large, or would write elsewhere.
        UpdateError: The disk does not take it.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r:*") as archive:
            for member in _checked(archive, target):
                archive.extract(member, target, filter="fully_trusted")
    except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
        # Of what is in it nothing is quoted.
        raise UpdateRefused(
            tr("The update cannot be unpacked ({what})", what=type(error).__name__)
        ) from None
    except OSError as error:
        raise disk_error(error) from error


def _checked(archive: tarfile.TarFile, target: Path) -> Iterator[tarfile.TarInfo]:
    """Each member below the one top folder, made harmless, or an exception.

    What ``tarfile.data_filter`` refuses: absolute names, names and links that lead out
    of the target, devices and pipes.
    """
    tops: set[str] = set()
    size = 0
    for count, member in enumerate(archive, start=1):
        path = PurePosixPath(member.name)
        tops.add(path.parts[0] if path.parts else "")
        size += member.size
        if count > MOST_FILES or size > LARGEST_UNPACKED:
            raise tarfile.ReadError("it is far too large")
        if len(tops) > 1 or ".." in path.parts or path.is_absolute():
            raise tarfile.ReadError("it holds more than one folder")
        if len(path.parts) == 1:
            if not member.isdir():
                raise tarfile.ReadError("it holds no folder")
            continue
        moved = member.replace(name=str(PurePosixPath(*path.parts[1:])), deep=False)
        if member.islnk():
            linked = PurePosixPath(member.linkname)
            moved = moved.replace(
                linkname=str(PurePosixPath(*linked.parts[1:])), deep=False
            )
        harmless = tarfile.data_filter(moved, str(target))
        yield harmless
