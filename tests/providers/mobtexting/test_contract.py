"""MobTexting keeps the contract of all adapters."""

from __future__ import annotations

from pathlib import Path

from tests.providers.contract import ProviderContract, Says

CALL = "c839b4c4-8c0d-11e9-bb88-6c2b59c79f5a"
CLICKED = "made-c6c2b598a041f33e5dcf"


class TestMobTexting(ProviderContract):
    key = "mobtexting"
    fixtures = Path(__file__).parent / "fixtures"
    recordings = {  # noqa: RUF012 - read only
        "report": (Says("CallRecorded", CLICKED),),
        "report_texts": (Says("CallRecorded", CLICKED),),
        "report_call_id": (
            Says("CallRecorded", "26074c32-b316-4ffa-99d7-9f6a99da56d6"),
        ),
        "report_mid": (Says("CallRecorded", "mid-order-17"),),
        "report_flow": (Says("CallRecorded", "made-e870ed88ecb2f782aa72"),),
        "report_campaign": (Says("CallRecorded", "made-0b97b5873622744012c9"),),
        "step_ringing": (Says("LegAlerting", CALL),),
        "step_over": (Says("CallRecorded", CALL),),
        "log_inbound": (Says("CallRecorded", CALL),),
        "log_click_to_call": (Says("CallRecorded", CLICKED),),
        "fault_unfilled": (Says("LegAlerting", CALL),),
        "fault_wrong_types": (Says("LegAlerting", "made-ef0e9038d8dcb7cec3c9"),),
        "fault_no_id": (Says("LegAlerting", "made-da3f0c9f1a1c139abf4b"),),
        "fault_withheld": (Says("LegAlerting", CALL),),
        "fault_nothing_but_id": (),
    }
