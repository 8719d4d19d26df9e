"""What an account's fields may hold, before any of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from screenpop.config.settings import AccountSettings
from screenpop.domain.errors import SecretMissing, UsageError
from screenpop.domain.numbers import country_of, read_number
from screenpop.wording import reworded, tr

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
            raise UsageError(
                tr("{label} is missing", label=reworded(each.label)),
                reworded(each.help),
            )
        value = draft.fields.get(each.key, "")
        if each.kind == "choice" and value and value not in each.choices:
            raise UsageError(
                tr(
                    "{label} cannot be “{value}”",
                    label=reworded(each.label),
                    value=value,
                ),
                tr("Choose one of: {choices}.", choices=", ".join(each.choices)),
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
            tr("“{key}” is a key, and keys are kept in the keychain", key=key),
            tr(
                "Store it with: screenpop account set-secret {account_id} {key}",
                account_id=connection.account_id,
                key=key,
            ),
        )
    known = {each.key for each in fields if each.kind != "secret"}
    known |= {*OWN_FIELDS, *connection.settings.options}
    if key not in known:
        raise UsageError(
            tr("This account has no setting “{key}”", key=key[:40]),
            tr("It has: {names}.", names=", ".join(sorted(known))),
        )
    if found and found.choices and value and value not in found.choices:
        raise UsageError(
            tr(
                "{label} cannot be “{value}”",
                label=reworded(found.label),
                value=value[:40],
            ),
            tr("Choose one of: {choices}.", choices=", ".join(found.choices)),
        )


def country_of_line(number: str) -> str:
    """The country of a number that may lack its plus, as vendors send them."""
    e164 = read_number(number, "").e164 or read_number(f"+{number}", "").e164
    return country_of(e164) if e164 else ""


def reader_of(secrets: Mapping[str, Secret]) -> Callable[[str], Secret]:
    """Stands in for the keychain while a draft is tried."""

    def read(name: str) -> Secret:
        if name not in secrets:
            raise SecretMissing(
                tr("The secret “{name}” is missing", name=name), tr("Enter it.")
            )
        return secrets[name]

    return read
