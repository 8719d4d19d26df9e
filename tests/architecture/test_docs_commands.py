"""What the pages tell people to type and to press is there."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
from pathlib import Path

import pytest

from screenpop.cli.main import COMMANDS
from screenpop.providers import registry

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "README.md", *ROOT.glob("docs/**/*.md")))
_SPAN = re.compile(r"`(screenpop [^`\n]+(?:\n[^`\n]+)?)`")
_LINE = re.compile(r"^(?:\$ )?(screenpop [^\n#]+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_HEADING = "## Each documented operation, and where it is"
_LABEL = re.compile(r"(?<!\*)\*([^*|]+)\*(?!\*)")


def _commands(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    blocks = "\n".join(_BLOCK.findall(text)).replace("\\\n", " ")
    spans = _SPAN.findall(_BLOCK.sub("", text))
    return [" ".join(one.split()) for one in (*spans, *_LINE.findall(blocks))]


def _parser(name: str) -> argparse.ArgumentParser:
    module = importlib.import_module(f"screenpop.cli.commands.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(prog=f"screenpop {name}")
    module.add_arguments(parser)
    return parser


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _problem(command: str) -> str:
    """What the program would not understand of a command; "" when it would."""
    words = shlex.split(command)[1:]
    if words[0] in ("COMMAND", "…") or words[0].startswith("-"):
        return ""
    if words[0] not in COMMANDS:
        return f"no command {words[0]}"
    parser = _parser(words[0])
    for word in words[1:]:
        choices = _choices(parser)
        option = word.partition("=")[0]
        if word in choices:
            parser = choices[word]
        elif option.startswith("--"):
            if option not in parser._option_string_actions:
                return f"no option {option}"
        elif choices and parser.get_default("handler") is None and word.islower():
            return f"no {word}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_tells_is_one(page: Path) -> None:
    found = {one: _problem(one) for one in _commands(page)}
    assert {one: what for one, what in found.items() if what} == {}


@pytest.mark.parametrize("vendor", registry.BUILT_IN)
def test_every_label_in_a_table_of_operations_is_in_a_window(vendor: str) -> None:
    manifest = registry.manifest(vendor)
    page = ROOT / "docs" / manifest.docs_path
    section = page.read_text("utf-8").partition(_HEADING)[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 8
    assert all(len(row.split(" | ")) == 3 for row in rows)
    source = "\n".join(p.read_text("utf-8") for p in ROOT.glob("screenpop/ui/**/*.py"))
    labels = set(
        _LABEL.findall(section.replace(f"Ask {manifest.name}", "Ask {account}"))
    )
    assert labels
    assert [one for one in sorted(labels) if f'"{one}"' not in source] == []


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("screenpop account nonsense ACCOUNT", "no nonsense"),
        ("screenpop nonsense", "no command nonsense"),
        ("screenpop calls --nonsense", "no option --nonsense"),
        ("screenpop account history ACCOUNT --where help=", ""),
    ],
)
def test_a_command_that_is_none_is_found(command: str, problem: str) -> None:
    assert _problem(command) == problem
