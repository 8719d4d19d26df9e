"""A clean Debian 12 in a folder: made by debootstrap, entered by chroot, and looked at.

It uses the package sources of this machine. Programs in it see a display of this
machine's, through the abstract socket that X servers listen on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

RELEASE: Final = "bookworm"
USER: Final = "agent"

# Nothing of this machine's is bound into it: whoever removes the folder must not
# remove that. Debian's own few devices do.
_MOUNTS: Final = {"proc": "proc", "dev/shm": "tmpfs"}
# The way to the package source; nothing else of this machine's is passed on.
_PASSED_ON: Final = ("http_proxy", "https_proxy", "no_proxy")
# Changes by itself or belongs to the package system, not to a package.
_NOT_COMPARED: Final = (
    "dev",
    "proc",
    "sys",
    "tmp",
    "run",
    "root",
    "etc/ld.so.cache",
    "usr/share/mime",
    "var/cache",
    "var/lib/apt",
    "var/lib/dpkg",
    "var/log",
)


class PackageFault(Exception):
    """A package does not do what it should."""


class CleanDebian:
    """One installation; use `clean_debian`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(
        self,
        *command: str,
        as_user: bool = False,
        env: dict[str, str] | None = None,
        check: bool = True,
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it and return what it said.

        Raises:
            PackageFault: It failed; what it said has been printed.
        """
        done = subprocess.run(
            self.command(*command, as_user=as_user),
            env=self.environment(as_user=as_user, **(env or {})),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        if check and done.returncode != 0:
            print(done.stdout)
            raise PackageFault(f"“{' '.join(command)}” failed")
        return done

    def command(self, *command: str, as_user: bool = False) -> list[str]:
        """The command line that runs a command in it, from outside."""
        who = [f"--userspec={USER}:{USER}"] if as_user else []
        return ["chroot", *who, str(self.root), *command]

    def environment(self, *, as_user: bool, **further: str) -> dict[str, str]:
        """What programs in it get: nothing of this machine's but the way out."""
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        home = f"/home/{USER}" if as_user else "/root"
        return {
            **passed,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": home,
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **further,
        }

    def install(self, *packages: str, options: Sequence[str] = ()) -> None:
        """Install packages with what they depend on, and nothing more."""
        plain = ("--yes", "-qq", "--no-install-recommends", *options)
        self.run("apt-get", "install", *plain, *packages, timeout=1800)

    def put(self, file: Path) -> str:
        """Copy a file into it; return its place there."""
        shutil.copy(file, self.root / "opt" / file.name)
        return f"/opt/{file.name}"

    def tree(self) -> dict[str, str]:
        """Every path in it, and what lies there."""
        found = {}
        for folder, names, files in os.walk(self.root):
            inside = Path(folder).relative_to(self.root)
            names[:] = [
                each for each in names if str(inside / each) not in _NOT_COMPARED
            ]
            for name in (*names, *files):
                place = str(inside / name)
                if place not in _NOT_COMPARED:
                    found[place] = _kind(self.root / place)
        return found


@contextlib.contextmanager
def clean_debian(folder: Path) -> Iterator[CleanDebian]:
    """Make one below a folder, and leave nothing mounted.

    Raises:
        CalledProcessError: It cannot be made, and why has been said.
    """
    root = folder / RELEASE
    _bootstrap(root)
    debian = CleanDebian(root)
    with _mounted(root):
        # A package must not start servers on this machine.
        policy = root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n", "ascii")
        policy.chmod(0o755)
        debian.run("useradd", "--create-home", "--shell", "/bin/sh", USER)
        yield debian


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What is new, gone or different, one line each."""
    return [
        *(f"+ {path}" for path in sorted(after.keys() - before.keys())),
        *(f"- {path}" for path in sorted(before.keys() - after.keys())),
        *(
            f"~ {path}"
            for path in sorted(before.keys() & after.keys())
            if before[path] != after[path]
        ),
    ]


def _kind(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    told = path.stat()
    # Folders change their time whenever something passes through them.
    content = f"{told.st_size} {told.st_mtime_ns}" if path.is_file() else "folder"
    return f"{told.st_mode:o} {told.st_uid} {content}"


def _bootstrap(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", RELEASE, str(root), _mirror()]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        print(made.stdout[-3000:], made.stderr)
        made.check_returncode()


def _mirror() -> str:
    """Where this machine has Debian's packages from; "" for the tool's own idea."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    for line in told.splitlines():
        place, _, release = line.partition("|")
        if release == RELEASE and "debian" in place:
            return place
    return ""


@contextlib.contextmanager
def _mounted(root: Path) -> Iterator[None]:
    done: list[Path] = []
    try:
        for name, kind in _MOUNTS.items():
            place = root / name
            place.mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, str(place)], check=True)
            done.append(place)
        yield
    finally:
        for place in reversed(done):
            # Lazily: a program that has not ended yet holds it.
            subprocess.run(["umount", "--lazy", str(place)], check=False)
