"""The call log as commands work with it, beside the running app or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from screenpop.config.settings import Settings
    from screenpop.services.call_history import CallHistory
    from screenpop.store.database import Database

LATEST: Final = "latest"
_SHORTEST_START: Final = 4
_LOOKED_THROUGH: Final = 5_000


def open_history(database: Database, settings: Settings) -> CallHistory:
    """The call log as people read it."""
    from screenpop.services.bus import Bus
    from screenpop.services.call_history import CallHistory, LogSetting
    from screenpop.services.caller_lookup import known_locally
    from screenpop.services.clock import utc_now
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog
    from screenpop.store.contacts import LocalContacts

    def setting(account_id: str) -> LogSetting:
        account = settings.account(account_id)
        region = settings.region_of(account) if account else settings.region
        return LogSetting(region, account_id)

    contacts = LocalContacts(database)
    return CallHistory(
        log=CallLog(database),
        settings=setting,
        bus=Bus(),
        supervisor=Supervisor(),
        clock=utc_now,
        who=lambda number: known_locally(contacts, number),
    )


def find_call(history: CallHistory, settings: Settings, words: str) -> CallRef:
    """The call that somebody means.

    Args:
        history: The call log.
        settings: Whose accounts may be named.
        words: ``latest``; the id of a call, or how it begins; or ACCOUNT/ID for a call
            that may not be in the log.

    Raises:
        UsageError: No call is meant, or several may be.
    """
    from screenpop.services.call_history import LogFilter

    account_id, slash, call_id = words.partition("/")
    if slash and call_id and settings.account(account_id) is not None:
        return CallRef(account_id, call_id)
    if words == LATEST:
        entries = history.search_now(LogFilter(), limit=1)
        if not entries:
            raise UsageError("There are no calls yet")
        return entries[0].ref
    known = [
        entry.ref for entry in history.search_now(LogFilter(), limit=_LOOKED_THROUGH)
    ]
    exact = [ref for ref in known if ref.call_id == words]
    begun = [ref for ref in known if ref.call_id.startswith(words)]
    found = exact or (begun if len(words) >= _SHORTEST_START else [])
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            "Several calls begin like this", "Give more of the id, or ACCOUNT/ID."
        )
    raise UsageError(
        "There is no such call in the log", "`screenpop calls --ids` lists the ids."
    )
