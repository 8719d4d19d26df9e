"""GET over https, bounded in size and time, following few redirects and no downgrade.

No identifier is sent: the request tells the version of screenpop, as every request of
its does, and nothing of the computer or its user.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from screenpop.domain.errors import (
    PayloadError,
    ProviderError,
    UpdateError,
    UpdateRefused,
)
from screenpop.domain.service_address import is_loopback
from screenpop.domain.update_manifest import LARGEST_MANIFEST, Artefact
from screenpop.services.updates.versions import disk_error
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.http_replies import HttpReply
    from screenpop.net import HttpClient

PIECE_BYTES: Final = 1024 * 1024
_MOST_REDIRECTS: Final = 4
_MANIFEST_SECONDS: Final = 20.0
_PIECE_SECONDS: Final = 120.0
# Room for the file, for what is in it, and for the rest of the computer.
_ROOM_FACTOR: Final = 5


class Fetcher:
    """Asks update servers; keeps its connections until it is closed."""

    def __init__(self) -> None:
        self._clients: dict[str, HttpClient] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def manifest(self, url: str) -> bytes:
        """The file at an address, of a manifest's size at most.

        Raises:
            UpdateError: It cannot be had.
            UpdateRefused: The address is not encrypted, or leads to one that is not.
        """
        seconds = _MANIFEST_SECONDS
        reply = await self._get(url, largest=LARGEST_MANIFEST, seconds=seconds)
        return reply.body

    async def download(
        self, url: str, artefact: Artefact, folder: Path, tell: Callable[[int], None]
    ) -> Path:
        """Fetch an artefact in pieces, going on where an earlier download ended.

        Args:
            url: Where it is.
            artefact: What is to come of it.
            folder: Where it is put.
            tell: Told how many bytes are there.

        Returns:
            The file, whose size and hash are right.

        Raises:
            UpdateError: It cannot be had now; what came so far is kept.
            UpdateRefused: Something else came than was announced; it is deleted.
        """
        try:
            part = _Part(folder, artefact)
            resumed = part.have() > 0
            await self._complete(url, part, tell)
            if resumed and not part.is_right():
                # What came on another day may have been of another file.
                part.drop()
                await self._complete(url, part, tell)
            if not part.is_right():
                part.drop()
                raise UpdateRefused(_not_announced())
        except OSError as error:
            raise disk_error(error) from error
        return part.path

    async def _complete(
        self, url: str, part: _Part, tell: Callable[[int], None]
    ) -> None:
        while (have := part.have()) < part.artefact.size:
            end = min(have + PIECE_BYTES, part.artefact.size)
            part.append(await self._piece(url, have, end))
            tell(end)

    async def _piece(self, url: str, start: int, end: int) -> bytes:
        reply = await self._get(
            url,
            largest=PIECE_BYTES,
            seconds=_PIECE_SECONDS,
            headers={"Range": f"bytes={start}-{end - 1}"},
            accept="application/octet-stream, */*",
        )
        says = reply.headers.get("content-range", "")
        is_part = reply.status == 206 and says.startswith(f"bytes {start}-")
        if start and not is_part:
            raise UpdateError(tr("The update server cannot send parts of a file"))
        if len(reply.body) != end - start:
            raise UpdateRefused(_not_announced())
        return reply.body

    async def _get(
        self,
        url: str,
        *,
        largest: int,
        seconds: float,
        headers: Mapping[str, str] | None = None,
        accept: str = "application/json",
    ) -> HttpReply:
        scheme = urlsplit(url).scheme
        for _ in range(_MOST_REDIRECTS + 1):
            client = self._client(_origin(url, scheme))
            try:
                return await client.request(
                    "GET",
                    url,
                    headers=headers,
                    accept=accept,
                    timeout_seconds=seconds,
                    max_bytes=largest,
                    read_refusal=_moved,
                )
            except _MovedError as moved:
                url = urljoin(url, moved.location)
            except (ProviderError, PayloadError) as error:
                raise UpdateError(error.title, error.advice) from None
        raise UpdateError(_too_often())

    def _client(self, origin: str) -> HttpClient:
        from screenpop.net import HttpClient

        if origin not in self._clients:
            self._clients[origin] = HttpClient(
                origin, service=tr("The update server"), max_bytes=LARGEST_MANIFEST
            )
        return self._clients[origin]


def _too_often() -> str:
    return tr("The update server sends us from one address to the next")


def _not_announced() -> str:
    return tr("The update is not the file that was announced")


class _Part:
    """A file on its way, in a folder that holds one such file.

    Raises:
        UpdateError: There is no room for it.
        OSError: The disk does not take it.
    """

    def __init__(self, folder: Path, artefact: Artefact) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.artefact = artefact
        self.path = folder / f"{artefact.sha256[:16]}.part"
        for other in folder.glob("*.part"):
            if other != self.path:
                other.unlink()
        if shutil.disk_usage(folder).free < artefact.size * _ROOM_FACTOR:
            raise UpdateError(
                tr("There is too little space for the update"),
                tr("Free some disk space or make the folder writable."),
            )

    def have(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def append(self, piece: bytes) -> None:
        with self.path.open("ab") as stream:
            stream.write(piece)

    def is_right(self) -> bool:
        return is_as_announced(self.path, self.artefact)

    def drop(self) -> None:
        self.path.unlink()


def is_as_announced(path: Path, artefact: Artefact) -> bool:
    """Whether a file has the size and the hash of an artefact.

    Raises:
        OSError: It cannot be read.
    """
    return path.stat().st_size == artefact.size and has_hash(path, artefact.sha256)


def has_hash(path: Path, sha256: str) -> bool:
    """Whether a file has that SHA-256.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256


# --- one request ---------------------------------------------------------------------


class _MovedError(ProviderError):
    """The server says where the file is instead."""

    def __init__(self, location: str) -> None:
        super().__init__(_too_often())
        self.location = location


def _moved(reply: HttpReply) -> ProviderError | None:
    location = reply.headers.get("location", "")
    if reply.status in (301, 302, 303, 307, 308) and location:
        return _MovedError(location)
    return None


def _origin(url: str, scheme: str) -> str:
    """Scheme, host and port of an address that may be asked.

    Raises:
        UpdateRefused: It is not encrypted, or not of the scheme it began with.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_plain = parts.username is None and parts.port != 0
    except ValueError:
        raise _not_encrypted() from None
    is_local = scheme == "http" and is_loopback(host)
    if not host or not is_plain or parts.scheme != scheme:
        raise _not_encrypted()
    if scheme != "https" and not is_local:
        raise _not_encrypted()
    return f"{scheme}://{parts.netloc}"


def _not_encrypted() -> UpdateRefused:
    return UpdateRefused(
        tr("The address of updates is not an encrypted one"),
        tr("It begins with https://, and so do all it leads to."),
    )
