"""Adding an account, step by step, without any window."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from screenpop.domain.privacy import Secret
from screenpop.services.accounts import AccountDraft
from screenpop.ui.settings.form_check import first_problem
from screenpop.ui.settings.state_texts import caller_id_choices, user_choices
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.manifest import AccountField, ProviderManifest
    from screenpop.providers.protocol import LineHolder
    from screenpop.services.accounts import AccountTrial
    from screenpop.services.events import AccountState
    from screenpop.ui.setup_ports import AccountsPort

EXTENSION: Final = "extension"
CALLER_ID: Final = "outbound_number"

_ASKED_LATER: Final = (EXTENSION, CALLER_ID)
_LONGEST_ID: Final = 32


class WizardModel:
    """An account in the making: filled in, tried, then kept."""

    def __init__(self, accounts: AccountsPort) -> None:
        self._accounts = accounts
        self.vendors = accounts.vendors()
        self.vendor: ProviderManifest | None = None
        self.label = ""
        self.extension = ""
        self.caller_id = ""
        self.trial: AccountTrial | None = None
        self._values: dict[str, str] = {}
        self._secrets: dict[str, Secret] = {}
        if len(self.vendors) == 1:
            self.choose_vendor(self.vendors[0].key)

    def choose_vendor(self, key: str) -> None:
        """Whose phone system it is."""
        self.vendor = next(one for one in self.vendors if one.key == key)
        self.label = self.vendor.name
        self.trial = None

    @property
    def fields(self) -> tuple[AccountField, ...]:
        """What to ask before the trial; whose phone it is comes after it."""
        if self.vendor is None:
            return ()
        return tuple(one for one in self.vendor.fields if one.key not in _ASKED_LATER)

    def fill_in(
        self, label: str, values: dict[str, str], secrets: dict[str, str]
    ) -> str:
        """Take over the form; the first thing that is wrong with it, or "".

        What was tried with other values is forgotten.
        """
        self.label = label.strip()
        self._values = {
            key: value.strip() for key, value in values.items() if value.strip()
        }
        self._secrets = {
            key: Secret(value.strip())
            for key, value in secrets.items()
            if value.strip()
        }
        self.trial = None
        return self._first_problem()

    def _first_problem(self) -> str:
        if not self.label:
            return tr("Give the account a name.")
        return first_problem(self.fields, self._values, self._secrets)

    async def try_out(self) -> None:
        """Talk to the vendor; nothing is saved."""
        self.trial = await self._accounts.try_out(self.draft)
        users, email = self.trial.users, self.trial.identity.email.casefold()
        own = [one for one in users if email and one.email.casefold() == email]
        if not own and len(users) == 1:
            own = list(users)
        if own and not self.extension:
            self.extension = own[0].extension

    @property
    def welcome_text(self) -> str:
        """Who the vendor says we are."""
        if self.trial is None:
            return ""
        who = self.trial.identity.name or self.trial.identity.email
        if not who:
            return tr("The phone system accepts the key.")
        return tr("Connected as {who}.", who=who)

    @property
    def user_choices(self) -> tuple[tuple[str, str], ...]:
        """Whose phone it may be; empty when the vendor lists nobody."""
        users = self.trial.users if self.trial else ()
        return user_choices(users)

    @property
    def caller_id_choices(self) -> tuple[tuple[str, str], ...]:
        """The numbers that may be shown; empty when that is not set here."""
        has_field = self.vendor is not None and any(
            one.key == CALLER_ID for one in self.vendor.fields
        )
        return caller_id_choices(self._user) if has_field else ()

    @property
    def _user(self) -> LineHolder | None:
        users = self.trial.users if self.trial else ()
        return next((one for one in users if one.extension == self.extension), None)

    def choose_extension(self, extension: str) -> None:
        """Whose phone it is; "" for everybody's calls."""
        self.extension = extension.strip()
        self.caller_id = ""

    @property
    def draft(self) -> AccountDraft:
        """The account as filled in so far."""
        if self.vendor is None:
            raise AssertionError("no phone system chosen yet")
        fields = {**self._values, "label": self.label}
        keys = {one.key for one in self.vendor.fields}
        for key, value in ((EXTENSION, self.extension), (CALLER_ID, self.caller_id)):
            if value and key in keys:
                fields[key] = value
        taken = {state.account_id for state in self._accounts.states()}
        draft = AccountDraft(
            account_id=account_id_of(self.label, taken),
            vendor=self.vendor.key,
            fields=fields,
            secrets=dict(self._secrets),
        )
        return self.trial.completed(draft) if self.trial else draft

    async def save(self) -> AccountState:
        """Keep the account and start it."""
        return await self._accounts.add(self.draft)


def account_id_of(label: str, taken: set[str]) -> str:
    """A short name for files and addresses: "Acme Sales" becomes "acme-sales"."""
    bare = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")[:_LONGEST_ID]
    name = name.strip("-") or "account"
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}-{number}", number + 1
    return candidate
