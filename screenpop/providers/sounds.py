"""Sounds that vendors link to, fetched so that they can be kept or played here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.errors import NotFound, PayloadError
from screenpop.net import HttpClient
from screenpop.providers.abilities import Sound
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply

LARGEST_SOUND: Final = 64 * 1024 * 1024
SOUND_SECONDS: Final = 60.0
ACCEPTED: Final = "audio/*, application/octet-stream;q=0.9, */*;q=0.1"


async def fetch_linked(url: str, *, service: str) -> Sound:
    """What a link leads to, asked for without any key.

    Args:
        url: Treat it as a secret; https only, on whatever host the vendor names.
        service: The vendor, for error texts.

    Raises:
        NotFound: The link does not open, as when it has expired.
        ProviderUnavailable: Its host cannot be reached.
        PayloadError: There is no sound behind it.
    """
    try:
        parts = urlsplit(url)
        place = f"https://{parts.hostname or ''}" + (
            f":{parts.port}" if parts.port else ""
        )
    except ValueError:
        parts, place = urlsplit(""), ""
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise NotFound(tr("{service} gave no link that can be opened", service=service))

    def refused(reply: HttpReply) -> ProviderError | None:
        if 400 <= reply.status < 500:
            return NotFound(
                tr("{service}'s link to the sound does not open", service=service),
                tr("It may have expired: try again for a fresh one."),
            )
        return None

    client = HttpClient(place, service=service, timeout_seconds=SOUND_SECONDS)
    try:
        reply = await client.request(
            "GET", url, accept=ACCEPTED, max_bytes=LARGEST_SOUND, read_refusal=refused
        )
    finally:
        await client.aclose()
    return sound_of(reply)


def sound_of(reply: HttpReply) -> Sound:
    """The answer as sound.

    Raises:
        PayloadError: It is a page or a message instead.
    """
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if not reply.body or reply.body.lstrip()[:1] in (b"<", b"{", b"["):
        raise PayloadError(
            tr("{service} gave something else than a sound", service=reply.service)
        )
    is_known = kind.startswith("audio/")
    return Sound(reply.body, kind if is_known else "audio/wav")
