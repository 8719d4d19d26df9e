"""The relay's answers to its desks: who claims what, how they are, what they say.

That a device may publish to a subject proves who it is. Where it wants the answer is
its own word, though, which the broker does not check: the relay answers to the private
inboxes of that device, or to what the broker itself puts in their place where desks
have an account of their own. Else a desk could have the relay write for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError, RelayConflict, RelayError
from screenpop.relay.devices import Device
from screenpop.relay.names import Bucket, TeamVerb, asked_by, device_inbox
from screenpop.relay.team_words import (
    CLAIM_SECONDS,
    Claim,
    ClaimState,
    Refusal,
    Rule,
    TeamAnswer,
    TeamNews,
    Verdict,
    read_request,
    write_answer,
    write_news,
)
from screenpop.services.relay.team_records import (
    keep,
    presence_record,
    read_kept,
)

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker, BrokerRequest, Entry
    from screenpop.relay.team_words import TeamRequest
    from screenpop.services.clock import Clock
    from screenpop.services.relay.team_board import TeamBoard

_log = logging.getLogger(__name__)

BURST: Final = 40
PER_SECOND: Final = 5.0
"""So many requests of one device are answered at each instance; the rest are told to
come again."""
_MAPPED: Final = "_R_."
"""How answers begin that the broker brings to another account: it knows to whom."""
_TRIES: Final = 4
_MOST_KNOWN: Final = 20_000

Settle = Callable[[Claim | None], Claim | None]
"""What a claim becomes; None for leave it as it is."""


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float


class TeamAnswers:
    """Answers requests one by one; any instance may answer any of them."""

    def __init__(
        self,
        broker: Broker,
        find: Callable[[str], Device | None],
        board: TeamBoard,
        clock: Clock,
    ) -> None:
        """Answer nobody yet.

        Args:
            broker: Where the buckets are.
            find: Knows a device by its id.
            board: What all share, for snapshots.
            clock: What time it is.
        """
        self._broker = broker
        self._find = find
        self._board = board
        self._clock = clock
        self._allowances: dict[str, _Allowance] = {}

    async def answer(self, asked: BrokerRequest) -> bytes | None:
        """The answer to a request; None where there must be none."""
        said = asked_by(asked.subject)
        device_id = said[0] if said else asked.subject.split(".")[1]
        if not asked.reply.startswith((_MAPPED, f"{device_inbox(device_id)}.")):
            _log.warning("a request of %s wants its answer elsewhere", device_id)
            return None
        if said is None:
            return _refused(Refusal.UNKNOWN)
        if not self._may_ask(device_id):
            return _refused(Refusal.BUSY)
        device = await self._device(device_id)
        if device is None or device.is_removed:
            return _refused(Refusal.FOREIGN)
        try:
            return await self._do(device, said[1], read_request(said[1], asked.body))
        except PayloadError:
            return _refused(Refusal.MALFORMED)
        except RelayError as error:
            _log.info("a request is not answered now: %s", error.title)
            return _refused(Refusal.BUSY)

    def _may_ask(self, device_id: str) -> bool:
        now = time.monotonic()
        known = self._allowances.get(device_id)
        if known is None:
            if len(self._allowances) >= _MOST_KNOWN:
                self._allowances.clear()
            known = self._allowances[device_id] = _Allowance(BURST, now)
        left = known.left + (now - known.at) * PER_SECOND
        known.left, known.at = min(left, BURST), now
        if known.left < 1:
            return False
        known.left -= 1
        return True

    async def _device(self, device_id: str) -> Device | None:
        known = self._find(device_id)
        if known is not None:
            return known
        # One that has joined this moment may not have been heard of.
        entry = await self._broker.bucket(Bucket.DEVICES.value).get(device_id)
        if entry is None or entry.value is None:
            return None
        return Device.from_json(entry.value)

    async def _do(self, device: Device, verb: TeamVerb, request: TeamRequest) -> bytes:
        account_id = request.account_id
        if account_id and account_id not in {one.account_id for one in device.lines}:
            return _refused(Refusal.FOREIGN)
        if verb is TeamVerb.SNAPSHOT:
            return self._snapshot(request)
        works: dict[TeamVerb, Callable[[Device, TeamRequest], Awaitable[TeamAnswer]]]
        works = {
            TeamVerb.CLAIM: self._claim,
            TeamVerb.RELEASE: self._release,
            TeamVerb.DONE: self._finish,
            TeamVerb.PRESENCE: self._presence,
            TeamVerb.RULE: self._rule,
        }
        work = works.get(verb)
        if work is None:
            return _refused(Refusal.UNKNOWN)
        return write_answer(await work(device, request))

    def _snapshot(self, request: TeamRequest) -> bytes:
        if not self._board.is_loaded:
            return write_answer(TeamAnswer(refusal=Refusal.BUSY))
        items, more = self._board.page(request.account_id, request.after)
        news = TeamNews(boot="", number=0, more=more)
        return write_news(news, items)

    # --- claims ----------------------------------------------------------------------

    async def _claim(self, device: Device, request: TeamRequest) -> TeamAnswer:
        def settle(known: Claim | None) -> Claim | None:
            is_free = known is None or known.state is not ClaimState.CLAIMED
            if known is not None and not is_free and known.device != device.device_id:
                lapses_at = known.at + timedelta(seconds=CLAIM_SECONDS)
                if self._clock() < lapses_at:
                    return None
            return self._claim_of(device, request, ClaimState.CLAIMED)

        return await self._settle(request, settle)

    async def _release(self, device: Device, request: TeamRequest) -> TeamAnswer:
        def settle(known: Claim | None) -> Claim | None:
            is_claimed = known is not None and known.state is ClaimState.CLAIMED
            if known is not None and is_claimed and known.device != device.device_id:
                return None
            # Who was taken for done may be put back by anybody who sees that he waits.
            return self._claim_of(device, request, ClaimState.OPEN)

        return await self._settle(request, settle)

    async def _finish(self, device: Device, request: TeamRequest) -> TeamAnswer:
        # Whoever has reached the caller has, claimed or not.
        return await self._settle(
            request, lambda _: self._claim_of(device, request, ClaimState.DONE)
        )

    def _claim_of(
        self, device: Device, request: TeamRequest, state: ClaimState
    ) -> Claim:
        return Claim(
            key=request.key,
            state=state,
            device=device.device_id,
            agent=device.agent,
            at=self._clock(),
        )

    async def _settle(self, request: TeamRequest, settle: Settle) -> TeamAnswer:
        """Compare and set until it is settled who was first."""
        bucket = self._broker.bucket(Bucket.CLAIMS.value)
        key = f"{request.account_id}.{request.key}"
        for _ in range(_TRIES):
            entry = await bucket.get(key)
            known = _claim_in(entry)
            wanted = settle(known)
            if wanted is None:
                return TeamAnswer(refusal=Refusal.TAKEN, item=known)
            try:
                if entry is None:
                    revision = await bucket.create(key, keep(wanted))
                else:
                    revision = await bucket.update(key, keep(wanted), entry.revision)
            except RelayConflict:
                continue
            return TeamAnswer(item=replace(wanted, revision=revision))
        return TeamAnswer(refusal=Refusal.BUSY)

    # --- presence and rules ----------------------------------------------------------

    async def _presence(self, device: Device, request: TeamRequest) -> TeamAnswer:
        record = presence_record(device, request.presence, self._clock())
        bucket = self._broker.bucket(Bucket.PRESENCE.value)
        await bucket.put(device.device_id, record)
        return TeamAnswer()

    async def _rule(self, device: Device, request: TeamRequest) -> TeamAnswer:
        is_more = request.verdict is not Verdict.NONE
        if is_more and self._board.is_full(request.account_id):
            return TeamAnswer(refusal=Refusal.FULL)
        rule = Rule(
            key=request.key,
            verdict=request.verdict,
            persons=request.persons,
            device=device.device_id,
            agent=device.agent,
            at=self._clock(),
        )
        # The latest word holds, whoever said it.
        bucket = self._broker.bucket(Bucket.RULES.value)
        revision = await bucket.put(f"{request.account_id}.{request.key}", keep(rule))
        return TeamAnswer(item=replace(rule, revision=revision))


def _claim_in(entry: Entry | None) -> Claim | None:
    if entry is None or entry.value is None:
        return None
    try:
        item = read_kept(entry.value)
    except PayloadError as error:
        _log.warning("a claim is written anew: %s", error.title)
        return None
    return item if isinstance(item, Claim) else None


def _refused(refusal: Refusal) -> bytes:
    return write_answer(TeamAnswer(refusal=refusal))
