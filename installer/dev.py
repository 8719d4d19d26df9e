#!/usr/bin/env python3
"""Set up a checkout of screenpop and work in it, with one command each.

Needs Python 3.11 or newer with pip, and nothing else: standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import catalogues
import hashes
import system_packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
ON_WINDOWS = sys.platform == "win32"
ON_LINUX = sys.platform.startswith("linux")
VENV_PYTHON = VENV / ("Scripts/python.exe" if ON_WINDOWS else "bin/python")
CONSTRAINTS = ROOT / "installer" / "constraints.txt"
STAMP = VENV / "screenpop-setup.txt"
FREEZER = ROOT / "build" / "freeze" / "environment"
SESSION = "tests.desktop_session"


class SetupError(Exception):
    """The environment cannot be made; the text says what to do."""


# --- setting up -----------------------------------------------------------------


def set_up(
    *, for_tests: bool, also: tuple[system_packages.SystemPart, ...] = ()
) -> list[system_packages.SystemPart]:
    """Make the environment ready; return the system parts that stay missing.

    Does nothing, fast, when it is ready already.

    Raises:
        SetupError: the environment cannot be made here.
    """
    if not (3, 11) <= sys.version_info < (3, 14):
        raise SetupError(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {sys.version.split()[0]}"
        )
    parts = system_packages.RUN + also
    if for_tests:
        parts += system_packages.TEST + system_packages.SERVERS
        parts += system_packages.COMPILERS
    lacking = system_packages.ensure(parts)
    catalogues.compile_all()
    extras = "dev" if for_tests else "run"
    fingerprint = _fingerprint()
    ready = STAMP.read_text("utf-8").split() if STAMP.exists() else []
    # An environment for tests serves for running too.
    if VENV_PYTHON.exists() and ready in ([fingerprint, extras], [fingerprint, "dev"]):
        return lacking
    pip = _create_venv()
    print(f"installing the Python packages into {VENV} (the first time: a minute)")
    # It has no hash: it is this checkout.
    own = ("--no-deps", "--no-build-isolation", "--editable", ".")
    use = hashes.TEST if for_tests else hashes.RUN
    if not _install_by_hash(pip, (use, hashes.BUILD), own):
        target = ".[dev]" if for_tests else "."
        _run_pip(pip, "install", "--editable", target)
    STAMP.write_text(f"{fingerprint} {extras}\n", "utf-8")
    return lacking


def _install_by_hash(
    pip: list[str], uses: tuple[str, ...], own: tuple[str, ...]
) -> bool:
    """Install what `hashes.txt` knows for this computer; whether that is all.

    Args:
        pip: The command that runs it on the environment.
        uses: What the packages are wanted for.
        own: How to install this checkout after them.

    Raises:
        SetupError: A file is not what it has to be, or pip failed.
    """
    wanted = hashes.requirements(*uses)
    if not wanted:
        print("no hashes are known for this kind of computer: going by versions")
        return False
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "wanted.txt")
        listed.write_text(wanted, "utf-8")
        _run_pip(pip, "install", "--require-hashes", "--no-deps", "-r", str(listed))
    _run_pip(pip, "install", *own)
    checked = subprocess.run([*pip, "check"], capture_output=True, check=False)
    return checked.returncode == 0


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", CONSTRAINTS, hashes.FILE):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def _create_venv(folder: Path = VENV) -> list[str]:
    """Create the environment and return the command that runs pip on it."""
    if not _has("ensurepip") and not _has("pip"):
        # Debian splits ensurepip off; with its pip installed, that is no hindrance.
        if not system_packages.can_install():
            raise SetupError(
                "this Python has neither pip nor ensurepip; "
                "install them first (Debian: sudo apt-get install python3-venv)"
            )
        system_packages.install(["python3-venv"])
        importlib.invalidate_caches()
    with_pip = _has("ensurepip")
    options = [] if with_pip else ["--without-pip"]
    command = [sys.executable, "-m", "venv", *options, str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise SetupError(f"cannot create {folder}:\n{made.stdout}{made.stderr}")
    python = str(_python_of(folder))
    if with_pip:
        return [python, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", python]


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if ON_WINDOWS else "bin/python")


def set_up_freezer() -> list[str]:
    """Make an environment of what is shipped alone; return its Python's command."""
    parts: tuple[system_packages.SystemPart, ...] = system_packages.RUN
    if ON_LINUX:
        is_debians = sys.base_prefix == "/usr"
        parts += system_packages.FREEZE[: 2 if is_debians else 1]
    system_packages.ensure(parts)
    catalogues.compile_all()
    # Always new: what was shipped once and is no longer needed must not stay.
    shutil.rmtree(FREEZER, ignore_errors=True)
    pip = _create_venv(FREEZER)
    own = ("--no-deps", "--no-build-isolation", ".")
    if _install_by_hash(pip, (hashes.FREEZE, hashes.BUILD), own):
        # What is in this environment is what is shipped.
        builders = hashes.names(hashes.BUILD, hashes.FREEZE)
        _run_pip(pip, "uninstall", "--yes", *builders)
    else:
        _run_pip(pip, "install", ".[freeze]")
    return [str(_python_of(FREEZER))]


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _run_pip(pip: list[str], *arguments: str) -> None:
    environment = {
        **os.environ,
        # By environment, so that they hold for the isolated build of the project too;
        # pip 25.3 moved that to a name of its own.
        "PIP_CONSTRAINT": str(CONSTRAINTS),
        "PIP_BUILD_CONSTRAINT": str(CONSTRAINTS),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_USER": "0",
    }
    command = [*pip, "--quiet", "--no-input", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode != 0:
        raise SetupError(f"pip failed (exit status {done.returncode}), see above")


# --- running the program ----------------------------------------------------------


def hand_over(command: list[str]) -> NoReturn:
    """Become `command`, so that signals and the exit status are its own."""
    sys.stdout.flush()
    if ON_WINDOWS:
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def python(*arguments: str) -> list[str]:
    """Return a command line for the environment's Python."""
    return [str(VENV_PYTHON), *arguments]


def become(name: str, arguments: list[str], *, for_tests: bool = True) -> NoReturn:
    """Become a script that stands beside this one."""
    set_up(for_tests=for_tests)
    hand_over(python(str(ROOT / "installer" / name), *arguments))


def in_session(command: list[str]) -> list[str]:
    """Return a command line that runs `command` inside a desktop session."""
    return python("-m", SESSION, "--", *command)


def has_display() -> bool:
    """Whether a window could be shown; only Linux may be without."""
    return not ON_LINUX or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


# --- checks -----------------------------------------------------------------------


@dataclass
class Check:
    """One step of the test run, and how it went."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    exit_status: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Run it with its output shown; keep pytest's counts from the last line."""
        print(f"\n--- {self.name}", flush=True)
        started = time.monotonic()
        # Unbuffered, or a pipe would hold back pytest's progress.
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}
        with subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                if summary := re.fullmatch(r"=+ (.+) in [\d.]+s.*\s*", line):
                    self.counts = _pytest_counts(summary[1])
        self.exit_status = process.returncode
        self.seconds = time.monotonic() - started


