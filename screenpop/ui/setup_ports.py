"""What the settings' windows ask of the services: accounts, their tools, sources.

As in ``ui.ports``, nothing in here knows Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from screenpop.config.card_settings import LineSettings
    from screenpop.domain.calls import Call, CallRef
    from screenpop.domain.contacts import Mark
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.domain.privacy import Secret
    from screenpop.domain.record_opening import OpenPlan
    from screenpop.lookup.manifest import SourceManifest
    from screenpop.providers.abilities import (
        HistoryChoice,
        HistoryFilter,
        NamedThing,
        SetupStep,
    )
    from screenpop.providers.manifest import ProviderManifest
    from screenpop.providers.protocol import (
        DialResource,
        HistoryPage,
        HistoryQuery,
        Identity,
        LineHolder,
        Subscription,
        SubscriptionOutcome,
    )
    from screenpop.services.account_history import HistoryForm
    from screenpop.services.accounts import AccountDraft, AccountTrial
    from screenpop.services.events import AccountState, DialProgress
    from screenpop.services.hotkeys import HotkeyAction, HotkeyFate
    from screenpop.services.operations import Operation
    from screenpop.services.source_overview import SourceStanding
    from screenpop.services.source_setup import SourceDraft
    from screenpop.services.source_sync import SyncReport
    from screenpop.services.team.joining import TeamFacts
    from screenpop.services.updates.desk import UpdateView
    from screenpop.store.number_marks import MarkedNumber
    from screenpop.ui.ports import OpenUrl


class AccountsPort(Protocol):
    """The accounts: added, tested, mended and removed."""

    def vendors(self) -> tuple[ProviderManifest, ...]:
        """The phone systems there are."""
        ...

    def states(self) -> tuple[AccountState, ...]:
        """How each account is doing."""
        ...

    async def try_out(self, draft: AccountDraft) -> AccountTrial:
        """Talk to the vendor without saving anything."""
        ...

    async def add(self, draft: AccountDraft) -> AccountState:
        """Save and start an account."""
        ...

    async def remove(self, account_id: str) -> str:
        """Delete an account, its keys and its subscriptions; what was left over."""
        ...

    async def check(self, account_id: str) -> Identity:
        """Ask the vendor who we are."""
        ...

    async def set_secret(self, account_id: str, name: str, secret: Secret) -> None:
        """Replace a key in the keychain."""
        ...

    async def set_extension(self, account_id: str, extension: str) -> None:
        """Choose whose calls pop here."""
        ...

    async def set_option(self, account_id: str, key: str, value: str) -> None:
        """Change one of the account's settings."""
        ...

    def hook_url(self, account_id: str) -> str:
        """The address the vendor calls."""
        ...


