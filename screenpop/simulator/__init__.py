"""Local stand-ins for the vendors' clouds: their APIs, their webhooks, their faults.

Written from the vendors' documents, apart from the adapters: what the adapter and
the simulator read differently shows in a test.

    from screenpop.simulator import create_cloud, describe, parse_faults

    faults = parse_faults(["duplicate"])
    with create_cloud("voxloud", port=9001, faults=faults) as cloud:
        print(describe(cloud))
        call = cloud.incoming_call("+12025550143")
        call.ring()
"""

from screenpop.simulator.catalog import VENDORS, create_cloud
from screenpop.simulator.faults import (
    NO_FAULTS,
    Faults,
    describe_faults,
    parse_fault,
    parse_faults,
)
from screenpop.simulator.protocol import (
    DeliveryResult,
    ReceivedRequest,
    ReleaseReason,
    SimulatedCall,
    VendorCloud,
    WebhookDelivery,
    WebhookPortal,
)
from screenpop.simulator.run import describe, ring_periodically
from screenpop.simulator.story import DemoStory, StoryTeller, demo_story
from screenpop.simulator.story_steps import Step

__all__ = [
    "NO_FAULTS",
    "VENDORS",
    "DeliveryResult",
    "DemoStory",
    "Faults",
    "ReceivedRequest",
    "ReleaseReason",
    "SimulatedCall",
    "Step",
    "StoryTeller",
    "VendorCloud",
    "WebhookDelivery",
    "WebhookPortal",
    "create_cloud",
    "demo_story",
    "describe",
    "describe_faults",
    "parse_fault",
    "parse_faults",
    "ring_periodically",
]
