"""Policies in the registry of Windows and in macOS's managed preferences."""

from __future__ import annotations

import plistlib
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.config.policy import Policy, policy_of, read_layers
from screenpop.config.policy_layer import PolicyOrigin
from screenpop.config.policy_places import REGISTRY_KEY, PolicyPlaces
from screenpop.config.policy_plist import layer_of_preferences, read_plists
from screenpop.config.settings_reader import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from screenpop.config.policy_registry import RegistryData
    from screenpop.config.settings import Settings
    from tests.policy.conftest import Machine

USER, MACHINE = "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"


class MadeUpRegistry:
    """Keys with their values, by hive and path below ours."""

    def __init__(self, keys: Mapping[tuple[str, str], Mapping[str, RegistryData]]):
        self._keys = {
            (hive, rf"{REGISTRY_KEY}\{path}".rstrip("\\").lower()): dict(values)
            for (hive, path), values in keys.items()
        }
        self.locked_away: set[str] = set()

    def values(self, hive: str, key: str) -> Mapping[str, RegistryData] | None:
        if key.rpartition("\\")[2] in self.locked_away:
            raise PermissionError(5, "Access is denied")
        if any(self.keys(hive, key)) or (hive, key.lower()) in self._keys:
            return self._keys.get((hive, key.lower()), {})
        return None

    def keys(self, hive: str, key: str) -> tuple[str, ...]:
        start = f"{key.lower()}\\"
        below = [
            path.removeprefix(start)
            for one, path in self._keys
            if one == hive and path.startswith(start)
        ]
        return tuple(dict.fromkeys(path.partition("\\")[0] for path in below))


def policy_in(registry: MadeUpRegistry) -> Policy:
    return policy_of(read_layers(PolicyPlaces(has_registry=True), registry))


def settings_of(policy: Policy) -> Settings:
    return read_settings(policy.table).settings


def test_what_group_policies_force_is_locked_and_what_they_advise_is_not() -> None:
    policy = policy_in(
        MadeUpRegistry(
            {
                (MACHINE, "card"): {"Corner": "top-left", "max_cards": 2},
                (MACHINE, r"card\link_hosts"): {
                    "10": "c.example.com",
                    "2": "b.example.com",
                    "1": "a.example.com",
                },
                (MACHINE, r"Recommended\lookup"): {"soft_seconds": "2.5"},
                (MACHINE, r"Recommended\card"): {"pop_internal": 0, "max_cards": 9},
                (MACHINE, "policy"): {"programs": 0, "schemes": ["crm", "erp"]},
            }
        )
    )
    assert policy.problems == ()
    settings = settings_of(policy)
    assert (settings.card.corner, settings.card.max_cards) == ("top-left", 2)
    assert settings.card.link_hosts == (
        "a.example.com",
        "b.example.com",
        "c.example.com",
    )
    assert settings.card.pop_internal is False
    assert settings.lookup.soft_seconds == 2.5
    assert (settings.policy.programs, settings.policy.schemes) == (
        False,
        ("crm", "erp"),
    )
    assert set(policy.locks) == {"card.corner", "card.max_cards", "card.link_hosts"}


def test_the_machine_beats_the_user_and_a_lock_beats_advice() -> None:
    policy = policy_in(
        MadeUpRegistry(
            {
                (USER, "card"): {"corner": "top-left", "max_cards": 2},
                (MACHINE, "card"): {"corner": "bottom-left"},
                (MACHINE, r"Recommended\card"): {"max_cards": 9},
            }
        )
    )
    settings = settings_of(policy)
    assert (settings.card.corner, settings.card.max_cards) == ("bottom-left", 2)
    assert policy.locks["card.corner"].startswith(MACHINE)


def test_accounts_come_as_lines_of_json() -> None:
    registry = MadeUpRegistry(
        {
            (MACHINE, "accounts"): {
                "1": '{"id": "acme", "vendor": "voxloud", "extension": 101}',
                "2": "no json",
            }
        }
    )
    policy = policy_in(registry)
    (account,) = settings_of(policy).accounts
    assert (account.id, account.extension) == ("acme", "101")
    assert set(policy.locks) == {"accounts"}
    assert [one.place for one in policy.problems] == ["accounts"]