class AccountToolsPort(Protocol):
    """What can be done with an account at its vendor."""

    async def users(self, account_id: str) -> tuple[LineHolder, ...]:
        """The users of the phone system."""
        ...

    async def subscriptions(self, account_id: str) -> tuple[Subscription, ...]:
        """The vendor's webhook registrations."""
        ...

    def most_subscriptions(self, account_id: str) -> int | None:
        """How many the vendor takes, all computers together; None when not told."""
        ...

    async def ensure_subscriptions(
        self, account_id: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Have exactly one enabled registration per event type."""
        ...

    async def set_subscription_enabled(
        self, account_id: str, subscription_id: str, enabled: bool
    ) -> None:
        """Switch a registration on or off."""
        ...

    async def delete_subscription(self, account_id: str, subscription_id: str) -> None:
        """Remove a registration."""
        ...

    async def dial_resources(self, account_id: str) -> tuple[DialResource, ...]:
        """The click-to-dial set-ups kept at the vendor."""
        ...

    async def delete_dial_resource(self, account_id: str, resource_id: str) -> None:
        """Remove a click-to-dial set-up."""
        ...

    def history_form(self, account_id: str) -> HistoryForm:
        """How the call history can be narrowed at the vendor."""
        ...

    async def history(
        self,
        account_id: str,
        query: HistoryQuery,
        only: HistoryFilter,
        chosen: Mapping[str, str],
    ) -> HistoryPage:
        """One page of the vendor's own call history."""
        ...

    async def count_calls(
        self,
        account_id: str,
        query: HistoryQuery,
        only: HistoryFilter,
        chosen: Mapping[str, str],
    ) -> int:
        """How many calls fit, counted by the vendor."""
        ...

    def operations(self, account_id: str) -> tuple[Operation, ...]:
        """Everything a phone system could do, and whether this one does."""
        ...

    def live_setup(self, account_id: str) -> tuple[SetupStep, ...]:
        """What somebody must enter at the vendor by hand; empty for nothing."""
        ...

    def catalogue_names(self, account_id: str) -> tuple[str, ...]:
        """Which further lists the vendor has."""
        ...

    def catalogue_choices(
        self, account_id: str, name: str
    ) -> tuple[HistoryChoice, ...]:
        """What one of the vendor's lists can be narrowed by; empty for nothing."""
        ...

    async def catalogue(
        self, account_id: str, name: str, chosen: Mapping[str, str] = ...
    ) -> tuple[NamedThing, ...]:
        """Everything in one of them."""
        ...

    async def catalogue_item(
        self, account_id: str, name: str, thing_id: str
    ) -> NamedThing:
        """One thing of a list, with all that is told of it."""
        ...

    async def export_history(
        self, account_id: str, query: HistoryQuery, path: Path
    ) -> int:
        """Write the vendor's CSV to a file; its size in bytes."""
        ...


class MarksPort(Protocol):
    """Spam and private numbers."""

    async def all(self) -> tuple[MarkedNumber, ...]:
        """Every marked number, the latest first."""
        ...

    async def mark(self, number: PhoneNumber, mark: Mark) -> None:
        """Mark a number; an earlier mark is replaced."""
        ...

    async def clear(self, number: PhoneNumber) -> bool:
        """Take the mark of a number away; whether it had one."""
        ...


class LinesPort(Protocol):
    """Lines of ours that are shown or heard in a way of their own."""

    def lines(self) -> tuple[LineSettings, ...]:
        """Those that are set, in the order in which they count."""
        ...

    def lock(self, key: str) -> str:
        """Who locked a setting ("lines"); "" when the user may change it."""
        ...

    async def change_line(
        self, before: LineSettings | None, after: LineSettings | None
    ) -> None:
        """Add a line (no ``before``), change one, or take it out (no ``after``).

        Raises:
            ScreenpopError: It cannot be like this, or cannot be saved.
        """
        ...


class FirstCallPort(Protocol):
    """An account that is tried with a call."""

    @property
    def can_dial(self) -> bool:
        """Whether it can start calls."""
        ...

    def state(self) -> AccountState | None:
        """How it is doing."""
        ...

    def watch(
        self,
        arrived: Callable[[Call], None],
        progressed: Callable[[DialProgress], None],
        changed: Callable[[AccountState], None],
    ) -> Callable[[], None]:
        """Have these told of calls, dials and states; returns the undo."""
        ...

    async def dial(self, text: str) -> DialProgress:
        """Call a number of the user's own."""
        ...


class HotkeysPort(Protocol):
    """Keys that work from every program."""

    def keys(self, action: HotkeyAction) -> str:
        """The key that is set; "" for none."""
        ...

    def fate(self, action: HotkeyAction) -> HotkeyFate:
        """What became of it."""
        ...

    def pause(self) -> None:
        """Let go of all for a moment."""
        ...

    async def apply(self) -> None:
        """Hold what is set."""
        ...


class OpenerPort(Protocol):
    """What calls open by themselves, tried with past ones."""

    async def rehearse(self, ref: CallRef) -> OpenPlan:
        """What a call of the log would open; nothing is opened."""
        ...

    async def repeat(self, ref: CallRef) -> OpenPlan:
        """Open it, as a test."""
        ...


class SourcesPort(Protocol):
    """Contact sources: added, tested, mended and removed."""

    def kinds(self) -> tuple[SourceManifest, ...]:
        """Every kind of source that can be added."""
        ...

    async def standings(self) -> tuple[SourceStanding, ...]:
        """How each source stands."""
        ...

    async def sign_in(self, draft: SourceDraft, open_url: OpenUrl) -> Secret:
        """Have the user sign in in the browser; what the source gave for it."""
        ...

    async def sign_in_again(self, source_id: str, open_url: OpenUrl) -> None:
        """The same for a source that is kept already."""
        ...

    async def try_out(self, draft: SourceDraft) -> str:
        """Talk to a source without saving anything; what it says of itself."""
        ...

    async def offers(self, draft: SourceDraft) -> Mapping[str, tuple[str, ...]]:
        """What can be chosen of a source that is not saved yet, by its setting."""
        ...

    async def add(self, draft: SourceDraft) -> None:
        """Save a source and begin to use it."""
        ...

    async def remove(self, source_id: str) -> None:
        """Remove a source, its keys and the copy of its contacts."""
        ...

    async def check(self, source_id: str) -> str:
        """Ask a source who we are; what it says of itself."""
        ...

    async def sync(self, source_id: str) -> SyncReport:
        """Bring the copy of a source up to date."""
        ...

    async def set_secret(self, source_id: str, name: str, secret: Secret) -> None:
        """Replace a key in the keychain."""
        ...

    async def change(self, source_id: str, values: Mapping[str, str]) -> None:
        """Change settings of a source; "" for a default."""
        ...

    async def set_enabled(self, source_id: str, *, is_enabled: bool) -> None:
        """Ask it from now on, or do not."""
        ...


class TeamPort(Protocol):
    """This computer's place in a team."""

    async def facts(self) -> TeamFacts | None:
        """The team it is in; None for none."""
        ...

    async def join(self, code_text: str) -> TeamFacts:
        """Join the team that a code is from."""
        ...

    async def leave(self) -> str:
        """Leave it; what could not be tidied up."""
        ...


class UpdatesPort(Protocol):
    """New versions of the program."""

    async def standing(self) -> UpdateView:
        """How updates stand."""
        ...

    async def look(self) -> UpdateView:
        """Look for one now, and have it ready when there is one."""
        ...

    async def install(self) -> None:
        """Put in place what is ready, as soon as nobody is on the phone."""
        ...
