"""Accounts, contacts and settings without a phone system; they note what was done."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.contacts import Contact, ContactDraft, ContactNumber
from screenpop.domain.errors import PolicyError
from screenpop.domain.events import CallerId
from screenpop.lookup.contact_files import inspect_file
from screenpop.providers.abilities import (
    HistoryChoice,
    HistoryFilter,
    NamedThing,
    SetupStep,
)
from screenpop.providers.manifest import AccountField, ProviderManifest
from screenpop.providers.protocol import (
    DialResource,
    HistoryPage,
    HistoryQuery,
    Identity,
    LineHolder,
    OwnedNumber,
    ProviderContext,
    Subscription,
    SubscriptionChange,
    SubscriptionOutcome,
    TelephonyProvider,
)
from screenpop.services.account_history import NOTHING_CHOSEN, HistoryForm
from screenpop.services.accounts import AccountDraft, AccountTrial
from screenpop.services.contact_book import ContactHit, ImportReport
from screenpop.services.events import AccountState, SourceState
from screenpop.services.hotkeys import HotkeyAction, HotkeyFate
from screenpop.services.operations import Offer, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from screenpop.domain.privacy import Secret
    from screenpop.lookup.contact_files import FileContents
    from screenpop.lookup.csv_columns import ColumnGuess

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def _never(_context: ProviderContext) -> TelephonyProvider:
    raise AssertionError("no provider is made in these tests")


MANIFEST = ProviderManifest(
    key="example",
    name="Example Phone",
    default_base_url="https://api.example.com",
    docs_path="",
    create=_never,
    fields=(
        AccountField(
            key="api_key",
            label="API key",
            kind="secret",
            is_required=True,
            help="From the dashboard of your phone system.",
        ),
        AccountField(key="extension", label="Your extension"),
        AccountField(key="site", label="Site number", kind="number"),
        AccountField(
            key="dial_first",
            label="When you dial, ring first",
            kind="choice",
            choices=("extension", "contact"),
            default="extension",
        ),
        AccountField(key="outbound_number", label="Number to show"),
        AccountField(
            key="base_url",
            label="Address",
            kind="url",
            default="https://api.example.com",
            help="Only for another region, a white label or the simulator.",
        ),
    ),
)
OTHER = ProviderManifest(
    key="other",
    name="Other Cloud",
    default_base_url="https://api.example.org",
    docs_path="",
    create=_never,
    fields=(AccountField(key="user", label="User", is_required=True),),
)
DANA = LineHolder(
    user_id="u1",
    name="Dana Field",
    extension="101",
    caller_id=OwnedNumber("+12025550100", "Main"),
    caller_ids=(OwnedNumber("+12025550100", "Main"), OwnedNumber("+12025550111", "")),
)
EVE = LineHolder(user_id="u2", name="Eve Park", extension="102")
EMPLOYEE = NamedThing(
    "e1",
    "Dana Field",
    (
        ("number", "+12025550100"),
        ("avatar", "https://media.example.com/e1.png"),
        ("page", "javascript:alert(1)"),
    ),
)
URL = "https://pop.example.com/hooks/acme/secret-token"


def state(
    which: SourceState = SourceState.LIVE, headline: str = "Calls arrive at once"
) -> AccountState:
    """The account of these tests in a state."""
    return AccountState(
        account_id="acme",
        label="Acme",
        state=which,
        headline=headline,
        last_event_at=NOW - timedelta(minutes=9),
    )


class PhoneAccounts:
    """One account; `added` and the like keep what was asked."""

    def __init__(self, *states: AccountState) -> None:
        self.known = list(states)
        self.manifests: tuple[ProviderManifest, ...] = (MANIFEST,)
        self.tried: list[AccountDraft] = []
        self.added: list[AccountDraft] = []
        self.removed: list[str] = []
        self.secrets: list[tuple[str, str, Secret]] = []
        self.options: dict[str, str] = {"extension": "101"}
        self.people: tuple[LineHolder, ...] = (DANA, EVE)
        self.error: Exception | None = None

    def vendors(self) -> tuple[ProviderManifest, ...]:
        return self.manifests

    def states(self) -> tuple[AccountState, ...]:
        return tuple(self.known)

    async def try_out(self, draft: AccountDraft) -> AccountTrial:
        await asyncio.sleep(0)
        self.tried.append(draft)
        if self.error is not None:
            raise self.error
        return AccountTrial(Identity("Acme Ltd", "dana@example.com"), self.people)

    async def add(self, draft: AccountDraft) -> AccountState:
        self.added.append(draft)
        made = replace(
            state(), account_id=draft.account_id, label=draft.fields["label"]
        )
        self.known.append(made)
        return made

    async def remove(self, account_id: str) -> str:
        await asyncio.sleep(0)
        self.removed.append(account_id)
        self.known = [one for one in self.known if one.account_id != account_id]
        return ""

    async def check(self, account_id: str) -> Identity:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return Identity("Acme Ltd", clock_skew_seconds=95.0)

    async def set_secret(self, account_id: str, name: str, secret: Secret) -> None:
        self.secrets.append((account_id, name, secret))

    async def set_extension(self, account_id: str, extension: str) -> None:
        self.options["extension"] = extension

    async def set_option(self, account_id: str, key: str, value: str) -> None:
        self.options[key] = value

    def hook_url(self, account_id: str) -> str:
        return URL


class VendorTools:
    """What the vendor keeps for the account."""

    def __init__(self) -> None:
        self.registered = {
            one.subscription_id: one
            for one in (
                Subscription(
                    subscription_id="s1", callback_url=URL, event_type="CALL_RINGING"
                ),
                Subscription(
                    subscription_id="s2",
                    callback_url=URL,
                    event_type="CALL_ENDED",
                    is_enabled=False,
                    failed_count=12,
                    last_error="Connection refused",
                ),
                Subscription(
                    subscription_id="s3",
                    callback_url="https://crm.example.org/in/abc",
                    event_type="CALL_RINGING",
                ),
            )
        }
        self.resources = {
            "d1": DialResource(
                resource_id="d1",
                name="screenpop 101",
                extension="101",
                caller_id="+12025550100",
            )
        }
        self.asked: list[HistoryQuery] = []
        self.narrowed: list[tuple[HistoryFilter, dict[str, str]]] = []
        self.missing: frozenset[str] = frozenset({"voicemail", "flow_calls"})
        self.relayed: frozenset[str] = frozenset()
        self.steps: tuple[SetupStep, ...] = (
            SetupStep("In the portal, Numbers, Webhooks, for each number", URL),
            SetupStep("Its method is POST"),
        )
        self.error: Exception | None = None

    def operations(self, account_id: str) -> tuple[Operation, ...]:
        known = (
            ("webhook", "Calls as they ring, by webhooks"),
            ("webhook_subscription", "Webhooks set up by screenpop itself"),
            ("click_to_dial", "Calling with one click"),
            ("dial_resources", "Click-to-dial set-ups kept there"),
            ("flow_calls", "Calls in which a flow speaks"),
            ("call_history", "Call history"),
            ("voicemail", "Voicemail"),
            ("catalogues", "Further lists"),
        )
        return tuple(
            Operation(
                key=key,
                text=text,
                offer=self._offer(key),
                note="groups, employees" if key == "catalogues" else "",
            )
            for key, text in known
        )

    def _offer(self, key: str) -> Offer:
        if key in self.relayed:
            return Offer.RELAYED
        return Offer.MISSING if key in self.missing else Offer.WORKS

    def live_setup(self, account_id: str) -> tuple[SetupStep, ...]:
        return self.steps

    def catalogue_names(self, account_id: str) -> tuple[str, ...]:
        return ("employees", "groups")

    def catalogue_choices(
        self, account_id: str, name: str
    ) -> tuple[HistoryChoice, ...]:
        if name != "groups":
            return ()
        return (HistoryChoice(key="employee", label="Employee"),)

    async def catalogue(
        self, account_id: str, name: str, chosen: Mapping[str, str] = NOTHING_CHOSEN
    ) -> tuple[NamedThing, ...]:
        await asyncio.sleep(0)
        if chosen:
            return (NamedThing("g2", f"Of {chosen['employee']}"),)
        if name == "groups":
            return (NamedThing("g1", "Sales", (("members", "3"),)),)
        return (EMPLOYEE, NamedThing("e2", "Eve Park", (("number", "+12025550111"),)))

    async def catalogue_item(
        self, account_id: str, name: str, thing_id: str
    ) -> NamedThing:
        things = await self.catalogue(account_id, name)
        return next(one for one in things if one.thing_id == thing_id)

    def history_form(self, account_id: str) -> HistoryForm:
        return HistoryForm(
            has_filters=True,
            choices=(
                HistoryChoice(key="flag", label="Flagged", choices=(("1", "yes"),)),
                HistoryChoice(key="menu", label="Menu (its id)"),
            ),
            can_count=True,
            can_export=True,
        )

    async def count_calls(
        self,
        account_id: str,
        query: HistoryQuery,
        only: HistoryFilter,
        chosen: Mapping[str, str],
    ) -> int:
        await asyncio.sleep(0)
        self.narrowed.append((only, dict(chosen)))
        return 17

    async def users(self, account_id: str) -> tuple[LineHolder, ...]:
        await asyncio.sleep(0)
        return (DANA, EVE)

    async def subscriptions(self, account_id: str) -> tuple[Subscription, ...]:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return tuple(self.registered.values())

    def most_subscriptions(self, account_id: str) -> int | None:
        return 20

    async def ensure_subscriptions(
        self, account_id: str
    ) -> tuple[SubscriptionOutcome, ...]:
        await self.set_subscription_enabled(account_id, "s2", True)
        return (
            SubscriptionOutcome("CALL_RINGING", SubscriptionChange.KEPT),
            SubscriptionOutcome("CALL_ENDED", SubscriptionChange.ENABLED),
        )

    async def set_subscription_enabled(
        self, account_id: str, subscription_id: str, enabled: bool
    ) -> None:
        known = self.registered[subscription_id]
        self.registered[subscription_id] = replace(known, is_enabled=enabled)

    async def delete_subscription(self, account_id: str, subscription_id: str) -> None:
        del self.registered[subscription_id]

    async def dial_resources(self, account_id: str) -> tuple[DialResource, ...]:
        return tuple(self.resources.values())

    async def delete_dial_resource(self, account_id: str, resource_id: str) -> None:
        del self.resources[resource_id]

    async def history(
        self,
        account_id: str,
        query: HistoryQuery,
        only: HistoryFilter,
        chosen: Mapping[str, str],
    ) -> HistoryPage:
        await asyncio.sleep(0)
        self.asked.append(query)
        self.narrowed.append((only, dict(chosen)))
        records = tuple(
            CallDetailRecord(
                record_id=f"r{number}",
                started_at=NOW - timedelta(hours=number + 10 * query.page),
                caller=CallerId("+12025550142", "Ana Rossi"),
                callee=CallerId("101", "Dana"),
                outcome=(CallOutcome.ANSWERED if number < 5 else CallOutcome.NO_ANSWER),
                duration_seconds=61 + number,
            )
            for number in range(6)
        )
        ids = tuple(record.record_id for record in records)
        return HistoryPage(records, ids, query.page, has_next=query.page < 1)

    async def export_history(
        self, account_id: str, query: HistoryQuery, path: Path
    ) -> int:
        return await asyncio.to_thread(path.write_bytes, b"a,b\n")


class KeptSettings:
    """Settings in memory; a locked one refuses."""

    def __init__(self) -> None:
        self.values = {"theme": "light", "region": "IT", "card.pop_outbound": "true"}
        self.locks: dict[str, str] = {}

    def lock(self, key: str) -> str:
        return self.locks.get(key, "")

    def get(self, key: str) -> str:
        return self.values.get(key, "")

    async def set(self, key: str, value: str) -> None:
        await asyncio.sleep(0)
        if key == "autostart":
            raise PolicyError("Starting at login is locked")
        self.values[key] = value


class People:
    """A contact book of made-up people."""

    def __init__(self) -> None:
        self.hits = [
            _hit("1", "Ana Rossi", "Example Bakery", "+1 202 555 0142"),
            _hit("2", "Bo Lind", "", "+1 202 555 0117"),
            _hit("3", "", "Example Travel", "+44 20 7946 0018", can_edit=False),
        ]
        self.created: list[tuple[ContactDraft, str]] = []
        self.updated: list[tuple[Contact, ContactDraft]] = []
        self.deleted: list[Contact] = []
        self.forgotten: list[str] = []
        self.sources: tuple[tuple[str, str], ...] = (("local", "This computer"),)
        self.gate = asyncio.Event()
        self.gate.set()
        self.was_stopped = False

    async def search(self, text: str, limit: int = 50) -> tuple[ContactHit, ...]:
        await asyncio.sleep(0)
        wanted = text.strip().casefold()
        return tuple(
            hit
            for hit in self.hits
            if wanted in f"{hit.contact.name} {hit.contact.company}".casefold()
        )

    async def create(self, draft: ContactDraft, source: str) -> Contact:
        await asyncio.sleep(0)
        self.created.append((draft, source))
        return Contact(source=source, source_id="new", name=draft.first_name)

    async def update(self, contact: Contact, draft: ContactDraft) -> Contact:
        self.updated.append((contact, draft))
        return contact

    async def delete(self, contact: Contact) -> None:
        self.deleted.append(contact)

    def writable_sources(self) -> tuple[tuple[str, str], ...]:
        return self.sources

    async def inspect_file(self, path: Path) -> FileContents:
        return await asyncio.to_thread(inspect_file, path, "GB")

    async def import_file(
        self, path: Path, guess: ColumnGuess | None, on_progress: Callable[[int], None]
    ) -> ImportReport:
        on_progress(1)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.was_stopped = True
            raise
        return ImportReport(imported=2, skipped=1, problems=("Line 3 has no number.",))

    async def forget(self, number: str) -> int:
        self.forgotten.append(number)
        return 4


def _hit(
    number: str, name: str, company: str, phone: str, *, can_edit: bool = True
) -> ContactHit:
    contact = Contact(
        source="local" if can_edit else "acme",
        source_id=number,
        name=name,
        company=company,
        numbers=(ContactNumber(phone),),
    )
    label = "This computer" if can_edit else "Acme"
    return ContactHit(contact, label, can_edit)


class HeldKeys:
    """Hotkeys as the settings say; another program has those of ``taken``."""

    def __init__(self, settings: KeptSettings, *taken: str) -> None:
        self._settings = settings
        self._taken = taken
        self.is_paused = False

    def keys(self, action: HotkeyAction) -> str:
        return self._settings.get(f"hotkeys.{action.value}")

    def fate(self, action: HotkeyAction) -> HotkeyFate:
        keys = self.keys(action)
        if not keys:
            return HotkeyFate.OFF
        return HotkeyFate.TAKEN if keys in self._taken else HotkeyFate.HELD

    def pause(self) -> None:
        self.is_paused = True

    async def apply(self) -> None:
        await asyncio.sleep(0)
        self.is_paused = False
