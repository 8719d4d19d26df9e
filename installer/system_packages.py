"""System libraries and programs that pip cannot bring.

On Debian they are known by package name and, for root, installed. Elsewhere each one is
looked for by the file it provides, and what is missing is named.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SystemPart:
    """One Debian package and what shows elsewhere that its content is there."""

    package: str
    probe: str
    """A shared library (`lib….so.N`), a program, or an absolute path."""

    def is_present(self) -> bool:
        """Look for the library, program or path itself."""
        if self.probe.startswith("/"):
            return Path(self.probe).exists()
        if ".so" not in self.probe:
            return shutil.which(self.probe) is not None
        try:
            ctypes.CDLL(self.probe)
        except OSError:
            return False
        return True


RUN = (
    SystemPart("libglib2.0-0", "libglib-2.0.so.0"),
    SystemPart("libdbus-1-3", "libdbus-1.so.3"),
    SystemPart("libfontconfig1", "libfontconfig.so.1"),
    SystemPart("libxkbcommon0", "libxkbcommon.so.0"),
    # QtGui links to both, so even the offscreen platform needs them.
    SystemPart("libegl1", "libEGL.so.1"),
    SystemPart("libgl1", "libGL.so.1"),
    # The xcb platform plugin; the first one missing is enough for Qt to abort.
    SystemPart("libxcb-cursor0", "libxcb-cursor.so.0"),
    SystemPart("libxcb-icccm4", "libxcb-icccm.so.4"),
    SystemPart("libxcb-image0", "libxcb-image.so.0"),
    SystemPart("libxcb-keysyms1", "libxcb-keysyms.so.1"),
    SystemPart("libxcb-render-util0", "libxcb-render-util.so.0"),
    SystemPart("libxcb-shape0", "libxcb-shape.so.0"),
    SystemPart("libxcb-xkb1", "libxcb-xkb.so.1"),
    SystemPart("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
    SystemPart("fonts-dejavu-core", "/usr/share/fonts"),
)
"""What the app needs to start, on a display or offscreen."""

TEST = (
    SystemPart("xvfb", "Xvfb"),
    SystemPart("xauth", "xauth"),
    SystemPart("openbox", "openbox"),
    SystemPart("tint2", "tint2"),
    SystemPart("xdotool", "xdotool"),
    SystemPart("x11-utils", "xwininfo"),
    SystemPart("imagemagick", "import"),
    SystemPart("dbus", "dbus-daemon"),
    SystemPart("at-spi2-core", "/usr/libexec/at-spi-bus-launcher"),
    SystemPart("gir1.2-atspi-2.0", "libatspi.so.0"),
    SystemPart("python3-gi", "/usr/lib/python3/dist-packages/gi"),
    SystemPart("gnome-keyring", "gnome-keyring-daemon"),
    SystemPart("libsecret-1-0", "libsecret-1.so.0"),
    SystemPart("chromium", "chromium"),
    SystemPart("xfce4-panel", "xfce4-panel"),
    SystemPart("dunst", "dunst"),
    SystemPart("fonts-noto-core", "/usr/share/fonts"),
    # With which packages are made and looked at.
    SystemPart("dpkg-dev", "dpkg-shlibdeps"),
    SystemPart("desktop-file-utils", "desktop-file-validate"),
)
"""The desktop that the tests bring up: display, window manager, tray, keychain."""

SERVERS = (
    SystemPart("slapd", "/usr/sbin/slapd"),
    SystemPart("caddy", "caddy"),
)
"""Real servers: what contact sources are tested against, what stands before a relay."""

FREEZE = (
    # To look into libraries, strip them, and link the small one of ICU.
    SystemPart("binutils", "objdump"),
    # Debian's Python has it split off; PyInstaller takes it along.
    SystemPart(
        f"libpython3.{sys.version_info.minor}",
        f"libpython3.{sys.version_info.minor}.so.1.0",
    ),
)
"""What it takes to freeze the program; the second for Debian's own Python only."""

