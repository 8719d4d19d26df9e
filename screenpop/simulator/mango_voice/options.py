"""Where Mango Voice's documents are silent: the readings a test may choose between."""

from __future__ import annotations

from enum import Enum

from screenpop.domain.frozen import frozen


class Surface(Enum):
    """Which of the vendor's ways tells of calls as they happen."""

    PLATFORM = "platform"
    """The Interactive Phone Platform: one request for each kind of event."""

    LINE_STATES = "line states"
    """The current webhooks: "Line Extension State", one JSON object each."""

    CALL_EVENTS = "call events"
    """The older webhooks: one flat JSON object for all."""


class Encoding(Enum):
    """How the platform's requests carry their parameters."""

    FORM = "form"
    JSON = "json"
    QUERY = "query"


class Spelling(Enum):
    """What the platform's parameters are called; the document has lost the names."""

    PHONE_BRIDGE = "phone bridge"
    """As on a platform of the same shape: ``id``, ``from``, ``to``, ``zohouser``."""

    CALL_RECORD = "call record"
    """As in the vendor's own call records: ``call_uuid``, ``source_number``, …"""


@frozen(kw_only=True)
class MangoVoiceOptions:
    """One reading of the documents.

    Attributes:
        surface: How live calls are told.
        encoding: How the platform's requests are written.
        spelling: How their parameters are called.
        prefix: Stands before the platform's own endpoints.
        control_prefix: Stands before ``callcontrol``, where the document has none.
        names_user_at_end: A hang-up says whose phone it was.
        sends_call_logs: "Call Logs" and "Voicemail" webhooks are switched on.
        number_parameter: Click2Call's parameter for the number.
        click_to_call_takes_json: Click2Call wants JSON; a form otherwise.
        lists_in_pages: Call records come in pages with ``results`` and ``next``;
            otherwise as one bare array.
        page_size: Of those pages.
        combines_filters: Several filters may stand in one request; otherwise all but
            the first are ignored.
        unknown_tokens_status: What wrong tokens are answered.
        failures_to_pause: Failed deliveries in a row after which none is tried.
        pause_seconds: For how long.
    """

    surface: Surface = Surface.PLATFORM
    encoding: Encoding = Encoding.FORM
    spelling: Spelling = Spelling.PHONE_BRIDGE
    prefix: str = "/mango"
    control_prefix: str = ""
    names_user_at_end: bool = True
    sends_call_logs: bool = True
    number_parameter: str = "tonumber"
    click_to_call_takes_json: bool = False
    lists_in_pages: bool = True
    page_size: int = 50
    combines_filters: bool = True
    unknown_tokens_status: int = 401
    failures_to_pause: int = 3
    pause_seconds: float = 30.0
