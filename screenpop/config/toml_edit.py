"""Changes to a settings document that leave people's comments and order alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Table

from screenpop.config.layers import REMOVED
from screenpop.config.settings import AccountSettings, SourceSettings
from screenpop.domain.errors import ConfigurationError
from screenpop.wording import tr

_ACCOUNT_KEYS: Final = (
    "id",
    "vendor",
    "base_url",
    "extension",
    "region",
    "label",
    "via",
)
_SOURCE_KEYS: Final = ("id", "kind", "base_url", "label", "is_enabled")
_ALWAYS_WRITTEN: Final = ("id", "vendor", "kind")
_NO_ACCOUNT: Final = AccountSettings(id="-", vendor="-")
_NO_SOURCE: Final = SourceSettings(id="-", kind="-")

SectionLike = tomlkit.TOMLDocument | Table | InlineTable


def add_account(document: tomlkit.TOMLDocument, account: AccountSettings) -> None:
    """Append ``account``.

    Raises:
        ConfigurationError: There is one of that id.
    """
    values = _values(account, _ACCOUNT_KEYS, _NO_ACCOUNT)
    _add(document, "accounts", "account", account.id, values)


def add_source(document: tomlkit.TOMLDocument, source: SourceSettings) -> None:
    """Append ``source``.

    Raises:
        ConfigurationError: There is one of that id.
    """
    values = _values(source, _SOURCE_KEYS, _NO_SOURCE)
    _add(document, "sources", "source", source.id, values)


def remove_source(
    document: tomlkit.TOMLDocument, source_id: str, *, is_preset: bool = False
) -> None:
    """Take a contact source out; hide it, when administrators set it up.

    Raises:
        ConfigurationError: There is no such source.
    """
    _remove(document, "sources", "source", source_id, is_preset=is_preset)


def set_source_value(
    document: tomlkit.TOMLDocument,
    source_id: str,
    key: str,
    value: Any,
    *,
    is_preset: bool = False,
) -> None:
    """Set or, with None, take out one value of a contact source.

    Raises:
        ConfigurationError: There is no such source.
    """
    _set_in(document, "sources", "source", source_id, key, value, is_preset=is_preset)


def remove_account(
    document: tomlkit.TOMLDocument, account_id: str, *, is_preset: bool = False
) -> None:
    """Take the account out, and the preference for calling with it.

    Args:
        document: The user's settings.
        account_id: Which one.
        is_preset: Administrators set it up: it is hidden.

    Raises:
        ConfigurationError: There is no such account.
    """
    _remove(document, "accounts", "account", account_id, is_preset=is_preset)
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
    document: tomlkit.TOMLDocument,
    account_id: str,
    key: str,
    value: Any,
    *,
    is_preset: bool = False,
) -> None:
    """Set or, with None, take out one value of an account.

    Args:
        document: The user's settings.
        account_id: Which one.
        key: Of what.
        value: What it is to be.
        is_preset: Administrators set it up: the user's file need not have it.

    Raises:
        ConfigurationError: There is no such account.
    """
    _set_in(
        document, "accounts", "account", account_id, key, value, is_preset=is_preset
    )


def _set_in(
    document: tomlkit.TOMLDocument,
    name: str,
    noun: str,
    entry_id: str,
    key: str,
    value: Any,
    *,
    is_preset: bool,
) -> None:
    entries = _entries(document, name)
    if is_preset and _position(entries, entry_id) is None:
        if value is not None:
            _append(document, name, {"id": entry_id, key: value})
        return
    entry = entries[_position_of(entries, noun, entry_id)]
    _set(_as_section(entry, f"{noun} {entry_id}"), key, value)


def _set(section: SectionLike, key: str, value: Any) -> None:
    if value is None:
        section.pop(key, None)
    elif isinstance(value, datetime):
        section[key] = value.replace(microsecond=0)
    else:
        section[key] = value


def _values(
    entry: AccountSettings | SourceSettings,
    keys: tuple[str, ...],
    default: AccountSettings | SourceSettings,
) -> dict[str, Any]:
    """What differs from the defaults, by key; the options among it."""
    clashes = sorted(entry.options.keys() & set(keys))
    if clashes:
        raise ConfigurationError(tr("“{name}” cannot be an option", name=clashes[0]))
    given = {key: getattr(entry, key) for key in keys}
    values = {
        key: value
        for key, value in given.items()
        if key in _ALWAYS_WRITTEN or value != getattr(default, key)
    }
    return values | dict(entry.options)


def _add(
    document: tomlkit.TOMLDocument,
    name: str,
    noun: str,
    entry_id: str,
    values: dict[str, Any],
) -> None:
    entries = _entries(document, name)
    position = _position(entries, entry_id)
    if position is not None and entries[position].get(REMOVED) is True:
        # One of the administrators' that was hidden: the user wants one of that id.
        del entries[position]
    elif position is not None:
        raise ConfigurationError(
            tr("“{entry_id}” is in config.toml already", entry_id=entry_id),
            tr("Choose another id."),
        )
    _append(document, name, values)


def _append(document: tomlkit.TOMLDocument, name: str, values: dict[str, Any]) -> None:
    entries = _entries(document, name)
    if isinstance(entries, Array) and len(entries):
        entries.append(_filled(tomlkit.inline_table(), values))
        return
    if not isinstance(entries, AoT):
        document.pop(name, None)
        entries = tomlkit.aot()
        document.append(name, entries)
    entries.append(_filled(tomlkit.table(), values))


def _remove(
    document: tomlkit.TOMLDocument,
    name: str,
    noun: str,
    entry_id: str,
    *,
    is_preset: bool,
) -> None:
    entries = _entries(document, name)
    if not is_preset or _position(entries, entry_id) is not None:
        del entries[_position_of(entries, noun, entry_id)]
        if not entries:
            del document[name]
    if is_preset:
        _append(document, name, {"id": entry_id, REMOVED: True})


def _entries(document: tomlkit.TOMLDocument, name: str) -> Any:
    entries = document.get(name, ())
    if isinstance(entries, AoT | Array) or entries == ():
        return entries
    raise ConfigurationError(
        tr("“{name}” in config.toml is not written as [[{name}]]", name=name),
        tr("Mend the file and try again."),
    )


def _position(entries: Any, entry_id: str) -> int | None:
    for position, entry in enumerate(entries):
        if isinstance(entry, Table | InlineTable) and entry.get("id") == entry_id:
            return position
    return None


def _position_of(entries: Any, noun: str, entry_id: str) -> int:
    position = _position(entries, entry_id)
    if position is None:
        raise ConfigurationError(
            tr("config.toml has no “{entry_id}”", entry_id=entry_id),
            tr("`screenpop {noun} list` shows what there is.", noun=noun),
        )
    return position


def _as_section(item: Any, name: str) -> SectionLike:
    if isinstance(item, Table | InlineTable):
        return item
    # A section written in several places comes as a proxy of its parts.
    if hasattr(item, "unwrap") and isinstance(item.unwrap(), dict):
        return item  # type: ignore[no-any-return]
    raise ConfigurationError(
        tr("“{name}” in config.toml is not written as a section", name=name),
        tr("Mend the file and try again."),
    )


def _filled(table: Any, values: dict[str, Any]) -> Any:
    for key, value in values.items():
        table[key] = value
    return table
