"""What an account's fields may hold, before any of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from screenpop.config.settings import AccountSettings
from screenpop.domain.errors import SecretMissing, UsageError
from screenpop.domain.numbers import country_of, read_number

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.providers.manifest import ProviderManifest
    from screenpop.services.accounts import AccountDraft
    from screenpop.services.connections import Connection

OWN_FIELDS: Final = ("base_url", "extension", "region", "label")
"""Those that every account has."""


def settings_of(draft: AccountDraft) -> AccountSettings:
    """A draft as it goes into the settings file; what is empty is left out."""
    filled = {
        key: value.strip() for key, value in draft.fields.items() if value.strip()
    }
    options = {key: value for key, value in filled.items() if key not in OWN_FIELDS}
    return AccountSettings(
        id=draft.account_id,
        vendor=draft.vendor,
        base_url=filled.get("base_url", ""),
        extension=filled.get("extension", ""),
        region=filled.get("region", ""),
        label=filled.get("label", ""),
        options=options,
    )


def check_complete(draft: AccountDraft, manifest: ProviderManifest) -> None:
    """See that a draft has all that its vendor needs.

    Raises:
        UsageError: Something required is missing, or is no choice.
    """
    for each in manifest.fields:
        given = (
            bool(draft.secrets.get(each.key))
            if each.kind == "secret"
            else bool(draft.fields.get(each.key, "").strip())
        )
        if each.is_required and not given:
            raise UsageError(f"{each.label} is missing", each.help)
        value = draft.fields.get(each.key, "")
        if each.kind == "choice" and value and value not in each.choices:
            raise UsageError(
                f"{each.label} cannot be “{value}”",
                f"Choose one of: {', '.join(each.choices)}.",
            )


def check_option(connection: Connection, key: str, value: str) -> None:
    """See that a setting may have a value; "" always may, for the usual one.

    Raises:
        UsageError: There is no such setting, or it may not.
    """
    fields = connection.manifest.fields if connection.manifest else ()
    found = next((each for each in fields if each.key == key), None)
    if found is not None and found.kind == "secret":
        raise UsageError(
            f"“{key}” is a key, and keys are kept in the keychain",
            f"Store it with: screenpop account set-secret {connection.account_id} "
            f"{key}",
        )
    known = {each.key for each in fields if each.kind != "secret"}
    known |= {*OWN_FIELDS, *connection.settings.options}
    if key not in known:
        raise UsageError(
            f"This account has no setting “{key[:40]}”",
            f"It has: {', '.join(sorted(known))}.",
        )
    if found and found.choices and value and value not in found.choices:
        raise UsageError(
            f"{found.label} cannot be “{value[:40]}”",
            f"Choose one of: {', '.join(found.choices)}.",
        )


def country_of_line(number: str) -> str:
    """The country of a number that may lack its plus, as vendors send them."""
    e164 = read_number(number, "").e164 or read_number(f"+{number}", "").e164
    return country_of(e164) if e164 else ""


def reader_of(secrets: Mapping[str, Secret]) -> Callable[[str], Secret]:
    """Stands in for the keychain while a draft is tried."""

    def read(name: str) -> Secret:
        if name not in secrets:
            raise SecretMissing(f"The secret “{name}” is missing", "Enter it.")
        return secrets[name]

    return read
