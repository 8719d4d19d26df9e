"""What Salesforce's own refusals mean ("Status Codes and Error Responses")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    NotOffered,
    PayloadError,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.domain.json_fields import FieldReader
from screenpop.lookup.crm_records import fewer_requests, not_allowed, text_of
from screenpop.lookup.oauth import signed_out
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.http_replies import HttpReply

_UNKNOWN: Final = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
_NO_API: Final = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})


class UnknownField(RequestRejected):
    """This organisation, or this user, has no such field or kind of record."""


def refusal(reply: HttpReply) -> ProviderError | None:
    """The error that an answer stands for; None where its status says all."""
    code, words = _first_error(reply)
    if reply.status == 400:
        if code in _UNKNOWN:
            return UnknownField("Salesforce does not know a field or kind of record")
        if code == "QUERY_TIMEOUT":
            return ProviderUnavailable(tr("Salesforce took too long to search"))
        # Its words would repeat the question.
        if code.isascii() and 0 < len(code) < 60:
            return RequestRejected(
                tr(
                    "{service} did not accept the request ({code})",
                    service="Salesforce",
                    code=code,
                )
            )
        return RequestRejected(
            tr("{service} did not accept the request", service="Salesforce")
        )
    if reply.status != 403:
        return signed_out(reply)
    if code == "REQUEST_LIMIT_EXCEEDED":
        if "TotalRequests" in words:
            return QuotaExceeded(
                tr(
                    "{service}'s requests of these 24 hours are used up",
                    service="Salesforce",
                ),
                tr(
                    "The whole organisation shares them; Setup, Company Information "
                    "shows "
                    "how many there are."
                ),
            )
        return fewer_requests(reply, None)
    if code in _NO_API:
        return NotOffered(
            tr("Salesforce offers no API to this organisation or user"),
            tr("It takes an edition with API access and the permission “API Enabled”."),
        )
    return not_allowed(reply)


def _first_error(reply: HttpReply) -> tuple[str, str]:
    """The code and the words of an answer's first error."""
    try:
        value = reply.json()
    except PayloadError:
        return "", ""
    first = value[0] if isinstance(value, list) and value else value
    reader = FieldReader(first if isinstance(first, dict) else {})
    return text_of(reader, "errorCode"), text_of(reader, "message")
