"""See calls by asking for them: as near to live as the call list allows, on a budget.

An ordinary poll asks one question (all calls since a moment), or two where the account
has an extension: every inbound call, and the calls of that extension, which is how the
list tells whose a call was. Then come the events of calls that are new or going on, a
few at a time. Whatever a poll took beyond that is paid back by a longer pause.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import (
    NotFound,
    NotOffered,
    PayloadError,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.json_fields import FieldReader
from screenpop.providers.primevox import payloads, questions
from screenpop.providers.primevox.mapping import has_ended, span
from screenpop.providers.primevox.payloads import INBOUND, JsonObject

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from screenpop.providers.primevox.client import PrimevoxClient

_log = logging.getLogger(__name__)

FASTEST_SECONDS: Final = 10.0
# What all requests of an account come to on average, whatever happens.
SECONDS_PER_REQUEST: Final = 2.0
DETAILS_PER_POLL: Final = 3
MOST_PAGES: Final = 20
# A call bears the time it began but comes when it is over, and perhaps a little later:
# so each question reaches back, now and then a long way.
USUAL_REACH: Final = timedelta(minutes=15)
LONG_REACH: Final = timedelta(hours=4)
LONG_REACH_EVERY: Final = 40
RECORD_DELAY: Final = timedelta(minutes=2)
# Older calls are history: who answered them is not worth a request each.
DETAILS_FOR: Final = timedelta(hours=1)
MOST_OPEN: Final = 50
# Refused once, the details are asked for again after so many polls.
REFUSAL_POLLS: Final = 240

# The list of calls goes on without their details, whatever keeps those from us.
_REFUSALS: Final = (NotOffered, PermissionDenied, ProviderThrottled)
_NO_DETAILS: Final = (NotFound, PayloadError, RequestRejected)


@dataclass(slots=True)
class _Sighting:
    """A call as it was at the last poll.

    Attributes:
        summary: As sent; empty once only the memory of it is needed.
        events: None until they were asked for.
    """

    name: str
    fingerprint: int
    began_at: datetime
    ended_at: datetime
    summary: JsonObject
    owner: str = ""
    events: tuple[JsonObject, ...] | None = None


@dataclass(slots=True)
class _Budget:
    """Remembers how much a poll took, and what is not worth asking."""

    interval_seconds: float
    spent: int = 0
    polls: int = 0
    details_refused_until: int = 0
    details_left: int = 0

    @property
    def pause_seconds(self) -> float:
        return max(self.interval_seconds, self.spent * SECONDS_PER_REQUEST)

    def begin(self) -> bool:
        """Start a poll; whether it is one that reaches far back."""
        is_long = self.polls % LONG_REACH_EVERY == 0
        self.polls += 1
        is_refused = self.polls < self.details_refused_until
        self.details_left = 0 if is_refused else DETAILS_PER_POLL
        return is_long

    def refuse_details(self) -> None:
        self.details_left = 0
        self.details_refused_until = self.polls + REFUSAL_POLLS


@dataclass(slots=True)
class CallPoller:
    """Asks for calls, and knows those again that it has seen.

    Attributes:
        client: Whom to ask.
        account_id: For the deliveries.
        extension: Whose calls to ask for; "" for everyone's.
        interval_seconds: How often, as the user wants it.
    """

    client: PrimevoxClient
    account_id: str
    extension: str
    interval_seconds: float
    _budget: _Budget = field(init=False)
    _seen: dict[str, _Sighting] = field(default_factory=dict)
    _open: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start with a full budget."""
        self._budget = _Budget(max(self.interval_seconds, FASTEST_SECONDS))

    @property
    def pause_seconds(self) -> float:
        """How long to wait before the next poll."""
        return self._budget.pause_seconds

    def rang(self, call_uuid: str, at: datetime) -> None:
        """A webhook told of a call: its events are worth asking for."""
        self._open[call_uuid] = at
        while len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The calls that ended after ``since``, oldest first, then those going on.

        The same ``since`` gives the same calls again, so that none is lost when the
        caller could not keep them; of earlier ones only those that changed.

        Raises:
            ProviderError: By kind; then nothing counts as seen.
        """
        reach = LONG_REACH if self._budget.begin() else USUAL_REACH
        before, now = self.client.requests_made, datetime.now(UTC)
        try:
            found = await self._look(since - reach, now)
            wanted = [
                seen
                for seen in found.values()
                if seen.ended_at > since - RECORD_DELAY or self._has_changed(seen)
            ]
            wanted.sort(key=lambda seen: seen.began_at)
            await self._add_events(wanted, now)
            going_on = await self._open_calls(found, now)
        finally:
            self._budget.spent = self.client.requests_made - before
        deliveries = [self.delivery(self._body(seen), now) for seen in wanted]
        self._remember(found.values(), since)
        return tuple(deliveries + going_on)

    async def fetch(self, call_uuid: str) -> tuple[Delivery, ...]:
        """What PrimeVOX has of one call; empty when nothing, or where it cannot say."""
        now = datetime.now(UTC)
        call, events = await self.details(call_uuid)
        is_over = call and has_ended(_read(events))
        summary = call if is_over else await self.find_summary(call_uuid, now)
        if not summary and not events:
            return ()
        body = payloads.polled_body(call_uuid, summary=summary, events=events)
        return (self.delivery(body, now),)

    async def details(
        self, call_uuid: str
    ) -> tuple[JsonObject | None, tuple[JsonObject, ...]]:
        """The call's own fields and its events; neither where it has no details."""
        try:
            call, events = await self.client.call_details(call_uuid)
        except (*_REFUSALS, *_NO_DETAILS) as error:
            _log.info("no details of a call: %s", error.title)
            return None, ()
        return call or None, events

    async def find_summary(self, call_uuid: str, now: datetime) -> JsonObject | None:
        """The call in the call list, looked for where it should be."""
        known = self._seen.get(call_uuid)
        began_at = known.began_at if known else self._open.get(call_uuid)
        since = began_at - USUAL_REACH if began_at else now - timedelta(days=1)
        until = began_at + USUAL_REACH if began_at else now + timedelta(days=1)
        async for call in self._pages(since, until, {}):
            if payloads.call_name(call) == call_uuid:
                return call
        return None

    def delivery(self, body: bytes, received_at: datetime) -> Delivery:
        """One polled call as if it had been delivered."""
        return Delivery(
            account_id=self.account_id,
            source=DeliverySource.POLL,
            received_at=received_at,
            body=body,
            content_type="application/json",
        )

    # --- asking -----------------------------------------------------------------------

    async def _look(self, since: datetime, now: datetime) -> dict[str, _Sighting]:
        """Every call since, by name; which of them are the extension's is noted."""
        until = now + timedelta(days=1)
        found: dict[str, _Sighting] = {}
        if not self.extension:
            async for call in self._pages(since, until, {}):
                self._sight(call, found, now)
            return found
        async for call in self._pages(since, until, questions.INBOUND_ONLY):
            self._sight(call, found, now)
        own = questions.extension_filters(self.extension)
        async for call in self._pages(since, until, own):
            self._sight(call, found, now, owner=self.extension)
        return found

    async def _pages(
        self, since: datetime, until: datetime, filters: Mapping[str, str]
    ) -> AsyncIterator[JsonObject]:
        last: tuple[JsonObject, ...] = ()
        for number in range(1, MOST_PAGES + 1):
            page, _reply = await self.client.list_calls(
                since=since, until=until, page=number, filters=filters
            )
            if not page.calls or page.calls == last:
                return
            last = page.calls
            for call in page.calls:
                yield call
            if number >= page.pages:
                return

    def _sight(
        self,
        call: JsonObject,
        found: dict[str, _Sighting],
        now: datetime,
        owner: str = "",
    ) -> None:
        text = payloads.polled_body("", summary=call, owner=owner)
        name = payloads.call_name(call)
        name = name or payloads.polled_body("", summary=call).decode()
        fingerprint = hash(text)
        known = self._seen.get(name)
        if known is not None and known.fingerprint == fingerprint:
            found[name] = replace(known, summary=call, owner=owner)
            return
        polled = payloads.read_polled(FieldReader(dict(call)))
        began_at, ended_at = span(polled, now) if polled else (now, now)
        found[name] = _Sighting(name, fingerprint, began_at, ended_at, call, owner)

    async def _add_events(self, wanted: list[_Sighting], now: datetime) -> None:
        """Ask who rang and who answered: inbound calls first, the newest first."""
        news = [
            seen
            for seen in reversed(wanted)
            if seen.events is None
            and now - seen.ended_at < DETAILS_FOR
            and payloads.call_name(seen.summary)
        ]
        news.sort(key=lambda seen: payloads.direction_of(seen.summary) != INBOUND)
        for seen in news:
            seen.events = await self._spare_events(seen.name)

    async def _open_calls(
        self, found: Mapping[str, _Sighting], now: datetime
    ) -> list[Delivery]:
        """What has happened on calls that webhooks told of and no list has yet."""
        deliveries = []
        for call_uuid, rang_at in tuple(self._open.items()):
            if call_uuid in found or now - rang_at > LONG_REACH:
                del self._open[call_uuid]
                continue
            events = await self._spare_events(call_uuid)
            if events:
                body = payloads.polled_body(call_uuid, summary=None, events=events)
                deliveries.append(self.delivery(body, now))
        return deliveries

    async def _spare_events(self, call_uuid: str) -> tuple[JsonObject, ...] | None:
        """A call's events, as far as the budget goes; None when it was not asked."""
        if self._budget.details_left <= 0:
            return None
        self._budget.details_left -= 1
        try:
            _call, events = await self.client.call_details(call_uuid)
        except _REFUSALS as error:
            self._budget.refuse_details()
            _log.info("calls are polled without details: %s", error.title)
            return None
        except ProviderUnavailable:
            self._budget.details_left = 0
            return None
        except _NO_DETAILS:
            return ()
        return events

    # --- remembering ------------------------------------------------------------------

    def _body(self, seen: _Sighting) -> bytes:
        name = payloads.call_name(seen.summary)
        return payloads.polled_body(
            name, summary=seen.summary, events=seen.events or (), owner=seen.owner
        )

    def _has_changed(self, sighting: _Sighting) -> bool:
        known = self._seen.get(sighting.name)
        return known is not None and known.fingerprint != sighting.fingerprint

    def _remember(self, found: Iterable[_Sighting], since: datetime) -> None:
        """Keep what the longest reach may show again, without the calls themselves."""
        oldest = since - LONG_REACH
        for seen in found:
            self._seen[seen.name] = replace(seen, summary={})
        self._seen = {
            name: seen for name, seen in self._seen.items() if seen.ended_at >= oldest
        }


def _read(events: tuple[JsonObject, ...]) -> tuple[payloads.EventPayload, ...]:
    return tuple(payloads.read_event(FieldReader(event)) for event in events)
