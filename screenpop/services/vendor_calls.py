"""What a vendor has of one call beyond what it told us: its steps, its recording."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError, PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.links import openable
from screenpop.providers.abilities import (
    SupportsRecordingDownload,
    SupportsRecordings,
    SupportsTimeline,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.domain.calls import CallRef
    from screenpop.providers.abilities import Recording, Sound, TimelineEntry
    from screenpop.services.connections import Connection, Connections

_ENDINGS: Final = {
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/aac": ".aac",
    "audio/webm": ".webm",
    "audio/flac": ".flac",
}
# What a vendor says of a sound is often that it is some bytes.
_SIGNS: Final = ((b"ID3", ".mp3"), (b"\xff\xfb", ".mp3"), (b"OggS", ".ogg"))


@frozen
class VendorOffer:
    """What can be asked about the calls of an account.

    Attributes:
        has_steps: Step by step what happened on a call.
        has_link: A fresh link to a recording.
        has_sound: The recording itself.
    """

    account_label: str
    has_steps: bool = False
    has_link: bool = False
    has_sound: bool = False


class VendorCalls:
    """Asks vendors about single calls; each method asks anew.

    Every method that asks raises UsageError for an unknown account, NotOffered where
    the vendor has no such thing, and ProviderError when it does not answer.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def offer(self, account_id: str) -> VendorOffer:
        """What the account's vendor can be asked; nothing for an unknown account."""
        connection = self._connections.find(account_id)
        if connection is None:
            return VendorOffer(account_id)
        return VendorOffer(
            connection.label,
            has_steps=connection.able(SupportsTimeline) is not None,
            has_link=connection.able(SupportsRecordings) is not None,
            has_sound=gives_sound(connection),
        )

    async def steps(self, ref: CallRef) -> tuple[TimelineEntry, ...]:
        """Every step of a call that the vendor knows of, in order."""
        connection = self._connections.get(ref.account_id)
        return await connection.ability(SupportsTimeline).timeline(ref.call_id)

    async def recording(self, ref: CallRef) -> Recording:
        """Where the recording can be had now; links die within minutes, so ask anew.

        Raises:
            NotFound: The call has none.
        """
        connection = self._connections.get(ref.account_id)
        return await connection.ability(SupportsRecordings).recording(ref.call_id)

    async def recording_link(self, ref: CallRef) -> str:
        """A fresh link that a browser may open.

        Raises:
            NotFound: The call has none.
            PayloadError: It is no address that may be opened.
        """
        found = await self.recording(ref)
        link = openable(found.url)
        if not link:
            raise PayloadError(
                tr("The phone system gave a link that is not safe to open"),
                tr("Only links that begin with https are opened."),
            )
        return link

    async def sound(self, ref: CallRef) -> Sound:
        """The recording itself, by a fresh link where the vendor gives links only.

        Raises:
            NotFound: The call has none, or its link does not open.
        """
        connection = self._connections.get(ref.account_id)
        downloader = connection.able(SupportsRecordingDownload)
        if downloader is not None:
            return await downloader.download_recording(ref.call_id)
        from screenpop.providers.sounds import fetch_linked

        found = await self.recording(ref)
        name = connection.manifest.name if connection.manifest else connection.label
        return await fetch_linked(found.url, service=name)


def gives_sound(connection: Connection) -> bool:
    """Whether an account's recordings can be had as files."""
    return (
        connection.able(SupportsRecordingDownload) is not None
        or connection.able(SupportsRecordings) is not None
    )


def file_ending(sound: Sound) -> str:
    """How the name of a file with this sound ends."""
    for sign, ending in _SIGNS:
        if sound.data.startswith(sign):
            return ending
    kind = sound.media_type.partition(";")[0].strip().lower()
    return _ENDINGS.get(kind, ".wav")


async def write_sound(sound: Sound, path: Path) -> int:
    """Write a sound to a file; returns its size in bytes.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    try:
        return await asyncio.to_thread(path.write_bytes, sound.data)
    except OSError as error:
        raise ConfigurationError(
            tr("The file cannot be written: {reason}", reason=error.strerror),
            tr("Choose another folder."),
        ) from None
