"""PrimeVOX keeps the contract of all adapters."""

from __future__ import annotations

from pathlib import Path

from tests.providers.contract import ProviderContract, Says

CALL = "6f1c1f5e-6c1a-4a86-9b0e-6a3c1fd0b1a1"


class TestPrimevox(ProviderContract):
    key = "primevox"
    fixtures = Path(__file__).parent / "fixtures"
    recordings = {  # noqa: RUF012 - read only
        "hook_inbound_call": (Says("LegAlerting", CALL),),
        "hook_hangup_call": (Says("LegConnected", CALL), Says("LegReleased", CALL)),
        "hook_hangup_call_unanswered": (Says("LegReleased", CALL),),
        "call_bare": (Says("CallRecorded", CALL),),
        "poll_answered": (
            Says("LegAlerting", CALL),
            Says("LegAlerting", CALL),
            Says("LegConnected", CALL),
            Says("LegReleased", CALL),
            Says("LegReleased", CALL),
            Says("CallRecorded", CALL),
        ),
        "poll_missed": (Says("CallRecorded", CALL),),
        "poll_outbound": (Says("CallRecorded", CALL),),
        "poll_internal": (
            Says("LegInitiated", CALL),
            Says("LegReleased", CALL),
            Says("CallRecorded", CALL),
        ),
        "poll_going_on": (
            Says("LegAlerting", CALL),
            Says("LegAlerting", CALL),
            Says("LegConnected", CALL),
            Says("LegReleased", CALL),
        ),
        "fault_withheld": (Says("LegAlerting", CALL),),
        "fault_unknown_type": (),
        "fault_missing_call_uuid": (
            Says("LegAlerting", "nameless-e69af3ccc6c8f8bbbce6"),
        ),
        "fault_numbers_as_numbers": (Says("LegAlerting", CALL),),
        "fault_wrong_types": (Says("LegAlerting", CALL),),
    }
