"""What a call opens, tried with one of the log."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.domain.events import Direction
from screenpop.store.call_log import CallLog
from screenpop.store.database import Database
from tests.builders import LONDON, a_row

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Home, Run

TEMPLATE = "https://crm.example.com/?phone={e164}&line={line}"


@pytest.fixture
def gb_home(empty_home: Home) -> Home:
    """Somebody in London with one call in the log."""
    database = Database(Paths.from_environment().database_file)
    row = a_row(
        direction=Direction.INBOUND,
        remote_number=LONDON,
        remote_e164=LONDON,
        line_name="Sales UK",
    )
    CallLog(database).commit(rows=[row]).result()
    database.close()
    return empty_home


def _card(home: Home, *lines: str) -> None:
    home.write("\n".join(('region = "GB"', "[card]", *lines, "")))


def test_a_dry_run_says_what_would_be_opened_and_when(run: Run, gb_home: Home) -> None:
    _card(gb_home, 'open_record = "ring"', f'open_url = "{TEMPLATE}"')
    ran = run("calls", "open", "latest", "--dry-run")
    assert ran.status == 0
    assert "As soon as it rings" in ran.out
    assert "https://crm.example.com/?phone=%2B442079460123&line=Sales%20UK" in ran.out
    plan = run("calls", "open", "latest", "--dry-run", "--json").json
    assert (plan["when"], plan["reason"]) == ("ring", "")


def test_switched_off_it_still_says_what_there_is(run: Run, gb_home: Home) -> None:
    _card(gb_home, f'open_url = "{TEMPLATE}"')
    ran = run("calls", "open", "latest", "--dry-run")
    assert ran.status == 0
    assert "switched off" in ran.out


def test_nothing_to_open_says_why(run: Run, gb_home: Home) -> None:
    _card(gb_home, 'open_record = "ring"')
    ran = run("calls", "open", "latest", "--dry-run")
    assert ran.status == 1
    assert "Nothing: nobody with a page" in ran.out
    run("contacts", "mark", LONDON, "--spam")
    assert "marked as spam" in run("calls", "open", "latest", "--dry-run").out


def test_a_program_is_run_with_these_very_arguments(
    run: Run, gb_home: Home, tmp_path: Path
) -> None:
    told = tmp_path / "told.json"
    code = (
        "import json, pathlib, sys;"
        "pathlib.Path(sys.argv[1]).write_text(json.dumps(sys.argv[2:]))"
    )
    argv = [
        sys.executable,
        "-c",
        code,
        str(told),
        "{e164}",
        "a b; $(touch x)",
        "{line}",
    ]
    _card(gb_home, f"open_program = {json.dumps(argv)}")
    assert run("calls", "open", "latest").status == 0
    assert json.loads(told.read_text()) == [LONDON, "a b; $(touch x)", "Sales UK"]


def test_a_template_that_cannot_be_used_is_told_of_and_not_used(
    run: Run, gb_home: Home
) -> None:
    _card(gb_home, 'open_url = "javascript:{e164}"')
    assert "Nothing" in run("calls", "open", "latest", "--dry-run").out


def test_a_policy_in_the_users_own_file_is_ignored(run: Run, gb_home: Home) -> None:
    gb_home.write(
        'region = "GB"\n[policy]\nschemes = ["crm"]\n[card]\nopen_url = "crm:{e164}"\n'
    )
    assert "Nothing" in run("calls", "open", "latest", "--dry-run").out
    assert "policy" in run("doctor").out
