"""Where MobTexting's documents are silent: the readings a test may choose between."""

from __future__ import annotations

from enum import Enum

from screenpop.domain.frozen import frozen


class FlowSteps(Enum):
    """Which “HTTP Request” steps the customer put into the voice flow.

    A flow is the only thing that tells of a call that comes in; what its steps send is
    the customer's own choice. They call the account's active webhooks.
    """

    NONE = "none"
    RINGING = "ringing"
    """One before the step that dials the agents."""
    RINGING_AND_OVER = "ringing and over"
    """One more behind it."""


@frozen(kw_only=True)
class MobTextingOptions:
    """One reading of the documents.

    Attributes:
        flow_steps: See :class:`FlowSteps`.
        utc_offset_minutes: The zone that all times without a zone are in.
        numbers_are_text: Reports hold numbers as text; the example has JSON numbers.
        report_repeats_reference: A click-to-call's report holds its ``mid``.
        report_has_call_id: It holds the ``callId`` of the answer.
        plain_call_has_id: The answer for a plain number holds a ``callId`` too.
        has_older_log_pages: Logs come as ``data.data``.
        shows_secrets: A webhook's secret is in the answers about it.
        challenge_carries_secret: So does the challenge's request.
        gets_per_minute: The limit behind status 429.
    """

    flow_steps: FlowSteps = FlowSteps.RINGING_AND_OVER
    utc_offset_minutes: int = 0
    numbers_are_text: bool = False
    report_repeats_reference: bool = False
    report_has_call_id: bool = False
    plain_call_has_id: bool = False
    has_older_log_pages: bool = False
    shows_secrets: bool = True
    challenge_carries_secret: bool = True
    gets_per_minute: int = 1_000
