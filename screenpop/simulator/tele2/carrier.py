"""Brings events to webhooks and streams alike, with the same faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.simulator.webhooks import Deliverer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from screenpop.simulator.webhooks import Parcel

STREAM_SCHEME: Final = "stream:"


class Carrier(Deliverer):
    """Sends to a stream what is addressed to one, and posts the rest.

    Args:
        push: Takes a stream's number and a message; False when the stream is gone.
    """

    def __init__(
        self, *args: Any, push: Callable[[int, bytes], bool], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._push = push

    def carry(self, parcel: Parcel) -> tuple[int, str]:
        """The status, and what went wrong; a stream has no status."""
        url = parcel.webhook.url
        if not url.startswith(STREAM_SCHEME):
            return super().carry(parcel)
        if self._push(int(url.removeprefix(STREAM_SCHEME)), parcel.body):
            return 0, ""
        return 0, "The stream is gone"
