"""Tele2 keeps the contract of all adapters, whichever way its events come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from screenpop.providers import abilities, protocol, registry
from tests.providers.contract import ProviderContract, Says, context

if TYPE_CHECKING:
    from screenpop.providers.manifest import ProviderManifest
    from screenpop.providers.protocol import ProviderContext, TelephonyProvider

CALL = "1524664322937898"
RINGS, DIALS = Says("LegAlerting", CALL), Says("LegInitiated", CALL)
TALKS, ENDS = Says("LegConnected", CALL), Says("LegReleased", CALL)
BOOKED = Says("CallRecorded", CALL)


class TestTele2(ProviderContract):
    key = "tele2"
    source: ClassVar[str] = "stream"
    fixtures = Path(__file__).parent / "fixtures"
    recordings = {  # noqa: RUF012 - read only
        "call_started": (RINGS,),
        "call_started_flat": (RINGS,),
        "call_started_out": (DIALS,),
        "call_connected": (TALKS,),
        "call_completed": (TALKS, ENDS),
        "call_completed_captured": (TALKS, ENDS),
        "call_completed_unanswered": (ENDS,),
        "call_completed_after_transfer": (TALKS, ENDS, ENDS),
        "call_transfered": (TALKS, ENDS, RINGS),
        "call_recorded": (BOOKED,),
        "history_answered": (RINGS, TALKS, ENDS, BOOKED),
        "history_missed": (RINGS, ENDS, BOOKED),
        "history_going_on": (DIALS, TALKS),
        "fault_numbers_as_numbers": (RINGS,),
        "fault_withheld": (RINGS,),
        "fault_missing_call_id": (
            Says("LegAlerting", "nameless-8f3c11e2bc542f6d8a4d"),
        ),
        "fault_wrong_types": (TALKS,),
        "fault_no_direction": (RINGS,),
        "fault_unknown_type": (),
        "fault_nothing_but_type": (),
    }

    def manifest(self) -> ProviderManifest:
        """The manifest, for an account whose events come this class's way."""
        real = registry.manifest(self.key)

        def create(given: ProviderContext) -> TelephonyProvider:
            return real.create(replace(given, options={"source": self.source}))

        return replace(real, create=create)


class TestTele2ByWebhook(TestTele2):
    source = "webhook"


@pytest.mark.parametrize(
    ("source", "streams", "subscribes", "polls"),
    [
        ("", True, False, False),
        ("stream", True, False, False),
        ("webhook", False, True, False),
        ("poll", False, False, True),
        ("nonsense", True, False, False),
    ],
)
def test_the_source_decides_which_abilities_there_are(
    source: str, streams: bool, subscribes: bool, polls: bool
) -> None:
    given = replace(context("http://127.0.0.1:9"), options={"source": source})
    provider = registry.manifest("tele2").create(given)
    assert isinstance(provider, abilities.SupportsEventStream) is streams
    assert isinstance(provider, protocol.SupportsWebhookSubscription) is subscribes
    assert isinstance(provider, abilities.SupportsPollingOnly) is polls
    for ability in (
        protocol.SupportsWebhook,
        protocol.SupportsCallPolling,
        protocol.SupportsCallHistory,
        protocol.SupportsClickToDial,
        protocol.SupportsUsers,
        protocol.SupportsContactSearch,
        abilities.SupportsPreparation,
        abilities.SupportsDeliveryEffects,
        abilities.SupportsRecordings,
        abilities.SupportsVoicemail,
        abilities.SupportsLostCallers,
        abilities.SupportsNews,
        abilities.SupportsHistoryFilters,
        abilities.SupportsCatalogues,
        abilities.SupportsCatalogueItems,
    ):
        assert isinstance(provider, ability)
