"""Everything a phone system could do for us, and whether an account's vendor does."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.providers import abilities, protocol
from screenpop.providers.abilities import SupportsPollingOnly
from screenpop.wording import Marked, marked, reworded, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.services.connections import Connection


class Offer(StrEnum):
    """Whether an operation can be had from an account's vendor."""

    WORKS = "works"
    OFF = "off"
    MISSING = "missing"
    RELAYED = "relayed"


@frozen(kw_only=True)
class Operation:
    """One thing that a phone system could do for us.

    Attributes:
        key: Names it to programs: "event_stream".
        text: What it is, for people.
        offer: OFF means that the vendor has it and the account's settings do not use
            it, RELAYED that the team's relay does it for this computer.
        note: How to come by it, or what there is of it; may be "".
    """

    key: str
    text: str
    offer: Offer
    note: str = ""


_LIVE: Final = (protocol.SupportsWebhook, protocol.SupportsWebhookSubscription)
_BY_RELAY: Final = (
    *_LIVE,
    abilities.SupportsEventStream,
    protocol.SupportsCallPolling,
)
# What the program makes of another ability, where the vendor has not got it itself: a
# link to a recording can be followed.
_INSTEAD: Final[dict[type, type]] = {
    abilities.SupportsRecordingDownload: abilities.SupportsRecordings
}
_OPERATIONS: Final[tuple[tuple[type, Marked], ...]] = (
    (
        abilities.SupportsEventStream,
        marked("Calls as they ring, with no public address"),
    ),
    (protocol.SupportsWebhook, marked("Calls as they ring, by webhooks")),
    (
        protocol.SupportsWebhookSubscription,
        marked("Webhooks set up by screenpop itself"),
    ),
    (
        protocol.SupportsCallPolling,
        marked("Calls found by asking, where nothing else tells"),
    ),
    (protocol.SupportsClickToDial, marked("Calling with one click")),
    (protocol.SupportsDialResources, marked("Click-to-dial set-ups kept there")),
    (abilities.SupportsFlowCalls, marked("Calls in which a flow speaks")),
    (protocol.SupportsCallHistory, marked("Call history")),
    (
        abilities.SupportsHistoryFilters,
        marked("History narrowed by direction and party"),
    ),
    (
        abilities.SupportsHistoryChoices,
        marked("History narrowed in the vendor's own ways"),
    ),
    (abilities.SupportsCallCount, marked("Calls counted")),
    (protocol.SupportsHistoryExport, marked("History as a file")),
    (abilities.SupportsTimeline, marked("Every step of a call")),
    (abilities.SupportsRecordings, marked("Recordings")),
    (abilities.SupportsRecordingDownload, marked("Recordings fetched as sound")),
    (abilities.SupportsCallNotes, marked("Notes on calls kept there")),
    (abilities.SupportsVoicemail, marked("Voicemail")),
    (abilities.SupportsVoicemailEditing, marked("Voicemail marked and deleted")),
    (abilities.SupportsLostCallers, marked("Its list of callers to call back")),
    (abilities.SupportsTextMessages, marked("Text messages")),
    (protocol.SupportsUsers, marked("Its users and their numbers")),
    (protocol.SupportsContactSearch, marked("Its contacts")),
    (protocol.SupportsContactEditing, marked("Its contacts changed")),
    (abilities.SupportsCatalogues, marked("Further lists")),
)


def operations_of(connection: Connection) -> tuple[Operation, ...]:
    """Every operation there is, in an order for people."""
    return tuple(_operation(connection, kind, text) for kind, text in _OPERATIONS)


def works(connection: Connection, kind: type[object]) -> bool:
    """Whether an ability can be used as the account is set."""
    return _offer(connection, kind)[0] is Offer.WORKS


def _operation(connection: Connection, kind: type[object], text: Marked) -> Operation:
    offer, note = _offer(connection, kind)
    lists = connection.able(abilities.SupportsCatalogues)
    if kind is abilities.SupportsCatalogues and lists is not None:
        note = ", ".join(map(reworded, lists.catalogue_names))
    return Operation(key=_key(kind), text=tr_marked(text), offer=offer, note=note)


def _offer(connection: Connection, kind: type[object]) -> tuple[Offer, str]:
    polling = connection.able(SupportsPollingOnly)
    if any(connection.able(each) for each in (kind, _INSTEAD.get(kind, kind))):
        if connection.is_relayed and kind in _BY_RELAY:
            return Offer.RELAYED, tr("Your team's relay sees to that.")
        if polling is not None and kind in _LIVE:
            return Offer.OFF, polling.way_to_live_calls
        return Offer.WORKS, ""
    optional = connection.manifest.optional if connection.manifest else ()
    for each in optional:
        if each.ability is kind:
            return Offer.OFF, reworded(each.how)
    return Offer.MISSING, ""


def _key(kind: type[object]) -> str:
    """``SupportsEventStream`` is "event_stream"."""
    name = kind.__name__.removeprefix("Supports")
    parts = ("_" + char.lower() if char.isupper() else char for char in name)
    return "".join(parts).lstrip("_")
