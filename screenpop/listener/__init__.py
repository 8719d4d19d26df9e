"""The local webhook listener: what vendors say over HTTP, taken in safely.

Importing this costs next to nothing: the event loop and the HTTP parser are loaded
when the listener starts.
"""

from __future__ import annotations

from screenpop.listener.guard import Limits, Refusal
from screenpop.listener.intake import Intake
from screenpop.listener.routes import HookRoute, digest_of, host_of_url
from screenpop.listener.stats import ListenerStats
from screenpop.listener.thread import ListenerThread

__all__ = [
    "HookRoute",
    "Intake",
    "Limits",
    "ListenerStats",
    "ListenerThread",
    "Refusal",
    "digest_of",
    "host_of_url",
]
