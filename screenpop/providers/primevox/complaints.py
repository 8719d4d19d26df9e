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
from screenpop.wording import tr

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
            tr("{service} does not know the container", service=SERVICE),
            tr("Check the Container ID and the key in the account's settings."),
        )
    if "key" in words or "auth" in words:
        return AuthenticationFailed(
            tr("{service} does not accept the key", service=SERVICE)
        )
    if "database" in words or "try again" in words:
        if send_once:
            return OutcomeUnknown(
                tr("{service} did not say whether it worked", service=SERVICE)
            )
        return ProviderUnavailable(
            tr("{service} is out of order at the moment", service=SERVICE)
        )
    if "too many" in words or "rate limit" in words:
        return ProviderThrottled(
            tr("{service} asks for fewer requests", service=SERVICE)
        )
    if "permission" in words or "not allowed" in words or "denied" in words:
        return PermissionDenied(
            tr("{service} does not allow this with the key", service=SERVICE)
        )
    if "not found" in words or "not exist" in words:
        return NotFound(tr("{service} does not know it", service=SERVICE))
    return RequestRejected(
        tr("{service} did not accept the request", service=SERVICE), quote
    )
