"""A simulated phone system in a process of its own, as the real one would be.

    python -m tests.bench.cloud

Prints one JSON line that says how to reach it, and ends when its input does.
"""

from __future__ import annotations

import json
import sys

from screenpop.simulator import create_cloud

VENDOR = "voxloud"


def main() -> int:
    with create_cloud(VENDOR) as cloud:
        facts = {
            "base_url": cloud.base_url,
            "extension": cloud.extension,
            "credentials": dict(cloud.credentials),
            "line": cloud.lines[0],
        }
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
