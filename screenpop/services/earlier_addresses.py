"""Take our registrations off addresses at which nobody listens for us any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from screenpop.domain.errors import ScreenpopError
from screenpop.services.callback_url import is_callback_url

if TYPE_CHECKING:
    from screenpop.providers.protocol import SupportsWebhookSubscription
    from screenpop.services.connections import Connection

_log = logging.getLogger(__name__)


class EarlierAddresses:
    """Looks once for each address that an account is called back at.

    A public address that was changed leaves its registrations at the vendor, which
    count against its limit and fail until it gives them up.
    """

    def __init__(self) -> None:
        self._looked_for: dict[str, str] = {}

    async def drop(
        self, connection: Connection, registrar: SupportsWebhookSubscription, url: str
    ) -> None:
        """Delete what is registered for this account anywhere but at ``url``.

        What cannot be deleted now is tried again when the account is looked at next.
        """
        account_id = connection.account_id
        if self._looked_for.get(account_id) == url:
            return
        try:
            listed = await registrar.list_subscriptions()
            for earlier in sorted({each.callback_url for each in listed}):
                is_ours = is_callback_url(earlier, connection)
                # A vendor may write the present one with a slash at its end.
                if not is_ours or earlier.rstrip("/") == url.rstrip("/"):
                    continue
                await registrar.drop_subscriptions(earlier)
                _log.info("account %s: an earlier address is given up", account_id)
        except ScreenpopError as error:
            _log.info("account %s: %s", account_id, error.title)
            return
        self._looked_for[account_id] = url
