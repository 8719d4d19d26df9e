"""Calls on the simulated Voxloud: which webhooks each step sends, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.call_story import CallStory
from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.voxloud.payloads import (
    WITHHELD,
    LiveEvent,
    Party,
    Record,
    without_plus,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.voxloud.exchange import Exchange
    from screenpop.simulator.voxloud.pbx import User

MEDIA_URL = "https://media.example.com/call_recordings"

_LAST_EVENTS = {
    ReleaseReason.NORMAL: "CALL_CANCELED_BY_ORIGINATOR",
    ReleaseReason.NO_ANSWER: "CALL_LOST_NO_ANSWER",
    ReleaseReason.BUSY: "CALL_LOST_USER_BUSY",
    ReleaseReason.REJECTED: "CALL_REJECTED",
    ReleaseReason.TRANSFERRED: "CALL_TRANSFERRED",
}


class PhoneCall:
    """An ordinary call: inbound, outbound or between two extensions.

    Args:
        callees: Our users whose phones ring; none for an outbound call.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        direction: str,
        originator: Party,
        destination: Party,
        callees: Sequence[User],
    ) -> None:
        self._exchange = exchange
        self._direction = direction
        self._originator = originator
        self._destination = destination
        self._callees = tuple(callees)
        self._call_id = exchange.new_call_id()
        self._record: Record | None = None
        caller = originator.user
        extensions = [user.extension for user in callees]
        self.story = CallStory(
            exchange.clock,
            extensions if extensions or caller is None else [caller.extension],
        )
        self._in_call: list[User] = []

    @property
    def call_id(self) -> str:
        """The ``callId`` of its events."""
        return self._call_id

    def ring(self) -> None:
        """CALL_STARTED to the user who dials, CALL_INCOMING to each who rings."""
        with self._exchange.lock:
            at = self.story.ring()
            if self._originator.user is not None:
                self._tell("STARTED", at, self._originator.user)
                self._in_call.append(self._originator.user)
            for user in self._callees:
                self._tell("INCOMING", at, user)
                self._in_call.append(user)

    def answer(self, extension: str = "") -> None:
        """CALL_ANSWERED to who talks; CALL_HANGUP to those who lost the race."""
        with self._exchange.lock:
            at = self.story.answer(extension)
            winner = self.story.answered_by
            for user in tuple(self._in_call):
                lost = user in self._callees and user.extension != winner
                self._tell("HANGUP" if lost else "ANSWERED", at, user)
                if lost:
                    self._in_call.remove(user)

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """CALL_HANGUP to everybody still in the call."""
        with self._exchange.lock:
            at = self.story.hang_up(cause)
            for user in self._in_call:
                self._tell("HANGUP", at, user)
            self._record = self._exchange.keep_record(
                record_type="PHONE_CALL",
                call_id=self._call_id,
                direction=self._direction,
                at=self.story.rang_at or at,
                originator=self._originator,
                destination=self._destination_as_recorded(),
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
        """PHONE_CALL, with what was worked out since the end."""
        added = recording_details(self._call_id, recorded=recorded)
        added["voicemail"] = voicemail
        if voicemail:
            added["voicemail_url"] = f"{MEDIA_URL}/vm_{self._call_id}.mp3"
        added |= afterthoughts(transcription, summary, labels)
        with self._exchange.lock:
            if self._record is None:
                raise UsageError("Only a call that is over has a record")
            self._exchange.publish(self._record, added)

    def _tell(self, kind: str, at: datetime, user: User) -> None:
        destination = self._destination
        if user in self._callees:
            destination = Party(destination.number, user.name)
        self._exchange.tell(
            LiveEvent(
                kind=kind,
                at=at,
                call_id=self._call_id,
                originator=self._originator,
                destination=destination,
                user=user,
            )
        )

    def _destination_as_recorded(self) -> Party:
        if len(self._callees) == 1:
            return Party(self._destination.number, self._callees[0].name)
        return self._destination

    def _details(self) -> JsonObject:
        story = self.story
        details: JsonObject = {
            "maskCallerNumber": self._originator.number == WITHHELD,
            "lastEvent": _LAST_EVENTS[story.release_reason],
            "ringTime": story.ring_seconds,
            "recorded": False,
            "voicemail": False,
        }
        if story.was_answered:
            if story.release_reason is ReleaseReason.NORMAL:
                details["lastEvent"] = "CALL_TERMINATED"
            details |= self._answerer()
        outside = self._originator if self._callees else self._destination
        return details | self._exchange.crm_details(outside.number)

    def _answerer(self) -> JsonObject:
        for user in self._callees:
            if user.extension == self.story.answered_by:
                return {"answererName": user.name, "answererNumber": user.extension}
        return {
            "answererName": without_plus(self._destination.shown_name),
            "answererNumber": without_plus(self._destination.number),
        }


def recording_details(call_id: str, *, recorded: bool) -> JsonObject:
    """The record's fields about the recording."""
    details: JsonObject = {"recorded": recorded}
    if recorded:
        details["recordingUrl"] = f"{MEDIA_URL}/call_recording_{call_id}.mp3"
    return details


def afterthoughts(
    transcription: str, summary: str, labels: Sequence[str]
) -> JsonObject:
    """What speech recognition and the staff add to a record."""
    details: JsonObject = {"labels": list(labels)} if labels else {}
    if transcription:
        details["transcription"] = transcription[:65_535]
    if summary:
        details["summary"] = summary[:3_500]
        details["sentiment_score"] = 73
    return details
