"""``dev.py package SYSTEM`` and ``dev.py package-test [SYSTEM…]``: find who does it.

What is built for a system stands in a folder of its name: ``SYSTEM/package.py`` and
``SYSTEM/package_test.py``, each with a ``main(arguments) -> int``.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Final, cast

FOLDER: Final = Path(__file__).resolve().parent


def systems(module: str) -> tuple[str, ...]:
    """The folders that have such a module."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob(f"*/{module}.py")))


def package(arguments: list[str]) -> int:
    """Build the packages of one system; the rest of the arguments is its own."""
    known = systems("package")
    if not arguments or arguments[0] not in known:
        print(f"say for which system: {' '.join(known)}", file=sys.stderr)
        return 2
    return _run(arguments[0], "package", arguments[1:])


def test(arguments: list[str]) -> int:
    """Prove the packages of the systems named, or of all; say what came of each."""
    known = systems("package_test")
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        print(f"nothing is tested for {', '.join(unknown)}", file=sys.stderr)
        return 2
    results = []
    for name in arguments or known:
        print(f"--- package-test {name}", flush=True)
        started = time.monotonic()
        status = _run(name, "package_test", [])
        seconds = time.monotonic() - started
        results.append((name, status))
        print(f"{'FAILED' if status else 'ok':>6}  {name:<12}{seconds:7.1f} s")
    return max((status for _, status in results), default=0)


def _run(system: str, module: str, arguments: list[str]) -> int:
    found = importlib.import_module(f"{system}.{module}")
    return cast("int", found.main(arguments))


if __name__ == "__main__":
    does = {"package": package, "package-test": test}
    sys.exit(does[sys.argv[1]](sys.argv[2:]))
