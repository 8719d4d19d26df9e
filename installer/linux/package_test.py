"""``dev.py package-test linux``: the packages as users meet them, in a clean Debian 12.

Installed by apt so that dependencies resolve, started on a display, asked to dial by a
link, upgraded while it runs, refused a downgrade, removed; and what is left is compared
with what was there before. Needs root, Debian and its package source, and some minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import screenpop
import system_packages
from linux import deb, package, tarball
from linux.clean_debian import (
    USER,
    CleanDebian,
    PackageFault,
    changes,
    clean_debian,
)
from linux.on_display import PROGRAM, READER_PACKAGES, OnDisplay, display
from linux.policy_proof import obey_policy
from screenpop.desktop.autostart import autostart_entry

NEXT_VERSION: Final = f"{screenpop.__version__}.1"
_PROGRAM: Final = "/usr/bin/screenpop"
_HOME: Final = f"/home/{USER}"
# What a desktop has, and the package recommends.
_DESKTOP: Final = ("dbus", "desktop-file-utils", "gnome-keyring", "xdg-utils")


# Which programs and icons there are, for whoever asks quickly.
_CACHES: Final = (
    "usr/share/applications/mimeinfo.cache",
    "usr/share/icons/hicolor/icon-theme.cache",
    "var/lib/systemd",
)
_PICTURES: Final = package.ROOT / "build" / "package-test"


def main(arguments: list[str]) -> int:
    """Build the packages and try them out; pictures go to build/package-test."""
    _PICTURES.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        print("only root can make a clean Debian to install in", file=sys.stderr)
        return 1
    if system_packages.ensure(system_packages.PACKAGE_TEST):
        return 1
    with tempfile.TemporaryDirectory(prefix="screenpop-packages-") as scratch:
        folder = Path(scratch)
        try:
            if "--frozen" not in arguments:
                package.freeze()
            _try_out(folder)
        except PackageFault as fault:
            print(f"package-test linux: {fault}", file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as error:
            print(f"package-test linux: {error.cmd[0]} failed", file=sys.stderr)
            return 1
    return 0


def _try_out(folder: Path) -> None:
    now = deb.build(package.FROZEN, folder, screenpop.__version__, is_quick=True)
    later = deb.build(package.FROZEN, folder, NEXT_VERSION, is_quick=True)
    _check_metadata(now, folder)
    with clean_debian(folder) as debian, display() as screen:
        _say("a clean Debian stands")
        debian.run("apt-get", "update", "-qq")
        places = [debian.put(path) for path in (now, later)]
        asked = ("dpkg-deb", "--field", places[0], "Depends")
        needed = debian.run(*asked).stdout.strip()
        files = _install(debian, places[0])
        _bare_self_test(debian)
        obey_policy(debian, _PROGRAM)
        _say("a locked policy held against each command of an ordinary user")
        debian.install(*_DESKTOP, *READER_PACKAGES)
        on_desktop = OnDisplay(debian, screen)
        before = debian.tree()
        with on_desktop.session():
            _start_at_login(debian, on_desktop)
            _see_windows(debian, on_desktop)
            _follow_link(on_desktop)
            _keep_a_secret(on_desktop)
            _upgrade(debian, places[1])
            _outlive_upgrade(on_desktop)
            _refuse_downgrade(debian, places[0])
            _remove(debian, on_desktop)
        _compare(debian, before, files)
        _try_tarball(debian, folder, needed)


def _check_metadata(path: Path, folder: Path) -> None:
    """By the tools of those who read it."""
    tree = folder / "unpacked"
    subprocess.run(["dpkg-deb", "--extract", path, tree], check=True)
    share = tree / "usr/share"
    for entry in sorted((share / "applications").iterdir()):
        subprocess.run(["desktop-file-validate", entry], check=True)
    (component,) = (share / "metainfo").iterdir()
    command = ["appstreamcli", "validate", "--no-net", str(component)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    _expect(done.returncode == 0, f"appstreamcli is not content:\n{done.stdout}")
    size = sum(each.lstat().st_size for each in tree.rglob("*") if each.is_file())
    _say(f"{path.name}: {size / 1e6:.1f} MB installed; its entries and page are valid")


def _install(debian: CleanDebian, place: str) -> list[str]:
    """Returns the paths that the package brings."""
    before = set(_packages(debian))
    debian.install(place)
    new = len(set(_packages(debian)) - before)
    _say(f"apt installed it with all that it needs: {new} packages")
    files = debian.run("dpkg-query", "--listfiles", "screenpop").stdout.splitlines()
    for wanted in (
        _PROGRAM,
        "/usr/share/applications/screenpop.desktop",
        "/usr/share/applications/screenpop-url.desktop",
        "/usr/share/icons/hicolor/48x48/apps/screenpop.png",
        "/usr/share/icons/hicolor/scalable/apps/screenpop.svg",
        "/usr/share/metainfo/org.screenpop.screenpop.metainfo.xml",
        "/usr/share/doc/screenpop/copyright",
    ):
        _expect(wanted in files, f"{wanted} is not in the package")
    debian.run("dpkg", "--verify", "screenpop")
    return files


def _bare_self_test(debian: CleanDebian) -> None:
    """With what it depends on alone: no bus, no display, no keychain."""
    told = debian.run(_PROGRAM, "self-test", as_user=True).stdout
    _expect("self-test passed" in told, told)
    version = debian.run(_PROGRAM, "--version", as_user=True).stdout.strip()
    _expect(version == f"screenpop {screenpop.__version__}", version)
    _say("self-test passed, with the packages alone that it depends on")


def _start_at_login(debian: CleanDebian, desktop: OnDisplay) -> None:
    """Not unasked; and as a user's switch would have it, without a window."""
    forced = list((debian.root / "etc/xdg/autostart").glob("screenpop*"))
    _expect(not forced, "the package forces a start at login")
    desktop.run("mkdir", "-p", f"{_HOME}/.config/autostart")
    entry = _login_entry(debian)
    entry.write_text(autostart_entry([PROGRAM, "run", "--at-login"]), "utf-8")
    _expect(desktop.start_from_entry(entry), "the login entry starts nothing")
    desktop.wait_for(desktop.has_tray_icon, "the icon in the tray")
    desktop.wait_for(lambda: desktop.status().returncode == 0, "the app to run")
    _expect(not desktop.windows(), "a window comes up at login")
    desktop.run(_PROGRAM, "quit", check=True)
    desktop.wait_for(lambda: not desktop.is_running(), "the app to end")
    _say("starts at login when a user wants that, with no window")


