"""The administrator's port: metrics for Prometheus, readiness and its reasons.

It is meant for this machine or the network of a compose file, never for the internet.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from screenpop.services.events import SourceState
from screenpop.services.relay.meters import CONTENT_TYPE, Labels
from screenpop.services.relay.receiver import PageReply, live, send_reply

if TYPE_CHECKING:
    from screenpop.services.relay.receiver import Receive, Scope, Send
    from screenpop.services.relay.server import RelayServer


STATUS_PATH: Final = "/status"
_TROUBLED: Final = (SourceState.NEEDS_KEY, SourceState.REFUSED, SourceState.BROKEN)


class RelayHealth:
    """Answers ``/metrics``, ``/readyz`` and ``/status``; an ASGI application."""

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
            status = 200 if self._server.is_ready else 503
            await send_reply(send, PageReply(status, self._facts()))
        elif path == STATUS_PATH:
            await send_reply(send, PageReply(200, self._facts()))
        else:
            await send_reply(send, PageReply(404))

    def _facts(self) -> bytes:
        server = self._server
        states = server.owner.monitor.states()
        troubled = {
            state.account_id: f"{state.headline}. {state.advice}".strip()
            for state in states
            if state.state in _TROUBLED
        }
        facts = {
            "ready": server.is_ready,
            "instance": server.instance,
            "owner": server.owner.is_leading,
            "broker": server.broker_problem or "connected",
            "spooled": server.spool.count,
            "behind": server.router.lag,
            "devices": server.desks.count,
            "accounts": {state.account_id: state.state.value for state in states},
            "problems": troubled | server.doors.problems,
            "for_nobody": server.meters.for_nobody.by("account"),
        }
        return json.dumps(facts).encode()

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
            "screenpop_relay_subscriptions",
            "Registrations of ours at each phone system that are there and enabled, "
            "at the owner.",
            self._subscriptions,
        )
        gauge(
            "screenpop_relay_account_state",
            "How each account stands, at the owner.",
            self._account_states,
        )

    def _subscriptions(self) -> dict[Labels, float]:
        registered = self._server.owner.monitor.registered
        return {
            (("account", account_id),): float(
                sum(
                    each.subscription is not None and each.subscription.is_enabled
                    for each in outcomes
                )
            )
            for account_id, outcomes in registered.items()
        }

    def _account_states(self) -> dict[Labels, float]:
        return {
            (("account", state.account_id), ("state", state.state.value)): 1.0
            for state in self._server.owner.monitor.states()
        }
