"""Write what other tools need to know of the settings, from the settings themselves.

Run it as ``python3 installer/dev.py schema``: JSON schemas for editors of TOML and for
device management, templates for group policies. All go to ``installer/policy/``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from group_policy import adml, admx
from setting_schema import schema_of_config, schema_of_policy

FOLDER = Path(__file__).resolve().parent / "policy"


def written() -> dict[str, str]:
    """Every file's text, by its path below `FOLDER`."""
    return {
        "config.schema.json": _json(schema_of_config()),
        "policy.schema.json": _json(schema_of_policy()),
        "screenpop.admx": admx(),
        "en-US/screenpop.adml": adml(),
    }


def _json(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write them; with ``--check`` say which are out of date, 1 if any is."""
    parser = argparse.ArgumentParser(prog="dev.py schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    is_stale = False
    for name, text in written().items():
        path = FOLDER / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        is_stale = True
        if options.check:
            print(f"{name} is out of date")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"written: {path}")
    return int(options.check and is_stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
