"""Find a call's recording, and fetch it where its link alone does not open it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    PayloadError,
    PermissionDenied,
    RequestRejected,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader
from screenpop.providers.abilities import Sound
from screenpop.providers.primevox.complaints import SERVICE
from screenpop.providers.primevox.parties import is_made_up
from screenpop.providers.primevox.payloads import read_call
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.http_replies import HttpReply
    from screenpop.providers.primevox.client import PrimevoxClient
    from screenpop.providers.primevox.polling import CallPoller

_LINK_REFUSED = (AuthenticationFailed, NotFound, PermissionDenied, RequestRejected)


@frozen
class Recordings:
    """Recordings of one account."""

    client: PrimevoxClient
    poller: CallPoller

    async def link(self, call_uuid: str) -> str:
        """Where the recording is; treat it as a secret.

        Raises:
            NotFound: The call has none, or is not known.
        """
        if is_made_up(call_uuid):
            raise _none()
        call, _events = await self.poller.details(call_uuid)
        url = read_call(FieldReader(dict(call))).recording_url if call else ""
        if not url:
            call = await self.poller.find_summary(call_uuid, datetime.now(UTC))
            url = read_call(FieldReader(dict(call))).recording_url if call else ""
        if not url:
            raise _none()
        return url

    async def sound(self, call_uuid: str) -> Sound:
        """The recording: by its link, or by its name where the link wants a key.

        Raises:
            NotFound: The call has none, or is not known.
        """
        url = await self.link(call_uuid)
        if self.client.is_own_address(url):
            try:
                return _sound(await self.client.recording(url))
            except (*_LINK_REFUSED, PayloadError):
                pass  # the link alone does not open it
        name = file_name(url)
        if not name:
            raise _none()
        return _sound(await self.client.recording_file(name))


def file_name(url: str) -> str:
    """The name of the sound file in a recording's link; "" when there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    asked = dict(parse_qsl(parts.query))
    return asked.get("fileName") or PurePosixPath(parts.path).name


def _sound(reply: HttpReply) -> Sound:
    """The answer as sound.

    Raises:
        PayloadError: It is a page or a message instead.
    """
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if not reply.body or reply.body.lstrip()[:1] in (b"<", b"{", b"["):
        raise PayloadError(
            tr("{service} gave something else than a recording", service=SERVICE)
        )
    is_sound = kind.startswith("audio/") or kind == "application/octet-stream"
    return Sound(reply.body, kind if is_sound else "audio/wav")


def _none() -> NotFound:
    return NotFound(tr("{service} has no recording of this call", service=SERVICE))
