"""A Windows of its own, made by Wine in a folder, for the set-up to be tried in."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACES: Final = ("/usr/lib/wine/wine64", "wine64", "wine")
_PATIENCE_SECONDS: Final = 240
_PAUSE_SECONDS: Final = 0.2
_HIVES: Final = ("HKCU\\Software", "HKLM\\Software")

# What Wine itself keeps noting while programs run.
_NOT_OURS: Final = (
    "\\Software\\Wine\\",
    "\\Explorer\\RunMRU",
    "\\Explorer\\FileExts",
    "\\Explorer\\UserAssist",
    "\\Windows NT\\CurrentVersion\\Fonts",
    "\\Windows NT\\CurrentVersion\\FontSubstitutes",
    "\\Windows NT\\CurrentVersion\\NetworkCards",
)


_MSI_KEYS: Final = ("Features", "Products", "UpgradeCodes")
_MSI_KEY: Final = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Installer"

# What every real Windows has that was in use for a day.
_COMMON_KEYS: Final = (
    r"HKCU\Software\Classes",
    r"HKCU\Software\RegisteredApplications",
    r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run",
    r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKLM\Software\RegisteredApplications",
    r"HKCU\Software\Microsoft\Active Setup\Installed Components",
    *(rf"HKLM\Software\Classes\Installer\{name}" for name in _MSI_KEYS),
    *(rf"{_MSI_KEY}\UserData\S-1-5-18\{name}" for name in ("Components", "Products")),
    rf"{_MSI_KEY}\UpgradeCodes",
)


class Wine:
    """A Wine prefix: drive, registry and users.

    Args:
        folder: Where to make it; may not exist yet.
        display: The X display to use, ":5".
    """

    def __init__(self, folder: Path, display: str) -> None:
        found = next(filter(None, map(shutil.which, _PLACES)), None)
        if found is None:
            raise FileNotFoundError("wine64 is missing")
        self._wine = found
        self.drive = folder / "drive_c"
        self._environment = {
            **os.environ,
            "DISPLAY": display,
            "WINEPREFIX": str(folder),
            "WINEDEBUG": "-all",
            # Neither .NET nor a browser is asked for, and no menu of this desktop's.
            "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=",
            "LC_ALL": "C.UTF-8",
        }
        # Certificates of this computer lie where a Windows has none.
        for name in ("SSL_CERT_DIR", "SSL_CERT_FILE", "SCREENPOP_HOME"):
            self._environment.pop(name, None)
        self.run("wineboot", "-i")
        for key in _COMMON_KEYS:
            self.run("reg", "add", key, "/f")
        (self.home / "AppData" / "Local" / "Programs").mkdir(exist_ok=True)
        (self.drive / "windows" / "Installer").mkdir(exist_ok=True)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program and let it run."""
        return subprocess.Popen(
            [self._wine, *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run a program to its end; its exit status (modulo 256) and what it said."""
        # No pipe: an app that the program starts would hold it open.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [self._wine, *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
            said.seek(0)
            return done.returncode, said.read().decode("utf-8", "replace")

    def close(self) -> None:
        """End everything that runs in it."""
        server = shutil.which("wineserver64", path="/usr/lib/wine")
        command = server or shutil.which("wineserver") or "wineserver"
        for word in ("-k", "-w"):
            subprocess.run([command, word], env=self._environment, check=False)

    @property
    def home(self) -> Path:
        """The folder of the user."""
        users = self.drive / "users"
        return next(each for each in users.iterdir() if each.name != "Public")

    def value(self, key: str, name: str) -> str | None:
        """A value of the registry; None when it is not there."""
        words = ("/ve",) if not name else ("/v", name)
        status, text = self.run("reg", "query", key, *words)
        lines = [line.strip() for line in text.splitlines() if "    REG_" in line]
        return lines[0].split("    ", 2)[2] if status == 0 and lines else None

    def set_value(self, key: str, name: str, text: str) -> None:
        """Write a text to the registry."""
        words = ("/ve",) if not name else ("/v", name)
        self.run("reg", "add", key, *words, "/d", text, "/f")

    def files(self) -> set[str]:
        """Every file and folder, but for temporary ones."""
        found = (path.relative_to(self.drive) for path in self.drive.rglob("*"))
        return {str(path) for path in found if "Temp" not in path.parts[:-1]}

    def registry(self) -> set[str]:
        """Every value of the registry as ``key: line``, but for those of Wine's own."""
        found = set()
        for hive in _HIVES:
            out = self.drive / "registry.reg"
            self.run("reg", "export", hive, r"C:\registry.reg", "/y")
            key = ""
            for line in out.read_text("utf-16").splitlines():
                if line.startswith("["):
                    key = line.strip("[]")
                    found.add(key)
                elif line:
                    found.add(f"{key}: {line}")
            out.unlink()
        return {each for each in found if not any(mark in each for mark in _NOT_OURS)}

    @staticmethod
    def wait_until_gone(path: Path) -> None:
        """Wait for what goes on after a program that said it was done."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS / 8
        while path.exists() and time.monotonic() < give_up_at:
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def display() -> Iterator[str]:
    """A screen nobody sees; gives its name."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                yield f":{told.readline().strip()}"
        finally:
            server.terminate()
