"""The doctor on each account: key, clock, extension, webhooks, click-to-dial."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from screenpop.domain.errors import (
    NotOffered,
    ProviderThrottled,
    ScreenpopError,
    SecretError,
)
from screenpop.domain.plain_text import plain
from screenpop.providers.abilities import SupportsEventStream, SupportsPollingOnly
from screenpop.providers.protocol import (
    SupportsDialResources,
    SupportsUsers,
    SupportsWebhook,
    SupportsWebhookSubscription,
)
from screenpop.services.connections import HOOK_TOKEN
from screenpop.services.findings import Finding, Level, fail, ok, warn

if TYPE_CHECKING:
    from screenpop.providers.protocol import (
        LineHolder,
        Subscription,
        TelephonyProvider,
    )
    from screenpop.services.connections import Connection
    from screenpop.services.findings import Surroundings

T = TypeVar("T")

LARGEST_SKEW_SECONDS: Final = 30.0
_LONGEST_QUOTE: Final = 120
_GOOD_STATES: Final = ("live", "waiting", "starting", "polling")


async def check_account(home: Surroundings, connection: Connection) -> list[Finding]:
    """Everything about one account; when the key does not work, only that."""
    area = f"account {connection.account_id}"
    if connection.provider is None:
        title = connection.problem or "Its phone system is not known"
        return [fail(area, title, "Mend its vendor in the settings.")]
    examination = _Examination(home, connection, connection.provider, area)
    if connection.is_relayed:
        # Its key, its webhooks and its clock are the relay's to look after.
        return await examination.app_state()
    found = await examination.identity()
    if any(each.level is Level.FAIL for each in found):
        return found
    for step in (
        examination.app_state,
        examination.extension,
        examination.webhooks,
        examination.dial_setups,
    ):
        found += await step()
    return found


def trouble(area: str, what: str, error: ScreenpopError) -> Finding:
    """What a vendor's refusal or silence means, and what to do about it."""
    title = f"{what}: {error.title}"
    if isinstance(error, ProviderThrottled):
        wait = error.retry_after_seconds
        if wait is None:
            title += ", and does not say for how long"
            advice = "Wait some minutes and run the doctor again."
        else:
            title += f" for {wait:.0f} s"
            advice = "Run the doctor again after that."
        return warn(area, title, advice)
    return fail(area, title, error.advice)