COMPILERS = (SystemPart("nsis", "makensis"),)
"""What the usual tests compile the set-up for Windows with."""

PACKAGE = (SystemPart("dpkg-dev", "dpkg-shlibdeps"),)
"""What packages for Debian are made with."""

PACKAGE_TEST = (
    SystemPart("debootstrap", "debootstrap"),
    SystemPart("appstream", "appstreamcli"),
    SystemPart("desktop-file-utils", "desktop-file-validate"),
)
"""What they are tried out with, beside the desktop of the tests."""

BENCH = (SystemPart("wrk", "wrk"), SystemPart("nodejs", "node"))
"""What the measurements need beside that: a load, and the peer's server."""


def missing(parts: tuple[SystemPart, ...]) -> list[SystemPart]:
    """Return those of `parts` that this machine lacks."""
    if not sys.platform.startswith("linux"):
        return []
    if shutil.which("dpkg-query") is None:
        return [part for part in parts if not part.is_present()]
    # Newer releases renamed some libraries for 64-bit time: `libglib2.0-0t64`.
    names = [name for part in parts for name in (part.package, f"{part.package}t64")]
    query = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {
        line.split()[0].removesuffix("t64")
        for line in query.stdout.splitlines()
        if line.endswith(" installed")
    }
    return [part for part in parts if part.package not in installed]


def ensure(parts: tuple[SystemPart, ...]) -> list[SystemPart]:
    """Install what is missing where that is allowed; return what still is."""
    lacking = missing(parts)
    if lacking and can_install():
        install([part.package for part in lacking])
        lacking = missing(parts)
    if lacking:
        print(advice(lacking), file=sys.stderr)
    return lacking


def can_install() -> bool:
    """Whether this is root on a Debian."""
    is_root = sys.platform != "win32" and os.geteuid() == 0
    return is_root and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    """Install Debian packages; a failure is reported, not raised."""
    print(f"installing {len(packages)} system packages: {' '.join(packages)}")
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if "slapd" in packages:
        # Or its package would set up a directory and start it on every interface.
        answer = "slapd slapd/no_configuration boolean true\n"
        subprocess.run(["debconf-set-selections"], input=answer, text=True, check=False)
    # The web server's package would start it, on port 80 of every interface.
    quiet = "caddy" in packages and shutil.which("systemctl") is not None
    commands = (
        [*apt, "update"],
        *([_systemctl("mask")] if quiet else ()),
        [*apt, "install", "--yes", "--no-install-recommends", *packages],
        *([_systemctl("unmask"), _systemctl("disable")] if quiet else ()),
    )
    for command in commands:
        # dpkg names every file it unpacks; that is worth reading after a failure only.
        done = subprocess.run(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
            print(f"failed: {' '.join(command)}", file=sys.stderr)


def _systemctl(verb: str) -> list[str]:
    """A command about the web server's service; masks go with the next start."""
    runtime = ["--runtime"] if verb.endswith("mask") else []
    return ["systemctl", verb, *runtime, "--quiet", "caddy.service"]


def advice(parts: list[SystemPart]) -> str:
    """Say what is missing and how to get it on this kind of machine."""
    names = " ".join(part.package for part in parts)
    if shutil.which("apt-get") is not None:
        return f"missing system packages; get them:\n  sudo apt-get install {names}"
    lines = [f"  {part.probe}  (Debian: {part.package})" for part in parts]
    finder = next(
        (
            hint
            for program, hint in (
                ("dnf", "sudo dnf install '*/NAME'"),
                ("pacman", "pacman -F NAME, then sudo pacman -S PACKAGE"),
                ("zypper", "zypper search --provides NAME"),
                ("apk", "apk search so:NAME"),
            )
            if shutil.which(program)
        ),
        "your package manager",
    )
    return "\n".join(["missing on this system:", *lines, f"find each with: {finder}"])
