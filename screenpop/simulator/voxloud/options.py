"""Where Voxloud's document is silent: the readings a test may choose between."""

from __future__ import annotations

from enum import Enum

from screenpop.domain.frozen import frozen


class AgentLeg(Enum):
    """How the agent's own phone, which a click-to-call rings first, shows up.

    The document describes no live event for click-to-call. Its only hints pull two
    ways: ``CALL_INCOMING`` is for "inbound call", which is what the agent's phone
    sees; the final record says ``OUTBOUND``, and ``CALL_STARTED`` is for "call start
    (outbound and internal)".
    """

    INCOMING = "incoming"
    """Each leg is a call: the agent's phone gets CALL_INCOMING and, picked up,
    CALL_ANSWERED; dialling the contact gives CALL_STARTED, their answer a second
    CALL_ANSWERED. The harder reading, so the default."""

    STARTED = "started"
    """All of it is one outbound call: CALL_STARTED, CALL_ANSWERED by the contact."""


@frozen(kw_only=True)
class VoxloudOptions:
    """One reading of the document.

    Attributes:
        disable_after: Failed attempts in a row that disable a subscription; the
            threshold is not published.
        agent_leg: See :class:`AgentLeg`.
        agent_leg_shows_contact: The agent's ringing phone shows the contact's
            number; otherwise the company's own outbound number.
        created_status: What a successful creation answers; not published.
        deleted_status: What a successful deletion answers, with no body; not
            published.
        quota_status: What creating one click-to-call too many answers; not
            published, 400 and 403 are the likely ones of the document's list.
        takes_click_to_call_subscriptions: CLICK_TO_CALL may be subscribed to: the
            list under "create" leaves it out, every other list has it.
        found_timestamps_are_text: Events got by id or callId carry their timestamp
            as text, as in a query; the document says "like the ones described in
            section webhooks", where it is a number.
        found_by_call_id_is_array: The answer for a callId is an array.
        largest_page: What a larger ``size`` is silently reduced to.
    """

    disable_after: int = 5
    agent_leg: AgentLeg = AgentLeg.INCOMING
    agent_leg_shows_contact: bool = True
    created_status: int = 200
    deleted_status: int = 204
    quota_status: int = 400
    takes_click_to_call_subscriptions: bool = True
    found_timestamps_are_text: bool = False
    found_by_call_id_is_array: bool = False
    largest_page: int = 100
