"""Typed publish and subscribe inside the process, on one thread."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

_log = logging.getLogger(__name__)

E = TypeVar("E")
Unsubscribe = Callable[[], None]


class Bus:
    """Hands each published event to whoever asked for its type, in order of asking.

    Publishing calls the handlers at once. A handler that fails is logged and does not
    keep the others from hearing.
    """

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Unsubscribe:
        """Call ``handler`` for every event of exactly this type; returns the undo."""
        self._handlers[kind].append(handler)

        def undo() -> None:
            if handler in self._handlers[kind]:
                self._handlers[kind].remove(handler)

        return undo

    def publish(self, event: object) -> None:
        """Tell everybody who subscribed to the type of ``event``."""
        for handler in tuple(self._handlers[type(event)]):
            try:
                handler(event)
            except Exception:  # noqa: BLE001 - one deaf window must not silence the rest
                _log.exception("a handler of %s failed", type(event).__name__)
