"""``screenpop contacts`` and ``screenpop lookup`` on a real database."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.domain.calls import CallRef
from screenpop.simulator import demo_story, parse_faults
from screenpop.store.call_log import CallLog
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.builders import LONDON, OTHER_LONDON, a_delivery, a_ring, a_row, at

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud
    from tests.cli.conftest import Home, Run

ANN = "020 7946 0123"


@pytest.fixture
def gb_home(empty_home: Home) -> Home:
    """Somebody in London without any account."""
    empty_home.write('region = "GB"\n')
    return empty_home


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(
        "Name,Company,Mobile,E-mail\n"
        "Ann Example,Example Ltd,07700 900123,ann@example.com\n"
        "Bob Sample,,020 7946 0456,\n"
        "Nobody at all,,,\n",
        encoding="utf-8",
    )
    return path


# --- a file of contacts ---------------------------------------------------------------


def test_a_file_is_taken_in_and_its_people_are_found(
    run: Run, gb_home: Home, file: Path
) -> None:
    ran = run("contacts", "import", str(file))
    assert ran.status == 0
    assert "phone mobile" in ran.out
    assert "2 contacts imported, 1 rows passed over" in ran.out
    assert "Line 4" in ran.err
    (hit,) = run("contacts", "search", "ann exa", "--json").rows
    assert hit["contact"]["company"] == "Example Ltd"
    (hit,) = run("contacts", "search", "07700 9001", "--json").rows
    assert hit["contact"]["name"] == "Ann Example"
    assert "Bob Sample" in run("contacts", "search", "bob").out


def test_taking_a_file_in_twice_does_not_double_its_people(
    run: Run, gb_home: Home, file: Path
) -> None:
    run("contacts", "import", str(file))
    assert run("contacts", "import", str(file), "--json").json["imported"] == 2
    assert len(run("contacts", "search", "ann", "--json").rows) == 1


def test_a_vcard_file_is_taken_in_the_same_way(
    run: Run, gb_home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "people.vcf"
    path.write_text(
        "BEGIN:VCARD\nFN:Ann Example\nTEL;CELL:07700 900123\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:Nobody at all\nEND:VCARD\n"
    )
    ran = run("contacts", "import", str(path))
    assert ran.status == 0
    assert "2 vCards" in ran.out
    assert "1 contacts imported, 1 rows passed over" in ran.out
    assert "Line 5" in ran.err
    (hit,) = run("contacts", "search", "07700 9001", "--json").rows
    assert hit["contact"]["name"] == "Ann Example"
    assert run("contacts", "import", str(path), "--column", "1=phone").status == 2


def test_what_a_column_holds_can_be_said(
    run: Run, gb_home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b\nAnn,07700 900123\n", encoding="utf-8")
    ran = run(
        "contacts", "import", str(file), "--column", "1=company", "--column", "2=phone"
    )
    assert ran.status == 0
    (hit,) = run("contacts", "search", "ann", "--json").rows
    assert (hit["contact"]["name"], hit["contact"]["company"]) == ("", "Ann")


@pytest.mark.parametrize("column", ["9=phone", "x=phone", "1=shoe size"])
def test_a_column_that_cannot_be_is_wrong_usage(
    run: Run, gb_home: Home, file: Path, column: str
) -> None:
    assert run("contacts", "import", str(file), "--column", column).status == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"Name\nAnn\n", "no column with phone numbers"),
        (b"Name,Phone\nAnn,\n", "No contact was imported"),
    ],
)
def test_a_file_that_gives_nothing_fails_with_one_sentence(
    run: Run, gb_home: Home, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "people.csv"
    if content is not None:
        file.write_bytes(content)
    ran = run("contacts", "import", str(file))
    assert ran.status == 1
    assert says in ran.err


# --- single contacts --------------------------------------------------------------


def test_a_contact_is_made_shown_changed_and_removed(run: Run, gb_home: Home) -> None:
    made = run(
        "contacts", "create", "--name", "Ann Example", "--number", ANN,
        "--number", "07700 900123", "--email", "ann@example.com", "--json",
    ).json  # fmt: skip
    assert [each["e164"] for each in made["numbers"]] == [LONDON, "+447700900123"]
    place = ("local", made["source_id"])
    edited = run("contacts", "edit", *place, "--company", "Example Ltd", "--json").json
    assert (edited["name"], edited["company"]) == ("Ann Example", "Example Ltd")
    assert len(edited["numbers"]) == 2
    assert "Example Ltd" in run("contacts", "show", *place).out
    assert run("contacts", "delete", *place).status == 2
    assert run("contacts", "delete", *place, "--yes").status == 0
    assert run("contacts", "show", *place).status == 1
    assert run("contacts", "search", "ann").out == "Nobody found.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("create", "--name", "Ann"),
        ("create", "--number", ANN),
        ("create", "--name", "Ann", "--number", ANN, "--account", "nobody"),
        ("search", "ann", "--account", "nobody"),
        ("sync", "--account", "nobody"),
        ("forget", "no number", "--yes"),
        ("forget", ANN),
        ("import",),
        (),
    ],
)
def test_wrong_usage_ends_with_two(
    run: Run, gb_home: Home, words: tuple[str, ...]
) -> None:
    ran = run("contacts", *words)
    assert (ran.status, ran.out) == (2, "")
    assert "7946" not in ran.err


def test_a_source_out_of_order_is_named_and_the_others_answer(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    run("contacts", "create", "--name", "Ann Example", "--number", ANN)
    cloud.set_faults(parse_faults(["server-error=503"]))
    ran = run("contacts", "search", "ann", "--json")
    assert ran.status == 0
    assert [hit["contact"]["name"] for hit in ran.rows] == ["Ann Example"]
    assert "acme was not searched" in ran.err


def test_contacts_of_an_account_are_copied_and_found_without_it(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    story = demo_story("voxloud")
    cloud.seed_contacts(story.people)
    known = next(each for each in story.people if each.in_cloud)
    words = ("contacts", "search", known.last_name, "--account", "local", "--json")
    assert run(*words).rows == []
    first = run("contacts", "sync").out
    assert "contacts copied to this computer" in first
    assert run("contacts", "sync", "--account", "acme").out == first
    cloud.stop()
    assert len(run(*words).rows) == 1
    answer = run("lookup", known.number, "--json").json
    assert answer["matches"][0]["contact"]["name"] == known.name


# --- who is it ------------------------------------------------------------------------


def test_a_number_is_looked_up_however_it_is_written(run: Run, gb_home: Home) -> None:
    run("contacts", "create", "--name", "Ann Example", "--number", ANN)
    for written in (ANN, "+442079460123", "0044 20 7946 0123", "tel:+44-20-7946-0123"):
        ran = run("lookup", written)
        assert ran.status == 0
        assert "Ann Example" in ran.out
        assert "same number" in ran.out
    assert "Ann Example" in run("lookup", *ANN.split()).out
    answer = run("lookup", ANN, "--json").json
    (report,) = answer["reports"]
    assert (report["source"], report["state"]) == ("local", "answered")
    assert report["took_seconds"] >= 0


def test_an_unknown_number_says_who_was_asked(run: Run, home: Home) -> None:
    ran = run("lookup", ANN)
    assert "Nobody known" in ran.out
    assert "acme" in ran.out


def test_a_source_that_fails_is_reported_with_its_reason(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    cloud.set_faults(parse_faults(["unauthorized"]))
    reports = run("lookup", ANN, "--json").json["reports"]
    assert [each["state"] for each in reports] == ["none", "failed"]
    assert "does not accept the key" in reports[1]["problem"]


def test_what_is_no_number_is_wrong_usage(run: Run, gb_home: Home) -> None:
    assert run("lookup", "who knows").status == 2
    assert run("lookup", "").status == 2
    assert run("lookup").status == 2


# --- forgetting ---------------------------------------------------------------------


def test_forgetting_a_number_leaves_no_trace_of_it(run: Run, gb_home: Home) -> None:
    run("contacts", "create", "--name", "Ann Example", "--number", ANN)
    run("contacts", "create", "--name", "Bob Sample", "--number", OTHER_LONDON)
    _fill_log()
    ran = run("contacts", "forget", ANN, "--yes")
    assert ran.status == 0
    assert "traces removed" in ran.out
    assert run("contacts", "search", "ann").out == "Nobody found.\n"
    assert len(run("contacts", "search", "bob", "--json").rows) == 1
    assert run("events").out.count("\n") == 1
    assert [call["ref"]["call_id"] for call in run("calls", "--json").rows] == [
        "call-of-bob"
    ]
    left = _everything_kept()
    assert "79460123" not in left
    assert "A note about Ann" not in left
    assert "79460456" in left
    assert run("contacts", "forget", ANN, "--yes").out == "There was no trace of it.\n"


def _fill_log() -> None:
    paths = Paths.from_environment()
    bodies = (
        b'{"callId": "call-of-ann", "from": "+442079460123"}',
        b'{"callId": "call-of-ann", "type": "HANGUP"}',
        b"from=%2B44%2020%207946%200123",
        b'{"callId": "call-of-bob", "from": "+442079460456", "at": 12079460123456}',
    )
    with Database(paths.database_file) as database:
        log = CallLog(database)
        for body in bodies:
            Journal(database).append(a_delivery(body=body)).result()
        log.commit(
            events=[a_ring(call_id="call-of-ann")],
            rows=[
                a_row("call-of-ann"),
                a_row("call-of-bob", remote_e164=OTHER_LONDON, remote_number="Bob"),
            ],
        ).result()
        ref = CallRef("acme", "call-of-ann")
        log.set_note(
            ref.account_id, ref.call_id, "A note about Ann", at=at(90)
        ).result()


def _everything_kept() -> str:
    folder = Path(os.environ["SCREENPOP_HOME"])
    connection = sqlite3.connect(folder / "screenpop.db")
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()
