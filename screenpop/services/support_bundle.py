"""What may be sent to whoever looks after screenpop: redacted, and nothing else."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import zipfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop import __version__
from screenpop.config.redaction import Redactor
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.services.findings import Finding, Surroundings

LOG_LINES: Final = 500
_LARGEST_TEXT: Final = 2_000_000
_LARGEST_LOG: Final = 4_000_000
_FIELDS_LOGGER: Final = "screenpop.providers.key_names"
_PACKAGES: Final = (
    "PySide6-Essentials",
    "qasync",
    "httpx",
    "h11",
    "keyring",
    "phonenumberslite",
    "platformdirs",
    "tomlkit",
    "truststore",
)
_OWNER_ONLY: Final = 0o600


@frozen
class BundleFile:
    """One text of the bundle, fit to be sent."""

    name: str
    text: str


def make_bundle(
    home: Surroundings, findings: Sequence[Finding], report: Callable[[Finding], str]
) -> tuple[BundleFile, ...]:
    """Every text of the bundle, without secrets, full numbers and the user's name.

    Args:
        home: The installation; its secrets must have been read, to be recognised.
        findings: What the doctor said.
        report: Writes one finding as lines for people.
    """
    clean = _Cleaner(home)
    told = [
        {
            "area": each.area,
            "level": each.level.value,
            "title": each.title,
            "advice": each.advice,
        }
        for each in findings
    ]
    texts = {
        "doctor.txt": "\n".join(map(report, findings)) + "\n",
        "doctor.json": _json(told),
        "status.json": _json(home.app) if home.app else "",
        "versions.json": _json(_versions()),
        "config.toml": _read(home.paths.config_file),
        "screenpop.log": _last_lines(home.paths.log_dir),
        "field-names.txt": _field_names(home.paths.log_dir),
        "crash.log": _read(home.paths.log_dir / "screenpop-crash-last.log"),
    }
    return tuple(BundleFile(name, clean(text)) for name, text in texts.items() if text)


def write_bundle(path: Path, files: Sequence[BundleFile]) -> None:
    """Write the bundle as a zip archive that only its owner can read.

    Raises:
        ConfigurationError: There is such a file already, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with (
            os.fdopen(descriptor, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for file in files:
                archive.writestr(file.name, file.text)
    except FileExistsError:
        raise ConfigurationError(
            f"{path.name} is there already", "Choose another name for the bundle."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The bundle cannot be written: {error.strerror}", "Choose another folder."
        ) from None


class _Cleaner:
    """Takes out of a text whatever nobody else should read."""

    def __init__(self, home: Surroundings) -> None:
        known = {
            value
            for name, value in os.environ.items()
            if name.startswith("SCREENPOP_SECRET_")
        }
        known |= home.secrets.known_values()
        self._redact = Redactor(lambda: known)
        self._user_folder = str(Path.home())

    def __call__(self, text: str) -> str:
        if len(self._user_folder) > 1:
            text = text.replace(self._user_folder, "~")
        return self._redact(text)


def _json(value: Sequence[Any] | Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"


def _versions() -> dict[str, str]:
    versions = {
        "screenpop": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        "desktop": os.environ.get("XDG_CURRENT_DESKTOP", ""),
        "session": os.environ.get("XDG_SESSION_TYPE", ""),
        "is_frozen": str(bool(getattr(sys, "frozen", False))),
    }
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def _read(path: Path) -> str:
    """A file's text; what cannot be read says so in its place."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_LARGEST_TEXT)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"(not readable: {error.strerror})\n"


def _last_lines(folder: Path) -> str:
    """The newest lines of the log, older parts of it included."""
    lines: deque[str] = deque(maxlen=LOG_LINES)
    for path in (folder / "screenpop.log.1", folder / "screenpop.log"):
        lines.extend(_read_tail(path))
    return "".join(lines)


def _field_names(folder: Path) -> str:
    """The names of fields that vendors sent, from all of the log, each line once.

    They tell what vendors' documents leave open, and are logged at most once a run: by
    now they may be far back.
    """
    found: dict[str, None] = {}
    for path in sorted(folder.glob("screenpop.log*")):
        for line in _read_tail(path, _LARGEST_LOG):
            if ": fields " not in line:
                continue
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and entry.get("logger") == _FIELDS_LOGGER:
                found[str(entry.get("text", ""))] = None
    return "".join(f"{line}\n" for line in sorted(found))


def _read_tail(path: Path, longest: int = _LARGEST_TEXT) -> list[str]:
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            start = max(0, stream.tell() - longest)
            stream.seek(start)
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        # There is no older part yet, or no log at all, which the doctor says.
        return []
    lines = text.splitlines(keepends=True)
    # The first may be half a line, in which no secret would be recognised.
    return lines[1:] if start else lines