class _Examination:
    """One account being looked at."""

    def __init__(
        self,
        home: Surroundings,
        connection: Connection,
        provider: TelephonyProvider,
        area: str,
    ) -> None:
        self._home = home
        self._connection = connection
        self._provider = provider
        self._area = area
        self._users: tuple[LineHolder, ...] | None = None

    async def identity(self) -> list[Finding]:
        """Whether the keys are there, the vendor takes them, and the clocks agree."""
        try:
            await self._read_secrets()
        except SecretError as error:
            return [fail(self._area, error.title, error.advice)]
        try:
            identity = await self._patiently(self._provider.check)
        except ScreenpopError as error:
            found = trouble(self._area, "The key was not confirmed", error)
            # Whatever else is asked would only be refused as well.
            return [fail(found.area, found.title, found.advice)]
        found = ok(
            self._area, f"The key is accepted: {plain(identity.name, _LONGEST_QUOTE)}"
        )
        skew = identity.clock_skew_seconds
        if skew is None or abs(skew) <= LARGEST_SKEW_SECONDS:
            return [found]
        way = "ahead of" if skew > 0 else "behind"
        title = f"This computer's clock is {abs(skew):.0f} s {way} the phone system's"
        return [found, warn(self._area, title, "Have it set from the network.")]

    async def _read_secrets(self) -> None:
        connection, secrets = self._connection, self._home.secrets
        manifest = connection.manifest
        required = [
            field.key
            for field in (manifest.fields if manifest else ())
            if field.kind == "secret" and field.is_required
        ]
        for name in required:
            await secrets.get(connection.account_id, name)

    async def app_state(self) -> list[Finding]:
        """What the running app says of the account."""
        states = {each["id"]: each for each in self._home.app.get("accounts", ())}
        state = states.get(self._connection.account_id)
        if state is None:
            return []
        headline = f"The app says: {state['headline']}"
        if state["state"] in _GOOD_STATES:
            return [ok(self._area, headline)]
        return [warn(self._area, headline, state["advice"] or "See its notices.")]

    async def extension(self) -> list[Finding]:
        """Whether somebody has the extension whose calls shall pop."""
        wanted = self._connection.settings.extension
        directory = self._connection.able(SupportsUsers)
        if not wanted:
            return [ok(self._area, "Everyone's calls pop here")]
        if directory is None:
            return []
        try:
            self._users = await self._patiently(directory.list_users)
        except ScreenpopError as error:
            return [trouble(self._area, "The users cannot be listed", error)]
        known = [user.extension for user in self._users]
        if wanted in known:
            return [ok(self._area, f"Calls of extension {wanted} pop here")]
        return [
            fail(
                self._area,
                f"Nobody has the extension {wanted[:20]}, so no call pops",
                f"Set extension to one of: {', '.join(known[:30])}.",
            )
        ]

    # --- webhooks ---------------------------------------------------------------------

    async def webhooks(self) -> list[Finding]:
        """Whether calls reach us while they ring."""
        connection = self._connection
        if connection.able(SupportsWebhook) is None:
            return []
        if connection.able(SupportsEventStream) is not None:
            return [ok(self._area, "Calls come over a connection that screenpop opens")]
        polling = connection.able(SupportsPollingOnly)
        if polling is not None:
            title = "Calls are seen only after they end: the account is set to polling"
            return [warn(self._area, title, polling.way_to_live_calls)]
        try:
            connection.hook_token = await self._home.secrets.get(
                connection.account_id, HOOK_TOKEN
            )
        except SecretError as error:
            return [
                warn(
                    self._area,
                    "The secret of its callback URL cannot be read",
                    f"{error.title}. screenpop makes one when it starts.",
                )
            ]
        url = self._home.callback_url(connection)
        if not url:
            return [
                warn(
                    self._area,
                    "Calls are seen only after they end: the phone system cannot reach "
                    "this computer",
                    "Set listener.public_url in the settings to an address that leads "
                    "here.",
                )
            ]
        registrar = connection.able(SupportsWebhookSubscription)
        if registrar is None:
            return [ok(self._area, "Its callback URL is entered at the vendor by hand")]
        try:
            listed = await self._patiently(registrar.list_subscriptions)
        except ScreenpopError as error:
            return [trouble(self._area, "The webhooks cannot be listed", error)]
        return self._judged(registrar.event_types, listed, url)

    def _judged(
        self,
        event_types: Sequence[str],
        listed: Sequence[Subscription],
        url: str,
    ) -> list[Finding]:
        ours = [each for each in listed if each.callback_url == url]
        mend = f"`screenpop account subscriptions {self._connection.account_id} ensure`"
        found = [
            *self._missing(event_types, ours, mend),
            *(self._unwell(each, mend) for each in ours if _is_unwell(each)),
            *self._surplus(listed, ours, mend, url),
        ]
        if found:
            return found
        return [ok(self._area, f"All {len(ours)} webhooks are registered and enabled")]

    def _missing(
        self, event_types: Sequence[str], ours: Sequence[Subscription], mend: str
    ) -> list[Finding]:
        registered = {each.event_type for each in ours}
        missing = [each for each in event_types if each not in registered]
        if not missing:
            return []
        title = f"Not registered for {', '.join(missing)}"
        if not self._home.app and not ours:
            return [
                warn(self._area, title, f"screenpop does when it starts, or {mend}.")
            ]
        return [fail(self._area, title, f"Run {mend}.")]

    def _unwell(self, subscription: Subscription, mend: str) -> Finding:
        said = plain(subscription.last_error, _LONGEST_QUOTE)
        reason = f": {said}" if said else ""
        if not subscription.is_enabled:
            title = f"The vendor disabled {subscription.event_type}{reason}"
            return fail(self._area, title, f"Mend the way to here, then run {mend}.")
        count = subscription.failed_count
        return warn(
            self._area,
            f"{count} deliveries of {subscription.event_type} failed{reason}",
            "See that screenpop runs and its public address leads here.",
        )

    def _surplus(
        self,
        listed: Sequence[Subscription],
        ours: Sequence[Subscription],
        mend: str,
        url: str,
    ) -> list[Finding]:
        found = []
        doubles = len(ours) - len({each.event_type for each in ours})
        if doubles:
            title = f"{doubles} webhooks are registered more than once"
            found.append(warn(self._area, title, f"Run {mend}."))
        base = url.rpartition("/")[0] + "/"
        old = [
            each
            for each in listed
            if each.callback_url.startswith(base) and each.callback_url != url
        ]
        if old:
            advice = (
                "Delete each with `screenpop account subscriptions "
                f"{self._connection.account_id} delete ID`."
            )
            title = f"{len(old)} webhooks go to an address of ours that is no longer so"
            found.append(warn(self._area, title, advice))
        return found

    # --- calling out ------------------------------------------------------------------

    async def dial_setups(self) -> list[Finding]:
        """Whether there is a click-to-dial set-up, or room for one."""
        keeper = self._connection.able(SupportsDialResources)
        if keeper is None:
            return []
        try:
            setups = await self._patiently(keeper.list_dial_resources)
        except NotOffered as error:
            return [warn(self._area, error.title, error.advice or "Dial by phone.")]
        except ScreenpopError as error:
            title = "The click-to-dial set-ups cannot be listed"
            return [trouble(self._area, title, error)]
        mine = self._connection.settings.extension
        if any(each.extension == mine for each in setups):
            return [ok(self._area, f"Click-to-dial is set up for extension {mine}")]
        if self._users is not None and len(setups) >= len(self._users):
            return [
                warn(
                    self._area,
                    f"There are {len(setups)} click-to-dial set-ups and none of yours: "
                    "there may be no room for another",
                    "Delete one that nobody needs: `screenpop account dial-setups "
                    f"{self._connection.account_id}`.",
                )
            ]
        return [ok(self._area, "Click-to-dial is set up with the first call")]

    async def _patiently(self, question: Callable[[], Awaitable[T]]) -> T:
        seconds = self._home.patience_seconds
        try:
            async with asyncio.timeout(seconds):
                return await question()
        except TimeoutError:
            raise ScreenpopError(
                f"No answer within {seconds:g} s",
                "Check the internet connection; the phone system may be out of order.",
            ) from None


def _is_unwell(subscription: Subscription) -> bool:
    return not subscription.is_enabled or subscription.failed_count > 0