def _login_entry(debian: CleanDebian) -> Path:
    return debian.root / _HOME.lstrip("/") / ".config/autostart/screenpop.desktop"


def _see_windows(debian: CleanDebian, desktop: OnDisplay) -> None:
    entry = debian.root / "usr/share/applications/screenpop.desktop"
    _expect(desktop.start_from_entry(entry), "the menu entry starts nothing")
    desktop.wait_for(lambda: desktop.status().returncode == 0, "the app to run")
    desktop.wait_for(desktop.has_tray_icon, "the icon in the tray")
    desktop.wait_for(lambda: bool(desktop.texts()), "its first window")
    desktop.picture(_PICTURES / "first-window.png")
    desktop.close_windows()
    _say("started from its menu entry: icon in the tray, window on the display")


def _follow_link(desktop: OnDisplay) -> None:
    asked = ("xdg-mime", "query", "default", "x-scheme-handler/tel")
    handler = desktop.run(*asked).stdout.strip()
    _expect(handler == "screenpop-url.desktop", f"tel: belongs to “{handler}”")
    desktop.run("xdg-open", "tel:+442079460421", check=True)
    desktop.wait_for(lambda: desktop.sees("7946 0421"), "the link's number")
    desktop.picture(_PICTURES / "link.png")
    desktop.close_windows()
    _say("a tel: link fills the dialer of the running app, which asks before it calls")


def _keep_a_secret(desktop: OnDisplay) -> None:
    """Through SecretStorage, under the session bus' cipher, into a real keychain."""
    add = ("account", "add", "voxloud", "--id", "acme", "--extension", "101")
    done = desktop.run(_PROGRAM, *add, "--no-check", stdin="k-0123456789abcdef\n")
    _expect(done.returncode == 0, f"no account could be added:\n{done.stdout}")
    told = desktop.run(_PROGRAM, "account", "list", "--json").stdout
    _expect("acme" in told, told)
    _say("a key went into the keychain of the desktop")


