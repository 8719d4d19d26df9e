"""Which vendors' clouds can be simulated."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.faults import NO_FAULTS

if TYPE_CHECKING:
    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.protocol import VendorCloud
    from screenpop.simulator.webhooks import RetryPolicy

# Where each stands; a cloud is imported when it is wanted.
_CLOUDS = {
    "voxloud": "screenpop.simulator.voxloud.cloud:VoxloudCloud",
    "mango_voice": "screenpop.simulator.mango_voice.cloud:MangoVoiceCloud",
    "mobtexting": "screenpop.simulator.mobtexting.cloud:MobTextingCloud",
    "primevox": "screenpop.simulator.primevox.cloud:PrimevoxCloud",
    "tele2": "screenpop.simulator.tele2.cloud:Tele2Cloud",
}
VENDORS = tuple(_CLOUDS)


def create_cloud(
    vendor: str,
    *,
    port: int = 0,
    faults: Faults = NO_FAULTS,
    seed: int = 0,
    clock: Clock | None = None,
    retry: RetryPolicy | None = None,
    autoplay_seconds: float | None = None,
) -> VendorCloud:
    """A cloud of `vendor`, not started yet.

    Args:
        vendor: One of ``VENDORS``.
        port: 0 for a free one.
        faults: What it does wrong from the start.
        seed: The same one gives the same ids, key and chance.
        clock: What it waits by; the machine's clock when None.
        retry: How hard it tries to deliver a webhook; the vendor's way when None.
        autoplay_seconds: Calls that requests place go on by themselves, a step
            every so many seconds; None leaves them to the caller.

    Raises:
        UsageError: No such vendor.
    """
    place = _CLOUDS.get(vendor)
    if place is None:
        raise UsageError(
            f"There is no simulator for {vendor!r}", f"Known: {', '.join(VENDORS)}"
        )
    module, _, name = place.partition(":")
    cloud: VendorCloud = getattr(importlib.import_module(module), name)(
        port=port,
        faults=faults,
        seed=seed,
        clock=clock,
        retry=retry,
        autoplay_seconds=autoplay_seconds,
    )
    return cloud
