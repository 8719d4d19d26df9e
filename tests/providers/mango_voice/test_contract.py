"""Mango Voice keeps the contract of all adapters."""

from __future__ import annotations

from pathlib import Path

from tests.providers.contract import ProviderContract, Says

CALL = "7c2f6a0e-1f4b-4c1e-9a52-0d6f6c1b9e11"


def _record(number: int) -> tuple[Says, ...]:
    return (Says("CallRecorded", f"{CALL[:-2]}{number}"),)


class TestMangoVoice(ProviderContract):
    key = "mango_voice"
    fixtures = Path(__file__).parent / "fixtures"
    recordings = {  # noqa: RUF012 - read only
        "cdr_answered": _record(11),
        "cdr_voicemail": _record(12),
        "cdr_rejected": _record(13),
        "cdr_gave_up": _record(14),
        "cdr_outbound": _record(15),
        "cdr_internal": _record(16),
        "call_logs": _record(11),
        "line_ringing": (Says("LegAlerting", CALL),),
        "line_answered": (Says("LegConnected", CALL),),
        "line_hung_up": (Says("LegReleased", CALL),),
        "line_dialled": (Says("LegInitiated", CALL),),
        "call_event_flat": (Says("LegAlerting", CALL),),
        "fault_numbers_as_numbers": (Says("LegAlerting", CALL),),
        "fault_withheld": (Says("LegAlerting", CALL),),
        "fault_hidden_by_empty_number": (Says("LegAlerting", CALL),),
        "fault_wrong_types": (Says("LegAlerting", CALL),),
        "fault_missing_call_id": (
            Says("LegAlerting", "nameless-0779a12fd93d9c95b954"),
        ),
        "fault_unknown_state": (),
        "fault_nothing_but_state": (),
    }
