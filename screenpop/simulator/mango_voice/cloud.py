"""The simulated Mango Voice: a strict, stateful reading of the vendor's document."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from screenpop.domain.errors import UsageError
from screenpop.simulator.cloud import CloudFrame
from screenpop.simulator.faults import NO_FAULTS
from screenpop.simulator.fields import is_e164
from screenpop.simulator.http_server import json_answer
from screenpop.simulator.mango_voice.calls import ClickCall, PhoneCall
from screenpop.simulator.mango_voice.options import MangoVoiceOptions, Surface
from screenpop.simulator.mango_voice.outbound import (
    TIMEOUT_SECONDS,
    Endpoint,
    ask,
    fill_template,
    written,
)
from screenpop.simulator.mango_voice.pbx import Pbx
from screenpop.simulator.mango_voice.records import CallRecord, CallRecords
from screenpop.simulator.mango_voice.spelling import (
    FORM,
    JSON,
    bare,
    platform_parameters,
    stamp,
    webhook_format,
    webhook_object,
)
from screenpop.simulator.mango_voice.voicemail import Voicemail
from screenpop.simulator.routing import Refusal
from screenpop.simulator.webhooks import RetryPolicy, Webhook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.http_server import Answer, JsonObject, Request
    from screenpop.simulator.mango_voice.pbx import Line, User
    from screenpop.simulator.mango_voice.spelling import LiveEvent
    from screenpop.simulator.mango_voice.voicemail import Message
    from screenpop.simulator.people import PastCall, Person

SWITCHBOARD_TEMPLATE = (
    "/switchboard?callerid_name={CALLER_ID}&callerid_number={CALLER_NUMBER}"
    "&dialed_number={NUMBER_DIALED}&dial_number_name={DIAL_NUMBER_NAME}"
    "&call_uid={CALL_UID}&time={TIME_UTC}"
)


class MangoVoiceCloud(CloudFrame):
    """A local stand-in for both hosts of Mango Voice.

    Args:
        options: How to read what the documents leave open.
        retry: Nothing is ever delivered twice unless this says so.
    """

    vendor = "mango_voice"
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
        options: MangoVoiceOptions | None = None,
    ) -> None:
        self.options = options or MangoVoiceOptions()
        super().__init__(
            webhook_format=webhook_format(self.options),
            retry=retry or RetryPolicy(attempts=1, timeout_seconds=TIMEOUT_SECONDS),
            port=port,
            faults=faults,
            seed=seed,
            clock=clock,
            autoplay_seconds=autoplay_seconds,
        )
        self.pbx = Pbx(self.random)
        self.records = CallRecords(self.options, self.clock, self.random)
        self.voicemail = Voicemail(self.clock, self._new_link)
        self.endpoint = Endpoint(self.clock, self.options)
        self.active_users: tuple[JsonObject, ...] = ()
        self._callback_url = ""
        self._switchboard_url = ""

    # --- the account ------------------------------------------------------------------

    @property
    def credentials(self) -> Mapping[str, str]:
        """The combined token, and the security token of our webhooks."""
        return {
            "auth_token": self.pbx.combined_token,
            "security_token": self.pbx.security_token,
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The company's numbers, the main one first."""
        return tuple(line.number for line in self.pbx.lines)

    @property
    def example_request(self) -> str:
        """A shell command that counts the calls of the last 30 days."""
        path = "/".join(("api/v1/cdr", *self.pbx.idents, "count"))
        return f'curl "{self.base_url}/{path}?format=json"'

    @property
    def click_to_call_url(self) -> str:
        """What ``callcontrol`` hands over."""
        return f"{self.base_url}/api/v2/iclicktocall/{self.pbx.user_token}"

    # --- the admin portal -------------------------------------------------------------

    def enter_callback_url(self, url: str) -> None:
        """Switch the integration on: users are read, Click2Call is handed over.

        Raises:
            UsageError: The subscriber does not answer as the document wants.
        """
        self._callback_url = url.rstrip("/")
        self._switchboard_url = self._callback_url + SWITCHBOARD_TEMPLATE
        self._set_up("POST", f"{self.options.prefix}/integrate", {"enabled": "true"})
        self.read_active_users()
        for user in self.pbx.users:
            self.switch_click_to_call(user.extension, is_on=True)

    def leave(self) -> None:
        """Switch everything off again."""
        for user in self.pbx.users:
            self.switch_click_to_call(user.extension, is_on=False)
        self._set_up("DELETE", f"{self.options.prefix}/integrate", {})
        self._callback_url = self._switchboard_url = ""

    def read_active_users(self) -> tuple[JsonObject, ...]:
        """Ask the subscriber for its active users."""
        body = self._set_up("GET", f"{self.options.prefix}/activeusers", {})
        if not isinstance(body, list) or not all(
            isinstance(one, dict) and isinstance(one.get("id"), str) for one in body
        ):
            raise UsageError("The active users are no array of objects with an id")
        self.active_users = tuple(body)
        return self.active_users

    def switch_click_to_call(self, extension: str, *, is_on: bool) -> None:
        """Switch Click2Call on or off for one user."""
        user = self.pbx.user(extension)
        parameters: JsonObject = {"ext": user.extension, "email": user.email}
        if is_on:
            pairs = [{"name": "userid", "value": user.click_token}]
            parameters |= {
                "clicktocallurl": self.click_to_call_url,
                "clicktocallparam": json.dumps(pairs),
            }
        path = f"{self.options.control_prefix}/callcontrol"
        self._set_up("POST" if is_on else "DELETE", path, parameters)

    def enter_switchboard_url(self, template: str) -> None:
        """Set the interactive webhook of the Switchboard; "" for none."""
        self._switchboard_url = template

    def _set_up(self, method: str, path: str, parameters: JsonObject) -> object:
        url = self._callback_url + path
        reply = ask(method, url, parameters, self.options.encoding)
        if not reply.is_good:
            raise UsageError(f"The subscriber answered {path} with {reply.status}")
        return reply.json()

    # --- requests to us ---------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """Carry `request` out; its tokens stand in the path."""
        segments = request.path.strip("/").split("/")
        match segments:
            case [
                "api",
                "v1",
                "cdr",
                one,
                two,
                three,
                ("list" | "count") as action,
                *_,
            ]:
                self._check(
                    (one, two, three) == self.pbx.idents, "The tokens are not valid"
                )
                rest = segments[7:]
                return self.records.answer(request, action, rest, self.base_url)
            case ["api", "v2", "vm", token, *rest]:
                self._check(token == self.pbx.user_token, "The token is not valid")
                return self.voicemail.answer(request, rest)
            case ["api", "v2", "iclicktocall", token]:
                self._check(token == self.pbx.user_token, "The token is not valid")
                return self._click_to_call(request)
            case ["recordings", name]:
                return self.records.play(name.removesuffix(".wav"))
        raise Refusal(404, "Not found.")

    def _new_link(self) -> str:
        return self.records.new_link(self.base_url)

    def _check(self, is_valid: bool, reason: str) -> None:
        if not is_valid:
            raise Refusal(self.options.unknown_tokens_status, reason)

    def refuse(self, status: int, reason: str) -> Answer:
        """An error, as Django REST framework writes it; not documented."""
        return json_answer({"detail": reason}, status)

    def _click_to_call(self, request: Request) -> Answer:
        if request.method != "POST":
            raise Refusal(405, f"Not with {request.method}", {"Allow": "POST"})
        fields = self._read_click(request)
        number = fields.pop(self.options.number_parameter, "")
        users = [
            one for one in self.pbx.users if one.click_token == fields.get("userid")
        ]
        if not users or set(fields) != {"userid"}:
            raise Refusal(400, "clicktocallparam was not sent back as it was given")
        digits = number.removeprefix("+")
        if not digits.isdigit() or not 10 <= len(digits) <= 15:
            raise Refusal(400, f"{self.options.number_parameter} is no phone number")
        if self.fault_source.faults.quota:
            raise Refusal(403, "No further calls on this plan")
        full = f"+1{digits}" if len(digits) == 10 else f"+{digits}"
        line = self.pbx.lines[0]
        call = ClickCall(self, agent=users[0], number=full, line=line)
        call.ring()
        record = partial(call.publish_record, recorded=True)
        self.note_placed_call(call, (call.answer, call.answer, call.hang_up, record))
        return json_answer({"status": "success"})

    def _read_click(self, request: Request) -> dict[str, str]:
        wanted = JSON if self.options.click_to_call_takes_json else FORM
        media_type = request.headers.get("content-type", "").partition(";")[0]
        if media_type.strip().lower() != wanted:
            raise Refusal(400, f"Content-Type must be {wanted}")
        if wanted == FORM:
            return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        try:
            content = json.loads(request.body)
        except ValueError:
            raise Refusal(400, "The body is not JSON") from None
        if not isinstance(content, dict):
            raise Refusal(400, "The body is not a JSON object")
        return {name: str(value) for name, value in content.items()}

    # --- requests of ours -------------------------------------------------------------

    def is_wanted(self, webhook: Webhook) -> bool:
        """Whether its subscriber is there and not being given a rest."""
        with self.lock:
            return bool(self._callback_url) and self.endpoint.is_open()

    def report_attempt(self, webhook: Webhook, error: str) -> None:
        """Count it for the subscriber's health."""
        with self.lock:
            self.endpoint.report(error)

    def new_call_id(self) -> str:
        """A ``call_uuid`` never used before."""
        digits = f"{self.random.getrandbits(128):032x}"
        lengths = (8, 12, 16, 20, 32)
        return "-".join(
            digits[start:end]
            for start, end in zip((0, *lengths), lengths, strict=False)
        )

    def tell(self, event: LiveEvent) -> None:
        """Make the request for something that happened to a user's phone."""
        if not self._callback_url:
            return
        surface = self.options.surface
        if surface is not Surface.PLATFORM:
            self._post(f"call{event.kind}", webhook_object(event, surface))
            return
        url = f"{self._callback_url}{self.options.prefix}/call{event.kind}"
        parameters = platform_parameters(event, self.options)
        url, rest = written(url, parameters, self.options.encoding)
        self.deliverer.send(Webhook(f"call{event.kind}", url, rest))

    def publish(self, record: CallRecord, message: Message | None) -> None:
        """The "Call Logs" and "Voicemail" webhooks, where they are switched on."""
        if not (self._callback_url and self.options.sends_call_logs):
            return
        link = self.records.link(record, self.base_url)
        self._post("call_logs", {"event": "call_logs", "data": record.spelled(link)})
        if message is not None:
            kind = "transcribed" if message.transcription else "created"
            event = f"voicemail.{kind}"
            data = message.spelled(self._new_link())
            self._post("voicemail", {"event": event, "data": data})

    def _post(self, event_type: str, payload: JsonObject) -> None:
        headers = {
            "Content-Type": JSON,
            "x-mango-security-token": self.pbx.security_token,
        }
        self.deliverer.send(
            Webhook(event_type, self._callback_url, payload, headers=headers)
        )

    def route(self, call: PhoneCall, line: Line) -> tuple[User, ...]:
        """Ask the interactive webhook; an answer of no use changes nothing."""
        if not self._switchboard_url:
            return call.users
        values = {
            "CALLER_ID": call.caller_name or bare(call.caller),
            "CALLER_NUMBER": bare(call.caller),
            "NUMBER_DIALED": bare(line.number),
            "DIAL_NUMBER_NAME": line.name,
            "DIALED_NUMBER_NAME": line.name,
            "CALL_UID": call.call_id,
            "TIME_UTC": stamp(self.clock.now()),
        }
        url = fill_template(self._switchboard_url, values)
        body = ask("GET", url, {}, self.options.encoding).json()
        if not isinstance(body, dict) or body.get("status") != "success":
            return call.users
        option = body.get("option")
        if isinstance(option, str) and self.pbx.has_user(option):
            return (self.pbx.user(option),)
        return call.users

    # --- calls ------------------------------------------------------------------------

    def incoming_call(
        self,
        caller: str,
        *,
        caller_name: str = "",
        line: str = "",
        extensions: Sequence[str] = (),
    ) -> PhoneCall:
        """A call to one of the company's numbers, or from a colleague."""
        users = [self.pbx.user(one) for one in extensions or (self.extension,)]
        if self.pbx.has_user(caller):
            return self.outgoing_call(users[0].extension, extension=caller)
        if caller and not is_e164(caller):
            raise UsageError("A simulated caller needs a number in E.164")
        called = self.pbx.line(line)
        return PhoneCall(
            self,
            direction="inbound",
            caller=caller,
            caller_name=caller_name if caller else "",
            callee=called.number,
            users=users,
            line=called,
        )

    def outgoing_call(
        self,
        callee: str,
        *,
        callee_name: str = "",
        line: str = "",
        extension: str = "",
    ) -> PhoneCall:
        """A call that a user dials on their own phone; its name is not told."""
        del callee_name
        user = self.pbx.user(extension or self.extension)
        is_internal = self.pbx.has_user(callee)
        if not is_internal and not is_e164(callee):
            raise UsageError("A simulated callee needs a number in E.164")
        shown = None if is_internal else self.pbx.line(line)
        return PhoneCall(
            self,
            direction="internal" if is_internal else "outbound",
            caller=user.extension if shown is None else shown.number,
            caller_name=user.name,
            callee=callee,
            users=(user,),
            line=shown,
        )

    def seed_contacts(self, people: Sequence[Person]) -> None:
        """Nothing: Mango Voice offers no contacts."""

    def seed_history(self, calls: Sequence[PastCall]) -> None:
        """Put finished calls into the list of call records."""
        with self.lock:
            for call in sorted(calls, key=lambda one: -one.minutes_ago):
                self.records.add(self._past(call))

    def _past(self, call: PastCall) -> CallRecord:
        ours = self.pbx.lines[0].number
        is_answered_here = call.is_inbound and call.was_answered
        return CallRecord(
            record_id=self.records.next_id(),
            call_id=self.new_call_id(),
            at=self.clock.now() - timedelta(minutes=call.minutes_ago),
            direction="inbound" if call.is_inbound else "outbound",
            caller=call.number if call.is_inbound else ours,
            callee=ours if call.is_inbound else call.number,
            source_extension="" if call.is_inbound else self.extension,
            answered_by=self.extension if is_answered_here else "",
            status="answered" if call.was_answered else "hangup",
            seconds=call.seconds,
            callflow=self.pbx.lines[0].name,
        )
