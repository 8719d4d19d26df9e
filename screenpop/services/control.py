"""What other starts of the program may ask the running one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop import __version__
from screenpop.desktop.control import ControlServer
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import InstanceError, UsageError
from screenpop.services.dialer import DialOrder
from screenpop.services.events import WindowRequested

if TYPE_CHECKING:
    from screenpop.domain.calls import Call
    from screenpop.services.application import Application

_log = logging.getLogger(__name__)
_STATM: Final = Path("/proc/self/statm")


class ControlDesk:
    """Answers the control channel: dial, show, status, contacts, reload, quit."""

    def __init__(self, application: Application) -> None:
        self._app = application
        self._server = ControlServer(application.paths.socket_file, self._dispatch)

    async def start(self) -> None:
        """Open the channel."""
        await self._server.start()

    async def stop(self) -> None:
        """Close the channel."""
        await self._server.stop()

    async def _dispatch(
        self, verb: str, args: Mapping[str, object]
    ) -> Mapping[str, object]:
        match verb:
            case "dial":
                return await self._dial(args)
            case "show":
                self._app.bus.publish(
                    WindowRequested(str(args.get("window", "dialer")))
                )
                return {"shown": True}
            case "press":
                return self._app.around.press(args)
            case "status":
                return self.facts()
            case "note":
                from screenpop.services.note_requests import answer_note

                return await answer_note(self._app.call_notes, args)
            case "team":
                from screenpop.services.team.requests import answer_team

                return await answer_team(self._app, args)
            case "contacts":
                from screenpop.services.contact_news import take_contact_news

                return take_contact_news(self._app, args)
            case "reload":
                self._app.source_desk.note_new_key(str(args.get("source", "")))
                self._app.reload()
                return {"accounts": len(self._app.settings.accounts)}
            case "update" | "quit":
                return await self._end(verb, args)
            case _:
                raise UsageError(f"The running app knows no “{verb[:40]}”")

    async def _end(self, verb: str, args: Mapping[str, object]) -> Mapping[str, object]:
        """End, for an update only to start again."""
        if verb == "quit":
            return self._quit(args)
        await self._app.updates.desk.install()
        return {"restarting": True}

    async def _dial(self, args: Mapping[str, object]) -> Mapping[str, object]:
        """A number from a link or a command: asked first unless confirmed there."""
        from screenpop.services.flow_request import speech_of

        is_confirmed = args.get("yes") is True
        order = DialOrder(
            text=str(args.get("text", "")),
            origin=DialOrigin.COMMAND if is_confirmed else DialOrigin.LINK,
            account_id=str(args.get("account", "")),
            is_confirmed=is_confirmed,
            speech=speech_of(args),
        )
        if not is_confirmed:
            if not self._app.has_windows:
                raise UsageError(
                    "There is no window to ask you in", "Confirm with --yes."
                )
            asked = self._app.dialer.request(order)
            return {
                "state": "asked",
                "text": f"screenpop asks before it calls {asked.number_text}",
            }
        progress = await self._app.dialer.dial(order)
        return {
            "state": progress.state.value,
            "text": progress.text,
            "advice": progress.advice,
        }

    def _quit(self, args: Mapping[str, object]) -> Mapping[str, object]:
        if args.get("unless_in_call") is True:
            refuse_during_calls(self._app.tracker.open_calls())
        self._app.request_quit()
        return {"quitting": True}

    def facts(self) -> dict[str, Any]:
        """How the running app is doing, as plain values."""
        app = self._app
        listener = app.listener.stats()
        store = app.database.stats()
        return {
            "version": __version__,
            "pid": os.getpid(),
            "accounts": [
                {
                    "id": state.account_id,
                    "state": state.state.value,
                    "headline": state.headline,
                    "advice": state.advice,
                    "last_event_at": state.last_event_at.isoformat()
                    if state.last_event_at
                    else None,
                }
                for state in app.states()
            ],
            "listener": {
                "is_running": app.listener.is_running,
                "port": app.listener.port,
                "accepted": listener.accepted,
                "refused": dict(listener.refused),
                "answer_p50_ms": listener.answer_p50_ms,
                "answer_p99_ms": listener.answer_p99_ms,
            },
            "latency": {
                "vendor_to_here": _spread(app.latency.from_vendor()),
                "here_to_card": _spread(app.latency.to_card()),
            },
            "queues": {
                "deliveries": app.tracker.backlog,
                "store": store.queued,
            },
            "calls": {
                "open": len(app.tracker.open_calls()),
                "missed": app.history.missed_count,
            },
            "memory_mib": memory_mib(),
            "desktop": self._app.around.facts(),
        }


def refuse_during_calls(calls: Sequence[Call]) -> None:
    """Let pass only where none of the user's own calls rings or goes on.

    Raises:
        InstanceError: One does.
    """
    if any(call.is_ours for call in calls):
        raise InstanceError(
            "screenpop is in a call", "Try again when the call is over."
        )


def _spread(spread: Any) -> dict[str, Any]:
    return {"p50_ms": spread.p50_ms, "p99_ms": spread.p99_ms, "count": spread.count}


def memory_mib() -> float | None:
    """The resident memory of this process; None where it cannot be told."""
    if sys.platform == "win32":
        return None
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
