"""Start calls: ring the agent first, then whoever is called, or a voice flow."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RequestRejected
from screenpop.domain.numbers import read_number
from screenpop.providers.abilities import NamedThing
from screenpop.providers.mobtexting.bodies import (
    CallOptions,
    announcement_body,
    call_body,
)
from screenpop.providers.mobtexting.client import SERVICE
from screenpop.providers.mobtexting.mapping import digits_of, readable_number
from screenpop.providers.mobtexting.payloads import FLOW_TARGET
from screenpop.providers.protocol import OriginateReceipt
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.abilities import FlowCall
    from screenpop.providers.mobtexting.client import MobTextingClient
    from screenpop.providers.protocol import OriginateRequest, ProviderContext

_REDIALS: Final = ("0", "1", "2")
_RETRY_MINUTES: Final = ("0", "5", "15", "30", "45", "60")
# What the setting ``flow_request`` says where flows go through ``outgoing/send``.
_OUTGOING: Final = "outgoing"
_FLOW: Final = re.compile(r"(\d{1,12})[\s:=]*([^()]*?)\s*(?:\(([^()]*)\))?")
_FEWEST_DIGITS: Final = 7


class Dialling:
    """Asks MobTexting for calls; each request that rings a phone is sent once."""

    def __init__(self, client: MobTextingClient, context: ProviderContext) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._context = context

    async def prepare(self, request: OriginateRequest) -> None:
        """Try the token and the numbers, so that the one request cannot fail on them.

        Raises:
            RequestRejected: A number is missing or cannot be called.
        """
        await self._client.me()
        self._line(request.caller_id)
        self._agent(request.extension)
        self._dialable(request.number)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Ring the agent and connect with the number.

        Raises:
            RequestRejected: A number is missing or cannot be called.
            OutcomeUnknown: It was sent and no answer came.
        """
        await self._client.read_token()
        line = self._line(request.caller_id)
        body = call_body(
            digits_of(line),
            digits_of(self._agent(request.extension)),
            digits_of(self._dialable(request.number)),
            self._options(),
        )
        return OriginateReceipt(await self._client.start_call(body), line)

    async def start_flow(self, call: FlowCall) -> OriginateReceipt:
        """Ring somebody and let a flow, or a recorded sound, speak to them.

        Raises:
            RequestRejected: A number is missing or cannot be called.
            OutcomeUnknown: It was sent and no answer came.
        """
        await self._client.read_token()
        line = self._line(call.caller_id)
        number = digits_of(self._dialable(call.number))
        options = replace(self._options(), variables=call.variables)
        if call.audio_id:
            body = announcement_body(
                digits_of(line), number, options, audio=call.audio_id
            )
            return OriginateReceipt(await self._client.start_announcement(body), line)
        if not call.flow_id.isascii() or not call.flow_id.isdigit():
            raise RequestRejected(
                tr("A voice flow is named by its number"),
                tr("MobTexting shows it in Engage, Studio."),
            )
        if self._option("flow_request") == _OUTGOING:
            body = announcement_body(
                digits_of(line), number, options, flow_id=call.flow_id
            )
            return OriginateReceipt(await self._client.start_announcement(body), line)
        body = call_body(
            digits_of(line), number, f"{FLOW_TARGET}{call.flow_id}", options
        )
        return OriginateReceipt(await self._client.start_call(body), line)

    def flows(self) -> tuple[NamedThing, ...]:
        """The flows that the account's settings offer: MobTexting cannot list them."""
        found = []
        for part in re.split(r"[;\n]", self._option("flows")):
            read = _FLOW.fullmatch(part.strip())
            if read is not None:
                names = [name.strip() for name in (read[3] or "").split(",")]
                variables = tuple(("variable", name) for name in names if name)
                found.append(NamedThing(read[1], read[2] or read[1], variables))
        return tuple(found)

    def _options(self) -> CallOptions:
        """What the account's settings want; what they cannot mean is left out."""
        minutes, redials = self._option("longest_minutes"), self._option("redials")
        retry = self._option("retry_minutes")
        is_whole = minutes.isascii() and minutes.isdigit() and int(minutes[:9]) > 0
        return CallOptions(
            reference=uuid.uuid4().hex,
            is_recorded=self._option("record_calls").casefold() in ("yes", "true", "1"),
            longest_minutes=minutes if is_whole else "",
            redials=redials if redials in _REDIALS else "0",
            webhook_id=self._option("webhook_id"),
            campaign=self._option("campaign"),
            retry_minutes=retry if retry in _RETRY_MINUTES else "0",
        )

    def _option(self, name: str) -> str:
        return self._context.options.get(name, "").strip()

    def _line(self, wanted: str) -> str:
        number = wanted or self._option("outbound_number")
        if not number:
            raise RequestRejected(
                tr(
                    "{service} needs to know which of your numbers calls go through",
                    service=SERVICE,
                ),
                tr("Enter your MobTexting number in the account's settings."),
            )
        return self._dialable(number)

    def _agent(self, extension: str) -> str:
        """The phone that rings first: the setting, else an extension that is one."""
        number = self._option("agent_number")
        if not number and len(digits_of(extension)) >= _FEWEST_DIGITS:
            number = extension
        if not number:
            raise RequestRejected(
                tr(
                    "{service} needs your phone number to ring it first",
                    service=SERVICE,
                ),
                tr("Enter it with country code in the account's settings."),
            )
        return self._dialable(number)

    def _dialable(self, text: str) -> str:
        """A number in full, E.164.

        Raises:
            RequestRejected: It has no such form; the text does not repeat it.
        """
        number = read_number(readable_number(text), self._context.region)
        if not number.e164:
            raise RequestRejected(
                tr("This cannot be called through click-to-call"),
                tr(
                    "{service} calls full phone numbers only, no extensions.",
                    service=SERVICE,
                ),
            )
        return number.e164
