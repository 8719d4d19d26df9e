"""JSON schemas (draft 2020-12) of ``config.toml`` and of a policy in TOML.

https://json-schema.org/draft/2020-12/schema
"""

from __future__ import annotations

from typing import Any

from screenpop.config.layers import LISTS, REMOVED
from screenpop.config.setting_kinds import Kind, SettingKind
from setting_texts import kinds, meanings

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST_TEXT = 2000
_REMOVED = {
    "type": "boolean",
    "description": "Takes out the entry of this id that administrators set up.",
}
_OPTION = {"type": ["string", "integer", "number", "boolean"]}


def schema_of_config() -> dict[str, Any]:
    """What a user's ``config.toml`` may hold."""
    schema = _schema("screenpop: config.toml", has_policy=False)
    schema["description"] = "The settings of one user. Secrets are in the keychain."
    return schema


def schema_of_policy() -> dict[str, Any]:
    """What a policy may hold: the same, and what only administrators say."""
    schema = _schema("screenpop: policy.toml", has_policy=True)
    schema["description"] = (
        "What administrators set for a computer: defaults, and with [policy] locked "
        "what users cannot."
    )
    return schema


def _schema(title: str, *, has_policy: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for place, kind in kinds().items():
        section, _, key = place.rpartition(".")
        if "[]" in place or (section == "policy" and not has_policy):
            continue
        if not section:
            properties[key] = _value(kind)
            continue
        holder = properties.setdefault(section, _section(meanings().get(section, "")))
        holder["properties"][key] = _value(kind)
    return {
        "$schema": _DRAFT,
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _section(description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {},
        "additionalProperties": False,
    }


def _value(kind: SettingKind) -> dict[str, Any]:
    schema = _form(kind)
    description = meanings().get(kind.place, "")
    if description:
        schema["description"] = description
    default = list(kind.default) if isinstance(kind.default, tuple) else kind.default
    if default is not None:
        schema["default"] = default
    return schema


def _form(kind: SettingKind) -> dict[str, Any]:
    match kind.kind:
        case Kind.FLAG:
            return {"type": "boolean"}
        case Kind.WHOLE:
            return {"type": "integer", "minimum": kind.least, "maximum": kind.most}
        case Kind.NUMBER:
            return {"type": "number", "minimum": kind.least, "maximum": kind.most}
        case Kind.CHOICE:
            return {"type": "string", "enum": list(kind.choices)}
        case Kind.TEXTS:
            items = {"type": "string", "maxLength": _LONGEST_TEXT}
            return {"type": "array", "items": items}
        case Kind.DIGITS:
            # People write extensions without quotation marks, too.
            return {"type": ["string", "integer"]}
        case Kind.MOMENT:
            # TOML has moments of its own; tools for it show them as text.
            return {"type": "string", "format": "date-time"}
        case Kind.SECTIONS:
            return _entries(kind)
        case _:
            return {"type": "string", "maxLength": _LONGEST_TEXT}


def _entries(kind: SettingKind) -> dict[str, Any]:
    prefix = f"{kind.place}[]"
    inner = [one for one in kinds().values() if one.section == prefix]
    items = _section("")
    del items["description"]
    items["properties"] = {one.place.rpartition(".")[2]: _value(one) for one in inner}
    # Of an entry that administrators set up, a user's file may have the id alone.
    items["required"] = ["id"] if kind.place in LISTS else ["line"]
    if kind.place == "card.rules":
        del items["required"]
    if kind.place in LISTS:
        items["properties"][REMOVED] = _REMOVED
    if kind.is_open:
        items["additionalProperties"] = _OPTION
    return {"type": "array", "items": items}
