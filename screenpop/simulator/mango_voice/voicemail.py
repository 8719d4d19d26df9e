"""Voicemail: messages by extension, to be marked read and deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from screenpop.simulator.http_server import json_answer
from screenpop.simulator.mango_voice.spelling import bare
from screenpop.simulator.routing import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import Answer, JsonObject, Request


@dataclass(slots=True, kw_only=True)
class Message:
    """A message somebody left."""

    message_id: str
    extension: str
    caller: str
    caller_name: str
    at: datetime
    seconds: int
    call_id: str
    read_at: datetime | None = None
    transcription: str = ""

    def spelled(self, link: str) -> JsonObject:
        """``read_epoch`` is documented; the rest is how FreeSWITCH calls it.

        A link is documented for call records, and as temporary; here it is a guess.
        """
        return {
            "id": self.message_id,
            "ext": self.extension,
            "call_uuid": self.call_id,
            "cid_name": self.caller_name,
            "cid_number": bare(self.caller),
            "created_epoch": int(self.at.timestamp()),
            "read_epoch": int(self.read_at.timestamp()) if self.read_at else 0,
            "message_len": self.seconds,
            "transcription": self.transcription,
            "temp_recording_url": link,
        }


class Voicemail:
    """All messages and their API.

    Args:
        new_link: Makes a temporary link to a sound.
    """

    def __init__(self, clock: Clock, new_link: Callable[[], str]) -> None:
        self._clock = clock
        self._new_link = new_link
        self._by_id: dict[str, Message] = {}

    def add(self, message: Message) -> None:
        """Keep `message`."""
        self._by_id[message.message_id] = message

    def all(self) -> tuple[Message, ...]:
        """Every message, oldest first."""
        return tuple(self._by_id.values())

    def new_id(self) -> str:
        """An id for a new message."""
        return f"vm-{len(self._by_id) + 1}"

    def answer(self, request: Request, segments: Sequence[str]) -> Answer:
        """List, retrieve, update or delete."""
        if request.body:
            raise Refusal(400, "This request takes no body")
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        if len(segments) > 1 or set(query) - ({"ext"} if not segments else set()):
            raise Refusal(404, "No such resource")
        if not segments:
            if request.method != "GET":
                raise Refusal(405, f"Not with {request.method}", {"Allow": "GET"})
            return self._list(query.get("ext", ""))
        message = self._by_id.get(segments[0])
        if message is None:
            raise Refusal(404, "No such voicemail")
        if request.method == "PUT":
            message.read_at = self._clock.now()
        elif request.method == "DELETE":
            del self._by_id[message.message_id]
            return json_answer({"status": "success"})
        elif request.method != "GET":
            allow = {"Allow": "DELETE, GET, PUT"}
            raise Refusal(405, f"Not with {request.method}", allow)
        return json_answer(message.spelled(self._new_link()))

    def _list(self, extension: str) -> Answer:
        found = [one for one in self.all() if extension in ("", one.extension)]
        return json_answer([one.spelled(self._new_link()) for one in found])
