"""A small strict Tele2, written from the connector's reference and its examples.

What it takes is what ``openapi.json`` describes; here are the answers, and the event
stream with its one-time keys.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.providers.strict_cloud import Refused, Reply, StrictCloud, query_of
from tests.providers.tele2.description import complaints

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request

KEY = "SEKRET-4711-canary"
EMPLOYEE = 1519045200000101
_STAMP = "2026-11-22T09:00:00+0000"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ID_FIELDS = {
    "contacts": "contactID",
    "groups": "groupID",
    "call_history": "callID",
    "call_records": "recordingID",
    "voicemails": "voicemailID",
    "voicemail_boxes": "voicemailBoxID",
    "audio_prompts": "id",
    "voip_endpoints": "id",
}


def _call(call_id: int, **changes: Any) -> dict[str, Any]:
    usual = {
        "callID": call_id,
        "caller": "07700900123",
        "destination": "02079460100",
        "direction": "in",
        "status": 5,
        "callStarted": _STAMP,
        "callConnected": "2026-11-22T09:00:07+0000",
        "callEnded": "2026-11-22T09:00:34+0000",
        "connectionTime": 26,
        "contactID": EMPLOYEE,
        "recordingID": call_id + 1,
    }
    return usual | changes


def _things() -> dict[str, list[dict[str, Any]]]:
    calls = [_call(1795000000000000 + 10 * number) for number in range(130, 0, -1)]
    group = {"groupID": 31, "name": "Sales", "type": 1, "created": _STAMP}
    group |= {"members": [{"contactID": EMPLOYEE}]}
    employee = {
        "contactID": EMPLOYEE,
        "firstname": "Amelia",
        "lastname": "Hart",
        "number": "02079460111",
        "current_callerid": "02079460100",
        "archived": 0,
        "created": _STAMP,
        "avatar": "",
        "group_membership": [group],
    }
    record = {"recordingID": calls[0]["recordingID"], "recordingURL": "https://x/1"}
    message = {
        "voicemailID": 41,
        "sender": "07700900123",
        "length": 14,
        "callStarted": _STAMP,
        "voicemailBoxID": 51,
        "voicemailBoxName": "Main office",
        "messageURL": "https://media.example.com/v/41.mp3",
    }
    box = {"voicemailBoxID": 51, "boxName": "Main office", "clientID": 7}
    return {
        "contacts": [employee],
        "groups": [group],
        "call_history": calls,
        "call_records": [calls[0] | record],
        "voicemails": [message],
        "voicemail_boxes": [box | {"created": _STAMP}],
        "audio_prompts": [{"id": 61, "name": "Welcome", "type": 1}],
        "voip_endpoints": [{"id": 71, "name": "Desk", "employee_id": EMPLOYEE}],
    }


@dataclass
class StandIn(StrictCloud):
    """The state of the phone system."""

    things: dict[str, list[dict[str, Any]]] = field(default_factory=_things)
    lost: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {
                "contact_name": "",
                "destination": "02079460100",
                "callerid": "07700900456",
                "attempts": 2,
                "last_contact": _STAMP,
            }
        ]
    )
    dialled: list[dict[str, Any]] = field(default_factory=list)
    webhooks: dict[int, tuple[str, str]] = field(default_factory=dict)
    session_keys: set[str] = field(default_factory=set)
    subscribed: list[str] = field(default_factory=list)
    streamed: list[dict[str, Any]] = field(default_factory=list)

    async def handle(self, request: Request, connection: Connection) -> None:
        if request.path == "/api/ws":
            self.log.append("GET /api/ws")
            await self._stream(request, connection)
        else:
            await super().handle(request, connection)

    def answer(self, request: Request) -> Reply:
        found = complaints(
            request.method, request.target, request.body, request.headers
        )
        if found:
            raise Refused(422, "; ".join(found))
        if request.path == "/api/session_keys/create":
            return self._session_key(request)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            raise Refused(403, "Forbidden", is_wrong=False)
        return self._envelope(self._data(request))

    def error(self, refused: Refused) -> Any:
        return {
            "version": "v2",
            "status": "ERROR",
            "statusCode": refused.status,
            "message": refused.text,
        }

    def _envelope(self, data: Any) -> Reply:
        head = {"version": "v2", "status": "OK", "statusCode": 200, "message": ""}
        return Reply(head | {"data": data})

    def _data(self, request: Request) -> Any:
        match urlsplit(request.target).path.split("/")[3:]:
            case ["dial"]:
                self.dialled.append(request.json())
                return {}
            case ["lost_calls"]:
                return self._cut(request, self.lost)
            case ["trigger", name]:
                return self._cut(request, self._newer(request, name))
            case ["webhooks", name]:
                return self._webhook(request, name)
            case [name, item]:
                for thing in self.things[name]:
                    if str(thing[_ID_FIELDS[name]]) == item:
                        return thing
        raise Refused(404, "No items found", is_wrong=False)

    def _webhook(self, request: Request, name: str) -> Any:
        if request.method == "POST":
            if len(self.webhooks) >= 20:
                raise Refused(403, "Webhook limit reached", is_wrong=False)
            number = 81 + len(self.webhooks)
            self.webhooks[number] = (name, request.json()["endpoint"])
            return str(number)
        if self.webhooks.pop(int(name), None) is None:
            raise Refused(404, "No items found", is_wrong=False)
        return {}

    def _newer(self, request: Request, name: str) -> list[dict[str, Any]]:
        given = query_of(request)
        (mark,) = (given[key] for key in given if key.startswith("initial_"))
        key = _ID_FIELDS[name]
        return [each for each in self.things[name] if each[key] > int(mark)]

    def _cut(self, request: Request, found: list[dict[str, Any]]) -> Any:
        given = query_of(request)
        start = int(given.get("offset", "0"))
        page = found[start : start + int(given.get("limit", "50"))]
        if not page:
            raise Refused(404, "No items found", is_wrong=False)
        return page

    # --- the stream -------------------------------------------------------------------

    def _session_key(self, request: Request) -> Reply:
        body = request.json()
        if body["token"] != KEY:
            raise Refused(403, "Forbidden", is_wrong=False)
        self.subscribed = body["subscribe"]
        key = f"once-{len(self.log)}"
        self.session_keys.add(key)
        return self._envelope(key)

    async def _stream(self, request: Request, connection: Connection) -> None:
        wanted = request.headers.get("sec-websocket-key", "").encode()
        if request.headers.get("sec-websocket-version") != "13" or not wanted:
            self.complaints.append("GET /api/ws: no web socket")
        accept = base64.b64encode(hashlib.sha1(wanted + _GUID).digest()).decode()  # noqa: S324 - RFC 6455
        await connection.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n" % accept.encode()
        )
        first = json.loads(await _read_frame(connection.reader))
        if first.keys() != {"type", "wss_token"} or first["type"] != "AuthRequest":
            self.complaints.append("GET /api/ws: the first message is no AuthRequest")
        if first.get("wss_token") not in self.session_keys:
            self.complaints.append("GET /api/ws: the key is unknown or used")
        self.session_keys.discard(first.get("wss_token", ""))
        for event in self.streamed:
            await connection.send(_frame(0x1, json.dumps(event).encode()))
        await connection.send(_frame(0x8, b"\x03\xe8"))
        await connection.hang_up()


async def _read_frame(reader: asyncio.StreamReader) -> bytes:
    """The payload of a short, masked, whole frame."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2))
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length)
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))


def _frame(code: int, data: bytes) -> bytes:
    length = len(data)
    size = bytes([length]) if length < 126 else b"\x7e" + length.to_bytes(2, "big")
    return bytes([0x80 | code]) + size + data
