"""What a call needs of the cloud: time, ids, events out and entries kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.simulator.tele2.archive import LostCaller, Message, recording_url
from screenpop.simulator.tele2.carrier import STREAM_SCHEME
from screenpop.simulator.tele2.spelling import event, timestamp
from screenpop.simulator.webhooks import Webhook

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.tele2.archive import Archive, CallEntry
    from screenpop.simulator.tele2.company import Company
    from screenpop.simulator.tele2.options import Tele2Options
    from screenpop.simulator.tele2.registrations import Registrations


class Exchange:
    """Joins the parts of the cloud that calls touch.

    Args:
        send: Takes an event for one receiver to be delivered.
        media: Where the sound of messages is, without the path.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        lock: threading.RLock,
        options: Tele2Options,
        company: Company,
        archive: Archive,
        registrations: Registrations,
        send: Callable[[Webhook], None],
        media: Callable[[], str],
    ) -> None:
        self.clock = clock
        self.lock = lock
        self.options = options
        self.company = company
        self.archive = archive
        self._registrations = registrations
        self._send = send
        self._media = media
        self._last_id = 0

    def new_id(self) -> int:
        """Sixteen digits that grow with time, as were seen."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self._last_id = max(self._last_id + 1, now)
        return self._last_id

    def tell(self, name: str, data: JsonObject) -> None:
        """Send an event to everybody who asked for its kind."""
        payload = event(name, self.options.event_version, data)
        for webhook in self._registrations.webhooks:
            if webhook.event_name == name:
                recipient = f"webhook:{webhook.webhook_id}"
                self._send(Webhook(name, webhook.url, payload, recipient))
        for stream in self._registrations.streams:
            if name in stream.event_names:
                url = f"{STREAM_SCHEME}{stream.number}"
                self._send(Webhook(name, url, payload, url))

    def keep(self, entry: CallEntry) -> None:
        """Put a finished call into the history."""
        self.archive.calls.append(entry)

    def lose(self, caller: str, destination: str) -> None:
        """Somebody was not answered: LostCallerAdded, or Updated from the second on."""
        if not caller:
            return
        known = self.archive.lost_caller(caller)
        if known is None:
            known = LostCaller(
                caller=caller, destination=destination, last_at=self.clock.now()
            )
            self.archive.lost.append(known)
            self.tell("LostCallerAdded", known.spelled())
            return
        known.attempts += 1
        known.last_at = self.clock.now()
        self.tell("LostCallerUpdated", known.spelled())

    def find_again(self, number: str) -> None:
        """Somebody was answered or called back: LostCallerRemoved."""
        known = self.archive.lost_caller(number)
        if known is not None:
            self.archive.lost.remove(known)
            data: JsonObject = {
                "destination": known.destination,
                "callerid": known.caller,
            }
            self.tell("LostCallerRemoved", data)

    def record(self, entry: CallEntry) -> None:
        """A call's recording is ready: CallRecorded."""
        entry.recording_id = self.new_id()
        self.tell(
            "CallRecorded",
            {
                "recordingID": entry.recording_id,
                "callID": entry.call_id,
                "callStarted": timestamp(entry.started_at),
                "recordingURL": recording_url(entry.recording_id),
                "direction": entry.direction,
                "connectionTime": entry.talk_seconds,
            },
        )

    def leave_message(self, entry: CallEntry, seconds: int) -> None:
        """The caller left a message: VoicemailCreated."""
        message = Message(
            voicemail_id=self.new_id(),
            sender=entry.caller,
            seconds=seconds,
            left_at=entry.started_at,
            contact_id=entry.contact_id,
            media=self._media(),
        )
        self.archive.messages.append(message)
        self.tell("VoicemailCreated", message.spelled())

    def delete_message(self, message: Message) -> None:
        """Somebody deleted a message: VoicemailDeleted."""
        self.archive.messages.remove(message)
        data: JsonObject = {
            "sender": message.sender,
            "voicemailID": message.voicemail_id,
        }
        self.tell("VoicemailDeleted", data)