def _pytest_counts(summary: str) -> dict[str, int]:
    found = re.findall(r"(\d+) ([a-z]+)", summary)
    # Deselected tests belong to the other run.
    return {word: int(number) for number, word in found if word != "deselected"}


def lint_checks() -> list[Check]:
    """Format, lint, types and import contracts."""
    return [
        Check("ruff format --check", python("-m", "ruff", "format", "--check", ".")),
        Check("ruff check", python("-m", "ruff", "check", ".")),
        Check("mypy", python("-m", "mypy")),
        *(_types_for(platform) for platform in ("win32", "darwin")),
        Check("lint-imports", [str(VENV_PYTHON.parent / "lint-imports"), "--no-logo"]),
    ]


def _types_for(platform: str) -> Check:
    """The types of what only another platform runs.

    There half of each platform's guard is unreachable, which says nothing.
    """
    words = ("--platform", platform, "--no-warn-unreachable")
    # In the cache of the other run it would find nothing of its own.
    cache = ("--cache-dir", f".mypy_cache/{platform}")
    return Check(
        f"mypy for {platform}", python("-m", "mypy", *words, *cache, "screenpop")
    )


def test_checks(lacking: Iterable[system_packages.SystemPart]) -> list[Check]:
    """The tests under coverage: offscreen first, then on a real desktop."""
    pytest = ["-m", "coverage", "run", "-m", "pytest"]
    if os.environ.get("CI"):
        # Elsewhere each run has another order; there, two runs must be comparable.
        pytest.append("--randomly-seed=1")
    # One process for each processor, but for what shares a screen or a keychain.
    spread = ["-n", str(min(os.cpu_count() or 1, 4))]
    offscreen = python(*pytest, *spread, "-m", "not x11 and not keyring")
    desktop = {part.package for part in system_packages.TEST}
    absent = sorted(desktop & {part.package for part in lacking})
    # In CI nothing may be passed over: there the attempt fails and says why.
    if ON_LINUX and (not absent or os.environ.get("CI")):
        checks = [
            Check("pytest", in_session(offscreen), {"QT_QPA_PLATFORM": "offscreen"}),
            Check(
                "pytest on the desktop",
                in_session(python(*pytest, "-m", "x11 or keyring")),
                {"QT_QPA_PLATFORM": "xcb"},
            ),
        ]
    else:
        checks = [Check("pytest", offscreen)]
        reason = f"missing {' '.join(absent)}" if absent else "Linux only"
        print(f"the tests that need a desktop session will not run: {reason}")
    return [
        *checks,
        Check("coverage combine", python("-m", "coverage", "combine", "--quiet")),
        Check("coverage", python("-m", "coverage", "report")),
    ]


