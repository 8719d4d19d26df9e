"""Voxloud keeps the contract of all adapters."""

from __future__ import annotations

from pathlib import Path

from tests.providers.contract import ProviderContract, Says

CALL = "9cb33f1b427c4d8983a064f0bd68be95"
RECORD = "1734bfbbd5dc4a9c8de1d2e5235e6389"
DIALLED = "303b553038d9847c93ca59ebd310225fae95"


class TestVoxloud(ProviderContract):
    key = "voxloud"
    fixtures = Path(__file__).parent / "fixtures"
    recordings = {  # noqa: RUF012 - read only
        "call_incoming": (Says("LegAlerting", CALL),),
        "call_incoming_bare": (Says("LegAlerting", CALL),),
        "call_started_internal": (Says("LegInitiated", CALL),),
        "call_answered": (Says("LegConnected", CALL),),
        "call_hangup": (Says("LegReleased", CALL),),
        "phone_call": (Says("CallRecorded", RECORD),),
        "phone_call_bare": (Says("CallRecorded", RECORD),),
        "click_to_call": (Says("CallRecorded", DIALLED),),
        "click_to_call_bare": (Says("CallRecorded", DIALLED),),
        "fax": (Says("CallRecorded", "fax-1234"),),
        "fax_bare": (Says("CallRecorded", "fax-1234"),),
        "history_fax": (Says("CallRecorded", "fae5d4a5-d2f9-1236-57a7-06f6192f6ec4"),),
        "history_cancelled": (
            Says("CallRecorded", "125113c1-cca0-1236-9ea3-06f6192f6ec4"),
        ),
        "fault_numbers_as_numbers": (Says("LegAlerting", CALL),),
        "fault_withheld": (Says("LegAlerting", CALL),),
        "fault_wrong_types": (Says("LegAlerting", CALL),),
        "fault_missing_call_id": (
            Says("LegAlerting", "nameless-aa792248468052b8b1d3"),
        ),
        "fault_unknown_type": (),
        "fault_nothing_but_type": (),
    }
