"""``python -m screenpop``."""

from __future__ import annotations

import sys

from screenpop.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
