"""Webhooks and their subscriptions, and the challenge that a new webhook must pass."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from screenpop.domain.frozen import frozen
from screenpop.simulator.mobtexting.spelling import (
    EVENTS,
    new_uuid,
    page_answer,
    success,
)
from screenpop.simulator.mobtexting.strict_fields import StrictFields
from screenpop.simulator.routing import Refusal, Route

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import Answer, JsonObject
    from screenpop.simulator.mobtexting.options import MobTextingOptions
    from screenpop.simulator.routing import Question

WEBHOOKS = "/api/v2/developer/webhooks"
SUBSCRIPTIONS = "/api/v2/developer/subscriptions"
CHALLENGE_SECONDS = 5.0

Challenger = Callable[["RegisteredWebhook", str, str], bool]


@dataclass(slots=True, kw_only=True)
class RegisteredWebhook:
    """A callback URL.

    Attributes:
        secret: Shown to the receiver as ``Authorization: Bearer``; "" for none.
    """

    webhook_id: str
    name: str
    uri: str
    created_at: datetime
    secret: str = ""
    is_active: bool = True

    @property
    def headers(self) -> dict[str, str]:
        """What every request to it carries."""
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}

    def spelled(self, *, shows_secret: bool) -> JsonObject:
        """As the API writes it."""
        moment = self.created_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        spelled: JsonObject = {
            "id": self.webhook_id,
            "name": self.name,
            "uri": self.uri,
            "verification_code": None,
            "status": int(self.is_active),
            "created_at": moment,
            "updated_at": moment,
        }
        if shows_secret:
            spelled["secret"] = self.secret or None
        return spelled


@frozen(kw_only=True)
class EventSubscription:
    """One event for one webhook."""

    number: int
    event: str
    identity: str
    webhook_id: str
    created_at: datetime

    def spelled(self) -> JsonObject:
        """As the API writes it."""
        return {
            "id": self.number,
            "event": self.event,
            "identity": self.identity,
            "payload": [],
            "webhook_id": self.webhook_id,
            "created_at": self.created_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        }


class Registrations:
    """All of the account, and their API.

    Args:
        challenge: Asks a new webhook to repeat a text; whether it did.
    """

    def __init__(
        self,
        options: MobTextingOptions,
        clock: Clock,
        chance: random.Random,
        challenge: Challenger,
    ) -> None:
        self._options = options
        self._clock = clock
        self._random = chance
        self._challenge = challenge
        self._webhooks: dict[str, RegisteredWebhook] = {}
        self._subscriptions: dict[str, EventSubscription] = {}
        self._last_number = 0

    def routes(self) -> tuple[Route, ...]:
        """The developer API."""
        hook, subscription = f"{WEBHOOKS}/{{id}}", f"{SUBSCRIPTIONS}/{{id}}"
        listing = frozenset({"page", "filter[name]"})
        return (
            Route(method="GET", path=WEBHOOKS, respond=self._list, query=listing),
            Route(method="POST", path=WEBHOOKS, respond=self._create, takes_body=True),
            Route(method="GET", path=hook, respond=self._show),
            Route(method="PUT", path=hook, respond=self._update, takes_body=True),
            Route(method="DELETE", path=hook, respond=self._delete),
            Route(
                method="GET",
                path=SUBSCRIPTIONS,
                respond=self._list_subscriptions,
                query=frozenset({"page"}),
            ),
            Route(
                method="POST",
                path=SUBSCRIPTIONS,
                respond=self._subscribe,
                takes_body=True,
            ),
            Route(method="GET", path=subscription, respond=self._show_subscription),
            Route(method="DELETE", path=subscription, respond=self._unsubscribe),
        )

    def webhooks(self) -> tuple[RegisteredWebhook, ...]:
        """Every webhook, in the order of creation."""
        return tuple(self._webhooks.values())

    def subscriptions(self) -> tuple[EventSubscription, ...]:
        """Every subscription, in the order of creation."""
        return tuple(self._subscriptions.values())

    def active(self) -> tuple[RegisteredWebhook, ...]:
        """The webhooks that are switched on."""
        return tuple(one for one in self._webhooks.values() if one.is_active)

    def for_report(self, webhook_id: str) -> tuple[RegisteredWebhook, ...]:
        """Who gets a call's report: the subscribed, and the one named for the call."""
        wanted = {
            one.webhook_id
            for one in self._subscriptions.values()
            if one.event == "voice:message:out"
        }
        return tuple(
            one for one in self.active() if one.webhook_id in (wanted | {webhook_id})
        )

    def is_active(self, webhook_id: str) -> bool:
        """Whether there still is one of that id, switched on."""
        found = self._webhooks.get(webhook_id)
        return found is not None and found.is_active

    # --- webhooks ---------------------------------------------------------------------

    def _list(self, question: Question) -> Answer:
        name = question.query.get("filter[name]", "")
        found = [
            self._spelled(one) for one in self._webhooks.values() if name in one.name
        ]
        return page_answer(found[::-1], question.query, path=WEBHOOKS)

    def _create(self, question: Question) -> Answer:
        fields = StrictFields(question.content)
        name, uri = fields.required("name"), fields.address("uri")
        token = fields.optional("token") or new_uuid(self._random)[:8]
        webhook = RegisteredWebhook(
            webhook_id=new_uuid(self._random),
            name=name,
            uri=uri,
            created_at=self._clock.now(),
            secret=fields.optional("secret"),
            is_active=fields.switch("status", default=True),
        )
        fields.finish()
        challenge = str(self._random.randrange(10**9, 10**10))
        if not self._challenge(webhook, token, challenge):
            raise Refusal(422, "The webhook URL could not be verified")
        self._webhooks[webhook.webhook_id] = webhook
        return success(self._spelled(webhook), "Webhook Saved Successfully")

    def _show(self, question: Question) -> Answer:
        return success(self._spelled(self._find(question)), "Webhook")

    def _update(self, question: Question) -> Answer:
        webhook = self._find(question)
        fields = StrictFields(question.content)
        name = fields.optional("name") or webhook.name
        uri = fields.address("uri") if fields.has("uri") else webhook.uri
        is_active = fields.switch("status", default=webhook.is_active)
        secret = fields.optional("secret") or webhook.secret
        fields.finish()
        webhook.name, webhook.uri = name, uri
        webhook.is_active, webhook.secret = is_active, secret
        return success(self._spelled(webhook), "Webhook Updated Successfully")

    def _delete(self, question: Question) -> Answer:
        del self._webhooks[self._find(question).webhook_id]
        return success([], "Webhook Deleted successfully")

    def _find(self, question: Question) -> RegisteredWebhook:
        found = self._webhooks.get(question.names["id"])
        if found is None:
            raise Refusal(404, "Webhook not found")
        return found

    def _spelled(self, webhook: RegisteredWebhook) -> JsonObject:
        return webhook.spelled(shows_secret=self._options.shows_secrets)

    # --- subscriptions ----------------------------------------------------------------

    def _list_subscriptions(self, question: Question) -> Answer:
        found = [one.spelled() for one in self._subscriptions.values()]
        return page_answer(found[::-1], question.query, path=SUBSCRIPTIONS)

    def _subscribe(self, question: Question) -> Answer:
        fields = StrictFields(question.content)
        event, identity = fields.required("event"), fields.required("identity")
        webhook_id = fields.required("webhook_id")
        fields.finish()
        if event not in EVENTS:
            raise Refusal(422, "There is no such event")
        if event.startswith("voice:") and identity != "all":
            raise Refusal(422, "identity must be all")
        if webhook_id not in self._webhooks and not webhook_id.startswith("flow:"):
            raise Refusal(422, "There is no such webhook")
        self._last_number += 1
        made = EventSubscription(
            number=self._last_number,
            event=event,
            identity=identity,
            webhook_id=webhook_id,
            created_at=self._clock.now(),
        )
        self._subscriptions[str(made.number)] = made
        return success(made.spelled(), "Subscription Saved Successfully")

    def _show_subscription(self, question: Question) -> Answer:
        return success(self._find_subscription(question).spelled(), "Subscription")

    def _unsubscribe(self, question: Question) -> Answer:
        del self._subscriptions[str(self._find_subscription(question).number)]
        return success([], "Subscription Deleted successfully")

    def _find_subscription(self, question: Question) -> EventSubscription:
        found = self._subscriptions.get(question.names["id"])
        if found is None:
            raise Refusal(404, "Subscription not found")
        return found


def post_challenge(
    webhook: RegisteredWebhook, token: str, challenge: str, *, carries_secret: bool
) -> bool:
    """Ask the receiver to repeat `challenge`; whether it answered 200 with it."""
    parts = urlsplit(webhook.uri)
    joint = "&" if parts.query else "?"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_encrypted = parts.scheme == "https"
    kind = http.client.HTTPSConnection if is_encrypted else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=CHALLENGE_SECONDS)
    body = json.dumps({"validation_key": token, "challenge": challenge}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "screenpop-simulator"}
    if carries_secret:
        headers |= webhook.headers
    try:
        connection.request("POST", f"{target}{joint}token={token}", body, headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return answer.status == 200 and said == {"challenge": challenge}
