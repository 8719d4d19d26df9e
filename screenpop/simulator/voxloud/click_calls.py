"""A call that a click-to-call resource started: two legs, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.call_story import CallStory, Phase
from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.voxloud.calls import afterthoughts, recording_details
from screenpop.simulator.voxloud.options import AgentLeg
from screenpop.simulator.voxloud.payloads import LiveEvent, Party

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.voxloud.exchange import Exchange
    from screenpop.simulator.voxloud.options import VoxloudOptions
    from screenpop.simulator.voxloud.payloads import Record
    from screenpop.simulator.voxloud.pbx import User


class ClickToCallCall:
    """Rings one side, then the other.

    The first :meth:`answer` picks up the leg that is dialled first, the second one
    the other. See :class:`AgentLeg` for the webhooks.

    Args:
        agents: Who rings for the resource's extension.
        contact: In E.164.
        outbound_number: What the contact sees.
        dial_first: "extension" or "contact".
    """

    def __init__(
        self,
        exchange: Exchange,
        options: VoxloudOptions,
        *,
        agents: Sequence[User],
        contact: str,
        outbound_number: str,
        dial_first: str,
    ) -> None:
        self._exchange = exchange
        self._options = options
        self._contact = contact
        self._outbound_number = outbound_number
        self._dial_first = dial_first
        self._call_id = f"{exchange.new_call_id()}-clicktocall"
        self._agents = {user.extension: user for user in agents}
        self._ringing_agents: list[User] = []
        self._agent: User | None = None
        self._is_first_leg_up = False
        self._record: Record | None = None
        self.story = CallStory(exchange.clock, list(self._agents))

    @property
    def call_id(self) -> str:
        """The ``callId`` of its events and of its record."""
        return self._call_id

    @property
    def _each_leg_is_a_call(self) -> bool:
        return self._options.agent_leg is AgentLeg.INCOMING

    def ring(self) -> None:
        """The first leg is dialled."""
        with self._exchange.lock:
            at = self.story.ring()
            if self._dial_first == "extension":
                self._ring_agents(at)
            elif not self._each_leg_is_a_call:
                self._start_outbound(at, next(iter(self._agents.values())))

    def answer(self, extension: str = "") -> None:
        """The leg that rings is picked up."""
        with self._exchange.lock:
            if self._is_first_leg_up:
                self._connect(extension)
                return
            if self.story.phase is not Phase.RINGING:
                raise UsageError("A call that does not ring cannot be answered")
            at = self._exchange.clock.now()
            if self._dial_first == "contact":
                self._is_first_leg_up = True
                if self._each_leg_is_a_call:
                    self._ring_agents(at)
                return
            agent = self._pick_up(at, extension)
            self._is_first_leg_up = True
            if self._each_leg_is_a_call:
                self._start_outbound(at, agent)

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """CALL_HANGUP to the agent, or to all who ring."""
        with self._exchange.lock:
            at = self.story.hang_up(cause)
            in_call = [self._agent] if self._agent else self._ringing_agents
            for user in in_call:
                self._tell("HANGUP", at, user, *self._legs(user))
            agent = self._agent or next(iter(self._agents.values()))
            self._record = self._exchange.keep_record(
                record_type="CLICK_TO_CALL",
                call_id=self._call_id,
                direction="OUTBOUND",
                at=self.story.rang_at or at,
                originator=Party(self._outbound_number, agent.name),
                destination=Party(self._contact),
                duration_seconds=self.story.seconds,
                details=self._details(),
            )

    def publish_record(
        self,
        *,
        recorded: bool = False,
        voicemail: bool = False,
        transcription: str = "",
        summary: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        """CLICK_TO_CALL, with what was worked out since the end.

        Args:
            recorded: There is a recording.
            voicemail: Not in this kind of record.
            transcription: What was said.
            summary: The same in short.
            labels: What the staff tagged it with.
        """
        added = recording_details(self._call_id, recorded=recorded)
        added |= afterthoughts(transcription, summary, labels)
        with self._exchange.lock:
            if self._record is None:
                raise UsageError("Only a call that is over has a record")
            self._exchange.publish(self._record, added)

    def _ring_agents(self, at: datetime) -> None:
        for user in self._agents.values():
            self._ringing_agents.append(user)
            if self._each_leg_is_a_call:
                self._tell("INCOMING", at, user, *self._agent_leg(user))
            else:
                self._tell("STARTED", at, user, *self._outbound_leg(user))

    def _start_outbound(self, at: datetime, agent: User) -> None:
        self._agent = agent
        self._tell("STARTED", at, agent, *self._outbound_leg(agent))

    def _pick_up(self, at: datetime, extension: str) -> User:
        """One agent answers the ringing phones; the others' stop."""
        agent = self._agents.get(extension) if extension else self._ringing_agents[0]
        if agent is None:
            raise UsageError(f"The call does not ring at extension {extension}")
        self._agent = agent
        for user in self._ringing_agents:
            if user is not agent:
                self._tell("HANGUP", at, user, *self._legs(user))
        if self._each_leg_is_a_call:
            self._tell("ANSWERED", at, agent, *self._agent_leg(agent))
        return agent

    def _connect(self, extension: str) -> None:
        """The second leg is picked up: both sides talk."""
        if self._dial_first == "contact" and self._each_leg_is_a_call:
            agent = self._pick_up(self._exchange.clock.now(), extension)
            self.story.answer(agent.extension)
            return
        if self._agent is None:
            raise UsageError("No agent is in the call yet")
        at = self.story.answer(self._agent.extension)
        self._tell("ANSWERED", at, self._agent, *self._outbound_leg(self._agent))

    def _legs(self, user: User) -> tuple[Party, Party]:
        is_outbound = not self._each_leg_is_a_call or (
            self._dial_first == "extension" and self._is_first_leg_up
        )
        return self._outbound_leg(user) if is_outbound else self._agent_leg(user)

    def _agent_leg(self, user: User) -> tuple[Party, Party]:
        shown = self._contact
        if not self._options.agent_leg_shows_contact:
            shown = self._outbound_number
        return Party(shown), Party(user.extension, user.name)

    def _outbound_leg(self, user: User) -> tuple[Party, Party]:
        return Party(self._outbound_number, user.name), Party(self._contact)

    def _tell(
        self, kind: str, at: datetime, user: User, originator: Party, destination: Party
    ) -> None:
        self._exchange.tell(
            LiveEvent(
                kind=kind,
                at=at,
                call_id=self._call_id,
                originator=originator,
                destination=destination,
                user=user,
            )
        )

    def _details(self) -> JsonObject:
        return {
            "ringTime": self.story.ring_seconds,
            "queueCallId": self._call_id,
            "clickToCallType": self._dial_first.upper(),
            "recorded": False,
            **self._exchange.crm_details(self._contact),
        }
