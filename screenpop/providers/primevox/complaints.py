"""What PrimeVOX's answers complain of, as errors of ours.

The pages list sentences such as "Your API Auth Key is invalid." and no codes, and say
not whether they come with status 200: so they are known by their words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    OutcomeUnknown,
    PayloadError,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.http_replies import said
from screenpop.providers.primevox.payloads import complaint_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.errors import ProviderError
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue

SERVICE: Final = "PrimeVOX"
_LONGEST_SENTENCE: Final = 300


def value_of(reply: HttpReply) -> JsonValue:
    """The answer's JSON; a bare sentence that complains counts as a text.

    Raises:
        PayloadError: It is neither.
    """
    try:
        return reply.json()
    except PayloadError:
        text = reply.body[: _LONGEST_SENTENCE + 1].decode("utf-8", "replace").strip()
        is_sentence = 0 < len(text) <= _LONGEST_SENTENCE and "<" not in text
        if is_sentence and complaint_in(text):
            return text
        raise


def complaint_error(
    complaint: str, reply: HttpReply, secrets: Iterable[str], *, send_once: bool
) -> ProviderError:
    """The error that a complaint in a good answer stands for."""
    words = complaint.casefold()
    quote = said(reply, secrets)
    if "container" in words:
        return AuthenticationFailed(
            f"{SERVICE} does not know the container",
            f"Check the Container ID and the key in the account's settings.{quote}",
        )
    if "key" in words or "auth" in words:
        return AuthenticationFailed(f"{SERVICE} does not accept the key")
    if "database" in words or "try again" in words:
        if send_once:
            return OutcomeUnknown(f"{SERVICE} did not say whether it worked")
        return ProviderUnavailable(f"{SERVICE} is out of order at the moment")
    if "too many" in words or "rate limit" in words:
        return ProviderThrottled(f"{SERVICE} asks for fewer requests")
    if "permission" in words or "not allowed" in words or "denied" in words:
        return PermissionDenied(f"{SERVICE} does not allow this with the key")
    if "not found" in words or "not exist" in words:
        return NotFound(f"{SERVICE} does not know it")
    return RequestRejected(f"{SERVICE} did not accept the request", quote.strip())
