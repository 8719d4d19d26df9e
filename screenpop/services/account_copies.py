"""Renew the copies of phone systems' contacts that the user once asked for.

No phone system we know says which contacts have changed, so all of them are copied
again: once a day, and only while there is something to do anyway, so that no timer has
to wake an idle program.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError
from screenpop.store.contact_copy import last_copied

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.services.contact_book import ContactBook
    from screenpop.store.contacts import LocalContacts

_log = logging.getLogger(__name__)

RENEW_AFTER: Final = timedelta(days=1)


async def renew_copies(book: ContactBook, local: LocalContacts, now: datetime) -> int:
    """Copy again what was copied more than a day ago; how many accounts that were.

    An account whose contacts were never copied is left alone. One that fails keeps its
    copy as it was.
    """
    accounts = book.syncable_accounts()
    if not accounts:
        return 0
    copied_at = await asyncio.to_thread(last_copied, local)
    renewed = 0
    for account_id in accounts:
        if account_id not in copied_at or now - copied_at[account_id] < RENEW_AFTER:
            continue
        try:
            await book.sync(account_id)
        except ScreenpopError as error:
            _log.info("contacts of %s were not copied: %s", account_id, error.title)
        else:
            renewed += 1
    return renewed
