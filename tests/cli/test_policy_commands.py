"""``screenpop doctor --policy``, and commands that would change what is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.config import policy_places
from tests.policy.conftest import Machine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Home, Run

POLICY = """
[card]
corner = "top-left"
max_cards = 2

[[accounts]]
id = "acme"
vendor = "voxloud"
label = "Harbour Bikes"

[[sources]]
id = "directory"
kind = "carddav"
base_url = "https://dav.example.com/"
is_enabled = true

[policy]
locked = ["card.corner", "accounts", "sources.directory", "sources", "team"]
administrator = "IT, ext. 200"
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """This computer, with a policy."""
    made = Machine(tmp_path / "machine")
    for folder in (made.root, made.file.parent):
        folder.mkdir(mode=0o755)
    made.file.touch(0o644)
    made.write(POLICY)
    monkeypatch.setattr(policy_places, "machine_places", lambda: made.places)
    return made


# --- what is locked ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("account", "add", "voxloud", "--id", "own"), "made-up-key\n"),
        (("account", "remove", "acme", "--yes"), ""),
        (("account", "set", "acme", "label", "Mine"), ""),
        (("source", "add", "carddav", "--id", "own"), "made-up\n"),
        (("source", "remove", "directory", "--yes"), ""),
        (("source", "disable", "directory"), ""),
        (("team", "leave", "--yes"), ""),
    ],
)
def test_a_command_cannot_change_what_is_locked(
    run: Run, empty_home: Home, machine: Machine, words: tuple[str, ...], stdin: str
) -> None:
    empty_home.write('region = "GB"\n')
    ran = run(*words, stdin=stdin)
    assert ran.status == 1
    assert "administrator" in ran.err
    assert empty_home.config == 'region = "GB"\n'


def test_a_user_gives_a_preset_account_its_extension(
    run: Run, empty_home: Home, machine: Machine
) -> None:
    assert run("account", "set", "acme", "extension", "101").status == 0
    row = run("account", "list", "--json").json
    assert (row["id"], row["label"], row["extension"]) == (
        "acme",
        "Harbour Bikes",
        "101",
    )
    assert (row["preset"], row["locked"]) == (True, True)
    assert "administrator" in run("account", "list").out


def test_neither_the_file_nor_a_variable_gets_around_a_lock(
    run: Run,
    empty_home: Home,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    other = tmp_path / "other"
    (other / "screenpop").mkdir(parents=True)
    (other / "screenpop" / "config.toml").write_text(
        '[card]\ncorner = "top-right"\n[policy]\nlocked = []\nprograms = true\n'
    )
    monkeypatch.setenv("SCREENPOP_HOME", str(other / "screenpop"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(other))
    rows = run("doctor", "--policy", "--json").json["settings"]
    corner = next(row for row in rows if row["place"] == "card.corner")
    assert (corner["value"], corner["reason"]) == ("top-left", "locked")
    assert corner["lock"] == str(machine.file)
    assert "card.corner" in run("account", "list").err


# --- what is said of it --------------------------------------------------------------


def test_it_is_said_for_each_setting_who_wins_and_why(
    run: Run, empty_home: Home, machine: Machine
) -> None:
    empty_home.write('[card]\ncorner = "top-right"\nmax_cards = 4\nsound = "low"\n')
    machine.drop_in("10.toml", '[ui]\ntheme = "dark"\n')
    ran = run("doctor", "--policy")
    assert (ran.status, ran.err) == (0, "")
    assert f'card.corner = "top-left"\n    locked by {machine.file}' in ran.out
    assert 'not "top-right" of' in ran.out
    assert "card.max_cards = 4\n    from" in ran.out
    told = run("doctor", "--policy", "--json").json
    by_place = {row["place"]: row for row in told["settings"]}
    assert by_place["card.max_cards"]["reason"] == "user"
    assert by_place["card.sound"]["reason"] == "user"
    assert by_place["ui.theme"]["reason"] == "default"
    assert by_place["ui.theme"]["source"].endswith("10.toml")
    assert by_place["accounts.acme"]["reason"] == "locked"
    kinds = [layer["kind"] for layer in told["policies"]]
    assert kinds == ["drop-in file", "machine file"]


def test_without_a_policy_that_is_said(run: Run, empty_home: Home) -> None:
    ran = run("doctor", "--policy")
    assert ran.status == 0
    assert "There is no policy" in ran.out


def test_a_policy_can_be_looked_at_before_it_is_rolled_out(
    run: Run, empty_home: Home, machine: Machine, tmp_path: Path
) -> None:
    empty_home.write('[card]\ncorner = "top-right"\n')
    draft = tmp_path / "draft.toml"
    draft.write_text(
        '[card]\ncorner = "bottom-left"\n[policy]\nlocked = ["card.corner"]\n'
    )
    draft.chmod(0o666)
    ran = run("doctor", "--policy-file", str(draft))
    assert (ran.status, ran.err) == (0, "")
    assert f'card.corner = "bottom-left"\n    locked by {draft}' in ran.out
    # What is wrong with another policy does not keep a good one out.
    machine.drop_in("50.toml", "[card\n")
    assert run("doctor", "--policy-file", str(draft)).status == 0
    assert run("doctor", "--policy").status == 1
    (machine.drop_ins / "50.toml").unlink()
    # It was a look only.
    assert '"top-left"' in run("doctor", "--policy").out

    draft.write_text('[card]\ncorner = "middle"\ncornr = "x"\n[policy\n')
    ran = run("doctor", "--policy-file", str(draft))
    assert ran.status == 1
    assert ran.out.count("FAULT") == 3
    ran = run("doctor", "--policy-file", str(tmp_path / "none.toml"))
    assert (ran.status, ran.out) == (1, "")


def test_the_doctor_tells_what_is_wrong_with_a_policy(
    run: Run, home: Home, machine: Machine
) -> None:
    ran = run("doctor", "--patience", "5")
    assert f"ok    policy: {machine.file}: in order" in ran.out
    machine.file.chmod(0o666)
    ran = run("doctor", "--patience", "5")
    assert str(machine.file) in ran.out
    assert "can be written by users" in ran.out
    assert "administrator" in ran.out


# --- a team --------------------------------------------------------------------------


def test_a_code_is_read_from_a_file_that_administrators_left(
    run: Run, empty_home: Home, machine: Machine, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.write_text("no code at all\n")
    machine.write(f"[policy]\nteam_code = {str(code)!r}\n")
    for words in ((), ("--code-file", str(code))):
        ran = run("team", "join", *words)
        assert ran.status in (1, 2)
        assert "code" in ran.err
    ran = run("team", "join", "--code-file", str(tmp_path / "none"))
    assert ran.status == 1
    assert "cannot be read" in ran.err
