"""The simulated PrimeVOX: a strict, stateful reading of the vendor's pages."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from screenpop.domain.errors import UsageError
from screenpop.simulator.cloud import CloudFrame
from screenpop.simulator.faults import NO_FAULTS
from screenpop.simulator.fields import is_e164
from screenpop.simulator.http_server import Answer, json_answer
from screenpop.simulator.primevox.archive import LIST_NAMES, Archive, Complaint, moment
from screenpop.simulator.primevox.calls import Exchange, PrimevoxCall
from screenpop.simulator.primevox.messages import Messages
from screenpop.simulator.primevox.options import PrimevoxOptions
from screenpop.simulator.primevox.pbx import Pbx, national
from screenpop.simulator.primevox.records import INBOUND, INTERNAL, OUTBOUND, Record
from screenpop.simulator.routing import Refusal
from screenpop.simulator.webhooks import RetryPolicy, Webhook, WebhookFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.http_server import JsonObject, Request
    from screenpop.simulator.people import PastCall, Person
    from screenpop.simulator.primevox.pbx import Did

WITHHELD = "anonymous"
_SIGN_IN = frozenset({"auth", "containerID", "tenantID"})
_DIALABLE = re.compile(r"[2-9]\d{9}|1[2-9]\d{9}|011[1-9]\d{6,14}")
_NOTE_NAMES = frozenset({"callUuid", "callFlagged", "callSeverity", "callNotes"})
_LONGEST_NOTE = 255
# The head of a wave file and a little silence.
_SOUND = b"RIFF\x64\x1f\x00\x00WAVEfmt " + b"\x80" * 64
# Nothing is said of retries: none, so that gaps show.
_RETRY = RetryPolicy(attempts=1)


def _encode(payload: JsonObject) -> bytes:
    if str(payload.get("eventType", "")).endswith("Message"):
        return json.dumps(payload).encode()
    return urlencode({name: str(value) for name, value in payload.items()}).encode()


WEBHOOK_FORMAT = WebhookFormat(
    type_keys=frozenset({"eventType"}),
    call_id_keys=frozenset({"callUuid"}),
    number_keys=frozenset({"didNumber", "callerIdNum", "toNumber", "fromNumber"}),
    unknown_type="WhisperCall",
    content_type="application/x-www-form-urlencoded",
    encode=_encode,
)


class PrimevoxCloud(CloudFrame):
    """A local stand-in for PrimeVOX.

    Args:
        options: How to read what the pages leave open.
    """

    vendor = "primevox"
    extension = "101"

    def __init__(
        self,
        *,
        port: int = 0,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        autoplay_seconds: float | None = None,
        options: PrimevoxOptions | None = None,
    ) -> None:
        super().__init__(
            webhook_format=WEBHOOK_FORMAT,
            retry=retry or _RETRY,
            port=port,
            faults=faults,
            seed=seed,
            clock=clock,
            autoplay_seconds=autoplay_seconds,
        )
        self.options = options or PrimevoxOptions()
        self._api_key = f"simulated-{self.random.getrandbits(128):032x}"
        self.pbx = Pbx(self.random)
        self.archive = Archive(self.options, self.clock)
        self._callback_urls: dict[str, str] = {}
        self._exchange = Exchange(
            clock=self.clock,
            lock=self.lock,
            chance=self.random,
            options=self.options,
            send=self._send,
            keep=self.archive.add,
        )
        self._messages = Messages(self.pbx, self.clock, self._exchange.new_uuid)

    @property
    def credentials(self) -> Mapping[str, str]:
        """The API key and the container's id."""
        return {"api_key": self._api_key, "container_id": self.pbx.container}

    @property
    def lines(self) -> tuple[str, ...]:
        """The company's numbers, the main one first."""
        return tuple(did.e164 for did in self.pbx.dids)

    @property
    def example_request(self) -> str:
        """A shell command that tries the key."""
        return (
            f'curl "{self.base_url}/api/call_list.php?auth={self._api_key}'
            f'&containerID={self.pbx.container}"'
        )

    # --- the portal -------------------------------------------------------------------

    def enter_callback_url(self, url: str) -> None:
        """Call Routing, Inbound, API/Webhooks: the same URL for every number."""
        for did in self.pbx.dids:
            self.enter_callback_url_of(did.number, url)

    def enter_callback_url_of(self, number: str, url: str) -> None:
        """The same for one number; "" takes it away."""
        with self.lock:
            self._callback_urls[self.pbx.did(number).number] = url

    # --- requests ---------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """Carry `request` out; errors come with status 200 unless the options say."""
        if request.path.startswith("/recordings/"):
            return self._linked_recording(request)
        if request.path.startswith("/api/messaging/v1/"):
            return self._messaging(request)
        handler = self._handlers().get(request.path)
        if handler is None:
            raise Refusal(404, "Not Found")
        method, names, respond = handler
        if request.method != method:
            raise Refusal(405, "Method Not Allowed", {"Allow": method})
        try:
            given = self._given(request)
            self._check_signed(given)
            self._check_names(given, names)
            found = respond(given)
        except Complaint as complaint:
            status = 400 if self.options.errors_have_status else 200
            return self._json({"error": str(complaint)}, status)
        return found if isinstance(found, Answer) else self._json(found)

    def refuse(self, status: int, reason: str) -> Answer:
        """An error by status; the body's shape is not documented."""
        return json_answer({"error": reason}, status)

    def _handlers(
        self,
    ) -> dict[
        str,
        tuple[str, frozenset[str], Callable[[Mapping[str, str]], JsonObject | Answer]],
    ]:
        options = self.options
        details = frozenset({"callUUID", "utcOffset", "page"})
        return {
            "/api/call_list.php": ("GET", LIST_NAMES, self._list),
            options.details_path: ("GET", details, self._details),
            options.recording_path: ("GET", frozenset({"fileName"}), self._recording),
            options.notes_path: ("POST", _NOTE_NAMES, self._take_note),
            "/api/c2c_v2.php": (
                "GET",
                frozenset({"extension", "phoneNumber"}),
                self._call,
            ),
            "/api/reports/raw/ringgroup": (
                "GET",
                frozenset({"fromDate", "toDate", "utcOffset"}),
                self._ring_groups,
            ),
        }

    def _given(self, request: Request) -> dict[str, str]:
        """The parameters: of the query, or of the form and nowhere else."""
        text = request.query
        if request.method == "POST":
            kind = request.headers.get("content-type", "").partition(";")[0]
            if kind != "application/x-www-form-urlencoded" or request.query:
                raise Complaint("We do not support JSON yet, sorry.")
            text = request.body.decode("utf-8", "replace")
        pairs = parse_qsl(text, keep_blank_values=True)
        if len(dict(pairs)) != len(pairs):
            raise Complaint("A parameter was given twice.")
        return dict(pairs)

    def _check_signed(self, given: Mapping[str, str]) -> None:
        if given.get("containerID") != self.pbx.container:
            raise Complaint("Your Container ID is invalid.")
        if given.get("auth") != self._api_key:
            raise Complaint("Your API Auth Key is invalid.")
        tenant = given.get("tenantID", "")
        if tenant.strip("0") and tenant != self.pbx.tenant:
            raise Complaint("Your Tenant ID is invalid.")

    def _check_names(self, given: Mapping[str, str], names: frozenset[str]) -> None:
        """A wrong spelling must show: the real one would pass it over.

        What PHP makes an array of is passed over all the same: a published client
        (next-in-line/primevox-api-client) sends its filters as ``query[…]``.
        """
        plain = {name for name in given if "[" not in name}
        unknown = sorted(plain - names - _SIGN_IN)
        if unknown:
            raise Complaint(f"Unknown parameter {unknown[0]}.")

    def _json(self, value: JsonObject, status: int = 200) -> Answer:
        is_page = self.options.answers_are_html
        kind = "text/html; charset=UTF-8" if is_page else "application/json"
        return Answer(status=status, body=json_answer(value).body, content_type=kind)

    def _list(self, given: Mapping[str, str]) -> JsonObject:
        return self.archive.listed(given, self.base_url)

    def _details(self, given: Mapping[str, str]) -> JsonObject:
        return self.archive.detailed(given, self.base_url)

    def _ring_groups(self, given: Mapping[str, str]) -> JsonObject:
        since, until = moment(given, "fromDate", 0), moment(given, "toDate", 0)
        events = {
            event.event_id: event.spelled(0)
            for record in self.archive.all()
            for event in record.events
            if event.kind in (28, 29, 30)
            and (since is None or event.at >= since)
            and (until is None or event.at <= until)
        }
        return {"data": events or []}

    def _recording(self, given: Mapping[str, str]) -> Answer:
        name = given.get("fileName", "")
        if not any(record.recording == name for record in self.archive.all() if name):
            raise Complaint("The recording was not found.")
        return Answer(body=_SOUND, content_type="audio/x-wav")

    def _linked_recording(self, request: Request) -> Answer:
        name = request.path.removeprefix("/recordings/")
        if self.options.link_wants_key:
            raise Refusal(403, "Forbidden")
        if not any(record.recording == name for record in self.archive.all()):
            raise Refusal(404, "Not Found")
        return Answer(body=_SOUND, content_type="audio/x-wav")

    def _take_note(self, given: Mapping[str, str]) -> JsonObject:
        if not given.get("callUuid"):
            raise Complaint("Your CallUUID is missing.")
        record = self.archive.find(given["callUuid"])
        flag, severity = given.get("callFlagged"), given.get("callSeverity", "")
        notes = given.get("callNotes", "")
        is_right = flag in ("0", "1") and severity in ("0", "1", "2", "3", "4", "5")
        if record is None or not is_right or len(notes) > _LONGEST_NOTE:
            raise Complaint("Error connecting to the database. Try again later.")
        record.is_flagged = flag == "1"
        record.severity = int(severity)
        record.notes = notes
        return {"success": "Your call notes have been submitted."}

    def _call(self, given: Mapping[str, str]) -> JsonObject:
        extension, number = given.get("extension", ""), given.get("phoneNumber", "")
        if not self.pbx.has_extension(extension):
            raise Complaint("Your extension is invalid.")
        if not _DIALABLE.fullmatch(number):
            raise Complaint("Your phone number is invalid.")
        agent = self.pbx.extension(extension)
        record = self._record(OUTBOUND, agent.number, agent.name, number)
        record.made_by = agent.number
        call = PrimevoxCall(self._exchange, record, (agent,), by_api=True)
        call.ring()
        publish = partial(call.publish_record, recorded=True)
        # Both legs are picked up, one after the other.
        steps = (call.answer, call.answer, call.hang_up, publish)
        self.note_placed_call(call, steps)
        return {"success": "Your call has been placed."}

    def _messaging(self, request: Request) -> Answer:
        given = dict(parse_qsl(request.query, keep_blank_values=True))
        if not given.get("auth") or not given.get("containerID"):
            raise Refusal(401, "API Key and Container ID are both required.")
        if given["auth"] != self._api_key or given["containerID"] != self.pbx.container:
            raise Refusal(401, "The supplied API Key is invalid.")
        if request.method != "GET":
            raise Refusal(405, "Method Not Allowed", {"Allow": "GET"})
        name = request.path.removeprefix("/api/messaging/v1/")
        return json_answer(self._messages.answer(name, given))

    # --- webhooks ---------------------------------------------------------------------

    def is_wanted(self, webhook: Webhook) -> bool:
        """Whether its number still has that URL."""
        with self.lock:
            return self._callback_urls.get(webhook.recipient) == webhook.url

    def report_attempt(self, webhook: Webhook, error: str) -> None:
        """Nobody keeps account: a receiver that fails is neither told nor cut off."""

    def _send(self, did: Did, payload: JsonObject) -> None:
        url = self._callback_urls.get(did.number, "")
        if not url:
            return
        is_text = str(payload["eventType"]).endswith("Message")
        names = ("containerID", "tenantID") if is_text else ("containerId", "tenantId")
        event_type = str(payload["eventType"])
        told: JsonObject = {"eventType": event_type}
        if "eventTarget" in payload:
            told["eventTarget"] = payload["eventTarget"]
        told |= {names[0]: self.pbx.container, names[1]: "0"} | payload
        kind = {"Content-Type": "application/json"} if is_text else {}
        self.deliverer.send(Webhook(event_type, url, told, did.number, kind))

    # --- what happens -----------------------------------------------------------------

    def incoming_call(
        self,
        caller: str,
        *,
        caller_name: str = "",
        line: str = "",
        extensions: Sequence[str] = (),
    ) -> PrimevoxCall:
        """A call to one of the company's numbers, or from a colleague."""
        phones = [self.pbx.extension(one) for one in extensions or (self.extension,)]
        if self.pbx.has_extension(caller):
            colleague = self.pbx.extension(caller)
            record = self._record(INTERNAL, caller, colleague.name, phones[0].number)
            record.made_by = caller
            return PrimevoxCall(self._exchange, record, phones)
        if caller and not is_e164(caller):
            raise UsageError("A simulated caller needs a number in E.164")
        did = self.pbx.did(line or self.lines[0])
        name = caller_name if caller else WITHHELD
        shown = f"{did.prefix}: {name}" if did.prefix and name else name
        record = self._record(
            INBOUND, national(caller) if caller else WITHHELD, shown, did.number
        )
        record.did_description = did.description
        record.did_group = did.group
        record.prefix = did.prefix
        return PrimevoxCall(self._exchange, record, phones, did=did)

    def outgoing_call(
        self,
        callee: str,
        *,
        callee_name: str = "",
        line: str = "",
        extension: str = "",
    ) -> PrimevoxCall:
        """A call that somebody dials on their own phone; no webhook tells of it."""
        caller = self.pbx.extension(extension or self.extension)
        if self.pbx.has_extension(callee):
            return self.incoming_call(caller.number, extensions=(callee,))
        if not is_e164(callee):
            raise UsageError("A simulated callee needs a number in E.164")
        self.pbx.did(line or self.lines[0])
        record = self._record(OUTBOUND, caller.number, caller.name, national(callee))
        record.made_by = caller.number
        return PrimevoxCall(self._exchange, record, (caller,))

    def receive_text(self, sender: str, text: str, *, line: str = "") -> None:
        """A text message arrives: ``inboundMessage``."""
        self._text(sender, text, line, is_inbound=True)

    def send_text(self, recipient: str, text: str, *, line: str = "") -> None:
        """Somebody sends a text message: ``outboundMessage``."""
        self._text(recipient, text, line, is_inbound=False)

    def seed_contacts(self, people: Sequence[Person]) -> None:
        """Nothing: PrimeVOX lists no contacts."""

    def seed_history(self, calls: Sequence[PastCall]) -> None:
        """Put finished calls into the call list."""
        agent = self.pbx.extension(self.extension)
        with self.lock:
            for call in sorted(calls, key=lambda one: -one.minutes_ago):
                other = national(call.number) if call.number else WITHHELD
                did = self.pbx.dids[0]
                if call.is_inbound:
                    record = self._record(INBOUND, other, call.name, did.number)
                    record.did_description = did.description
                    record.spoke_to_person = call.was_answered
                    record.took = {agent.number} if call.was_answered else set()
                else:
                    record = self._record(OUTBOUND, agent.number, agent.name, other)
                    record.made_by = agent.number
                record.at -= timedelta(minutes=call.minutes_ago)
                record.seconds = call.seconds
                ended = (
                    "Hangup (Normal)" if call.was_answered else "Extension No Answer"
                )
                record.last_event = ended
                record.notes = call.summary[:_LONGEST_NOTE]
                record.is_over = True
                self.archive.add(record)

    def _text(self, other: str, text: str, line: str, *, is_inbound: bool) -> None:
        with self.lock:
            did = self.pbx.did(line or self.lines[0])
            told = self._messages.add(did, national(other), text, is_inbound=is_inbound)
            self._send(did, told)

    def _record(self, direction: int, caller: str, name: str, dialled: str) -> Record:
        return Record(
            call_uuid=self._exchange.new_uuid(),
            direction=direction,
            at=self.clock.now(),
            caller_name=name,
            caller=caller,
            dialled=dialled,
        )