def _upgrade(debian: CleanDebian, place: str) -> None:
    debian.install(place)
    _expect(_installed(debian) == NEXT_VERSION, "the upgrade did not take")
    _say(f"upgraded in place to {NEXT_VERSION} while the app ran")


def _outlive_upgrade(desktop: OnDisplay) -> None:
    """The one that runs goes on, and still finds modules that it had not needed yet."""
    _expect(desktop.status().returncode == 0, "the app did not survive the upgrade")
    desktop.open_dialer()
    _expect(desktop.is_running(), "the app ended after the upgrade")
    _say("the app that ran went on")


def _refuse_downgrade(debian: CleanDebian, place: str) -> None:
    plain = ("apt-get", "install", "--yes", "-qq", "--allow-downgrades", place)
    done = debian.run(*plain, check=False)
    _expect(done.returncode != 0, "an older version was installed over a newer one")
    _expect("which is newer than" in done.stdout, done.stdout)
    _expect(_installed(debian) == NEXT_VERSION, "the refusal left something broken")
    debian.run(_PROGRAM, "--version", as_user=True)
    debian.run("apt-get", "check", "-qq")
    _say("a downgrade was refused in words; the newer one is whole")


def _remove(debian: CleanDebian, desktop: OnDisplay) -> None:
    debian.run("apt-get", "remove", "--yes", "-qq", "screenpop")
    desktop.wait_for(lambda: not desktop.is_running(), "the app to end")
    data = debian.root / _HOME.lstrip("/") / ".local/share/screenpop/screenpop.db"
    _expect(data.exists(), "the user's data went with the package")
    started = desktop.start_from_entry(_login_entry(debian))
    _expect(not started, "a login after the removal would start something")
    # Nothing is left to purge, which dpkg takes well and apt does not.
    debian.run("dpkg", "--purge", "screenpop")
    _say("removed: the app that ran has ended, the user's data is still there")


def _compare(debian: CleanDebian, before: dict[str, str], files: list[str]) -> None:
    """With the tree as it was, installed, less what the package had brought."""
    own = {path.lstrip("/") for path in files}
    left = [
        line
        for line in changes(before, debian.tree())
        if not line[2:].startswith((_HOME.lstrip("/"), *_CACHES))
        # Gone is right; a folder of others' is there before and after.
        and not (line.startswith("- ") and line[2:] in own)
    ]
    _expect(not left, "left behind or changed: " + "; ".join(left))
    _say("nothing of it is left: every other path is as it was")


def _try_tarball(debian: CleanDebian, folder: Path, needed: str) -> None:
    packed = tarball.build(
        package.FROZEN, folder, screenpop.__version__, "test", is_quick=True
    )
    place = debian.put(packed)
    debian.install("xz-utils")
    debian.run("apt-get", "satisfy", "--yes", "-qq", "--no-install-recommends", needed)
    before = debian.tree()
    script = (
        f"cd {_HOME} && mkdir unpacked && tar -xf {place} -C unpacked "
        "&& cd unpacked/* && ./install.sh && ~/.local/bin/screenpop self-test "
        "&& ./install.sh && ./uninstall.sh && cd && rm -r unpacked"
    )
    told = debian.run("sh", "-c", script, as_user=True).stdout
    _expect("self-test passed" in told, told)
    left = [each for each in changes(before, debian.tree()) if "screenpop" in each]
    left = [each for each in left if "/.local/share/screenpop" not in each]
    _expect(not left, "the tarball left behind: " + "; ".join(left))
    _say("the tarball installs for a user, passes its self-test, and goes again")


def _packages(debian: CleanDebian) -> list[str]:
    return debian.run("dpkg-query", "-W", "-f", "${Package}\n").stdout.split()


def _installed(debian: CleanDebian) -> str:
    asked = ("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "screenpop")
    state, _, version = debian.run(*asked).stdout.partition(" ")
    return version if state == "installed" else state


def _expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise PackageFault(otherwise)


_begun: Final = time.monotonic()


def _say(what: str) -> None:
    print(f"{time.monotonic() - _begun:6.0f} s  {what}", flush=True)
