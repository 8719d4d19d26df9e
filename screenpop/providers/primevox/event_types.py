"""What each of PrimeVOX's event types means, in our words.

From the table of the vendor's call history page as of 2022-01-19: numbers are added to
it, and those it has keep their meaning. Labels name the data columns in order; one that
begins with "@" is an internal id that says nothing to people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.providers.primevox.payloads import EventPayload


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the table.

    Attributes:
        says: What happened.
        labels: What the data columns hold, as far as the table says.
    """

    says: str
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

_TABLE: Final = """
1|Called our number|number
2|Blocked for everyone|
3|Rang at extension|@endpoint,extension,name
4|Answered at extension|@endpoint,extension,name
5|Hung up|total jitter,total packet loss
6|Started by a program|
7|Fax detected|
8|No dial plan fits|
9|Extension was busy|@endpoint,extension,name
10|Extension did not answer|@endpoint,extension,name
11|Extension was offline|@endpoint,extension,name
12|Listened to own voicemail|
13|Listened to voicemail from elsewhere|@endpoint,extension,name
14|Echo test|
15|Easter egg: Alan Rickman|
16|Easter egg: meaning of life|
17|Opened the forwarding menu|
18|Forwarding switched on in the menu|forwards to
19|Forwarding switched off in the menu|
20|Wake-up call ordered|room,for
21|Wake-up call deleted|room
22|Wake-up call not ordered after all|
23|Voicemail is switched off|
24|Wake-up call placed to room|snoozed or cancelled
25|Sent to voicemail|@endpoint,extension,name
26|Left voicemail with 0|
27|Left voicemail with the star key|
28|Tried ring group|extension,group
29|Answered in ring group|extension,peer,group
30|Nobody answered in ring group|extension,group
31|Hung up to end a loop|total jitter,total packet loss
32|Voicemail menu (*98)|
33|Forwarding switched on|extension
34|Forwarding switched off|extension
35|Listened to the forwarding number|forwards to
36|Left a message|
37|Dialled|number,shown name,shown number
38|Not dialled: the number to show is not valid|number,shown name,shown number
39|Not dialled: international calls are switched off|number,shown name,shown number
40|Not dialled: wrong PIN|@digits,shown name,shown number
41|Not dialled: too many calls at once|
42|Not dialled: another reason|shown name,shown number
43|Dialled abroad|number,shown name,shown number
44|Paged a group|extension,group,by extension
45|Logged in to queue|@queue,queue extension,queue name,extension
46|Logged out of queue|@queue,queue extension,queue name,extension
47|Entered queue|@queue,queue extension,queue name
48|Pressed a key while waiting in queue|@queue,queue extension,queue name,key
49|Gave up waiting in queue|@queue,queue extension,queue name,reason
50|Left queue by its fall-back|@queue,queue extension,queue name
51|Heard menu|@menu,menu extension,menu name
52|Chose in menu|@menu,menu extension,menu name,option
53|Menu timed out|@menu,menu extension,menu name
54|Chose what the menu does not have|@menu,menu extension,menu name,pressed
55|Dialled an extension in menu|@menu,menu extension,menu name,digits
56|Parked anywhere|@lot,lot,slot,by extension
57|Parked at a slot|@lot,lot,slot,by extension
58|Parked call picked up|@lot,lot,slot,extension
59|Parked call timed out|@lot,lot,slot
60|Entered time-based route|@route,route
61|No rule of the route fits|@route,route
62|Entered conference|@bridge,conference extension,conference
63|Conference was full|@bridge,conference extension,conference
64|Wrong PIN for conference|@bridge,conference extension,conference,@digits
65|No PIN given for conference|@bridge,conference extension,conference
66|Entered conference as its leader|@bridge,conference extension,conference
67|Entered directory|@directory,directory extension,directory name
68|Chose what the directory does not have|@directory,directory extension,directory name
69|Directory timed out|@directory,directory extension,directory name
70|Left directory without a choice|@directory,directory extension,directory name
71|Routed by toggle: on|@toggle,toggle extension,toggle name
72|Routed by toggle: off|@toggle,toggle extension,toggle name
73|Toggle switched on|@toggle,toggle extension,toggle name
74|Toggle switched off|@toggle,toggle extension,toggle name
75|Wrong PIN for toggle|@toggle,toggle extension,toggle name,@digits
76|No PIN given for toggle|@toggle,toggle extension,toggle name
77|Heard announcement|@announcement,announcement extension,announcement name
78|Fax coming in|@user,user
79|Fax not received|@user,user,pages,status
80|Fax received|@user,user,pages
81|Fax going out|@user,user,number
82|Fax not sent: the number did not answer|@user,user
83|Fax not sent|@user,user,status
84|Fax sent|@user,user,pages
85|Forwarded, showing another number|forwards to,shown name,shown number
86|Forwarded, showing the caller's number|forwards to,shown name,shown number
87|Forwarding was blocked|forwards to
88|Devices that ring|list,more,more,more
89|The other side answered|
90|Passed to the answering service|account
91|Listened in|@endpoint,extension,name
92|Whispered|@endpoint,extension,name
93|Barged in|@endpoint,extension,name
94|No call is parked there|@lot,lot,slot,by extension
95|Intercom|@endpoint,extension,name
96|Asked the queue for a call back|@queue,queue extension,queue name,number
97|Call back by the queue deleted|@queue,queue extension,queue name,number
98|Agent of the queue did not pick up|extension,name,rang for
"""


def _rows() -> dict[int, EventType]:
    found = {}
    for line in _TABLE.strip().splitlines():
        number, says, labels = line.split("|")
        found[int(number)] = EventType(says, tuple(labels.split(",")) if labels else ())
    return found


EVENT_TYPES: Final = _rows()

_ID: Final = re.compile(r"(?=[0-9-]*[a-f])[0-9a-f-]{8,40}", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\d{1,6}")
# These speak for themselves.
_UNLABELLED: Final = frozenset(
    {
        "extension",
        "number",
        "group",
        "lot",
        "route",
        "conference",
        "user",
        "list",
        "more",
    }
)


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
    """An event in one line."""
    kind = EVENT_TYPES.get(event.event_type or 0)
    shown = [
        value
        if not label or label in _UNLABELLED or label.endswith("name")
        else f"{label} {value}"
        for label, value in columns(event)
        if not label.startswith("@")
    ]
    says = kind.says if kind else f"Event of type {event.event_type or 'unknown'}"
    return f"{says}: {', '.join(shown)}" if shown else says
