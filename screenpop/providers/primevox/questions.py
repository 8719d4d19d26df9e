"""What PrimeVOX is asked, in its spelling, which is case-sensitive and mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.wording import marked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_NOTE: Final = 255
HIGHEST_SEVERITY: Final = 5
PAGE_SIZE: Final = 500
# "When showInbound=1", says the page of every filterInbound….
_FILTERS_OF: Final = {
    "showInbound": "filterInbound",
    "showOutbound": "filterOutbound",
    "showInternal": "filterInternal",
}


def sign_in(key: str, container: str, tenant: str) -> dict[str, str]:
    """What every request carries."""
    given = {"auth": key, "containerID": container}
    return given | ({"tenantID": tenant} if tenant else {})


def summary_params(
    *,
    since: datetime | None,
    until: datetime | None,
    page: int,
    filters: Mapping[str, str],
) -> dict[str, str]:
    """The question for one page of calls, in UTC; ``page`` counts from 1.

    A filter of calls that are hidden anyway is left out: it belongs to shown ones.
    """
    hidden = tuple(
        start for shown, start in _FILTERS_OF.items() if filters.get(shown) == "0"
    )
    found = {
        name: value for name, value in filters.items() if not name.startswith(hidden)
    } | {"utcOffset": "0", "page": str(page)}
    for name, moment in (("fromDate", since), ("toDate", until)):
        if moment is not None:
            found[name] = moment.strftime("%Y-%m-%d %H:%M:%S")
    return found


def details_params(call_uuid: str, page: int) -> dict[str, str]:
    """The question for the events of one call."""
    found = {"callUUID": call_uuid, "utcOffset": "0"}
    return found | ({"page": str(page)} if page > 1 else {})


def recording_params(file_name: str) -> dict[str, str]:
    """The question for a recording."""
    return {"fileName": file_name}


def click_to_call_params(extension: str, number: str) -> dict[str, str]:
    """What starts a call."""
    return {"extension": extension, "phoneNumber": number}


def note_form(
    call_uuid: str, text: str, *, is_flagged: bool, severity: int
) -> dict[str, str]:
    """The form that attaches a note."""
    return {
        "callUuid": call_uuid,
        "callFlagged": "1" if is_flagged else "0",
        "callSeverity": str(severity),
        "callNotes": text,
    }


def number_filters(number: str) -> dict[str, str]:
    """Only calls from or to ``number``."""
    return {
        "filterInboundCallerNumber": number,
        "filterOutboundNumberDialed": number,
        "showInternal": "0",
    }


INBOUND_ONLY: Final = {"showOutbound": "0", "showInternal": "0"}
OUTBOUND_ONLY: Final = {"showInbound": "0", "showInternal": "0"}


def caller_filters(number: str) -> dict[str, str]:
    """Only calls from outside by ``number``."""
    return INBOUND_ONLY | {"filterInboundCallerNumber": number}


def callee_filters(number: str) -> dict[str, str]:
    """Only calls to ``number``: one of ours, or one that somebody dialled."""
    return {
        "filterInboundDid": number,
        "filterOutboundNumberDialed": number,
        "showInternal": "0",
    }


def extension_filters(extension: str) -> dict[str, str]:
    """Only calls that this extension took, made or was part of."""
    return {
        "filterInboundExtenReceived": extension,
        "filterOutboundExtenDialed": extension,
        "filterInternalExten": extension,
    }


@frozen
class FilterName:
    """One filter of the call list: our word, the vendor's, and what else it needs."""

    key: str
    label: str
    name: str
    choices: tuple[tuple[str, str], ...] = ()


_YES: Final = (("1", marked("yes")),)
_SHOWN: Final = (("1", marked("shown")), ("0", marked("hidden")))
FILTERS: Final = (
    FilterName("inbound", marked("Inbound calls"), "showInbound", _SHOWN),
    FilterName("outbound", marked("Outbound calls"), "showOutbound", _SHOWN),
    FilterName("internal", marked("Internal calls"), "showInternal", _SHOWN),
    FilterName("caller", marked("Caller's number"), "filterInboundCallerNumber"),
    FilterName("line", marked("Number that was called"), "filterInboundDid"),
    FilterName("taken_by", marked("Taken by extension"), "filterInboundExtenReceived"),
    FilterName("dialled", marked("Number dialled"), "filterOutboundNumberDialed"),
    FilterName(
        "dialled_by", marked("Dialled by extension"), "filterOutboundExtenDialed"
    ),
    FilterName("extension", marked("Internal extension"), "filterInternalExten"),
    FilterName(
        "service",
        marked("Internal service"),
        "filterInternalApp",
        (
            ("1", marked("queue log-in or log-out")),
            ("2", marked("voicemail check")),
            ("3", marked("echo test")),
            ("4", marked("call forwarding")),
            ("5", marked("toggle change")),
            ("6", marked("targeted intercom")),
        ),
    ),
    FilterName("voicemail", marked("Went to voicemail"), "filterWentToVoicemail", _YES),
    FilterName("answered", marked("Spoke to a person"), "filterSpokeToPerson", _YES),
    FilterName(
        "follow_up", marked("Flagged for follow-up"), "filterFlaggedFollowup", _YES
    ),
    FilterName(
        "severity",
        marked("Severity"),
        "filterCallSeverity",
        tuple((str(number), str(number)) for number in range(6)),
    ),
    FilterName("notes", marked("Has notes"), "filterCallHasNotes", _YES),
    FilterName("menu", marked("Menu (its id)"), "filterIvrId"),
    # The page says 54 is a direct dial here, and 55 in its own table of event types.
    FilterName(
        "menu_event",
        marked("What happened in the menu"),
        "filterIvrEventType",
        (
            ("0", marked("anything")),
            ("52", marked("option pushed")),
            ("53", marked("timeout")),
            ("54", marked("direct dial")),
        ),
    ),
    FilterName(
        "menu_option",
        marked("Option pushed"),
        "filterIvrPushed",
        tuple((key, key) for key in "0123456789*#"),
    ),
)


# Which calls a filter is about; those of another kind pass it by.
_KIND_OF: Final = {
    **dict.fromkeys(("filterWentToVoicemail", "filterSpokeToPerson"), "showInbound"),
    **dict.fromkeys(
        ("filterIvrId", "filterIvrEventType", "filterIvrPushed"), "showInbound"
    ),
}
_OPTION_PUSHED: Final = "52"


def narrowed(filters: Mapping[str, str]) -> dict[str, str]:
    """The filters with what they need to show what was asked for and nothing else.

    Calls of a kind that no filter is about are hidden, unless it was chosen whether
    they are shown; an option of a menu needs its event type.
    """
    found = dict(filters)
    if "filterIvrPushed" in found:
        found.setdefault("filterIvrEventType", _OPTION_PUSHED)
    meant = {_kind_of(name) for name in found} - {""}
    if meant and not any(shown in found for shown in _FILTERS_OF):
        found |= dict.fromkeys(_FILTERS_OF.keys() - meant, "0")
    return found


def _kind_of(name: str) -> str:
    """The parameter that shows the calls which ``name`` is about; "" for all."""
    return _KIND_OF.get(name) or next(
        (shown for shown, start in _FILTERS_OF.items() if name.startswith(start)), ""
    )


def ring_group_params(since: datetime, until: datetime) -> dict[str, str]:
    """The question for the raw report of ring groups."""
    found = summary_params(since=since, until=until, page=1, filters={})
    del found["page"]
    return found
