"""Who may import whom, and what a start without a window may load."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "screenpop"
QT = ("PySide6", "shiboken6", "qasync")


def test_imports_keep_the_contracts() -> None:
    # In a process of its own: called in this one, it disables the loggers that exist.
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def modules_loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after `statement`."""
    code = (
        "import sys\n"
        f"try:\n    {statement}\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("LOADED")
    return set(last.split()[1:])


def parts_below_the_ui() -> list[Path]:
    """List what lies directly in the package, but for the UI and the way in to it."""
    return sorted(
        path
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and path.stem not in ("__init__", "__main__", "ui")
    )


@pytest.mark.parametrize("part", parts_below_the_ui(), ids=lambda part: part.stem)
def test_only_the_ui_loads_qt(part: Path) -> None:
    files = [part] if part.is_file() else part.rglob("*.py")
    modules = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in files
    ]
    assert modules
    assert not modules_loaded_by(f"import {', '.join(modules)}").intersection(QT)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["calls", "--json"], ["account", "list", "--json"]],
    ids=" ".join,
)
def test_a_command_without_a_window_loads_no_qt(arguments: list[str]) -> None:
    statement = f"from screenpop.cli.main import main; sys.exit(main({arguments!r}))"
    assert not modules_loaded_by(statement).intersection(QT)


def test_every_vendor_is_protected_by_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = {
        module
        for contract in settings["tool"]["importlinter"]["contracts"]
        for module in contract.get("protected_modules", ())
    }
    vendors = {
        f"screenpop.providers.{path.parent.name}"
        for path in PACKAGE.glob("providers/*/__init__.py")
    }
    assert vendors
    assert vendors <= listed
