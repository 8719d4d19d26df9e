"""How large things may grow, and what tests may not lean on."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MODULE_LINES = 500
FUNCTION_LINES = 60
MOCK_LINES_PER_1000 = 5
MOCK = re.compile(r"\b(mock|MagicMock|AsyncMock|mocker|monkeypatch)\b")
SLEEPS = {"time.sleep", "asyncio.sleep", "qtbot.wait", "QTest.qWait"}
# The one place that asks again until an effect has come.
WAITING = ROOT / "tests" / "waiting.py"
# They hold the patterns themselves.
EXEMPT_FROM_MOCKS = {Path(__file__)}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for name in folders for path in (ROOT / name).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def modules() -> dict[str, tuple[str, ast.Module]]:
    """Text and tree of every module of the program, by its path."""
    texts = {
        name_of(path): path.read_text("utf-8")
        for path in python_files("screenpop", "installer")
    }
    return {name: (text, ast.parse(text)) for name, text in texts.items()}


def test_every_module_can_be_read_in_one_sitting(
    modules: dict[str, tuple[str, ast.Module]],
) -> None:
    lengths = {name: len(text.splitlines()) for name, (text, _) in modules.items()}
    assert {name: n for name, n in lengths.items() if n > MODULE_LINES} == {}


def test_every_function_fits_on_a_screen(
    modules: dict[str, tuple[str, ast.Module]],
) -> None:
    too_long = [
        f"{name}: {node.name}: {length} lines"
        for name, (_, tree) in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1)
        > FUNCTION_LINES
    ]
    assert too_long == []


def test_every_module_says_what_it_is_for(
    modules: dict[str, tuple[str, ast.Module]],
) -> None:
    silent = [
        name
        for name, (_, tree) in modules.items()
        if tree.body and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_tests_barely_mock() -> None:
    lines = [
        line
        for path in python_files("tests")
        if path not in EXEMPT_FROM_MOCKS
        for line in path.read_text("utf-8").splitlines()
    ]
    mocking = [line.strip() for line in lines if MOCK.search(line)]
    assert len(mocking) <= MOCK_LINES_PER_1000 * len(lines) / 1000, mocking


@pytest.mark.parametrize("folder", ["tests/domain", "tests/store"])
def test_no_mock_where_nothing_needs_one(folder: str) -> None:
    mocking = [
        f"{name_of(path)}: {line.strip()}"
        for path in python_files(folder)
        for line in path.read_text("utf-8").splitlines()
        if MOCK.search(line)
    ]
    assert mocking == []


def test_tests_wait_for_effects_and_never_for_time() -> None:
    sleeping = [
        f"{name_of(path)}:{call.lineno}: {ast.unparse(call)}"
        for path in python_files("tests")
        if path != WAITING
        for call in fixed_sleeps(ast.parse(path.read_text("utf-8")))
    ]
    assert sleeping == []


def fixed_sleeps(tree: ast.Module) -> Iterator[ast.Call]:
    """Find the calls that pass time; `asyncio.sleep(0)` only yields to the loop."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in SLEEPS:
            continue
        if [ast.unparse(argument) for argument in node.args] != ["0"]:
            yield node


def test_the_sleep_detector_detects() -> None:
    sample = "asyncio.sleep(0)\ntime.sleep(1)\nasyncio.sleep(0.1)\nqtbot.wait(50)"
    assert len(list(fixed_sleeps(ast.parse(sample)))) == 3