def test_rubbish_in_a_registry_is_told_and_locks_all_the_same() -> None:
    policy = policy_in(
        MadeUpRegistry(
            {
                (MACHINE, ""): {"language": 7, "nothing": 1},
                (MACHINE, "card"): {"corner": b"\x00\x01", "max_cards": 99},
                (MACHINE, "zzz"): {"a": 1},
                (MACHINE, r"ui\theme\deeper"): {"a": "x"},
                (MACHINE, "policy"): {"open_records": 7},
            }
        )
    )
    settings = settings_of(policy)
    assert (settings.card.corner, settings.card.max_cards) == ("bottom-right", 4)
    assert settings.policy.open_records is False
    assert {"card.corner", "card.max_cards", "language"} <= set(policy.locks)
    places = {one.place for one in policy.problems}
    assert {"language", "nothing", "zzz", "card.corner", "card.max_cards"} <= places


def test_a_key_that_cannot_be_read_is_told() -> None:
    registry = MadeUpRegistry({(MACHINE, "card"): {"corner": "top-left"}})
    registry.locked_away = {"card"}
    policy = policy_in(registry)
    (layer,) = policy.layers
    assert layer.is_broken
    assert "denied" in layer.problems[0].text


def test_without_our_key_there_is_no_layer() -> None:
    assert policy_in(MadeUpRegistry({})).layers == ()


# --- macOS ---------------------------------------------------------------------------

PREFERENCES: dict[str, Any] = {
    "card": {"corner": "top-left", "max_cards": 2},
    "accounts": [{"id": "acme", "vendor": "voxloud"}],
    "Recommended": {"card": {"max_cards": 9}, "ui": {"theme": "dark"}},
    "policy": {"administrator": "IT"},
    "PayloadUUID": "made up",
}


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_managed_preferences_lock_and_what_is_recommended_does_not(
    machine: Machine, form: plistlib.PlistFormat
) -> None:
    path = machine.file.with_name("org.screenpop.screenpop.plist")
    path.write_bytes(plistlib.dumps(PREFERENCES, fmt=form))
    path.chmod(0o644)
    policy = policy_of(read_plists(machine.places._replace(plists=(path,))))
    assert policy.problems == ()
    settings = settings_of(policy)
    assert (settings.card.corner, settings.card.max_cards) == ("top-left", 2)
    assert settings.ui.theme == "dark"
    assert [one.id for one in settings.accounts] == ["acme"]
    assert set(policy.locks) == {"card.corner", "card.max_cards", "accounts"}


@pytest.mark.parametrize(
    "rubbish", [b"", b"<plist", b"\xff\xfe", b"bplist00\xff\xff", b"<plist><array/>"]
)
def test_what_is_no_property_list_is_told(machine: Machine, rubbish: bytes) -> None:
    path = machine.file.with_name("a.plist")
    path.write_bytes(rubbish)
    path.chmod(0o644)
    (layer,) = read_plists(machine.places._replace(plists=(path,)))
    assert layer.is_broken
    assert layer.problems


def _nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"corner": "top-left"}
    for _ in range(depth):
        inner = {"card": inner}
    return inner


def _bomb() -> dict[str, Any]:
    inner: list[Any] = ["x"] * 10
    for _ in range(9):
        inner = [inner] * 10
    return {"card": {"link_hosts": inner}}


@pytest.mark.parametrize("preferences", [_nested(5000), _bomb()])
def test_preferences_without_bounds_are_refused(preferences: dict[str, Any]) -> None:
    origin = PolicyOrigin.MANAGED_MACHINE
    layer = layer_of_preferences("/made/up.plist", preferences, origin)
    assert layer.is_broken
    assert layer.problems


def test_preferences_that_hold_themselves_are_refused() -> None:
    preferences: dict[str, Any] = {}
    preferences["card"] = preferences
    origin = PolicyOrigin.MANAGED_MACHINE
    assert layer_of_preferences("/made/up.plist", preferences, origin).is_broken
    twice = {"card": preferences, "Recommended": preferences}
    assert layer_of_preferences("/made/up.plist", twice, origin).is_broken


def test_the_machines_preferences_beat_the_users(tmp_path: Path) -> None:
    users = layer_of_preferences(
        "users", {"card": {"corner": "top-left"}}, PolicyOrigin.MANAGED_USER
    )
    machines = layer_of_preferences(
        "machines", {"card": {"corner": "top-right"}}, PolicyOrigin.MANAGED_MACHINE
    )
    policy = policy_of((users, machines))
    assert settings_of(policy).card.corner == "top-right"
    assert policy.locks["card.corner"] == "machines"
