"""What HubSpot is asked, and what its answers and refusals mean.

Written from "Search the CRM" and "Error handling" (https://developers.hubspot.com/docs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    QuotaExceeded,
)
from screenpop.lookup.crm_records import (
    MOST_RECORDS,
    Spellings,
    fewer_requests,
    header_number,
    not_allowed,
    object_in,
    records_in,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import FieldReader, JsonValue

SERVICE: Final = "HubSpot"
# 423: the record is being changed; 477: the account is moving to another data centre.
_BUSY: Final = frozenset({423, 477})
_DAILY: Final = "DAILY"


def results(reply: HttpReply) -> tuple[FieldReader, ...]:
    """The records of an answer.

    Raises:
        PayloadError: It holds none.
    """
    value = reply.json()
    return records_in(
        value.get("results") if isinstance(value, dict) else None, SERVICE
    )


def person_groups(spellings: Spellings) -> list[JsonValue]:
    """Five groups, which is as many as HubSpot allows; any one is enough.

    The searchable properties hold the number without country code and leading zeros.
    """
    national = spellings.national.lstrip("0")
    searchable = "hs_searchable_calculated_"
    return [
        _group(f"{searchable}phone_number", "EQ", national),
        _group(f"{searchable}phone_number", "CONTAINS_TOKEN", f"*{national}"),
        _group(f"{searchable}mobile_number", "CONTAINS_TOKEN", f"*{national}"),
        _group("phone", "IN", spellings.bare()),
        _group("mobilephone", "IN", spellings.bare()),
    ]


def company_groups(spellings: Spellings) -> list[JsonValue]:
    """Conditions for companies, which have no searchable form of the number."""
    national = spellings.national.lstrip("0")
    written = (*spellings.bare(), spellings.spaced, spellings.spaced_abroad)
    return [
        _group("phone", "IN", tuple(dict.fromkeys(written))),
        _group("phone", "CONTAINS_TOKEN", f"*{national}"),
    ]


def _group(name: str, operator: str, value: str | Sequence[str]) -> JsonValue:
    given: JsonValue = value if isinstance(value, str) else list(value)
    asked: dict[str, JsonValue] = {"propertyName": name, "operator": operator}
    asked["value" if isinstance(value, str) else "values"] = given
    return {"filters": [asked]}


def search_body(
    groups: list[JsonValue], properties: Sequence[str], changed: str
) -> dict[str, JsonValue]:
    """A search for records that fit any group, those changed last first."""
    return {
        "filterGroups": groups,
        "properties": list(properties),
        "sorts": [{"propertyName": changed, "direction": "DESCENDING"}],
        "limit": MOST_RECORDS,
    }


def refusal(reply: HttpReply) -> ProviderError | None:
    """What HubSpot's own refusals mean ("Error handling")."""
    if reply.status == 403:
        return not_allowed(reply, _lacking_scopes(reply))
    if reply.status == 429:
        return _throttled(reply)
    if reply.status in _BUSY:
        wait = reply.retry_after_seconds
        if wait is not None:
            return ProviderThrottled(
                tr("HubSpot is busy with this account"), retry_after_seconds=wait
            )
        return ProviderUnavailable(tr("HubSpot is busy with this account"))
    return None


def _throttled(reply: HttpReply) -> ProviderError:
    if object_in(reply).text("policyName") == _DAILY:
        return QuotaExceeded(
            tr("{service}'s requests of this day are used up", service=SERVICE),
            tr(
                "It answers again at midnight of the account's time zone. Other "
                "programs "
                "of the account share the limit."
            ),
        )
    milliseconds = header_number(reply, "x-hubspot-ratelimit-interval-milliseconds")
    return fewer_requests(reply, milliseconds / 1000 if milliseconds else None)


def _lacking_scopes(reply: HttpReply) -> str:
    """The scopes that HubSpot names, short; "" if it names none."""
    scopes: list[str] = []
    for error in object_in(reply).children("errors")[:5]:
        details = error.child("context")
        if details is not None:
            scopes += details.texts("requiredGranularScopes")
            scopes += details.texts("requiredScopes")
    short = (
        each for each in dict.fromkeys(scopes) if each.isascii() and len(each) < 60
    )
    return ", ".join(each for each, _ in zip(short, range(3), strict=False))
