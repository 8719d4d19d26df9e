"""What callers, CRMs and vendors send never reaches a terminal as more than text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.output import as_terminal_text, say_json
from screenpop.config.paths import Paths
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.store.call_log import CallLog
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.builders import LONDON, a_delivery, a_ring, a_row
from tests.end2end.voxloud_calls import webhook

if TYPE_CHECKING:
    from tests.cli.conftest import Home, Run

# Clears the screen, renames the window, makes a link, reprograms a key, rings, goes
# back over what was written, turns the line around; each in all its spellings.
HOSTILE = (
    "Eve\x1b[2J\x9b2J\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\"
    "\x90+q\x9c\x08\x08\r\x7f\u202eevil\u202c\u2066x\u2069\u200f"
)
# All but the end of a line: controls of both sets, and what turns the writing around.
UNSAFE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@pytest.fixture
def hostile(home: Home) -> Home:
    """A home in which every text of somebody else's is an attack on terminals."""
    paths = Paths.from_environment()
    paths.ensure()
    with Database(paths.database_file) as database:
        Journal(database).append(
            a_delivery(
                body=webhook("c-1", "INCOMING", LONDON, originatorName=HOSTILE),
            )
        )
        texts = ("remote_name", "line_name", "answered_by", "summary")
        row = a_row(**dict.fromkeys(texts, HOSTILE))
        ring = a_ring()
        CallLog(database).commit(events=[ring], rows=[row]).result()
        number = ContactNumber(LONDON, LONDON, HOSTILE)
        LocalContacts(database).save(
            Contact(
                source="local",
                source_id="eve",
                name=HOSTILE,
                company=HOSTILE,
                numbers=(number,),
            )
        ).result()
    return home


@pytest.mark.parametrize(
    "words",
    [
        ("calls",),
        ("calls", "--json"),
        ("events",),
        ("contacts", "search", "Eve"),
        ("contacts", "search", "Eve", "--json"),
        ("lookup", LONDON),
        ("lookup", LONDON, "--json"),
        ("replay", "--dry-run"),
        ("account", "list"),
        (HOSTILE,),
        ("calls", "--since", HOSTILE),
        ("account", "check", HOSTILE),
        ("contacts", "import", f"/nowhere/{HOSTILE}.csv"),
    ],
    ids=lambda words: " ".join(words).replace(HOSTILE, "X"),
)
def test_no_command_writes_what_a_terminal_would_obey(
    run: Run, hostile: Home, words: tuple[str, ...]
) -> None:
    ran = run(*words)
    assert not UNSAFE.search(ran.out)
    assert not UNSAFE.search(ran.err)
    if "--json" in words:
        assert "Eve" in json.dumps(ran.rows)


def test_json_says_the_same_though_it_is_written_safely(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say_json({"name": HOSTILE, "half": "\ud800", "zoë": "Ζωή"})
    line = capsys.readouterr().out
    assert not UNSAFE.search(line)
    assert json.loads(line) == {"name": HOSTILE, "half": "\ud800", "zoë": "Ζωή"}
    assert "Ζωή" in line


def test_text_of_any_script_stays_and_a_line_stays_a_line() -> None:
    for text in ("Ζωή Ångström", "السلام", "日本\n語", "👩‍👩‍👧 Tom & Jerry"):
        assert as_terminal_text(text) == text


def test_a_terminal_that_cannot_write_a_letter_is_no_fault() -> None:
    code = "from screenpop.cli.output import say; say('Zo\\xeb \\u0396')"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
    )
    assert ran.stdout == b"Zo\\xeb \\u0396\n"
    assert ran.stderr == b""
