"""Calls that requests started, as ``outgoing/callstatus`` lists them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import NotFound, RequestRejected
from screenpop.domain.numbers import read_number
from screenpop.providers.abilities import HistoryChoice, NamedThing
from screenpop.providers.mobtexting.client import SERVICE
from screenpop.providers.mobtexting.mapping import digits_of, readable_number
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.providers.mobtexting.client import MobTextingClient
    from screenpop.providers.mobtexting.payloads import CallStatePayload
    from screenpop.providers.mobtexting.zone import AccountZone
    from screenpop.providers.protocol import ProviderContext

_DAY: Final = HistoryChoice(key="date", label=marked("Day (2026-03-02)"))
_NUMBER: Final = HistoryChoice(key="mobile", label=marked("Number called"))
_REFERENCE: Final = HistoryChoice(key="cid", label=marked("Your own id of the call"))
CHOICES: Final = (_DAY, _NUMBER, _REFERENCE)


class OutgoingCalls:
    """Lists the calls of one account that requests started."""

    def __init__(
        self, client: MobTextingClient, context: ProviderContext, zone: AccountZone
    ) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._region = context.region
        self._zone = zone

    async def chosen(self, chosen: Mapping[str, str]) -> tuple[NamedThing, ...]:
        """Those that fit; today's where nothing is chosen.

        Raises:
            RequestRejected: More than one thing is asked for, or it cannot be read.
        """
        given = {key: text.strip() for key, text in chosen.items() if text.strip()}
        if not given:
            given = {_DAY.key: self._zone.day(datetime.now(UTC)).isoformat()}
        if len(given) != 1 or not set(given) <= {one.key for one in CHOICES}:
            raise RequestRejected(
                tr(
                    "{service} looks for a day, a number or an id, one at a time",
                    service=SERVICE,
                ),
                tr("Leave the other fields empty."),
            )
        ((key, text),) = given.items()
        found = await self._client.call_states(key, self._value(key, text))
        return tuple(_thing(state) for state in found)

    async def one(self, call_id: str) -> NamedThing:
        """One of them.

        Raises:
            NotFound: MobTexting does not know it.
        """
        for state in await self._client.call_states("id", call_id):
            return _thing(state)
        raise NotFound(tr("{service} does not know it", service=SERVICE))

    def _value(self, key: str, text: str) -> str:
        if key == _DAY.key:
            return _day(text)
        if key == _NUMBER.key:
            number = read_number(readable_number(text), self._region)
            if not number.e164:
                raise RequestRejected(tr("This is no phone number"))
            return digits_of(number.e164)
        return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise RequestRejected(
            tr("This is no day"), tr("Write it like 2026-03-02.")
        ) from None


def _thing(state: CallStatePayload) -> NamedThing:
    told = (
        (marked("status"), state.status),
        (marked("from"), readable_number(state.line)),
        (marked("asked for"), state.created_at),
        (marked("began"), state.start_at),
        (marked("ended"), state.end_at),
        (marked("keys"), state.keys),
        (marked("your id"), state.reference),
    )
    kept = tuple(pair for pair in told if pair[1])
    return NamedThing(state.id, readable_number(state.called), kept)
