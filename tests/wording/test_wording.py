"""Texts in the user's language, and in English for machines."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from screenpop.config.languages import read_catalogue
from screenpop.domain.errors import ProviderUnavailable
from screenpop.domain.plain_text import plain
from screenpop.store.database import Database
from screenpop.wording import (
    english,
    in_english,
    install_catalogue,
    isolated,
    language,
    marked,
    named,
    reworded,
    sentences,
    tr,
    tr_count,
    tr_marked,
    unmarked,
)
from tests.x11.mirrored_language import MirroredLanguage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KNOWS_NOT = "{service} does not know it"
ANY_TIME = "Write %20 for a blank."


@pytest.fixture
def lithuanian(catalogues: Path) -> Iterator[None]:
    """Every text in Lithuanian, until the test ends."""
    install_catalogue(read_catalogue("lt", catalogues))
    yield
    install_catalogue(None)


@pytest.fixture
def mirrored() -> Iterator[None]:
    """Every text written from the right, until the test ends."""
    install_catalogue(MirroredLanguage())
    yield
    install_catalogue(None)


def test_english_texts_are_plain_strings() -> None:
    assert type(tr("{service} does not know it", service="Acme")) is str
    assert tr("{service} does not know it", service="Acme") == "Acme does not know it"
    assert tr_count("{count} call", "{count} calls", 1) == "1 call"
    assert tr_count("{count} call", "{count} calls", 0) == "0 calls"
    assert reworded("No calls yet") == "No calls yet"
    assert named("country", "LT") == ""
    assert language() == "en"


@pytest.mark.usefixtures("lithuanian")
def test_a_text_is_made_in_the_users_language_and_remembers_its_english() -> None:
    text = tr("{service} does not know it", service="Acme")
    assert text == "Acme to nežino"
    assert english(text) == "Acme does not know it"
    assert named("country", "LT") == "Lietuva"


@pytest.mark.usefixtures("lithuanian")
@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 skambučių"),
        (1, "1 skambutis"),
        (2, "2 skambučiai"),
        (10, "10 skambučių"),
        (11, "11 skambučių"),
        (21, "21 skambutis"),
        (112, "112 skambučių"),
    ],
)
def test_a_number_takes_its_plural_form(count: int, expected: str) -> None:
    assert tr_count("{count} call", "{count} calls", count) == expected


@pytest.mark.usefixtures("lithuanian")
def test_an_error_is_english_to_the_log_and_the_users_language_on_screen() -> None:
    cause = tr("{service} took too long to answer", service="Acme")
    title = tr("{title}, so it is not known whether the call was started", title=cause)
    error = ProviderUnavailable(title)
    assert (
        error.title == "Acme per ilgai neatsakė, todėl nežinoma, ar skambutis prasidėjo"
    )
    assert error.advice == "„screenpop“ pats bando dar kartą."
    assert str(error) == (
        "Acme took too long to answer, so it is not known whether the call was started."
        " screenpop tries again by itself."
    )


@pytest.mark.usefixtures("lithuanian")
def test_machines_get_english(tmp_path: Path) -> None:
    text = tr("No calls yet")
    assert text != "No calls yet"
    told = in_english({"title": text, "more": [text, 1, None]})
    assert json.dumps(told) == (
        '{"title": "No calls yet", "more": ["No calls yet", 1, null]}'
    )
    Database(tmp_path / "made.db").close()
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("SELECT ?", (text,)).fetchone() == ("No calls yet",)
    connection.close()


@pytest.mark.usefixtures("lithuanian")
@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("No calls yet", "Skambučių dar nėra"),
        ("Acme does not know it", "Acme to nežino"),
        (
            "Acme took too long to answer, so it is not known whether the call was"
            " started",
            "Acme per ilgai neatsakė, todėl nežinoma, ar skambutis prasidėjo",
        ),
        ("What somebody else wrote", "What somebody else wrote"),
        ("", ""),
    ],
)
def test_what_was_kept_in_english_is_translated_when_it_is_shown(
    kept: str, shown: str
) -> None:
    assert reworded(kept) == shown


@pytest.mark.usefixtures("lithuanian")
def test_what_is_translated_already_stays_so() -> None:
    text = tr("No calls yet")
    assert reworded(text) is text
    assert sentences("", text, tr("Try again")) == f"{text} Bandyti dar kartą"
    assert english(sentences(text, "Acme.")) == "No calls yet Acme."


@pytest.mark.usefixtures("lithuanian")
def test_a_marked_text_is_translated_where_it_is_used() -> None:
    assert tr_marked(marked("Missed call")) == "Praleistas skambutis"
    assert tr_marked(marked("")) == ""


@pytest.mark.usefixtures("mirrored")
def test_what_fills_a_gap_does_not_turn_around_in_a_mirrored_sentence() -> None:
    text = tr("Calling {who}", who="+44 20 7946 0123")
    assert "\u2068+44 20 7946 0123\u2069" in text
    assert english(text) == "Calling +44 20 7946 0123"
    # The marks outlive the way to the screen in our texts; foreign ones lose theirs.
    assert plain(text) == text
    assert plain(f"x{isolated('y')}z") == "xyz"


@pytest.mark.usefixtures("mirrored")
def test_a_sentence_within_a_sentence_keeps_its_own_direction() -> None:
    inner = tr("{day} {month}", day=12, month=tr("Nov"))
    outer = tr("Last: {when}, missed call", when=inner)
    # Inside "first strong" marks Qt would take it to run from the left.
    assert f"\u2067{inner}\u2069" in outer
    assert not {"\u2067", "\u2068", "\u2069"} & set(unmarked(outer))
