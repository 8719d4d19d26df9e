"""The vendor's call history, narrowed and turned over page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import NotFound
from screenpop.domain.events import Direction
from screenpop.providers.protocol import HistoryPage
from screenpop.providers.tele2.directory import NUMBER_STYLES, written
from screenpop.providers.tele2.mapping import call_id_of, to_record
from screenpop.providers.tele2.payloads import read_call
from screenpop.providers.tele2.requests import CALLS, CallQuery

if TYPE_CHECKING:
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.abilities import HistoryFilter
    from screenpop.providers.protocol import HistoryQuery
    from screenpop.providers.tele2.client import SmartMexClient
    from screenpop.providers.tele2.payloads import CallPayload
    from screenpop.providers.tele2.staff import Staff

_DIRECTIONS: Final = {Direction.INBOUND: "in", Direction.OUTBOUND: "out"}
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The oldest first means reading all of them.
MOST_CALLS: Final = 5_000


class CallHistory:
    """Lists finished calls.

    Args:
        number_style: How numbers are written for the vendor, to begin with.
    """

    def __init__(
        self, client: SmartMexClient, staff: Staff, region: str, number_style: str
    ) -> None:
        self._client = client
        self._staff = staff
        self._region = region
        rest = [style for style in NUMBER_STYLES if style != number_style]
        self._styles = [number_style, *rest]

    async def page(self, query: HistoryQuery, only: HistoryFilter) -> HistoryPage:
        """One page of the calls that fit both."""
        contact_id = ""
        if only.extension:
            contact_id = await self._staff.contact_id(only.extension)
        base = CallQuery(
            direction=_DIRECTIONS[only.direction] if only.direction else "",
            contact_id=contact_id,
            since=query.since,
            until=query.until,
        )
        calls, has_next = await self._cut(query, base, only)
        now, own = datetime.now(UTC), self._staff.own
        return HistoryPage(
            records=tuple(to_record(call, received_at=now, own=own) for call in calls),
            call_ids=tuple(call_id_of(call) for call in calls),
            page=query.page,
            has_next=has_next,
        )

    async def record(self, call_id: str) -> CallDetailRecord:
        """One finished call."""
        call = read_call(await self._client.item(CALLS, call_id))
        return to_record(call, received_at=datetime.now(UTC), own=self._staff.own)

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record of a call, if there is one."""
        try:
            return (await self.record(call_id),)
        except NotFound:
            return ()

    async def _cut(
        self, query: HistoryQuery, base: CallQuery, only: HistoryFilter
    ) -> tuple[list[CallPayload], bool]:
        """The calls of one page, and whether more follow.

        The vendor gives the newest first and cannot be told otherwise, nor asked for
        calls from *or* to a number: that takes two questions and both answers whole.
        """
        start, end = query.page * query.size, (query.page + 1) * query.size
        is_simple = query.newest_first and not query.number
        if is_simple:
            found = await self._found(base, only, offset=start, most=query.size + 1)
            return found[: query.size], len(found) > query.size
        most = end + 1 if query.newest_first else MOST_CALLS
        if query.number:
            callers = replace(only, caller=query.number)
            callees = replace(only, callee=query.number)
            found = [
                *(await self._found(base, callers, most=most)),
                *(await self._found(base, callees, most=most)),
            ]
            found = list({call_id_of(call): call for call in found}.values())
        else:
            found = await self._found(base, only, most=most)
        found.sort(key=_moment, reverse=query.newest_first)
        return found[start:end], len(found) > end

    async def _found(
        self,
        base: CallQuery,
        only: HistoryFilter,
        *,
        offset: int = 0,
        most: int,
    ) -> list[CallPayload]:
        """The calls that fit; numbers are tried in every way they may be written."""
        styles = tuple(self._styles) if only.caller or only.callee else ("",)
        asked: set[tuple[str, str]] = set()
        for style in styles:
            source = written(only.caller, style, self._region)
            destination = written(only.callee, style, self._region)
            if (source, destination) in asked:
                continue
            asked.add((source, destination))
            wanted = replace(base, source=source, destination=destination).params()
            items = await self._client.items(CALLS, wanted, offset=offset, most=most)
            if items:
                if style:
                    self._styles.remove(style)
                    self._styles.insert(0, style)
                return [read_call(item) for item in items]
        return []


def _moment(call: CallPayload) -> tuple[datetime, str]:
    return call.started_at or _EARLIEST, call.call_id
