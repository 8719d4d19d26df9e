"""What is written for other tools: JSON schemas, templates of group policies."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml import ElementTree
from jsonschema import Draft202012Validator, FormatChecker

import schema as tool
from screenpop.config.policy_places import REGISTRY_KEY
from screenpop.config.setting_kinds import Kind, setting_kinds
from screenpop.config.settings import Settings
from screenpop.config.settings_reader import read_settings
from tests.policy.test_policy_registry import (
    MACHINE,
    MadeUpRegistry,
    policy_in,
    settings_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DOCS = Path(__file__).resolve().parents[2] / "docs"
_EXAMPLE = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def test_what_is_written_is_up_to_date() -> None:
    for name, text in tool.written().items():
        path = tool.FOLDER / name
        assert path.exists(), f"python3 installer/dev.py schema writes {name}"
        assert path.read_text("utf-8") == text, "python3 installer/dev.py schema"


# --- JSON schemas --------------------------------------------------------------------


@pytest.fixture(scope="module")
def config() -> Draft202012Validator:
    return _validator("config")


@pytest.fixture(scope="module")
def policy() -> Draft202012Validator:
    return _validator("policy")


def _validator(name: str) -> Draft202012Validator:
    schema = json.loads(tool.written()[f"{name}.schema.json"])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_every_setting_is_described_with_its_default(
    policy: Draft202012Validator,
) -> None:
    schema = policy.schema
    assert isinstance(schema, dict)
    properties = schema["properties"]
    settings = Settings()
    for place in setting_kinds():
        section, _, key = place.rpartition(".")
        if section.endswith("[]") or place in ("region", "card.rules"):
            continue
        known = properties[section]["properties"][key] if section else properties[key]
        of = getattr(settings, section) if section else settings
        default = getattr(of, key)
        shown = list(default) if isinstance(default, tuple) else default
        assert known.get("default") == shown, place


def test_the_model_has_no_setting_that_the_reader_does_not_ask_for() -> None:
    for field in dataclasses.fields(Settings):
        if dataclasses.is_dataclass(field.default):
            inner = {
                f"{field.name}.{one.name}" for one in dataclasses.fields(field.default)
            }
            assert inner <= set(setting_kinds())
        else:
            assert field.name in setting_kinds()


@pytest.mark.parametrize("page", ["admin.md", "policy.md"])
def test_the_examples_of_the_pages_are_right(
    page: str, policy: Draft202012Validator
) -> None:
    examples = _EXAMPLE.findall((DOCS / page).read_text("utf-8"))
    assert examples
    for text in examples:
        table = tomllib.loads(text)
        assert read_settings(table).problems == (), text
        assert [one.message for one in policy.iter_errors(table)] == [], text


@pytest.mark.parametrize(
    "table",
    [
        {"card": {"corner": "middle"}},
        {"card": {"max_cards": 0}},
        {"card": {"max_cards": "3"}},
        {"card": {"link_hosts": "example.com"}},
        {"crad": {}},
        {"lookup": {"soft_seconds": 100}},
        {"accounts": [{"vendor": "voxloud"}]},
        {"accounts": {"id": "acme"}},
        {"ui": {"quiet_until": 7}},
    ],
)
def test_what_the_program_complains_of_the_schema_does_not_take(
    config: Draft202012Validator, table: dict[str, Any]
) -> None:
    assert read_settings(table).problems
    assert not config.is_valid(table)


def test_a_users_file_has_no_policy(
    config: Draft202012Validator, policy: Draft202012Validator
) -> None:
    table = {"policy": {"locked": ["card.corner"]}}
    assert policy.is_valid(table)
    assert not config.is_valid(table)


# --- group policies ------------------------------------------------------------------


_SPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"


@pytest.fixture(scope="module")
def admx() -> Element:
    return _read("screenpop.admx")


@pytest.fixture(scope="module")
def adml() -> Element:
    return _read("en-US/screenpop.adml")


def _read(name: str) -> Element:
    read: Element = ElementTree.fromstring(tool.written()[name].encode())
    return read


def _all(root: Element, path: str) -> list[Element]:
    return root.findall("/".join(f"{_SPACE}{part}" for part in path.split("/")))


def test_a_template_has_its_parts_in_their_order(admx: Element, adml: Element) -> None:
    assert admx.tag == f"{_SPACE}policyDefinitions"
    assert [part.tag.removeprefix(_SPACE) for part in admx] == [
        "policyNamespaces",
        "supersededAdm",
        "resources",
        "supportedOn",
        "categories",
        "policies",
    ]
    assert adml.tag == f"{_SPACE}policyDefinitionResources"
    assert [part.tag.removeprefix(_SPACE) for part in adml] == [
        "displayName",
        "description",
        "resources",
    ]


def test_every_name_in_a_template_leads_somewhere(admx: Element, adml: Element) -> None:
    strings = [one.attrib["id"] for one in _all(adml, "resources/stringTable/string")]
    shown = {
        one.attrib["id"]: {
            part.attrib["refId"] for part in one if "refId" in part.attrib
        }
        for one in _all(adml, "resources/presentationTable/presentation")
    }
    assert len(set(strings)) == len(strings)
    text = tool.written()["screenpop.admx"]
    assert set(re.findall(r"\$\(string\.(\w+)\)", text)) == set(strings)
    assert set(re.findall(r"\$\(presentation\.(\w+)\)", text)) == set(shown)

    categories = {one.attrib["name"] for one in _all(admx, "categories/category")}
    parents = {one.attrib["ref"] for one in admx.iter(f"{_SPACE}parentCategory")}
    assert parents <= categories
    policies = _all(admx, "policies/policy")
    names = [one.attrib["name"] for one in policies]
    assert len(set(names)) == len(names)
    for one in policies:
        elements = [each for part in _all(one, "elements") for each in part]
        ids = {each.attrib["id"] for each in elements}
        assert ids == shown.get(one.attrib["name"], set())
        assert bool(elements) != bool(_all(one, "enabledValue"))
        tags = {each.tag.removeprefix(_SPACE) for each in elements}
        assert tags <= {"decimal", "text", "enum", "list"}


def test_every_setting_is_a_policy_and_all_but_permissions_a_default_too(
    admx: Element,
) -> None:
    found = {
        (one.attrib["key"], one.attrib["name"]) for one in _all(admx, "policies/policy")
    }
    for place, kind in setting_kinds().items():
        if "[]" in place or kind.kind is Kind.MOMENT:
            continue
        section = rf"\{kind.section}" if kind.section else ""
        name = place.replace(".", "_")
        assert (rf"{REGISTRY_KEY}{section}", name) in found
        advised = (rf"{REGISTRY_KEY}\Recommended{section}", f"{name}_recommended")
        assert (advised in found) is (kind.section != "policy")


_LINES = {
    "accounts": '{"id": "acme", "vendor": "voxloud"}',
    "sources": '{"id": "people", "kind": "carddav"}',
    "lines": '{"line": "104"}',
    "card.rules": '{"line": "104"}',
    "dialing.countries": "IT",
    "dialing.hours": "mon-fri 08:00-20:00",
    "quiet.times": "sat-sun",
    "dialing.blocked": "+442079460123",
    "dialing.do_not_call": "+442079460123",
    "policy.locked": "dialing",
    "policy.schemes": "crm",
    "team.servers": "wss://relay.example.com/nats",
    "card.open_program": "/opt/desk/open",
}
_TEXTS = {
    "language": "de",
    "region": "IT",
    "listener.public_url": "https://pop.example.com",
    "updates.manifest_url": "https://updates.example.com/manifest.json",
    "card.open_url": "https://crm.example.com/?q={e164}",
    "dialing.account": "acme",
    "dialing.caller_id": "+442079460123",
    "hotkeys.focus_card": "Ctrl+Alt+1",
    "hotkeys.dial_selection": "Ctrl+Alt+2",
    "hotkeys.search": "Ctrl+Alt+3",
}


def test_what_the_policy_editor_writes_is_read_as_it_was_meant(admx: Element) -> None:
    """Set every policy as the editor of Windows would, and read the registry."""
    keys: dict[tuple[str, str], dict[str, Any]] = {}
    for one in _all(admx, "policies/policy"):
        key = one.attrib["key"].removeprefix(REGISTRY_KEY).removeprefix("\\")
        if key.startswith("Recommended"):
            continue
        if "valueName" in one.attrib:
            number = _all(one, "enabledValue/decimal")[0].attrib["value"]
            keys.setdefault((MACHINE, key), {})[one.attrib["valueName"]] = int(number)
            continue
        for part in (each for elements in _all(one, "elements") for each in elements):
            name = part.attrib["id"]
            place = f"{key}.{name}" if key else name
            match part.tag.removeprefix(_SPACE):
                case "decimal":
                    value: Any = int(part.attrib["maxValue"])
                case "enum":
                    value = _all(part, "item/value/string")[-1].text
                case "list":
                    below = part.attrib["key"].removeprefix(f"{REGISTRY_KEY}\\")
                    line = _LINES.get(place, "a.example.com")
                    keys[(MACHINE, below)] = {"1": line}
                    continue
                case _:
                    is_number = setting_kinds()[place].kind is Kind.NUMBER
                    value = _TEXTS.get(place, "3" if is_number else "127.0.0.1")
            keys.setdefault((MACHINE, key), {})[part.attrib["valueName"]] = value
    policy = policy_in(MadeUpRegistry(keys))
    assert [str(one) for one in policy.problems] == []
    settings = settings_of(policy)
    assert settings.card.max_cards == 10
    assert settings.lookup.soft_seconds == 3
    assert settings.card.corner == "bottom-right"
    assert [one.id for one in settings.accounts] == ["acme"]
    locked = {
        place
        for place, kind in setting_kinds().items()
        if "[]" not in place
        and kind.section != "policy"
        and kind.kind is not Kind.MOMENT
    }
    assert set(policy.locks) == locked | {"dialing"}
