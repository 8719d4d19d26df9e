"""``dev.py audit``: whether anything in the environment has a known weakness.

Runs pip-audit on ``hashes.txt``, in an environment of its own. What is known comes from
a service on the internet; where that cannot be reached nothing was checked, and this
says so. ``--must-reach`` makes that a failure, for CI.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import hashes

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "audit"
TOOL = "pip-audit==2.10.1"
_PATIENCE_SECONDS = 20


def tool() -> list[str]:
    """The command line of pip-audit, installed if need be; empty where it cannot be."""
    windows = sys.platform == "win32"
    python = PLACE / ("Scripts/python.exe" if windows else "bin/python")
    if not python.exists():
        venv.create(PLACE, with_pip=True)
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, "install", TOOL], check=False)
    return [str(python), "-m", "pip_audit"] if done.returncode == 0 else []


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run of pip-audit came to.

    Attributes:
        weak: Each weakness, one line.
        checked: How many packages something is known of.
        skipped: Those that could not be asked about.
    """

    weak: tuple[str, ...]
    checked: int
    skipped: tuple[str, ...]

    def text(self) -> str:
        """The same, one sentence."""
        if self.weak:
            return f"{len(self.weak)} known weaknesses: {'; '.join(self.weak)}"
        if not self.checked:
            return "the service that knows weaknesses was not reached: nothing checked"
        if self.skipped:
            names = ", ".join(self.skipped)
            return f"{self.checked} checked, nothing known; not checked: {names}"
        return f"{self.checked} checked, no known weakness"

    def status(self, *, must_reach: bool) -> int:
        """The exit status."""
        is_whole = bool(self.checked) and not self.skipped
        return int(bool(self.weak) or (must_reach and not is_whole))


def verdict(said: str) -> Verdict:
    """Read what pip-audit says as JSON; anything else is no check at all."""
    try:
        table = json.loads(said)
        listed = list(table["dependencies"])
    except (ValueError, KeyError, TypeError):
        return Verdict((), 0, ())
    weak = [
        f"{each['name']} {each['version']}: {one['id']}"
        for each in listed
        for one in each.get("vulns") or ()
    ]
    skipped = [each["name"] for each in listed if "skip_reason" in each]
    return Verdict(tuple(weak), len(listed) - len(skipped), tuple(skipped))


def main(arguments: list[str]) -> int:
    """Check, and say what came of it."""
    parser = argparse.ArgumentParser(prog="dev.py audit", description=__doc__)
    parser.add_argument(
        "--must-reach", action="store_true", help="fail when nothing could be checked"
    )
    options = parser.parse_args(arguments)
    command = tool()
    if not command:
        print("dev.py audit: pip-audit cannot be installed: nothing checked")
        return int(options.must_reach)
    command += ["--requirement", str(hashes.FILE), "--require-hashes", "--disable-pip"]
    command += ["--timeout", str(_PATIENCE_SECONDS), "--progress-spinner", "off"]
    command += ["--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = verdict(done.stdout)
    print(f"dev.py audit: {found.text()}")
    return found.status(must_reach=options.must_reach)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