def run_checks(checks: list[Check]) -> int:
    """Run all of them, sum them up, and return the first failure's exit status."""
    started = time.monotonic()
    for check in checks:
        check.run()
    total = time.monotonic() - started
    print()
    counts: dict[str, int] = {}
    for check in checks:
        verdict = "FAILED" if check.exit_status else "ok"
        print(f"{verdict:>6}  {check.name:<22}{check.seconds:7.1f} s")
        for word, number in check.counts.items():
            counts[word] = counts.get(word, 0) + number
    failures = [check for check in checks if check.exit_status]
    words = [f"{number} {word}" for word, number in sorted(counts.items())]
    words += [f"{check.name} failed" for check in failures]
    summary = ", ".join(words) or "all checks passed"
    print(f"== {summary} in {total:.2f}s ".ljust(80, "="), flush=True)
    return failures[0].exit_status if failures else 0


# --- commands -----------------------------------------------------------------------


def command_setup(_arguments: list[str]) -> int:
    """Make the environment for running and testing."""
    lacking = set_up(for_tests=True)
    print(f"ready: {VENV}")
    return 1 if lacking else 0


def command_demo(arguments: list[str]) -> int:
    """Play one call from start to end against the simulator."""
    set_up(for_tests=False)
    if not has_display() and "--headless" not in arguments:
        arguments = ["--headless", *arguments]
    hand_over(python("-m", "screenpop", "demo", *arguments))


def command_run(arguments: list[str]) -> int:
    """Run screenpop itself with the arguments given."""
    set_up(for_tests=False)
    hand_over(python("-m", "screenpop", *arguments))


def command_test(_arguments: list[str]) -> int:
    """Run every check and every test."""
    lacking = set_up(for_tests=True)
    # Left behind by a run that was cut off, they would be combined into this one.
    for stale in ROOT.glob(".coverage*"):
        stale.unlink()
    return run_checks(lint_checks() + test_checks(lacking))


def command_lint(_arguments: list[str]) -> int:
    """Run the checks that are not tests."""
    set_up(for_tests=True)
    return run_checks(lint_checks())


def command_bench(arguments: list[str]) -> int:
    """Measure against the targets, side by side with their floors."""
    set_up(for_tests=True, also=system_packages.BENCH)
    hand_over(python("-m", "tests.bench", *arguments))


def command_fuzz(arguments: list[str]) -> int:
    """Search for foreign bytes that a reader cannot take: [NAME …] [--seconds N]."""
    set_up(for_tests=True)
    # Too large for everybody, and not there for every system.
    probe = python("-c", "import atheris")
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        _run_pip([str(VENV_PYTHON), "-m", "pip"], "install", "atheris")
    hand_over(python("-m", "tests.fuzz", *arguments))


def command_screenshots(arguments: list[str]) -> int:
    """Take the pictures that the documentation shows."""
    set_up(for_tests=True)
    hand_over(in_session(python("-m", "tests.screenshots", *arguments)))


def command_languages(arguments: list[str]) -> int:
    """Merge the program's texts into the catalogues and say what is missing."""
    become("languages.py", arguments)


def command_schema(arguments: list[str]) -> int:
    """Write the JSON schemas and the group-policy templates of the settings."""
    become("schema.py", arguments)


def command_freeze(arguments: list[str]) -> int:
    """Make the program a folder that needs no Python, in dist/frozen."""
    freezer = set_up_freezer()
    hand_over([*freezer, str(ROOT / "installer" / "freeze" / "build.py"), *arguments])


def command_package(arguments: list[str]) -> int:
    """Build what users install: package linux, windows or macos."""
    become("packages.py", ["package", *arguments], for_tests=False)


def command_package_test(arguments: list[str]) -> int:
    """Install, change and remove the packages as users do (takes minutes)."""
    become("packages.py", ["package-test", *arguments])


def command_hashes(arguments: list[str]) -> int:
    """Ask anew what the files of all pinned packages are (takes minutes)."""
    become("hashes.py", arguments)


def command_sbom(arguments: list[str]) -> int:
    """Write what a build is made of, as CycloneDX."""
    become("sbom.py", arguments)


def command_audit(arguments: list[str]) -> int:
    """Ask whether anything pinned has a known weakness."""
    # It needs nothing of the environment, and makes one of its own.
    hand_over([sys.executable, str(ROOT / "installer" / "audit.py"), *arguments])


def command_wheel(arguments: list[str]) -> int:
    """Build wheel and source archive twice, the same bytes both times."""
    become("wheels.py", arguments)


def command_sign_manifest(arguments: list[str]) -> int:
    """Make, sign and check what the program is told of new versions."""
    become("update_signing.py", arguments)


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "setup": command_setup,
    "demo": command_demo,
    "test": command_test,
    "bench": command_bench,
    "fuzz": command_fuzz,
    "lint": command_lint,
    "languages": command_languages,
    "schema": command_schema,
    "screenshots": command_screenshots,
    "sign-manifest": command_sign_manifest,
    "hashes": command_hashes,
    "sbom": command_sbom,
    "audit": command_audit,
    "wheel": command_wheel,
    "run": command_run,
    "freeze": command_freeze,
    "package": command_package,
    "package-test": command_package_test,
}


def main() -> int:
    """Read the command line and do what it says."""
    listing = "\n".join(
        f"  {name:<13}{(function.__doc__ or '').splitlines()[0]}"
        for name, function in COMMANDS.items()
    )
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    options = parser.parse_args()
    os.chdir(ROOT)
    try:
        return COMMANDS[options.command](options.arguments)
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
