"""Changes to a settings document that leave people's comments and order alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Table

from screenpop.config.settings import AccountSettings
from screenpop.domain.errors import ConfigurationError

_ACCOUNT_KEYS: Final = ("id", "vendor", "base_url", "extension", "region", "label")
_DEFAULTS: Final = AccountSettings(id="-", vendor="-")

SectionLike = tomlkit.TOMLDocument | Table | InlineTable


def add_account(document: tomlkit.TOMLDocument, account: AccountSettings) -> None:
    """Append ``account``.

    Raises:
        ConfigurationError: There is one of that id.
    """
    accounts = _accounts(document)
    if _position(accounts, account.id) is not None:
        raise ConfigurationError(
            f'There is an account "{account.id}" already', "Choose another id."
        )
    values = {key: getattr(account, key) for key in _ACCOUNT_KEYS}
    values = {
        key: value
        for key, value in values.items()
        if key in ("id", "vendor") or value != getattr(_DEFAULTS, key)
    }
    clashes = sorted(account.options.keys() & set(_ACCOUNT_KEYS))
    if clashes:
        raise ConfigurationError(f"{clashes[0]} cannot be an option of an account")
    values |= account.options
    if isinstance(accounts, Array) and len(accounts):
        accounts.append(_filled(tomlkit.inline_table(), values))
        return
    if not isinstance(accounts, AoT):
        document.pop("accounts", None)
        accounts = tomlkit.aot()
        document.append("accounts", accounts)
    accounts.append(_filled(tomlkit.table(), values))


def remove_account(document: tomlkit.TOMLDocument, account_id: str) -> None:
    """Take the account out, and the preference for calling with it.

    Raises:
        ConfigurationError: There is no such account.
    """
    accounts = _accounts(document)
    del accounts[_position_of(accounts, account_id)]
    if not accounts:
        del document["accounts"]
    dialing = document.get("dialing")
    if (
        isinstance(dialing, Table | InlineTable)
        and dialing.get("account") == account_id
    ):
        del dialing["account"]


def set_value(document: tomlkit.TOMLDocument, place: str, value: Any) -> None:
    """Set or, with None, take out one value outside of the accounts.

    Raises:
        ConfigurationError: The section is not written as one.
    """
    section_name, _, key = place.rpartition(".")
    section: SectionLike = document
    if section_name:
        if section_name not in document:
            if value is None:
                return
            document[section_name] = tomlkit.table()
        section = _as_section(document[section_name], section_name)
    _set(section, key, value)


def set_account_value(
    document: tomlkit.TOMLDocument, account_id: str, key: str, value: Any
) -> None:
    """Set or, with None, take out one value of an account.

    Raises:
        ConfigurationError: There is no such account.
    """
    accounts = _accounts(document)
    account = accounts[_position_of(accounts, account_id)]
    _set(_as_section(account, f"account {account_id}"), key, value)


def _set(section: SectionLike, key: str, value: Any) -> None:
    if value is None:
        section.pop(key, None)
    elif isinstance(value, datetime):
        section[key] = value.replace(microsecond=0)
    else:
        section[key] = value


def _accounts(document: tomlkit.TOMLDocument) -> Any:
    accounts = document.get("accounts", ())
    if isinstance(accounts, AoT | Array) or accounts == ():
        return accounts
    raise ConfigurationError(
        "The accounts in config.toml are not written as [[accounts]]",
        "Mend the file and try again.",
    )


def _position(accounts: Any, account_id: str) -> int | None:
    for position, account in enumerate(accounts):
        if isinstance(account, Table | InlineTable) and account.get("id") == account_id:
            return position
    return None


def _position_of(accounts: Any, account_id: str) -> int:
    position = _position(accounts, account_id)
    if position is None:
        raise ConfigurationError(
            f'config.toml has no account "{account_id}"',
            "screenpop account list shows the accounts.",
        )
    return position


def _as_section(item: Any, name: str) -> SectionLike:
    if isinstance(item, Table | InlineTable):
        return item
    # A section written in several places comes as a proxy of its parts.
    if hasattr(item, "unwrap") and isinstance(item.unwrap(), dict):
        return item  # type: ignore[no-any-return]
    raise ConfigurationError(
        f"{name} in config.toml is not written as a section",
        "Mend the file and try again.",
    )


def _filled(table: Any, values: dict[str, str]) -> Any:
    for key, value in values.items():
        table[key] = value
    return table
