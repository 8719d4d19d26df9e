"""Read PrimeVOX's call list page by page, narrowed in every way it knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RequestRejected
from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import national_significant, read_number
from screenpop.providers.abilities import HistoryChoice
from screenpop.providers.primevox import mapping, questions
from screenpop.providers.primevox.complaints import SERVICE
from screenpop.providers.primevox.parties import readable_number
from screenpop.providers.primevox.payloads import read_polled
from screenpop.providers.protocol import HistoryPage
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.abilities import HistoryFilter
    from screenpop.providers.primevox.client import PrimevoxClient
    from screenpop.providers.primevox.payloads import JsonObject
    from screenpop.providers.protocol import HistoryQuery

# Without dates the list holds today only.
_USUAL_SPAN: Final = timedelta(days=30)
_LONGEST_TEXT: Final = 100
CHOICES: Final = tuple(
    HistoryChoice(key=one.key, label=one.label, choices=one.choices)
    for one in questions.FILTERS
)


@frozen
class PastCalls:
    """The call list of one account.

    Attributes:
        region: To read numbers without a country code in.
    """

    client: PrimevoxClient
    region: str

    async def page(
        self, query: HistoryQuery, filters: Mapping[str, str] | None = None
    ) -> HistoryPage:
        """One page of ``query.size`` calls, cut from the vendor's pages of 500.

        Which end of the list comes first is the vendor's; within a page the calls are
        sorted as asked.
        """
        now = datetime.now(UTC)
        asked = dict(filters or {})
        if query.number.strip():
            asked = questions.number_filters(self._searchable(query.number)) | asked
        first = query.page * query.size
        number = first // questions.PAGE_SIZE + 1
        calls: list[JsonObject] = []
        total, pages = None, number
        skipped = first % questions.PAGE_SIZE
        while len(calls) < skipped + query.size and number <= pages:
            found, _reply = await self.client.list_calls(
                since=query.since or now - _USUAL_SPAN,
                until=query.until or now + timedelta(days=1),
                page=number,
                filters=asked,
            )
            calls += found.calls
            total, pages, number = found.total, found.pages, number + 1
            if not found.calls:
                break
        shown = calls[skipped : skipped + query.size]
        has_next = len(calls) > skipped + query.size or number <= pages
        return _as_page(query, shown, has_next=has_next and bool(shown), total=total)

    def filters_of(self, only: HistoryFilter) -> dict[str, str]:
        """The call list's filters for what can be asked of every vendor."""
        found: dict[str, str] = {}
        if only.direction is not None:
            is_inbound = only.direction is Direction.INBOUND
            found |= questions.INBOUND_ONLY if is_inbound else questions.OUTBOUND_ONLY
        if only.extension:
            found |= questions.extension_filters(only.extension)
        if only.caller:
            found |= questions.caller_filters(self._searchable(only.caller))
        if only.callee:
            found |= questions.callee_filters(self._searchable(only.callee))
        return found

    def _searchable(self, number: str) -> str:
        """Ten digits for North America, else all digits; an extension as it is."""
        read = read_number(readable_number(number), self.region)
        if read.e164.startswith("+1"):
            return national_significant(read.e164)
        return read.e164.removeprefix("+") or read.extension or number.strip()


def chosen_filters(chosen: Mapping[str, str]) -> dict[str, str]:
    """What the user chose, in the vendor's words.

    Raises:
        RequestRejected: There is no such filter, or not with that value.
    """
    known = {one.key: one for one in questions.FILTERS}
    found = {}
    for key, value in chosen.items():
        one = known.get(key)
        allowed = [name for name, _label in one.choices] if one else []
        if (
            one is None
            or len(value) > _LONGEST_TEXT
            or (allowed and value not in allowed)
        ):
            raise RequestRejected(
                tr("{service} cannot narrow its call list like that", service=SERVICE),
                tr("It knows: {known}.", known=", ".join(known)),
            )
        found[one.name] = value
    return questions.narrowed(found)


def _as_page(
    query: HistoryQuery, calls: list[JsonObject], *, has_next: bool, total: int | None
) -> HistoryPage:
    now = datetime.now(UTC)
    read: list[tuple[CallDetailRecord, str]] = []
    for call in calls:
        polled = read_polled(FieldReader(dict(call)))
        if polled is None or polled.call is None:
            continue
        record = mapping.to_record(polled, polled.call, received_at=now)
        read.append((record, mapping.call_id_of(polled, now) or ""))
    read.sort(key=lambda pair: pair[0].started_at, reverse=query.newest_first)
    return HistoryPage(
        records=tuple(record for record, _call_id in read),
        call_ids=tuple(call_id for _record, call_id in read),
        page=query.page,
        has_next=has_next,
        total=total,
    )
