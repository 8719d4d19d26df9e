"""Everything a phone system could do for us, and whether an account's vendor does."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.providers import abilities, protocol
from screenpop.providers.abilities import SupportsPollingOnly

if TYPE_CHECKING:
    from screenpop.services.connections import Connection


class Offer(StrEnum):
    """Whether an operation can be had from an account's vendor."""

    WORKS = "works"
    OFF = "off"
    MISSING = "missing"


@frozen(kw_only=True)
class Operation:
    """One thing that a phone system could do for us.

    Attributes:
        key: Names it to programs: "event_stream".
        text: What it is, for people.
        offer: OFF means that the vendor has it and the account's settings do not use
            it.
        note: How to come by it, or what there is of it; may be "".
    """

    key: str
    text: str
    offer: Offer
    note: str = ""


_LIVE: Final = (protocol.SupportsWebhook, protocol.SupportsWebhookSubscription)
# What the program makes of another ability, where the vendor has not got it itself: a
# link to a recording can be followed.
_INSTEAD: Final[dict[type, type]] = {
    abilities.SupportsRecordingDownload: abilities.SupportsRecordings
}
_OPERATIONS: Final[tuple[tuple[type, str], ...]] = (
    (abilities.SupportsEventStream, "Calls as they ring, with no public address"),
    (protocol.SupportsWebhook, "Calls as they ring, by webhooks"),
    (protocol.SupportsWebhookSubscription, "Webhooks set up by screenpop itself"),
    (protocol.SupportsCallPolling, "Calls found by asking, where nothing else tells"),
    (protocol.SupportsClickToDial, "Calling with one click"),
    (protocol.SupportsDialResources, "Click-to-dial set-ups kept there"),
    (abilities.SupportsFlowCalls, "Calls in which a flow speaks"),
    (protocol.SupportsCallHistory, "Call history"),
    (abilities.SupportsHistoryFilters, "History narrowed by direction and party"),
    (abilities.SupportsHistoryChoices, "History narrowed in the vendor's own ways"),
    (abilities.SupportsCallCount, "Calls counted"),
    (protocol.SupportsHistoryExport, "History as a file"),
    (abilities.SupportsTimeline, "Every step of a call"),
    (abilities.SupportsRecordings, "Recordings"),
    (abilities.SupportsRecordingDownload, "Recordings fetched as sound"),
    (abilities.SupportsCallNotes, "Notes on calls kept there"),
    (abilities.SupportsVoicemail, "Voicemail"),
    (abilities.SupportsVoicemailEditing, "Voicemail marked and deleted"),
    (abilities.SupportsLostCallers, "Its list of callers to call back"),
    (abilities.SupportsTextMessages, "Text messages"),
    (protocol.SupportsUsers, "Its users and their numbers"),
    (protocol.SupportsContactSearch, "Its contacts"),
    (protocol.SupportsContactEditing, "Its contacts changed"),
    (abilities.SupportsCatalogues, "Further lists"),
)


def operations_of(connection: Connection) -> tuple[Operation, ...]:
    """Every operation there is, in an order for people."""
    return tuple(_operation(connection, kind, text) for kind, text in _OPERATIONS)


def works(connection: Connection, kind: type[object]) -> bool:
    """Whether an ability can be used as the account is set."""
    return _offer(connection, kind)[0] is Offer.WORKS


def _operation(connection: Connection, kind: type[object], text: str) -> Operation:
    offer, note = _offer(connection, kind)
    lists = connection.able(abilities.SupportsCatalogues)
    if kind is abilities.SupportsCatalogues and lists is not None:
        note = ", ".join(lists.catalogue_names)
    return Operation(key=_key(kind), text=text, offer=offer, note=note)


def _offer(connection: Connection, kind: type[object]) -> tuple[Offer, str]:
    polling = connection.able(SupportsPollingOnly)
    if any(connection.able(each) for each in (kind, _INSTEAD.get(kind, kind))):
        if polling is not None and kind in _LIVE:
            return Offer.OFF, polling.way_to_live_calls
        return Offer.WORKS, ""
    optional = connection.manifest.optional if connection.manifest else ()
    for each in optional:
        if each.ability is kind:
            return Offer.OFF, each.how
    return Offer.MISSING, ""


def _key(kind: type[object]) -> str:
    """``SupportsEventStream`` is "event_stream"."""
    name = kind.__name__.removeprefix("Supports")
    parts = ("_" + char.lower() if char.isupper() else char for char in name)
    return "".join(parts).lstrip("_")
