"""What each of PrimeVOX's event types means, in our words.

From the table of the vendor's call history page as of 2022-01-19: numbers are added to
it, and those it has keep their meaning. Labels name the data columns in order; one that
begins with "@" is an internal id that says nothing to people.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.providers.primevox.payloads import EventPayload


@frozen
class EventType:
    """One row of the table.

    Attributes:
        says: What happened.
        labels: What the data columns hold, as far as the table says.
    """

    says: Marked
    labels: tuple[str, ...] = ()

    @property
    def begins_with_id(self) -> bool:
        """Whether the first column is known to hold an internal id."""
        return bool(self.labels) and self.labels[0].startswith("@")


HANG_UPS: Final = frozenset({5, 31})
CALLED_IN: Final = 1
RANG: Final = 3
ANSWERED: Final = 4
BUSY: Final = 9
NO_ANSWER: Final = 10
OFFLINE: Final = 11
SENT_TO_VOICEMAIL: Final = 25
GROUP_ANSWERED: Final = 29
MESSAGE_LEFT: Final = 36
DIALLED: Final = frozenset({37, 43})
PICKED_UP_PARKED: Final = 58
FAR_ANSWERED: Final = 89
AGENT_DID_NOT_PICK_UP: Final = 98

EVENT_TYPES: Final = {
    1: EventType(marked("Called our number"), ("number",)),
    2: EventType(marked("Blocked for everyone")),
    3: EventType(marked("Rang at extension"), ("@endpoint", "extension", "name")),
    4: EventType(marked("Answered at extension"), ("@endpoint", "extension", "name")),
    5: EventType(marked("Hung up"), ("total jitter", "total packet loss")),
    6: EventType(marked("Started by a program")),
    7: EventType(marked("Fax detected")),
    8: EventType(marked("No dial plan fits")),
    9: EventType(marked("Extension was busy"), ("@endpoint", "extension", "name")),
    10: EventType(
        marked("Extension did not answer"), ("@endpoint", "extension", "name")
    ),
    11: EventType(marked("Extension was offline"), ("@endpoint", "extension", "name")),
    12: EventType(marked("Listened to own voicemail")),
    13: EventType(
        marked("Listened to voicemail from elsewhere"),
        ("@endpoint", "extension", "name"),
    ),
    14: EventType(marked("Echo test")),
    15: EventType(marked("Easter egg: Alan Rickman")),
    16: EventType(marked("Easter egg: meaning of life")),
    17: EventType(marked("Opened the forwarding menu")),
    18: EventType(marked("Forwarding switched on in the menu"), ("forwards to",)),
    19: EventType(marked("Forwarding switched off in the menu")),
    20: EventType(marked("Wake-up call ordered"), ("room", "for")),
    21: EventType(marked("Wake-up call deleted"), ("room",)),
    22: EventType(marked("Wake-up call not ordered after all")),
    23: EventType(marked("Voicemail is switched off")),
    24: EventType(marked("Wake-up call placed to room"), ("snoozed or cancelled",)),
    25: EventType(marked("Sent to voicemail"), ("@endpoint", "extension", "name")),
    26: EventType(marked("Left voicemail with 0")),
    27: EventType(marked("Left voicemail with the star key")),
    28: EventType(marked("Tried ring group"), ("extension", "group")),
    29: EventType(marked("Answered in ring group"), ("extension", "peer", "group")),
    30: EventType(marked("Nobody answered in ring group"), ("extension", "group")),
    31: EventType(
        marked("Hung up to end a loop"), ("total jitter", "total packet loss")
    ),
    32: EventType(marked("Voicemail menu (*98)")),
    33: EventType(marked("Forwarding switched on"), ("extension",)),
    34: EventType(marked("Forwarding switched off"), ("extension",)),
    35: EventType(marked("Listened to the forwarding number"), ("forwards to",)),
    36: EventType(marked("Left a message")),
    37: EventType(marked("Dialled"), ("number", "shown name", "shown number")),
    38: EventType(
        marked("Not dialled: the number to show is not valid"),
        ("number", "shown name", "shown number"),
    ),
    39: EventType(
        marked("Not dialled: international calls are switched off"),
        ("number", "shown name", "shown number"),
    ),
    40: EventType(
        marked("Not dialled: wrong PIN"), ("@digits", "shown name", "shown number")
    ),
    41: EventType(marked("Not dialled: too many calls at once")),
    42: EventType(
        marked("Not dialled: another reason"), ("shown name", "shown number")
    ),
    43: EventType(marked("Dialled abroad"), ("number", "shown name", "shown number")),
    44: EventType(marked("Paged a group"), ("extension", "group", "by extension")),
    45: EventType(
        marked("Logged in to queue"),
        ("@queue", "queue extension", "queue name", "extension"),
    ),
    46: EventType(
        marked("Logged out of queue"),
        ("@queue", "queue extension", "queue name", "extension"),
    ),
    47: EventType(marked("Entered queue"), ("@queue", "queue extension", "queue name")),
    48: EventType(
        marked("Pressed a key while waiting in queue"),
        ("@queue", "queue extension", "queue name", "key"),
    ),
    49: EventType(
        marked("Gave up waiting in queue"),
        ("@queue", "queue extension", "queue name", "reason"),
    ),
    50: EventType(
        marked("Left queue by its fall-back"),
        ("@queue", "queue extension", "queue name"),
    ),
    51: EventType(marked("Heard menu"), ("@menu", "menu extension", "menu name")),
    52: EventType(
        marked("Chose in menu"), ("@menu", "menu extension", "menu name", "option")
    ),
    53: EventType(marked("Menu timed out"), ("@menu", "menu extension", "menu name")),
    54: EventType(
        marked("Chose what the menu does not have"),
        ("@menu", "menu extension", "menu name", "pressed"),
    ),
    55: EventType(
        marked("Dialled an extension in menu"),
        ("@menu", "menu extension", "menu name", "digits"),
    ),
    56: EventType(marked("Parked anywhere"), ("@lot", "lot", "slot", "by extension")),
    57: EventType(marked("Parked at a slot"), ("@lot", "lot", "slot", "by extension")),
    58: EventType(
        marked("Parked call picked up"), ("@lot", "lot", "slot", "extension")
    ),
    59: EventType(marked("Parked call timed out"), ("@lot", "lot", "slot")),
    60: EventType(marked("Entered time-based route"), ("@route", "route")),
    61: EventType(marked("No rule of the route fits"), ("@route", "route")),
    62: EventType(
        marked("Entered conference"), ("@bridge", "conference extension", "conference")
    ),
    63: EventType(
        marked("Conference was full"), ("@bridge", "conference extension", "conference")
    ),
    64: EventType(
        marked("Wrong PIN for conference"),
        ("@bridge", "conference extension", "conference", "@digits"),
    ),
    65: EventType(
        marked("No PIN given for conference"),
        ("@bridge", "conference extension", "conference"),
    ),
    66: EventType(
        marked("Entered conference as its leader"),
        ("@bridge", "conference extension", "conference"),
    ),
    67: EventType(
        marked("Entered directory"),
        ("@directory", "directory extension", "directory name"),
    ),
    68: EventType(
        marked("Chose what the directory does not have"),
        ("@directory", "directory extension", "directory name"),
    ),
    69: EventType(
        marked("Directory timed out"),
        ("@directory", "directory extension", "directory name"),
    ),
    70: EventType(
        marked("Left directory without a choice"),
        ("@directory", "directory extension", "directory name"),
    ),
    71: EventType(
        marked("Routed by toggle: on"), ("@toggle", "toggle extension", "toggle name")
    ),
    72: EventType(
        marked("Routed by toggle: off"), ("@toggle", "toggle extension", "toggle name")
    ),
    73: EventType(
        marked("Toggle switched on"), ("@toggle", "toggle extension", "toggle name")
    ),
    74: EventType(
        marked("Toggle switched off"), ("@toggle", "toggle extension", "toggle name")
    ),
    75: EventType(
        marked("Wrong PIN for toggle"),
        ("@toggle", "toggle extension", "toggle name", "@digits"),
    ),
    76: EventType(
        marked("No PIN given for toggle"),
        ("@toggle", "toggle extension", "toggle name"),
    ),
    77: EventType(
        marked("Heard announcement"),
        ("@announcement", "announcement extension", "announcement name"),
    ),
    78: EventType(marked("Fax coming in"), ("@user", "user")),
    79: EventType(marked("Fax not received"), ("@user", "user", "pages", "status")),
    80: EventType(marked("Fax received"), ("@user", "user", "pages")),
    81: EventType(marked("Fax going out"), ("@user", "user", "number")),
    82: EventType(marked("Fax not sent: the number did not answer"), ("@user", "user")),
    83: EventType(marked("Fax not sent"), ("@user", "user", "status")),
    84: EventType(marked("Fax sent"), ("@user", "user", "pages")),
    85: EventType(
        marked("Forwarded, showing another number"),
        ("forwards to", "shown name", "shown number"),
    ),
    86: EventType(
        marked("Forwarded, showing the caller's number"),
        ("forwards to", "shown name", "shown number"),
    ),
    87: EventType(marked("Forwarding was blocked"), ("forwards to",)),
    88: EventType(marked("Devices that ring"), ("list", "more", "more", "more")),
    89: EventType(marked("The other side answered")),
    90: EventType(marked("Passed to the answering service"), ("account",)),
    91: EventType(marked("Listened in"), ("@endpoint", "extension", "name")),
    92: EventType(marked("Whispered"), ("@endpoint", "extension", "name")),
    93: EventType(marked("Barged in"), ("@endpoint", "extension", "name")),
    94: EventType(
        marked("No call is parked there"), ("@lot", "lot", "slot", "by extension")
    ),
    95: EventType(marked("Intercom"), ("@endpoint", "extension", "name")),
    96: EventType(
        marked("Asked the queue for a call back"),
        ("@queue", "queue extension", "queue name", "number"),
    ),
    97: EventType(
        marked("Call back by the queue deleted"),
        ("@queue", "queue extension", "queue name", "number"),
    ),
    98: EventType(
        marked("Agent of the queue did not pick up"), ("extension", "name", "rang for")
    ),
}

# What is said of a value; the other labels stand for values that speak for themselves.
_SAID: Final = {
    "total jitter": marked("total jitter {value}"),
    "total packet loss": marked("total packet loss {value}"),
    "forwards to": marked("forwards to {value}"),
    "room": marked("room {value}"),
    "for": marked("for {value}"),
    "snoozed or cancelled": marked("snoozed or cancelled {value}"),
    "peer": marked("peer {value}"),
    "shown number": marked("shown number {value}"),
    "by extension": marked("by extension {value}"),
    "queue extension": marked("queue extension {value}"),
    "key": marked("key {value}"),
    "reason": marked("reason {value}"),
    "menu extension": marked("menu extension {value}"),
    "option": marked("option {value}"),
    "pressed": marked("pressed {value}"),
    "digits": marked("digits {value}"),
    "slot": marked("slot {value}"),
    "conference extension": marked("conference extension {value}"),
    "directory extension": marked("directory extension {value}"),
    "toggle extension": marked("toggle extension {value}"),
    "announcement extension": marked("announcement extension {value}"),
    "pages": marked("pages {value}"),
    "status": marked("status {value}"),
    "account": marked("account {value}"),
    "rang for": marked("rang for {value}"),
}

_ID: Final = re.compile(r"(?=[0-9-]*[a-f])[0-9a-f-]{8,40}", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\d{1,6}")


def columns(event: EventPayload) -> tuple[tuple[str, str], ...]:
    """Label and value of each column that holds anything.

    The table lost its empty cells, so that a row which does not begin with an id may
    have one all the same: a real event of type 28 does. Then the labels move on by one.
    """
    kind = EVENT_TYPES.get(event.event_type or 0)
    labels = kind.labels if kind else ()
    has_hidden_id = (
        kind is not None
        and not kind.begins_with_id
        and 0 < len(labels) < len(event.data)
        and (not event.data[0] or _ID.fullmatch(event.data[0]) is not None)
    )
    shifted = ("@", *labels) if has_hidden_id else labels
    padded = (*shifted, "", "", "", "")
    return tuple(
        (label, value)
        for label, value in zip(padded, event.data, strict=False)
        if value
    )


def extension_of(event: EventPayload) -> tuple[str, str]:
    """The extension that an event is about, and its name; both may be ""."""
    found = dict(columns(event))
    extension, name = found.get("extension", ""), found.get("name", "")
    return (extension, name) if _EXTENSION.fullmatch(extension) else ("", "")


def text_of(event: EventPayload) -> str:
    """An event in one line, in the user's language."""
    kind = EVENT_TYPES.get(event.event_type or 0)
    shown = ", ".join(
        tr_marked(_SAID[label], value=value) if label in _SAID else value
        for label, value in columns(event)
        if not label.startswith("@")
    )
    if kind is None:
        says = tr("Event of type {number}", number=event.event_type or "?")
    else:
        says = tr_marked(kind.says)
    return tr("{event}: {details}", event=says, details=shown) if shown else says
