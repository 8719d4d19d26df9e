"""What the documentation says is so."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from screenpop.cli.main import COMMANDS
from screenpop.config import settings as model
from screenpop.config.card_settings import LineSettings
from screenpop.lookup.registry import source_manifests
from screenpop.providers import registry

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted(
    (
        README,
        ROOT / "CHANGELOG.md",
        *ROOT.glob(".github/*.md"),
        *ROOT.glob("docs/**/*.md"),
    )
)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)\s]*)?\)")
_PACKAGE = re.compile(r"`(screenpop(?:\.[a-z_]+)+)`")
_FILE = re.compile(
    r"`((?:screenpop|tests|installer|docs)/[\w./-]*(?:\.(?:md|py|txt|yaml)|/))`"
)
_TEST = re.compile(r"`(tests/[\w/.]+)::(test_\w+)`")


def _links(page: Path) -> list[Path]:
    text = page.read_text(encoding="utf-8")
    return [(page.parent / target).resolve() for target in _LINK.findall(text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_is_there(page: Path) -> None:
    missing = [str(target) for target in _links(page) if not target.exists()]
    assert missing == []


def test_every_picture_is_shown_in_light_and_dark_and_they_are_light_to_load() -> None:
    pictures = set((ROOT / "docs" / "pictures").glob("*.png"))
    shown = {link for page in PAGES for link in _links(page) if link.suffix == ".png"}
    assert pictures == shown
    names = {picture.stem.removesuffix("-light") for picture in pictures}
    dark = {name for name in names if name.endswith("-dark")}
    assert {name.removesuffix("-dark") for name in dark} == names - dark
    assert sum(picture.stat().st_size for picture in pictures) < 1_500_000


def test_every_page_is_reachable_from_the_readme() -> None:
    seen: set[Path] = set()
    to_read = [README]
    while to_read:
        page = to_read.pop()
        seen.add(page)
        to_read += [
            link for link in _links(page) if link.suffix == ".md" and link not in seen
        ]
    assert [str(page) for page in PAGES if page not in seen] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [file for file in _FILE.findall(text) if not (ROOT / file).exists()]
    assert missing == []


def test_every_package_in_the_architecture_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = set(_PACKAGE.findall(text))
    assert packages
    assert [name for name in packages if importlib.util.find_spec(name) is None] == []


def test_every_package_has_its_place_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = [path.parent.name for path in ROOT.glob("screenpop/*/__init__.py")]
    assert [name for name in packages if f"`screenpop.{name}`" not in text] == []


def test_the_code_uses_the_words_of_the_glossary() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    words = {word for row in rows for word in re.findall(r"`([\w. ]+)`", row[3])}
    code = "\n".join(path.read_text("utf-8") for path in ROOT.glob("screenpop/**/*.py"))
    parts = {part for word in words for part in re.findall(r"\w+", word)}
    assert len(parts) > len(rows) // 2
    assert [part for part in sorted(parts) if not re.search(rf"\b{part}\b", code)] == []


def test_the_table_of_commands_is_what_the_program_says() -> None:
    text = README.read_text(encoding="utf-8")
    section = text.partition("## Commands")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.+) \|$", section, re.MULTILINE))
    assert rows == COMMANDS


def test_every_vendor_there_is_has_a_page_and_a_row() -> None:
    text = README.read_text(encoding="utf-8")
    for manifest in registry.manifests()[0]:
        assert (ROOT / "docs" / manifest.docs_path).is_file()
        assert f"[{manifest.name}](docs/{manifest.docs_path})" in text


def test_every_kind_of_contact_source_has_a_page_and_a_row() -> None:
    text = (ROOT / "docs" / "sources" / "README.md").read_text(encoding="utf-8")
    for manifest in source_manifests():
        page = manifest.docs_path.removeprefix("sources/")
        assert (ROOT / "docs" / "sources" / page).is_file()
        assert f"[{manifest.name}]({page})" in text


def test_the_table_of_settings_is_what_the_code_says() -> None:
    text = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    table = settings_table()
    assert table in text, f"docs/admin.md should hold this table:\n{table}"


@pytest.mark.parametrize(
    ("page", "table"),
    [("reliability.md", "| fault |"), ("security.md", "| attack |")],
)
def test_each_row_of_what_can_go_wrong_is_backed_by_a_test(
    page: str, table: str
) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    rows = _rows_of_tables(text, table)
    assert rows
    for row in rows:
        named = _TEST.findall(row)
        assert named, row
        for file, test in named:
            source = (ROOT / file).read_text(encoding="utf-8")
            assert f"def {test}(" in source, f"{file}::{test}"


def _rows_of_tables(text: str, head: str) -> list[str]:
    """The rows below each such head, without its rule."""
    blocks = [block for block in text.split("\n\n") if block.startswith(head)]
    return [row for block in blocks for row in block.splitlines()[2:]]


# --- the table of settings -----------------------------------------------------------


def settings_table() -> str:
    """All keys of ``config.toml`` with defaults and meanings, as Markdown."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for field in dataclasses.fields(model.Settings):
        default = field.default
        if dataclasses.is_dataclass(default):
            rows += _rows(field.name, type(default))
            if field.name == "card":
                rows += _rows("card.rules[].", model.CardRule)
        elif field.name == "accounts":
            rows += _rows("accounts[].", model.AccountSettings)
        elif field.name == "lines":
            rows += _rows("lines[].", LineSettings)
        elif field.name == "sources":
            rows += _rows("sources[].", model.SourceSettings)
        else:
            rows.append(
                _row(field.name, default, _meanings(model.Settings)[field.name])
            )
    return "\n".join(rows)


def _rows(prefix: str, section: type[Any]) -> list[str]:
    meanings = _meanings(section)
    hints = get_type_hints(section)
    rows = []
    for field in dataclasses.fields(section):
        if field.name == "options":
            continue
        meaning = meanings.get(field.name, "")
        if get_origin(hints[field.name]) is Literal:
            values = ", ".join(f"`{one}`" for one in get_args(hints[field.name]))
            meaning = f"{meaning} One of {values}.".strip()
        key = f"{prefix}{'' if prefix.endswith('.') else '.'}{field.name}"
        rows.append(_row(key, field.default, meaning))
    return rows


def _row(key: str, default: object, meaning: str) -> str:
    if default is dataclasses.MISSING:
        shown = "required"
    elif isinstance(default, bool):
        shown = f"`{str(default).lower()}`"
    elif isinstance(default, str):
        shown = f'`"{default}"`'
    elif isinstance(default, tuple):
        shown = f"`{list(default)}`"
    else:
        shown = "none" if default is None else f"`{default}`"
    return f"| `{key}` | {shown} | {meaning} |"


def _meanings(section: type[Any]) -> dict[str, str]:
    """The attributes of a docstring, each in one line."""
    listed = (section.__doc__ or "").partition("Attributes:")[2]
    found = re.findall(r"^        (\w+): (.+(?:\n {12}.+)*)", listed, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", text).strip() for name, text in found}
