"""Webhook subscriptions: one event type each, disabled when they keep failing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.simulator.fields import Fields
from screenpop.simulator.http_server import Answer, JsonObject, json_answer
from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.voxloud.pbx import new_uuid

if TYPE_CHECKING:
    import random

    from screenpop.simulator.routing import Question
    from screenpop.simulator.voxloud.options import VoxloudOptions

EVENT_TYPES = (
    "FAX_CALL",
    "PHONE_CALL",
    "CLICK_TO_CALL",
    "CALL_STARTED",
    "CALL_INCOMING",
    "CALL_ANSWERED",
    "CALL_HANGUP",
)

_PATH = "/api/v1/webhook-subscriptions"


@dataclass(slots=True, kw_only=True)
class Subscription:
    """Who wants to hear of one event type.

    Attributes:
        failed_count: Failed attempts since the last success.
    """

    subscription_id: str
    callback_url: str
    event_type: str
    notification_email: str = ""
    enabled: bool = True
    failed_count: int = 0
    last_error: str = ""

    def spelled(self, type_key: str = "event_type") -> JsonObject:
        """As the API writes it; `type_key` is what it calls the event type."""
        spelled: JsonObject = {
            "id": self.subscription_id,
            "enabled": self.enabled,
            type_key: self.event_type,
            "failed_count": self.failed_count,
            "callback_url": self.callback_url,
        }
        if self.notification_email:
            spelled["notification_email"] = self.notification_email
        if self.last_error:
            spelled["last_error"] = self.last_error
        return spelled


@frozen
class DisabledNotice:
    """The mail that Voxloud would have sent when it disabled a subscription."""

    subscription_id: str
    notification_email: str


class Subscriptions:
    """All subscriptions of the account, and their API."""

    def __init__(self, options: VoxloudOptions, chance: random.Random) -> None:
        self._options = options
        self._random = chance
        self._by_id: dict[str, Subscription] = {}
        self.notices: list[DisabledNotice] = []

    def routes(self) -> tuple[Route, ...]:
        """The webhook subscriptions API."""
        one = f"{_PATH}/{{id}}"
        return (
            Route(method="POST", path=_PATH, respond=self._create, takes_body=True),
            Route(method="GET", path=_PATH, respond=self._list),
            Route(method="GET", path=one, respond=self._get),
            Route(method="PUT", path=one, respond=self._update, takes_body=True),
            Route(method="DELETE", path=one, respond=self._delete),
        )

    def all(self) -> tuple[Subscription, ...]:
        """Every one, in the order of creation."""
        return tuple(self._by_id.values())

    def enabled_for(self, event_type: str) -> tuple[Subscription, ...]:
        """Those that want to hear of `event_type` now."""
        return tuple(
            one for one in self.all() if one.enabled and one.event_type == event_type
        )

    def is_enabled(self, subscription_id: str) -> bool:
        """Whether there still is one of that id, and it is enabled."""
        found = self._by_id.get(subscription_id)
        return found is not None and found.enabled

    def report_attempt(self, subscription_id: str, error: str) -> None:
        """Count an attempt; `error` is "" for a success."""
        found = self._by_id.get(subscription_id)
        if found is None:
            return
        if not error:
            found.failed_count = 0
            return
        found.failed_count += 1
        found.last_error = error
        if found.enabled and found.failed_count >= self._options.disable_after:
            found.enabled = False
            self.notices.append(
                DisabledNotice(subscription_id, found.notification_email)
            )

    def _create(self, question: Question) -> Answer:
        fields = Fields(question.content)
        subscription = Subscription(
            subscription_id=new_uuid(self._random),
            callback_url=fields.web_address("callback_url"),
            event_type=fields.choice("event_type", self._creatable()),
            notification_email=_email(fields),
        )
        fields.finish()
        self._by_id[subscription.subscription_id] = subscription
        return json_answer(subscription.spelled(), self._options.created_status)

    def _creatable(self) -> tuple[str, ...]:
        if self._options.takes_click_to_call_subscriptions:
            return EVENT_TYPES
        return tuple(one for one in EVENT_TYPES if one != "CLICK_TO_CALL")

    def _list(self, question: Question) -> Answer:
        # The document's own list says "type" in all entries but the first.
        return json_answer(
            [
                one.spelled("type" if position else "event_type")
                for position, one in enumerate(self.all())
            ]
        )

    def _get(self, question: Question) -> Answer:
        return json_answer(self._find(question).spelled())

    def _update(self, question: Question) -> Answer:
        subscription = self._find(question)
        fields = Fields(question.content)
        if fields.text("id", required=True) != subscription.subscription_id:
            raise Refusal(400, "id is not the one of the address")
        callback_url = fields.web_address("callback_url")
        event_type = fields.choice("event_type", EVENT_TYPES)
        enabled = fields.boolean("enabled", default=subscription.enabled)
        email = _email(fields, default=subscription.notification_email)
        fields.finish()
        if enabled and not subscription.enabled:
            subscription.failed_count = 0
            subscription.last_error = ""
        subscription.callback_url = callback_url
        subscription.event_type = event_type
        subscription.enabled = enabled
        subscription.notification_email = email
        return json_answer(subscription.spelled())

    def _delete(self, question: Question) -> Answer:
        del self._by_id[self._find(question).subscription_id]
        return Answer(status=self._options.deleted_status)

    def _find(self, question: Question) -> Subscription:
        found = self._by_id.get(question.names["id"])
        if found is None:
            raise Refusal(404, "No such subscription")
        return found


def _email(fields: Fields, default: str = "") -> str:
    email = fields.text("notification_email", default=default)
    if fields.has("notification_email") and "@" not in email:
        raise Refusal(400, "notification_email must be an e-mail address")
    return email
