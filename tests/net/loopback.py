"""The HTTP server that adapters are tested against, for all other tests as well."""

from __future__ import annotations

from screenpop.providers.testing.loopback import (
    Connection,
    Handler,
    LoopbackServer,
    Request,
)

__all__ = ["Connection", "Handler", "LoopbackServer", "Request"]
