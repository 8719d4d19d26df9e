"""The Debian package: the frozen program with all that a Debian expects around it.

It holds no program of its own to be run as root but two short scripts: one refuses a
downgrade, the other ends the program before it is taken away. Everything else is done
by the triggers of the packages that own the caches of icons, entries and manual pages.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import update_pins
from linux import desktop_files, man_page

PACKAGE: Final = "screenpop"
MAINTAINER: Final = "screenpop contributors <screenpop@example.org>"
PROGRAM_PLACE: Final = Path("usr/lib/screenpop")
NOTICES: Final = "THIRD-PARTY-LICENCES.txt"

_ALSO_NEEDED: Final = (
    # Whom to trust, in TLS.
    "ca-certificates",
    # Without a font windows would show empty boxes.
    "fonts-dejavu-core | fonts-noto-core | fonts-liberation | ttf-font",
)
_RECOMMENDED: Final = (
    "dbus-user-session | dbus-session-bus",
    "desktop-file-utils",
    "gnome-keyring | kwalletmanager | keepassxc",
    "libpulse0 | libasound2",
    "xdg-utils",
)
# Takes the look of GTK's desktops where GTK is there; it is not there for that.
_OPTIONAL_PARTS: Final = ("libqgtk3.so",)
_DESCRIPTION: Final = """\
shows who is calling, and dials
 A phone rings at your office's cloud phone system. screenpop shows who it is,
 in the corner of your screen, before you pick up: name, company, the line they
 called, what happened last time. It never takes the keyboard, sits in the tray
 and costs next to nothing while no phone rings.
 .
 A missed call waits in the tray until somebody has called back. Numbers, names
 and telephone links are dialled with one click."""

_DEBIANS_OWN: Final = re.compile(r"lib(?:bz2|ffi|uuid|xcb-[a-z-]+)\.so")
_SCRIPTS: Final = Path(__file__).resolve().parent / "maintainer"


def build(frozen: Path, target: Path, version: str, *, is_quick: bool = False) -> Path:
    """Pack a frozen program; return the package.

    Args:
        frozen: Its folder.
        target: The folder that gets the package.
        version: The program's.
        is_quick: Leave it large, for a test.

    Raises:
        CalledProcessError: A tool of dpkg's failed, and has said why.
        ValueError: The version is none that the project makes.
    """
    made = desktop_files.debian_version(version)
    architecture = _told("dpkg", "--print-architecture")
    path = target / f"{PACKAGE}_{made}_{architecture}.deb"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        _lay_out(frozen, tree, version)
        _write_control(tree, made, architecture)
        options = ["--root-owner-group", *(["-Znone"] if is_quick else ["-Zxz"])]
        subprocess.run(["dpkg-deb", "--build", *options, tree, path], check=True)
    return path


def needed_packages(tree: Path) -> str:
    """The packages whose libraries the program's files ask for, with their versions.

    Args:
        tree: The package laid out, for the tool tells its own libraries by that.
    """
    frozen = tree / PROGRAM_PLACE
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder, "debian", "control")
        control.parent.mkdir()
        stanza = f"Source: {PACKAGE}\n\nPackage: {PACKAGE}\nArchitecture: any\n"
        control.write_text(stanza, "utf-8")
        private = {path.parent for path in frozen.rglob("lib*.so*")}
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", f"-S{tree}"]
        command += [f"-l{path}" for path in sorted(private)]
        command += [f"-e{path}" for path in _programs_in(frozen)]
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True
        )
    if done.returncode != 0:
        print(done.stderr)
        done.check_returncode()
    found = done.stdout.strip().partition("=")[2]
    return ", ".join(sorted({*found.split(", "), *_ALSO_NEEDED}))


def _programs_in(frozen: Path) -> list[Path]:
    return [
        path
        for path in sorted(frozen.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.name not in _OPTIONAL_PARTS
        and _is_machine_code(path)
    ]


def _is_machine_code(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _lay_out(frozen: Path, tree: Path, version: str) -> None:
    """Everything but what dpkg itself reads."""
    program = tree / PROGRAM_PLACE
    shutil.copytree(frozen, program, symlinks=True)
    # Brought along for other systems; here the package asks for Debian's own.
    for library in (program / "_internal").glob("lib*.so*"):
        if _DEBIANS_OWN.match(library.name):
            library.unlink()
    update_pins.write(program, "deb")
    documents = tree / "usr/share/doc" / PACKAGE
    documents.mkdir(parents=True)
    _write_zipped(documents / f"{NOTICES}.gz", (program / NOTICES).read_text("utf-8"))
    for name in (NOTICES, "LICENSE.txt"):
        (program / name).unlink()
    link = tree / "usr/bin" / PACKAGE
    link.parent.mkdir()
    link.symlink_to(Path("..", "lib", PACKAGE, PACKAGE))
    date = time.strftime("%Y-%m-%d", time.gmtime(_source_date()))
    _write_texts(tree / "usr/share", version, date)
    desktop_files.write_icons(tree / "usr/share/icons/hicolor")
    # Empty: the app that runs sees at once what an administrator puts there.
    (tree / "etc/screenpop/policy.d").mkdir(parents=True)
    _set_modes(tree)


def _write_texts(share: Path, version: str, date: str) -> None:
    for name, text in desktop_files.applications().items():
        _write(share / "applications" / name, text)
    component = f"{desktop_files.APPSTREAM_ID}.metainfo.xml"
    _write(share / "metainfo" / component, desktop_files.metainfo(version, date))
    _write_zipped(
        share / "man" / "man1" / f"{PACKAGE}.1.gz", man_page.man_page(version, date)
    )
    documents = share / "doc" / PACKAGE
    _write(documents / "copyright", _copyright())
    changes = (desktop_files.ROOT / "CHANGELOG.md").read_text("utf-8")
    _write_zipped(documents / "CHANGELOG.md.gz", changes)
    _write_zipped(documents / "changelog.gz", _changelog(version))
    for path in (desktop_files.ROOT / "installer" / "policy").glob("*.schema.json"):
        _write(documents / path.name, path.read_text("utf-8"))


def _copyright() -> str:
    licence = (desktop_files.ROOT / "LICENSE").read_text("utf-8").strip()
    indented = "\n".join(f" {line.strip() or '.'}" for line in licence.splitlines())
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        f"Upstream-Name: {PACKAGE}\n"
        "Comment: Python, libraries and packages that come along are under terms of\n"
        f" their own, all of them in {NOTICES}.gz beside this file.\n"
        "\nFiles: *\n"
        "Copyright: screenpop contributors\n"
        f"License: Expat\n{indented}\n"
    )


def _changelog(version: str) -> str:
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(_source_date()))
    made = desktop_files.debian_version(version)
    return (
        f"{PACKAGE} ({made}) unstable; urgency=medium\n\n"
        f"  * What has changed is told in CHANGELOG.md.gz beside this file.\n\n"
        f" -- {MAINTAINER}  {when}\n"
    )


def _write_control(tree: Path, version: str, architecture: str) -> None:
    folder = tree / "DEBIAN"
    folder.mkdir()
    files = [path for path in sorted(tree.rglob("*")) if path.is_file()]
    files = [path for path in files if not path.is_symlink()]
    kibibytes = sum(-(-path.stat().st_size // 1024) for path in files)
    control = {
        "Package": PACKAGE,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(kibibytes),
        "Depends": needed_packages(tree),
        "Recommends": ", ".join(_RECOMMENDED),
        "Section": "comm",
        "Priority": "optional",
        "Description": _DESCRIPTION,
    }
    _write(folder / "control", "".join(f"{k}: {v}\n" for k, v in control.items()))
    sums = (f"{_md5(path)}  {path.relative_to(tree)}\n" for path in files)
    _write(folder / "md5sums", "".join(sums))
    for script in ("preinst", "prerm"):
        text = (_SCRIPTS / script).read_text("utf-8").replace("@VERSION@", version)
        _write(folder / script, text)
        (folder / script).chmod(0o755)


def _md5(path: Path) -> str:
    """What dpkg compares installed files with; it protects against nobody."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _set_modes(tree: Path) -> None:
    """What Debian's policy wants, whatever the builder's umask is."""
    for path in [tree, *tree.rglob("*")]:
        if path.is_symlink():
            continue
        is_program = path.is_file() and path.name == PACKAGE and path.suffix == ""
        path.chmod(0o755 if path.is_dir() or is_program else 0o644)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_zipped(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the time, or each build would give other bytes.
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _source_date() -> int:
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if re.fullmatch(r"\d+", told):
        return int(told)
    try:
        return int(_told("git", "log", "-1", "--format=%ct"))
    except (OSError, ValueError, subprocess.CalledProcessError):
        return int(time.time())


def _told(*command: str) -> str:
    done = subprocess.run(
        command, cwd=desktop_files.ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
