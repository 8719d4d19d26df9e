"""Text messages of the simulated PrimeVOX."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screenpop.simulator.routing import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.primevox.pbx import Did, Pbx

_NAMES = {"conversations": "phoneNumber", "conversation": "conversationID"}


@dataclass(slots=True)
class _Conversation:
    line: str
    other: str
    has_unread: bool = False
    messages: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)


class Messages:
    """Every conversation, by id."""

    def __init__(self, pbx: Pbx, clock: Clock, new_id: Callable[[], str]) -> None:
        self._pbx = pbx
        self._clock = clock
        self._new_id = new_id
        self._conversations: dict[str, _Conversation] = {}

    def add(self, did: Did, other: str, text: str, *, is_inbound: bool) -> JsonObject:
        """Keep a message; returns the fields of its webhook."""
        conversation_id = next(
            (
                key
                for key, one in self._conversations.items()
                if (one.line, one.other) == (did.number, other)
            ),
            "",
        )
        if not conversation_id:
            conversation_id = self._new_id()
            self._conversations[conversation_id] = _Conversation(did.number, other)
        talk = self._conversations[conversation_id]
        talk.has_unread = is_inbound
        sender, recipient = (other, did.number) if is_inbound else (did.number, other)
        talk.messages[self._new_id()] = (self._clock.now(), sender, text)
        return {
            "eventType": "inboundMessage" if is_inbound else "outboundMessage",
            "toNumber": recipient,
            "fromNumber": sender,
            "conversationID": conversation_id,
            "messageText": html.escape(text),
        }

    def answer(self, name: str, given: Mapping[str, str]) -> JsonObject:
        """The answer of ``/api/messaging/v1/NAME``.

        Raises:
            Refusal: 400, 404, as the page says.
        """
        if name not in _NAMES:
            raise Refusal(404, "Not Found")
        unknown = given.keys() - {"auth", "containerID", _NAMES[name]}
        wanted = given.get(_NAMES[name], "")
        if unknown or not wanted:
            raise Refusal(400, f"You must include a {_NAMES[name]}.")
        return self._list(wanted) if name == "conversations" else self._read(wanted)

    def _list(self, number: str) -> JsonObject:
        if all(did.number != number for did in self._pbx.dids):
            raise Refusal(
                404, "The phone number you provided does not exist in this container."
            )
        found: JsonObject = {
            key: {
                "conversationWith": talk.other,
                "hasUnreadMessages": int(talk.has_unread),
                "lastMessageDate": _written(list(talk.messages.values())[-1][0]),
            }
            for key, talk in self._conversations.items()
            if talk.line == number
        }
        return {"conversations": found or []}

    def _read(self, conversation_id: str) -> JsonObject:
        talk = self._conversations.get(conversation_id)
        if talk is None:
            return {"messages": []}
        return {
            "messages": {
                key: {
                    "messageDate": _written(at),
                    "messageFrom": sender,
                    "messageText": text,
                }
                for key, (at, sender, text) in talk.messages.items()
            }
        }


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
