"""Where a command's traceback goes, so that no user has to look at one."""

from __future__ import annotations

import traceback
from pathlib import Path

from screenpop.config.paths import Paths
from screenpop.config.redaction import Redactor
from screenpop.domain.errors import ConfigurationError


def write_fault_report(command: str, error: Exception) -> Path | None:
    """Keep the traceback, without numbers, in the log folder; None if it cannot be."""
    paths = Paths.from_environment()
    file = paths.log_dir / "screenpop-command-fault.log"
    text = "".join(traceback.format_exception(error))
    try:
        paths.ensure()
        file.write_text(Redactor(frozenset)(f"{command}\n{text}"), encoding="utf-8")
    except (OSError, ConfigurationError):
        return None
    return file
