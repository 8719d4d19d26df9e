"""Changes to the sections ``[[lines]]`` of a settings document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Table

from screenpop.config.card_settings import LineSettings
from screenpop.domain.errors import ConfigurationError
from screenpop.wording import tr

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_NAME: Final = "lines"
_KEYS: Final = ("line", "name", "color", "greeting", "sound")
_PLAIN: Final = LineSettings(line="")


def change_line(
    document: TOMLDocument,
    before: LineSettings | None,
    after: LineSettings | None,
    inherited: Sequence[LineSettings] = (),
) -> None:
    """Add a line, change one, or take it out; comments and the others' order stay.

    Args:
        document: The user's settings.
        before: The line to change, known by its ``line``; None to add one.
        after: What it is to be; None to take it out.
        inherited: The lines that hold while the document has none. As a document's
            own lines replace them, they are written out with the first change.

    Raises:
        ConfigurationError: There is no such line, there is one already, or the lines
            are not written as sections.
    """
    entries = _own_entries(document, inherited)
    place = None if before is None else _place_of(entries, before.line)
    if before is not None and place is None:
        raise ConfigurationError(
            tr("config.toml has no line “{line}”", line=before.line),
            tr("It was changed meanwhile. Look at the list and try again."),
        )
    if after is not None:
        _refuse_second(entries, after, place)
        if place is None:
            _append(entries, after)
        else:
            _fill(entries[place], after)
    elif place is not None:
        del entries[place]
        if not entries:
            _empty(document, inherited)


def _own_entries(document: TOMLDocument, inherited: Sequence[LineSettings]) -> Any:
    """The document's own lines, begun with those that it inherits."""
    entries = document.get(_NAME)
    if isinstance(entries, AoT) or (isinstance(entries, Array) and len(entries)):
        return entries
    if entries is not None and not isinstance(entries, Array):
        raise ConfigurationError(
            tr("“{name}” in config.toml is not written as [[{name}]]", name=_NAME),
            tr("Mend the file and try again."),
        )
    # An empty list of the user's own means that none of the inherited ones hold.
    begun = () if entries is not None else inherited
    document.pop(_NAME, None)
    made = tomlkit.aot()
    if document:
        document.add(tomlkit.nl())
    document.append(_NAME, made)
    for line in begun:
        _append(made, line)
    return made


def _append(entries: Any, line: LineSettings) -> None:
    entry = tomlkit.inline_table() if isinstance(entries, Array) else tomlkit.table()
    _fill(entry, line)
    entries.append(entry)


def _fill(entry: Any, line: LineSettings) -> None:
    for key in _KEYS:
        value = getattr(line, key)
        if key == "line" or value != getattr(_PLAIN, key):
            if entry.get(key) != value:
                entry[key] = value
        else:
            entry.pop(key, None)


def _empty(document: TOMLDocument, inherited: Sequence[LineSettings]) -> None:
    document.pop(_NAME)
    if inherited:
        # Without it those of the administrators would come back.
        document[_NAME] = tomlkit.array()


def _refuse_second(entries: Any, line: LineSettings, place: int | None) -> None:
    other = _place_of(entries, line.line)
    if other not in (None, place):
        raise ConfigurationError(
            tr("“{line}” is in the list already", line=line.line),
            tr("Change the one that is there."),
        )


def _place_of(entries: Any, line: str) -> int | None:
    wanted = line.strip().casefold()
    for place, entry in enumerate(entries):
        if not isinstance(entry, Table | InlineTable):
            continue
        # People write an extension without quotation marks, too.
        if str(entry.get("line", "")).strip().casefold() == wanted:
            return place
    return None
