"""What running a simulated cloud on its own needs: a text to show, calls to make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.simulator.story import StoryTeller, demo_story

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.simulator.protocol import VendorCloud

ACCOUNT_ID = "simulated"


def describe(cloud: VendorCloud, region: str = "GB") -> str:
    """How to reach `cloud`: address, credentials, configuration, a request to try.

    The credentials are the simulator's own and open nothing else.
    """
    secrets = [f"  {name} = {value}" for name, value in cloud.credentials.items()]
    commands = [
        f"  printf %s '{value}' | screenpop account set-secret {ACCOUNT_ID} {name}"
        for name, value in cloud.credentials.items()
    ]
    return "\n".join(
        (
            f"The simulated {cloud.vendor} cloud listens at {cloud.base_url}",
            "",
            "Credentials",
            *secrets,
            "",
            "For config.toml",
            f'  region = "{region}"',
            "",
            "  [[accounts]]",
            f'  id = "{ACCOUNT_ID}"',
            f'  vendor = "{cloud.vendor}"',
            f'  base_url = "{cloud.base_url}"',
            f'  extension = "{cloud.extension}"',
            "",
            "To store the credentials",
            *commands,
            "",
            "To try it",
            f"  {cloud.example_request}",
        )
    )


def ring_periodically(
    cloud: VendorCloud,
    *,
    every_seconds: float,
    pause: Callable[[float], bool],
    tell: Callable[[str], None],
) -> None:
    """Play the demo's story on `cloud`, again and again, until told to stop.

    Args:
        cloud: Started by the caller.
        every_seconds: The rest between the end of the story and its next beginning.
        pause: Waits so many seconds; False to stop. ``lambda s: not event.wait(s)``
            makes one of a ``threading.Event``.
        tell: Takes one sentence for each thing that happens.
    """
    teller = StoryTeller(cloud, demo_story(cloud.vendor))
    teller.prepare()
    while True:
        count = 0
        for step in teller.play(pause):
            tell(step.says)
            count += 1
        if count < len(teller.story.steps) or not pause(every_seconds):
            return
