"""Records that come from no simulated call: faxes, and calls of the past."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from screenpop.simulator.voxloud.payloads import WITHHELD, Party, without_plus

if TYPE_CHECKING:
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.people import PastCall
    from screenpop.simulator.voxloud.exchange import Exchange
    from screenpop.simulator.voxloud.payloads import Record
    from screenpop.simulator.voxloud.pbx import User

_FAX_URL = "https://media.example.com/faxes"


def keep_fax(
    exchange: Exchange, *, sender: str, recipient: str, pages: int, is_inbound: bool
) -> Record:
    """Put a fax into the history; its webhook has other fields than a call's."""
    call_id = exchange.new_call_id()
    webhook_details: JsonObject = {
        "direction": "inbound" if is_inbound else "outbound",
        "sender": without_plus(sender),
        "recipient": without_plus(recipient),
        "attachment_url": f"{_FAX_URL}/fax_{call_id}.pdf",
        "total_pages": pages,
    }
    if not is_inbound:
        webhook_details["description"] = "A fax description"
    return exchange.keep_record(
        record_type="FAX_CALL",
        call_id=call_id,
        direction="INBOUND" if is_inbound else "OUTBOUND",
        at=exchange.clock.now(),
        originator=Party(sender),
        destination=Party(recipient, f"{without_plus(recipient)}-fax-caller-id-name"),
        duration_seconds=16 * pages,
        details={},
        webhook_details=webhook_details,
    )


def keep_past_call(exchange: Exchange, call: PastCall, user: User) -> Record:
    """Put a call that `user` had into the history."""
    other = Party(call.number or WITHHELD, call.name)
    ours = Party(user.dids[0].number, user.name)
    details: JsonObject = {
        "maskCallerNumber": not call.number,
        "lastEvent": "CALL_TERMINATED",
        "ringTime": min(6, call.seconds),
        "recorded": False,
        "voicemail": False,
    }
    if not call.was_answered:
        details |= {"lastEvent": "CALL_LOST_NO_ANSWER", "ringTime": call.seconds}
    elif call.is_inbound:
        details |= {"answererName": user.name, "answererNumber": user.extension}
    if call.summary:
        details["summary"] = call.summary
    return exchange.keep_record(
        record_type="PHONE_CALL",
        call_id=exchange.new_call_id(),
        direction="INBOUND" if call.is_inbound else "OUTBOUND",
        at=exchange.clock.now() - timedelta(minutes=call.minutes_ago),
        originator=other if call.is_inbound else ours,
        destination=ours if call.is_inbound else other,
        duration_seconds=call.seconds,
        details=details,
    )
