"""Policies in files: what wins, what a user can change, what is wrong with them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.config.settings import AccountSettings
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.policy.conftest import Machine

LOCKS_CORNER = '[card]\ncorner = "top-left"\n[policy]\nlocked = ["card.corner"]\n'


PRESET = """
[[accounts]]
id = "acme"
vendor = "voxloud"
label = "Acme"
"""


# --- who wins ------------------------------------------------------------------------


def test_a_default_is_the_users_to_change_and_a_lock_is_not(machine: Machine) -> None:
    machine.write(
        '[card]\ncorner = "top-left"\nmax_cards = 2\n'
        '[policy]\nlocked = ["card.corner"]\n'
    )
    file = machine.settings_file()
    assert file.load().settings.card.max_cards == 2
    machine.user_says('[card]\ncorner = "top-right"\nmax_cards = 5\n')
    loaded = file.load()
    assert (loaded.settings.card.corner, loaded.settings.card.max_cards) == (
        "top-left",
        5,
    )
    (told,) = loaded.problems
    assert (told.place, told.is_warning) == ("card.corner", True)
    assert str(machine.file) in told.text
    with pytest.raises(PolicyError):
        file.set_value("card.corner", "top-right")


def test_a_later_drop_in_wins_but_no_default_beats_a_lock(machine: Machine) -> None:
    machine.write(f"{LOCKS_CORNER}[lookup]\nsoft_seconds = 1\n")
    machine.drop_in("10-site.toml", '[lookup]\nsoft_seconds = 2\n[ui]\ntheme="dark"\n')
    machine.drop_in("20-desk.toml", '[card]\ncorner = "top-right"\n[ui]\ntheme="light"')
    machine.drop_in("30-old.toml.bak", '[ui]\ntheme = "system"\n')
    loaded = machine.settings_file().load()
    assert loaded.problems == ()
    assert loaded.settings.card.corner == "top-left"
    assert loaded.settings.ui.theme == "light"
    assert loaded.settings.lookup.soft_seconds == 2

    # Of two that lock it, the later one's value holds.
    machine.drop_in("40-desk.toml", LOCKS_CORNER.replace("top-left", "bottom-left"))
    assert machine.settings_file().load().settings.card.corner == "bottom-left"


def test_a_policy_in_twofold_brackets_is_one_all_the_same(machine: Machine) -> None:
    machine.write(LOCKS_CORNER.replace("[policy]", "[[policy]]"))
    loaded = machine.settings_file().load()
    assert loaded.lock("card.corner")
    assert [one.place for one in loaded.problems] == ["policy"]


def test_a_lock_without_a_value_holds_the_usual_one(machine: Machine) -> None:
    machine.write('[policy]\nlocked = ["dialing", "ui.theme"]\n')
    machine.user_says('[dialing]\nabroad = "ask"\n[ui]\ntheme = "dark"\n')
    settings = machine.settings_file().load().settings
    assert (settings.dialing.abroad, settings.ui.theme) == ("allow", "system")


def test_without_a_policy_nothing_is_read_or_remembered(machine: Machine) -> None:
    machine.file.unlink()
    file = machine.settings_file()
    assert file.read_policy() is None
    machine.write(LOCKS_CORNER)
    assert file.load().lock("card.corner") == str(machine.file)
    machine.file.unlink()
    assert file.load().lock("card.corner") == ""
    assert not (machine.own.parent / "policy-before.json").exists()


_LOADED = """
import sys
from pathlib import Path
from screenpop.config.policy_places import PolicyPlaces
from screenpop.config.settings_file import SettingsFile
nowhere = Path(sys.argv[1])
places = PolicyPlaces(files=(nowhere,), folders=(nowhere,), plists=(nowhere,))
file = SettingsFile(nowhere / "config.toml", (nowhere,), places, nowhere / "memory")
file.load()
file.refuse_locked("card.corner")
print(*sorted(name for name in sys.modules if "policy" in name or "plist" in name))
"""


def test_where_there_is_no_policy_nothing_that_reads_one_is_loaded(
    tmp_path: Path,
) -> None:
    words = [sys.executable, "-c", _LOADED, str(tmp_path / "nothing")]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["screenpop.config.policy_places"]


@pytest.mark.parametrize(
    "trick",
    [
        "card = 5\n",
        'card = "x"\n',
        "[[card]]\ncorner = 'top-right'\n",
        "accounts = 5\n",
        "accounts = {}\n",
        "accounts = []\n",
        "[accounts]\nid = 'acme'\n",
        "[[accounts]]\nid = 'acme'\nis_removed = true\n",
        "[[accounts]]\nid = 'acme'\nvendor = 'tele2'\n[[accounts]]\nid = 'acme'\n",
        "[[accounts]]\nid = 5\nvendor = 'tele2'\n",
        "policy = 5\n",
        "[policy]\nlocked = []\n",
        "dialing = []\n",
        "[dialing]\nabroad = 'allow'\n",
        "x =",
        "card.corner = 'top-right'\n",
    ],
)
@pytest.mark.parametrize("lock", ["accounts", "accounts.acme"])
def test_no_shape_of_a_users_file_gets_around_a_lock(
    machine: Machine, trick: str, lock: str
) -> None:
    machine.write(
        f'{PRESET}[card]\ncorner = "top-left"\n[dialing]\nabroad = "refuse"\n'
        f'[policy]\nlocked = ["card.corner", "dialing", "{lock}"]\n'
    )
    machine.user_says(trick)
    loaded = machine.settings_file().load()
    assert loaded.settings.card.corner == "top-left"
    assert loaded.settings.dialing.abroad == "refuse"
    account = loaded.settings.account("acme")
    assert account is not None
    assert (account.vendor, account.label) == ("voxloud", "Acme")
    is_harmless = trick.startswith(("accounts = []", "[[accounts]]\nid = 5"))
    assert loaded.problems or is_harmless


def test_a_file_that_a_variable_names_can_set_but_neither_lock_nor_allow(
    machine: Machine,
) -> None:
    site = machine.root / "home" / "xdg.toml"
    site.write_text(
        '[ui]\ntheme = "dark"\n[card]\nopen_url = "evil:{e164}"\n'
        '[policy]\nschemes = ["evil"]\nlocked = ["card.corner"]\n'
    )
    site.chmod(0o666)
    file = SettingsFile(machine.own, [site], machine.places)
    loaded = file.load()
    assert loaded.settings.ui.theme == "dark"
    assert loaded.settings.card.open_url == ""
    assert loaded.settings.policy.schemes == ()
    assert loaded.lock("card.corner") == ""
    site.chmod(0o644)
    assert file.load().settings.policy.schemes == ("evil",)


# --- accounts that are preset --------------------------------------------------------


def test_of_a_locked_account_users_give_only_what_is_missing(machine: Machine) -> None:
    machine.write(f'{PRESET}[policy]\nlocked = ["accounts.acme"]\n')
    machine.user_says('[[accounts]]\nid = "acme"\nlabel = "Mine"\nextension = "9"\n')
    file = machine.settings_file()
    loaded = file.load()
    (account,) = loaded.settings.accounts
    assert (account.vendor, account.label, account.extension) == (
        "voxloud",
        "Acme",
        "9",
    )
    assert "accounts.acme" in loaded.presets
    assert loaded.lock("accounts.acme.label") == str(machine.file)
    assert loaded.lock("accounts.acme.extension") == ""
    file.set_account_value("acme", "extension", "101")
    with pytest.raises(PolicyError):
        file.remove_account("acme")
    with pytest.raises(PolicyError):
        file.set_account_value("acme", "label", "Mine")
    file.add_account(AccountSettings(id="own", vendor="voxloud"))
    found = [(one.id, one.extension) for one in file.load().settings.accounts]
    assert found == [("acme", "101"), ("own", "")]


def test_where_accounts_are_locked_there_are_none_but_the_presets(
    machine: Machine,
) -> None:
    machine.write(f'{PRESET}[policy]\nlocked = ["accounts"]\n')
    file = machine.settings_file()
    with pytest.raises(PolicyError):
        file.add_account(AccountSettings(id="own", vendor="voxloud"))
    machine.user_says(
        '[[accounts]]\nid = "own"\nvendor = "voxloud"\n'
        '[[accounts]]\nid = "acme"\nis_removed = true\n'
    )
    loaded = file.load()
    assert [one.id for one in loaded.settings.accounts] == ["acme"]
    assert {one.place for one in loaded.problems} == {"accounts.own", "accounts.acme"}


def test_a_locked_source_cannot_be_switched_off(machine: Machine) -> None:
    machine.write(
        '[[sources]]\nid = "people"\nkind = "carddav"\n'
        '[policy]\nlocked = ["sources.people"]\n'
    )
    machine.user_says('[[sources]]\nid = "people"\nis_enabled = false\n')
    file = machine.settings_file()
    (source,) = file.load().settings.sources
    assert source.is_enabled
    with pytest.raises(PolicyError):
        file.set_source_value("people", "is_enabled", False)
    file.set_source_value("people", "base_url", "https://dav.example.com")


def test_an_unlocked_preset_can_be_removed_and_had_again(machine: Machine) -> None:
    machine.write(PRESET)
    file = machine.settings_file()
    file.set_account_value("acme", "extension", "101")
    file.remove_account("acme")
    assert file.load().settings.accounts == ()
    assert file.load().problems == ()
    file.add_account(AccountSettings(id="acme", vendor="voxloud", extension="7"))
    (account,) = file.load().settings.accounts
    assert (account.extension, account.label) == ("7", "Acme")


def test_a_secret_in_a_policy_is_left_out_and_told(machine: Machine) -> None:
    machine.write(f'{PRESET}api_key = "made-up-key-0001"\nsite = "x"\n')
    loaded = machine.settings_file().load()
    assert dict(loaded.settings.accounts[0].options) == {"site": "x"}
    (problem,) = loaded.problems
    assert (problem.place, problem.source) == (
        "accounts[1].api_key",
        str(machine.file),
    )
    assert "made-up" not in str(problem)


# --- what is broken or hostile -------------------------------------------------------


def test_a_wrong_value_hides_no_good_one_and_frees_nothing(machine: Machine) -> None:
    machine.write('[card]\ncorner = "top-left"\n[dialing]\ncountries = ["XX"]\n')
    machine.drop_in(
        "10.toml",
        "[card]\ncorner = 7\nmax_crads = 2\n"
        '[policy]\nlocked = ["card.corner", "card.cornr"]\nprograms = "no"\n',
    )
    machine.user_says('[card]\ncorner = "top-right"\n')
    loaded = machine.settings_file().load()
    assert loaded.settings.card.corner == "top-left"
    assert loaded.settings.policy.programs is False
    # Of a list of only mistakes, "any country" must not become.
    assert loaded.settings.dialing.countries not in ((), ("XX",))
    told = {(one.place, bool(one.source)) for one in loaded.problems}
    assert told == {
        ("dialing.countries", True),
        ("card.corner", True),
        ("card.max_crads", True),
        ("policy.locked", True),
        ("policy.programs", True),
        ("card.corner", False),
    }


@pytest.mark.parametrize(
    "slip",
    [
        b"[card\n",
        b"corner = top-left\n",
        b"[card]\ncorner = 'a'\n[card]\n",
        b"# \xff\xfe\n",
        b'x = "\xe9"\n',
        b'[[accounts]]\nid = "a"\nvendor = \n',
        b"a" * 100 + b"\n",
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_slip_frees_nothing_that_is_locked_elsewhere_in_the_file(
    machine: Machine, slip: bytes, is_first: bool
) -> None:
    locks = b'[dialing]\nabroad = "refuse"\n[policy]\nlocked = [\n "dialing",\n]\n'
    machine.file.write_bytes(slip + locks if is_first else locks + slip)
    machine.user_says('[dialing]\nabroad = "allow"\n')
    loaded = machine.settings_file().load()
    assert loaded.settings.dialing.abroad == "refuse"
    assert loaded.lock("dialing.premium")
    assert any(one.source and not one.is_warning for one in loaded.problems)


def _is_writable(machine: Machine) -> None:
    machine.file.chmod(0o666)


def _folder_is_writable(machine: Machine) -> None:
    machine.file.parent.chmod(0o777)


def _is_linked(machine: Machine) -> None:
    real = machine.file.rename(machine.file.with_name("real.toml"))
    machine.file.symlink_to(real)


def _leads_nowhere(machine: Machine) -> None:
    machine.file.unlink()
    machine.file.symlink_to(machine.root / "nothing")


def _is_huge(machine: Machine) -> None:
    machine.file.write_bytes(b"#" * 1_000_001)


def _is_a_folder(machine: Machine) -> None:
    machine.file.unlink()
    machine.file.mkdir()


def _is_a_pipe(machine: Machine) -> None:
    machine.file.unlink()
    os.mkfifo(machine.file, 0o644)


@pytest.mark.parametrize(
    "harm",
    [
        _is_writable,
        _folder_is_writable,
        _is_linked,
        _leads_nowhere,
        _is_huge,
        _is_a_folder,
        _is_a_pipe,
    ],
)
def test_a_policy_that_cannot_be_trusted_is_refused_and_what_it_said_stays(
    machine: Machine, harm: Callable[[Machine], None]
) -> None:
    machine.write(LOCKS_CORNER)
    machine.user_says('[card]\ncorner = "top-right"\n')
    machine.settings_file().load()
    machine.write(LOCKS_CORNER.replace("top-left", "bottom-left"))
    harm(machine)
    # Another start of the program, which knows only what was remembered.
    loaded = machine.settings_file().load()
    assert loaded.settings.card.corner == "top-left"
    assert any(one.source and not one.is_warning for one in loaded.problems)

    (machine.own.parent / "policy-before.json").unlink()
    assert machine.settings_file().load().settings.card.corner == "top-right"


def test_a_policy_of_somebody_else_is_refused(machine: Machine) -> None:
    machine.write(LOCKS_CORNER)
    file = machine.settings_file()
    file._places = machine.places._replace(trusted=())
    if os.getuid() == 0:
        os.chown(machine.file, 65534, 65534)
    (problem,) = file.load().problems
    assert "administrator" in problem.text


def test_what_is_remembered_may_be_rubbish(machine: Machine) -> None:
    memory = machine.own.with_name("policy-before.json")
    machine.write(LOCKS_CORNER)
    for rubbish in (b"\xff", b"[]", b'{"version": 1, "layers": []}', b"{}"):
        memory.write_bytes(rubbish)
        assert machine.settings_file().load().settings.card.corner == "top-left"


def test_no_variable_moves_where_the_policy_is(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    from screenpop.config.paths import Paths

    usual = Paths.from_environment().policy
    for name in ("SCREENPOP_HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(machine.root))
    for name in ("PROGRAMDATA", "ALLUSERSPROFILE"):
        monkeypatch.setenv(name, str(machine.root))
    assert Paths.from_environment().policy == usual
    assert usual.files
