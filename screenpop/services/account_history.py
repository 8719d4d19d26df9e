"""What the call history kept at an account's vendor can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError, NotOffered, UsageError
from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import (
    HistoryFilter,
    SupportsCallCount,
    SupportsHistoryChoices,
    SupportsHistoryFilters,
)
from screenpop.providers.protocol import SupportsCallHistory, SupportsHistoryExport
from screenpop.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.abilities import HistoryChoice
    from screenpop.providers.protocol import HistoryPage, HistoryQuery
    from screenpop.services.connections import Connections

ALL_CALLS: Final = HistoryFilter()
NOTHING_CHOSEN: Final[Mapping[str, str]] = MappingProxyType({})


@frozen(kw_only=True)
class HistoryForm:
    """How an account's call history can be narrowed at the vendor.

    Attributes:
        has_filters: By direction, extension, caller and callee.
        choices: What else only this vendor knows.
        can_count: Calls can be counted without listing them.
        can_export: The vendor gives the history as a file.
    """

    has_filters: bool = False
    choices: tuple[HistoryChoice, ...] = ()
    can_count: bool = False
    can_export: bool = False


class AccountHistory:
    """Pages, counts, records and files of the vendor's own call history.

    Errors as for ``AccountTools``.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def history_form(self, account_id: str) -> HistoryForm:
        """How the account's history can be narrowed."""
        connection = self._connections.get(account_id)
        choosing = connection.able(SupportsHistoryChoices)
        return HistoryForm(
            has_filters=connection.able(SupportsHistoryFilters) is not None,
            choices=choosing.history_choices if choosing else (),
            can_count=connection.able(SupportsCallCount) is not None,
            can_export=connection.able(SupportsHistoryExport) is not None,
        )

    async def history(
        self,
        account_id: str,
        query: HistoryQuery,
        only: HistoryFilter = ALL_CALLS,
        chosen: Mapping[str, str] = NOTHING_CHOSEN,
    ) -> HistoryPage:
        """One page of the vendor's own call history.

        Args:
            account_id: Whose.
            query: Which calls, as every vendor can be asked.
            only: Which of them, where the vendor can be asked that.
            chosen: Value by key of the vendor's own choices.
        """
        connection = self._connections.get(account_id)
        if chosen:
            self._check_chosen(account_id, chosen)
            if only != ALL_CALLS:
                raise UsageError(
                    tr("The phone system cannot be asked for both at once"),
                    tr("Narrow either by direction and party, or in its own ways."),
                )
            choosing = connection.ability(SupportsHistoryChoices)
            return await choosing.choose_history(query, chosen)
        if only != ALL_CALLS:
            filtering = connection.ability(SupportsHistoryFilters)
            return await filtering.filter_history(query, only)
        return await self._history(account_id).history(query)

    async def count_calls(
        self,
        account_id: str,
        query: HistoryQuery,
        only: HistoryFilter = ALL_CALLS,
        chosen: Mapping[str, str] = NOTHING_CHOSEN,
    ) -> int:
        """How many calls fit; arguments as for ``history``.

        Raises:
            NotOffered: The vendor does not count, or not what was asked.
        """
        counting = self._connections.get(account_id).ability(SupportsCallCount)
        wanted = {**chosen}
        for key in ("direction", "extension", "caller", "callee"):
            value = str(getattr(only, key) or "")
            if value:
                wanted.setdefault(key, value)
        known = {each.key for each in self.history_form(account_id).choices}
        if not known.issuperset(wanted) and not chosen:
            raise NotOffered(
                tr("The phone system does not count calls by that"),
                tr("It counts by: {known}.", known=", ".join(sorted(known))),
            )
        self._check_chosen(account_id, wanted)
        return await counting.count_calls(query, wanted)

    async def history_record(self, account_id: str, record_id: str) -> CallDetailRecord:
        """One finished call by the vendor's record id."""
        return await self._history(account_id).record(record_id)

    async def history_of_call(
        self, account_id: str, call_id: str
    ) -> tuple[CallDetailRecord, ...]:
        """The record or records of one call."""
        return await self._history(account_id).records_of_call(call_id)

    async def export_history(
        self, account_id: str, query: HistoryQuery, path: Path
    ) -> int:
        """Write the vendor's CSV to a file; returns its size in bytes.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        connection = self._connections.get(account_id)
        data = await connection.ability(SupportsHistoryExport).export_history(query)
        try:
            return await asyncio.to_thread(path.write_bytes, data)
        except OSError as error:
            raise ConfigurationError(
                tr("The file cannot be written: {reason}", reason=error.strerror),
                tr("Choose another folder."),
            ) from None

    def _check_chosen(self, account_id: str, chosen: Mapping[str, str]) -> None:
        check_chosen(self.history_form(account_id).choices, chosen, "history")

    def _history(self, account_id: str) -> SupportsCallHistory:
        return self._connections.get(account_id).ability(SupportsCallHistory)


def check_chosen(
    offered: tuple[HistoryChoice, ...], chosen: Mapping[str, str], what: str
) -> None:
    """See that a vendor takes what somebody chose.

    Raises:
        UsageError: It does not; the advice names what it takes.
    """
    choices = {each.key: each for each in offered}
    for key, value in chosen.items():
        if key not in choices:
            known = ", ".join(choices) or "nothing"
            raise UsageError(
                tr("This cannot be narrowed by “{key}”", key=key[:40]),
                tr("It can be by: {known}.", known=known),
            )
        allowed = [each for each, _label in choices[key].choices]
        if allowed and value not in allowed:
            raise UsageError(
                tr("“{key}” cannot be “{value}”", key=key, value=value[:40]),
                tr("It can be: {allowed}.", allowed=", ".join(allowed)),
            )
