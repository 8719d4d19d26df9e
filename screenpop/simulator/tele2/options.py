"""Where Tele2's documents are silent: the readings a test may choose between."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.simulator.http_server import JsonObject


class NumberForm(Enum):
    """How numbers are spelled in events and lists.

    Seen on the wire in Latvia: national, which has no leading zero there.
    """

    NATIONAL = "national"
    PLUS = "plus"
    DIGITS = "digits"


class WebhookAnswer(Enum):
    """Where the answer to a creation holds the webhook's id."""

    DATA = "data"
    """``data`` is the id, as text."""

    SENTENCE = "sentence"
    """``data`` is a sentence that ends in it."""

    LOCATION = "location"
    """Only the ``Location`` header has it."""

    NOWHERE = "nowhere"


def _auth_reply() -> JsonObject:
    return {"type": "AuthResponse", "version": "v1", "status": "success"}


@frozen(kw_only=True)
class Tele2Options:
    """One reading of the documents.

    Attributes:
        number_form: See :class:`NumberForm`.
        webhook_answer: See :class:`WebhookAnswer`.
        event_version: What events say in ``version``; v1 was seen in 2018.
        completed_has_end: CallCompleted tells ``callEnded``, as seen on the wire;
            neither document lists it.
        unanswered_status: ``status`` of a call that nobody took; not explained.
        names_unanswered: A call that nobody took ends for each employee whose phone
            rang; otherwise one event ends it and names nobody.
        auth_reply: What the stream answers to the first message; None for nothing.
        calls_a_minute: More than that is answered 429.
        largest_page: What a larger ``limit`` is silently reduced to.
        media_url: Where the sound of messages is; "" for this address, which then
            wants the key. Neither is documented.
    """

    number_form: NumberForm = NumberForm.NATIONAL
    webhook_answer: WebhookAnswer = WebhookAnswer.DATA
    event_version: str = "v1"
    completed_has_end: bool = False
    unanswered_status: int = 4
    names_unanswered: bool = True
    auth_reply: JsonObject | None = field(default_factory=_auth_reply)
    calls_a_minute: int = 100
    largest_page: int = 100
    media_url: str = ""
