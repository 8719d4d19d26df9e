"""The name of the running app's pipe on Windows."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PREFIX: Final = "screenpop-"


def pipe_name(socket_file: Path) -> str:
    r"""The pipe that stands for ``socket_file``: ``\\.\pipe\screenpop-…``."""
    digest = hashlib.sha256(os.fsencode(socket_file)).hexdigest()[:16]
    return rf"\\.\pipe\{PREFIX}{digest}"
