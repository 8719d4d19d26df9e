"""Who is told of events: webhooks, and streams with their one-time keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.simulator.fields import Fields
from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.tele2.asking import BASE, path_id
from screenpop.simulator.tele2.options import WebhookAnswer
from screenpop.simulator.tele2.spelling import EVENT_NAMES, success
from screenpop.simulator.web_socket import GOING_AWAY, POLICY_VIOLATION, accept

if TYPE_CHECKING:
    import random
    import threading

    from screenpop.simulator.http_server import Answer, Request
    from screenpop.simulator.routing import Question
    from screenpop.simulator.tele2.options import Tele2Options
    from screenpop.simulator.web_socket import WebSocketServer

MOST_WEBHOOKS: Final = 20
SESSION_PATH: Final = "/api/session_keys/create"
STREAM_PATH: Final = "/api/ws"


@frozen
class Webhook:
    """One event type, told to one URL."""

    webhook_id: int
    event_name: str
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """An open stream that has signed in."""

    number: int
    event_names: frozenset[str]
    socket: WebSocketServer


class Registrations:
    """Keeps both kinds of receivers, and answers what they ask for.

    Args:
        lock: Guards what is kept; not held while a stream is read.
        api_key: Must be in the body of a request for a session key.
    """

    def __init__(
        self,
        options: Tele2Options,
        lock: threading.RLock,
        chance: random.Random,
        api_key: str,
    ) -> None:
        self._options = options
        self._lock = lock
        self._random = chance
        self._api_key = api_key
        self._webhooks: dict[int, Webhook] = {}
        self._last_id = 5_100
        self._keys: dict[str, frozenset[str]] = {}
        self._streams: dict[int, Stream] = {}
        self._opened = 0

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """Those that there are."""
        return tuple(self._webhooks.values())

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Those that are open."""
        with self._lock:
            return tuple(self._streams.values())

    def stream(self, number: int) -> Stream | None:
        """One of them, while it is open."""
        with self._lock:
            return self._streams.get(number)

    def has_webhook(self, webhook_id: int) -> bool:
        """Whether it is still there."""
        return webhook_id in self._webhooks

    def routes(self) -> tuple[Route, ...]:
        """Creation and deletion of webhooks; there is no list of them."""
        return (
            Route(
                method="POST",
                path=f"{BASE}/webhooks/{{id}}",
                respond=self._create,
                takes_body=True,
            ),
            Route(
                method="DELETE", path=f"{BASE}/webhooks/{{id}}", respond=self._delete
            ),
        )

    def session_route(self) -> Route:
        """The older interface, whose key is in the body."""
        return Route(
            method="POST",
            path=SESSION_PATH,
            respond=self._create_key,
            takes_body=True,
        )

    def open_stream(self, request: Request) -> Answer:
        """Shake hands; the first message must bring a key that was never used.

        Raises:
            Refusal: It is no handshake.
        """
        return accept(request, self._serve)

    def close_streams(self) -> None:
        """Break every stream off, as a restart of the vendor's does."""
        for stream in self.streams:
            stream.socket.close(GOING_AWAY)

    def _create(self, question: Question) -> Answer:
        name = question.names["id"]
        if name not in EVENT_NAMES:
            raise Refusal(404, "No such event")
        fields = Fields(question.content)
        url = fields.web_address("endpoint")
        fields.finish()
        is_local = url.startswith(("http://127.", "http://localhost"))
        if not (url.startswith("https://") or is_local):
            raise Refusal(422, "endpoint must be https")
        if len(self._webhooks) >= MOST_WEBHOOKS:
            raise Refusal(403, "Webhook limit reached")
        self._last_id += 1
        self._webhooks[self._last_id] = Webhook(self._last_id, name, url)
        return self._created(self._last_id)

    def _created(self, webhook_id: int) -> Answer:
        match self._options.webhook_answer:
            case WebhookAnswer.DATA:
                return success(str(webhook_id))
            case WebhookAnswer.SENTENCE:
                return success(f"Webhook created: {webhook_id}")
            case WebhookAnswer.LOCATION:
                location = f"{BASE}/webhooks/{webhook_id}"
                return success("Created", {"Location": location})
        return success("Created")

    def _delete(self, question: Question) -> Answer:
        if self._webhooks.pop(path_id(question), None) is None:
            raise Refusal(404, "No items found")
        return success({})

    def _create_key(self, question: Question) -> Answer:
        fields = Fields(question.content)
        token = fields.text("token", required=True)
        scope = fields.text("scope", required=True)
        wanted = fields.texts("subscribe")
        fields.finish()
        if token != self._api_key:
            raise Refusal(401, "Wrong token")
        if scope != "company" or not wanted:
            raise Refusal(422, "scope and subscribe are wrong")
        unknown = set(wanted) - set(EVENT_NAMES)
        if unknown:
            raise Refusal(422, "No such event")
        key = f"session-{self._random.getrandbits(128):032x}"
        self._keys[key] = frozenset(wanted)
        return success(key)

    def _serve(self, socket: WebSocketServer) -> None:
        stream = self._sign_in(socket)
        if stream is None:
            socket.close(POLICY_VIOLATION)
            return
        try:
            while socket.receive() is not None:
                pass  # Nothing that a client may say after signing in is documented.
        finally:
            with self._lock:
                del self._streams[stream.number]

    def _sign_in(self, socket: WebSocketServer) -> Stream | None:
        message = _read(socket.receive())
        if message is None or message.keys() != {"type", "wss_token"}:
            return None
        with self._lock:
            names = self._keys.pop(str(message["wss_token"]), None)
            if message["type"] != "AuthRequest" or names is None:
                return None
            self._opened += 1
            stream = Stream(self._opened, names, socket)
            self._streams[stream.number] = stream
            reply = self._options.auth_reply
            # Before any event can overtake it.
            if reply is not None:
                socket.send(json.dumps(reply).encode())
        return stream


def _read(text: str | None) -> dict[str, object] | None:
    try:
        message = json.loads(text or "")
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
