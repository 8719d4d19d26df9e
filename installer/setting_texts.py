"""What each setting means, from the documentation of the settings in the source."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from typing import Any

from screenpop.config import settings as model
from screenpop.config.card_settings import LineSettings
from screenpop.config.setting_kinds import Kind, SettingKind, setting_kinds

_ENTRIES = {
    "accounts[]": model.AccountSettings,
    "sources[]": model.SourceSettings,
    "card.rules[]": model.CardRule,
    "lines[]": LineSettings,
}
_HEADS = {
    "accounts": "The accounts at phone systems, each written as [[accounts]].",
    "sources": "Further sources of contacts, each written as [[sources]].",
    "lines": "How the calls on single lines are shown, each written as [[lines]].",
}


@cache
def meanings() -> dict[str, str]:
    """A sentence or two for each setting, by its place; "" where its name says all."""
    found = dict(_HEADS)
    found |= _of("", model.Settings)
    for field in dataclasses.fields(model.Settings):
        if dataclasses.is_dataclass(field.default):
            section = type(field.default)
            found[field.name] = _head(section)
            found |= _of(f"{field.name}.", section)
    for place, section in _ENTRIES.items():
        found |= _of(f"{place}.", section)
    return found


def title(kind: SettingKind) -> str:
    """A setting's name as words, with where it stands: "Max cards (card.max_cards)"."""
    words = kind.place.rpartition(".")[2].replace("_", " ")
    return f"{words[:1].upper()}{words[1:]} ({kind.place})"


def explanation(kind: SettingKind) -> str:
    """All that is to be said of a setting, in English."""
    parts = [meanings().get(kind.place, "")]
    if kind.choices:
        parts.append(f"One of {', '.join(kind.choices)}.")
    if kind.least is not None:
        parts.append(f"From {kind.least:g} to {kind.most:g}.")
    if kind.kind is Kind.SECTIONS:
        parts.append(
            f"In the registry each is one line of JSON, such as {_example(kind.place)}."
        )
    if kind.default not in (None, "", ()):
        parts.append(f"Usually {str(kind.default).lower()}.")
    return " ".join(filter(None, parts))


def _example(place: str) -> str:
    return {
        "accounts": '{"id": "acme", "vendor": "voxloud"}',
        "sources": '{"id": "people", "kind": "carddav"}',
        "lines": '{"line": "+442079460100", "name": "Sales"}',
        "card.rules": '{"line": "+442079460999", "open_record": "answer"}',
    }[place]


def _of(prefix: str, section: type[Any]) -> dict[str, str]:
    listed = (section.__doc__ or "").partition("Attributes:")[2]
    found = re.findall(r"^        (\w+): (.+(?:\n {12}.+)*)", listed, re.MULTILINE)
    return {f"{prefix}{name}": re.sub(r"\s+", " ", text) for name, text in found}


def _head(section: type[Any]) -> str:
    return (section.__doc__ or "").strip().partition("\n")[0]


def kinds() -> dict[str, SettingKind]:
    """Every setting, those of the administrators last."""
    found = setting_kinds()
    own = {place: one for place, one in found.items() if one.section != "policy"}
    return own | found
