"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_PROGRAMS = {
    "Xvfb": (),
    "openbox": ("--version",),
    "chromium": ("--version",),
    "node": ("--version",),
    "wrk": ("-v",),
}


def description() -> str:
    """Date, machine and versions, as a Markdown list."""
    lines = [
        f"taken: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"machine: {_processor()}, {os.cpu_count()} processors, "
        f"{_memory_gib():.1f} GiB",
        f"system: {_system()}, Linux {platform.release()}",
        f"Python {platform.python_version()}, "
        f"PySide6-Essentials {version('PySide6-Essentials')}, "
        f"qasync {version('qasync')}, SQLite {sqlite3.sqlite_version}",
        f"load average at the start: {os.getloadavg()[0]:.1f}",
        *filter(None, map(_program, _PROGRAMS)),
    ]
    return "\n".join(f"- {line}" for line in lines)


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text("utf-8")
    models = [line for line in text.splitlines() if line.startswith("model name")]
    return models[0].partition(":")[2].strip() if models else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())


def _program(name: str) -> str:
    if shutil.which(name) is None:
        return f"{name}: not installed"
    if not _PROGRAMS[name]:
        return ""
    asked = subprocess.run(
        [name, *_PROGRAMS[name]], capture_output=True, text=True, check=False
    )
    said = (asked.stdout or asked.stderr).strip().splitlines()
    first = said[0].strip() if said else name
    return first if name in first.lower() else f"{name} {first}"
