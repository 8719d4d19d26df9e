"""Join a team by a code, and leave it again."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.config.policy_layer import MEMBERSHIP
from screenpop.config.settings import AccountSettings
from screenpop.domain.errors import (
    PolicyError,
    RelayRefused,
    ScreenpopError,
    SecretError,
    UsageError,
)
from screenpop.domain.frozen import frozen
from screenpop.relay.enrolment_client import open_enrolment
from screenpop.relay.enrolment_code import EnrolmentCode
from screenpop.services.team.membership import DeviceKey, Membership, MembershipFile
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.paths import Paths
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import SettingsFile
    from screenpop.relay.grant import DeviceGrant, GrantedAccount
    from screenpop.services.clock import Clock

_log = logging.getLogger(__name__)

FAREWELL_SECONDS: Final = 6.0
"""How long leaving waits for the relay, which may never answer again."""


@frozen
class TeamFacts:
    """What a user is told of their team.

    Attributes:
        accounts: The ids of the accounts that come by its relay.
    """

    team: str
    agent: str
    relay_url: str
    device_id: str
    accounts: tuple[str, ...]


class TeamMembership:
    """Joins and leaves, with the settings and the keychain kept in step."""

    def __init__(
        self,
        *,
        paths: Paths,
        file: SettingsFile,
        secrets: SecretStore,
        settings: Callable[[], Settings],
        reload: Callable[[], object],
        clock: Clock,
    ) -> None:
        """Do nothing yet.

        Args:
            paths: Where the membership is kept.
            file: The user's settings file.
            secrets: The keychain.
            settings: Those that hold now.
            reload: Has the app take changed settings over.
            clock: What time it is.
        """
        self._kept = MembershipFile(paths.team_file)
        self._file = file
        self._key = DeviceKey(secrets)
        self._settings = settings
        self._reload = reload
        self._clock = clock

    async def facts(self) -> TeamFacts | None:
        """The team this computer is in; None for none.

        Raises:
            ConfigurationError: What is kept of it cannot be read.
        """
        kept = await asyncio.to_thread(self._kept.load)
        return None if kept is None else _facts(kept)

    async def join(self, code_text: str) -> TeamFacts:
        """Join the team of a code; the same code may be tried again if it fails.

        Raises:
            UsageError: It is no code, or this computer is in a team already.
            PolicyError: Administrators do not want this relay joined.
            RelayRefused: The relay does not accept the code.
            RelayUnavailable: The relay gave no answer.
            SecretError: The keychain does not take the key.
            ConfigurationError: The settings cannot be changed.
        """
        code = EnrolmentCode.read(code_text)
        self._check_policy(code)
        known = await asyncio.to_thread(self._kept.load)
        if known is not None:
            raise UsageError(
                tr(
                    "This computer is in the team “{team}” already",
                    team=known.grant.team,
                ),
                tr("Leave it first: screenpop team leave."),
            )
        key = await self._key.get_or_make()
        async with open_enrolment(code.relay_url, self._clock) as client:
            granted = await client.join(code.token, key, socket.gethostname())
        grant = granted.grant
        self._check_accounts(grant)
        await self._key.keep_team_key(grant.team_key)
        added = await asyncio.to_thread(self._take_accounts, grant)
        membership = Membership(relay_url=code.relay_url, grant=grant, added=added)
        await asyncio.to_thread(self._kept.save, membership)
        self._reload()
        return _facts(membership)

    async def leave(self) -> str:
        """Leave the team: nothing of it stays on this computer but the call log.

        The relay is told, so that it forgets this computer, if it can be reached.

        Returns:
            What could not be tidied up; "" when all went well.

        Raises:
            PolicyError: Administrators want this computer to stay.
            UsageError: This computer is in no team.
            ConfigurationError: The settings cannot be changed.
        """
        await asyncio.to_thread(self._file.refuse_locked, MEMBERSHIP)
        relayed = [each for each in self._settings().accounts if each.via == "relay"]
        try:
            known = await asyncio.to_thread(self._kept.load)
        finally:
            # Even if it cannot be read: then this is what mends it.
            await asyncio.to_thread(self._kept.remove)
        if known is None and not relayed:
            raise UsageError(tr("This computer is in no team"))
        added = known.added if known else ()
        await asyncio.to_thread(self._drop_accounts, relayed, added)
        self._reload()
        # Only now: a running app would take it for being removed.
        untold = await self._tell_relay(known) if known else ""
        try:
            await self._key.forget()
        except SecretError as error:
            return tr("The key stays in the keychain: {reason}", reason=error.title)
        return untold

    async def _tell_relay(self, known: Membership) -> str:
        """Say good-bye; what there is to tell when nobody heard it."""
        device_id = known.grant.device_id
        try:
            key = await self._key.get()
            async with (
                asyncio.timeout(FAREWELL_SECONDS),
                open_enrolment(known.relay_url, self._clock) as client,
            ):
                await client.leave(device_id, key, socket.gethostname())
        except RelayRefused:
            _log.info("the relay had removed this computer before")
        except (ScreenpopError, TimeoutError) as error:
            reason = (
                error.title
                if isinstance(error, ScreenpopError)
                else tr("no answer in time")
            )
            return tr(
                "The relay was not told: {reason}. Have whoever runs it remove "
                "“{computer}”",
                reason=reason,
                computer=device_id,
            )
        return ""

    def _check_policy(self, code: EnrolmentCode) -> None:
        allowed = self._settings().policy.relays
        host = urlsplit(code.relay_url).hostname or ""
        if allowed and host not in allowed:
            raise PolicyError(
                tr("The relay at {host} is not one that may be joined", host=host)
            )

    def _check_accounts(self, grant: DeviceGrant) -> None:
        for each in grant.accounts:
            own = self._settings().account(each.account_id)
            if own is not None and own.vendor != each.vendor:
                raise UsageError(
                    tr(
                        "The team has an account “{account}” of another phone system "
                        "than yours",
                        account=each.account_id,
                    ),
                    tr("Remove your own account of that name and try the code again."),
                )

    def _take_accounts(self, grant: DeviceGrant) -> tuple[str, ...]:
        """Write the team's accounts into the settings; which were not there before."""
        added = []
        for each in grant.accounts:
            own = self._settings().account(each.account_id)
            if own is None:
                self._file.add_account(_settings_of(each))
                added.append(each.account_id)
                continue
            self._file.set_account_value(own.id, "via", "relay")
            if each.extension:
                self._file.set_account_value(own.id, "extension", each.extension)
        return tuple(added)

    def _drop_accounts(
        self, relayed: list[AccountSettings], added: tuple[str, ...]
    ) -> None:
        for each in relayed:
            if each.id in added:
                self._file.remove_account(each.id)
            else:
                self._file.set_account_value(each.id, "via", None)


def _settings_of(granted: GrantedAccount) -> AccountSettings:
    return AccountSettings(
        id=granted.account_id,
        vendor=granted.vendor,
        extension=granted.extension,
        region=granted.region,
        label=granted.label,
        via="relay",
        options=granted.options,
    )


def _facts(kept: Membership) -> TeamFacts:
    grant = kept.grant
    return TeamFacts(
        grant.team,
        grant.agent,
        kept.relay_url,
        grant.device_id,
        tuple(each.account_id for each in grant.accounts),
    )
