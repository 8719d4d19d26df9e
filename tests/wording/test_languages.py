"""The languages there are, which one is chosen, and that each is complete."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import pytest
from babel.messages import Catalog

import catalogues as compiler
import languages as tool
from screenpop.config.languages import (
    LANGUAGES,
    chosen_language,
    language_setting,
    posix_languages,
    read_catalogue,
)

if TYPE_CHECKING:
    from pathlib import Path

CODES = sorted(set(LANGUAGES) - {"en"})


@cache
def program() -> Catalog:
    """Every text of the program; taking them out takes a second."""
    return tool.extracted()


def test_each_language_that_is_offered_has_its_catalogue() -> None:
    there = {path.stem for path in compiler.FOLDER.glob("*.po")}
    assert set(CODES) <= there


@pytest.mark.parametrize("code", CODES)
def test_a_language_is_complete_and_right(code: str) -> None:
    found = list(tool.faults(compiler.FOLDER / f"{code}.po", program()))
    assert found == [], f"python3 installer/dev.py languages {code} says what to do"


@pytest.mark.parametrize("code", CODES)
def test_a_language_can_be_read_as_compiled(code: str, catalogues: Path) -> None:
    catalogue = read_catalogue(code, catalogues)
    assert catalogue is not None
    assert catalogue.code == code
    assert catalogue.gettext("No calls yet") != "No calls yet"
    assert any("{" in sentence for sentence in catalogue.sentences_with_gaps())


def _catalogue(folder: Path, entries: str) -> Path:
    path = folder / "lt.po"
    head = (
        'msgid ""\nmsgstr ""\n"Language: lt\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : n%10>=2 ? 1 : 2);\\n"\n\n'
    )
    path.write_text(head + entries, "utf-8")
    return path


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("", "missing: Hello {name}"),
        ('msgid "Hello {name}"\nmsgstr ""', "missing"),
        ('msgid "Hello {name}"\nmsgstr "Labas {vardas}"', "other gaps (name, vardas)"),
        ('msgid "Hello {name}"\nmsgstr "Labas {name}…"', "other blanks or dots"),
        ('msgid "Hello {name}"\nmsgstr "Hello {name}"', "reads as in English"),
        ('# same\nmsgid "Hello {name}"\nmsgstr "Hello {name}"', ""),
        ('msgid "Hello {name}"\nmsgstr "Labas, {name}"', ""),
        (
            'msgid "Hello {name}"\nmsgstr "Labas, {name}"\n\n'
            'msgid "Gone"\nmsgstr "Nėra"',
            "not in the program any more: Gone",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_said(
    tmp_path: Path, entry: str, fault: str
) -> None:
    said = Catalog()
    said.add("Hello {name}")
    found = list(tool.faults(_catalogue(tmp_path, entry), said))
    assert [fault in one for one in found] == ([True] if fault else [])


def test_plural_forms_that_lack_are_said(tmp_path: Path) -> None:
    said = Catalog()
    said.add(("{count} call", "{count} calls"))
    entry = (
        'msgid "{count} call"\nmsgid_plural "{count} calls"\n'
        'msgstr[0] "vienas skambutis"\nmsgstr[1] "{count} skambučiai"\nmsgstr[2] ""'
    )
    found = list(tool.faults(_catalogue(tmp_path, entry), said))
    assert found == ["a form is empty: {count} call"]


@pytest.mark.parametrize(
    ("setting", "system", "expected"),
    [
        ("", ["it_IT.UTF-8"], "it"),
        ("", ["lt-LT", "en-GB"], "lt"),
        ("", ["fi_FI", "it"], "it"),
        ("", ["C.UTF-8"], "en"),
        ("", [], "en"),
        ("en", ["it_IT"], "en"),
        ("lt", ["it_IT"], "lt"),
        ("xx", ["it_IT"], "it"),
    ],
)
def test_the_setting_goes_before_the_system(
    setting: str, system: list[str], expected: str
) -> None:
    assert chosen_language(setting, system) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "it_IT.UTF-8"}, ("it_IT.UTF-8",)),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "lt_LT"}, ("lt_LT",)),
        ({"LANG": "it_IT", "LANGUAGE": "lt:it"}, ("lt", "it", "it_IT")),
        ({"LANG": "C.UTF-8", "LANGUAGE": "lt"}, ("C.UTF-8",)),
        ({}, ()),
    ],
)
def test_the_environment_is_read_as_by_other_programs(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    expected: tuple[str, ...],
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setitem(os.environ, name, value)
    assert posix_languages() == expected


def test_the_strongest_file_that_says_a_language_counts(tmp_path: Path) -> None:
    own, site = tmp_path / "own.toml", tmp_path / "site.toml"
    assert language_setting([own, site]) == ""
    site.write_text('language = "lt" # for everybody\n', "utf-8")
    own.write_text('region = "IT"\n[listener]\nlanguage = "it"\n', "utf-8")
    assert language_setting([own, site]) == "lt"
    own.write_text("# mine\nlanguage = 'it'\n", "utf-8")
    assert language_setting([own, site]) == "it"


@pytest.mark.expects_log("no texts of the language")
def test_a_missing_catalogue_leaves_the_program_in_english(tmp_path: Path) -> None:
    assert read_catalogue("lt", tmp_path) is None
