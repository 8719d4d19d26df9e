"""Search for bytes that a reader cannot take, guided by the lines that they reach.

    python -m tests.fuzz [NAME …] [--seconds N]

Each target is searched in a process of its own for N seconds. What breaks a reader is
written to ``.fuzz/NAME/``; take its smallest form into ``tests/fuzz/corpus/NAME/`` and
mend the reader. What the search found to reach new lines stays in ``.fuzz/NAME/seen``
for the next search.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.fuzz.target import Target

ROOT: Final = Path(__file__).parents[2]
FOUND: Final = ROOT / ".fuzz"
_LONGEST: Final = 4096
_SLOWEST_SECONDS: Final = 10
_MOST_MEMORY_MIB: Final = 2048


def _search(name: str, seconds: int) -> None:
    """Search one target; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["screenpop"]):
        from tests.fuzz.json_mutator import mutated
        from tests.fuzz.target import JsonPlace
        from tests.fuzz.targets import TARGETS
    # Warnings of settings that are not as they should be are what is to be expected.
    logging.getLogger("screenpop.config").setLevel(logging.CRITICAL)
    target = TARGETS[name]
    folder = FOUND / name
    seen, given = folder / "seen", folder / "given"
    for each in (seen, given):
        each.mkdir(parents=True, exist_ok=True)
    for data in target.seeds():
        (given / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    words = folder / "words"
    words.write_text(_dictionary(target), "ascii")
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_LONGEST}",
        f"-timeout={_SLOWEST_SECONDS}",
        f"-rss_limit_mb={_MOST_MEMORY_MIB}",
        f"-dict={words}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-verbosity=0",
        str(seen),
        str(given),
    ]
    if target.corpus.is_dir():
        options.append(str(target.corpus))
    options = [sys.argv[0], *options]
    if target.json is JsonPlace.NOWHERE:
        atheris.Setup(options, target.take)
    else:

        def mutate(data: bytes, longest: int, seed: int) -> bytes:
            return mutated(target.json, data, longest, seed, atheris.Mutate)

        atheris.Setup(options, target.take, custom_mutator=mutate)
    atheris.Fuzz()


def _dictionary(target: Target) -> str:
    """The words of the target as libFuzzer reads them: hexadecimal escapes."""
    lines = []
    for word in target.words:
        raw = word.encode("utf-8")[:60]
        lines.append('"' + "".join(f"\\x{byte:02x}" for byte in raw) + '"\n')
    return "".join(lines)


def main() -> int:
    """Search what is asked for, one after the other.

    Returns:
        1 when something was found.
    """
    parser = argparse.ArgumentParser(
        prog="dev.py fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, unless named")
    parser.add_argument("--seconds", type=int, default=60, help="for each; 60")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        _search(options.names[0], options.seconds)
    from tests.fuzz.targets import TARGETS  # what is loaded by now is not watched

    unknown = set(options.names) - set(TARGETS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    broken = []
    for name in options.names or TARGETS:
        print(f"--- {name}", flush=True)  # noqa: T201 - it talks to a terminal
        words = [name, "--seconds", str(options.seconds), "--here"]
        command = [sys.executable, "-m", "tests.fuzz", *words]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            broken.append(name)
    if broken:
        told = f"broken: {', '.join(broken)}; see {FOUND.name}/NAME"
        print(told, file=sys.stderr)  # noqa: T201 - it talks to a terminal
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
