"""The administrator's port: metrics for Prometheus, readiness with its reasons.

It is meant for this machine or the network of a compose file, never for the internet.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from screenpop.services.relay.meters import CONTENT_TYPE, Labels
from screenpop.services.relay.receiver import PageReply, live, send_reply

if TYPE_CHECKING:
    from screenpop.services.relay.receiver import Receive, Scope, Send
    from screenpop.services.relay.server import RelayServer


class RelayHealth:
    """Answers ``/metrics`` and ``/readyz``; an ASGI application."""

    def __init__(self, server: RelayServer) -> None:
        self._server = server
        self._add_gauges()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        path = str(scope.get("path", ""))
        if path == "/metrics":
            text = self._server.meters.text()
            await send_reply(send, PageReply(200, text.encode(), CONTENT_TYPE))
        elif path == "/readyz":
            await send_reply(send, self._readiness())
        else:
            await send_reply(send, PageReply(404))

    def _readiness(self) -> PageReply:
        server = self._server
        facts = {
            "ready": server.is_ready,
            "instance": server.instance,
            "owner": server.owner.is_leading,
            "broker": server.broker.state.problem
            or ("connected" if server.broker.state.is_connected else "connecting"),
            "spooled": server.spool.count,
            "behind": server.router.lag,
            "devices": server.desks.count,
            "accounts": {
                state.account_id: state.state.value
                for state in server.owner.monitor.states()
            },
            "problems": server.doors.problems,
            "unclaimed": server.meters.unclaimed.by("account"),
        }
        return PageReply(200 if server.is_ready else 503, json.dumps(facts).encode())

    def _add_gauges(self) -> None:
        server = self._server
        gauge = server.meters.gauge
        gauge(
            "screenpop_relay_broker_connected",
            "Whether there is a connection to the broker.",
            lambda: float(server.broker.state.is_connected),
        )
        gauge(
            "screenpop_relay_owner",
            "Whether this instance routes and looks after the vendors.",
            lambda: float(server.owner.is_leading),
        )
        gauge(
            "screenpop_relay_spooled",
            "Messages on this machine's disk that the broker has not taken yet.",
            lambda: float(server.spool.count),
        )
        gauge(
            "screenpop_relay_behind",
            "Deliveries that the router has not read yet.",
            lambda: float(server.router.lag),
        )
        gauge(
            "screenpop_relay_devices",
            "Devices that have joined the team.",
            lambda: float(server.desks.count),
        )
        gauge(
            "screenpop_relay_account_state",
            "How each account stands, at the owner.",
            self._account_states,
        )

    def _account_states(self) -> dict[Labels, float]:
        return {
            (("account", state.account_id), ("state", state.state.value)): 1.0
            for state in self._server.owner.monitor.states()
        }
