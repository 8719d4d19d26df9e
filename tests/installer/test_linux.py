"""What Linux is told about the program, and the scripts that its packages run."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import screenpop
from linux import deb, desktop_files, man_page, tarball
from screenpop.cli.main import COMMANDS
from screenpop.desktop import url_scheme
from tests.requirements import require_program

LINUX = Path(__file__).parents[2] / "installer" / "linux"


def _entry(name: str) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(desktop_files.applications()[name])
    return parser["Desktop Entry"]


def test_the_menu_entry_starts_the_program_and_names_the_window_it_opens() -> None:
    entry = _entry("screenpop.desktop")
    assert entry["Exec"] == "screenpop"
    assert entry["Icon"] == "screenpop"
    assert entry["StartupWMClass"] == "screenpop"


def test_the_entry_for_links_is_the_one_that_the_program_knows() -> None:
    entry = _entry(url_scheme.ENTRY_NAME)
    assert "x-scheme-handler/tel" in entry["MimeType"].split(";")
    assert entry["Exec"] == "screenpop dial -- %u"


def test_the_entries_are_valid(tmp_path: Path) -> None:
    tool = require_program("desktop-file-validate")
    for name, text in desktop_files.applications().items():
        (tmp_path / name).write_text(text, "utf-8")
        done = subprocess.run(
            [tool, tmp_path / name], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (0, "")


def test_the_page_of_software_centres_leads_to_the_menu_entry() -> None:
    page = ET.fromstring(desktop_files.metainfo("0.1.0", "2026-11-23"))  # noqa: S314
    assert page.findtext("id") == desktop_files.APPSTREAM_ID
    assert page.findtext("launchable") == desktop_files.MENU_ENTRY_NAME
    release = page.find("releases/release")
    assert release is not None
    assert release.get("version") == "0.1.0"
    types = {each.text for each in page.findall("provides/mediatype")}
    assert types == {f"x-scheme-handler/{each}" for each in url_scheme.SCHEMES}


def test_the_manual_page_tells_of_every_command() -> None:
    page = man_page.man_page(screenpop.__version__, "2026-11-23")
    for name, text in COMMANDS.items():
        assert name.replace("-", "\\-") in page
        assert text.replace("-", "\\-") in page


@pytest.mark.parametrize(
    ("ours", "debians"), [("1.2.3", "1.2.3"), ("1.2.0rc1", "1.2.0~rc1")]
)
def test_a_candidate_is_older_than_its_release(ours: str, debians: str) -> None:
    assert desktop_files.debian_version(ours) == debians


def test_another_kind_of_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.0-beta"):
        desktop_files.debian_version("1.0-beta")


@pytest.mark.parametrize(
    "script",
    [
        *LINUX.glob("maintainer/*"),
        *LINUX.glob("tarball_files/*.sh"),
    ],
    ids=lambda path: path.name,
)
def test_the_scripts_are_plain_shell(script: Path) -> None:
    done = subprocess.run(["sh", "-n", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("installed", "status"),
    [("0.9.0", 0), ("1.0.0", 0), ("1.0.1", 1), ("1.1.0~rc1", 1)],
)
def test_an_older_package_is_not_installed_over_a_newer_one(
    tmp_path: Path, installed: str, status: int
) -> None:
    require_program("dpkg")
    script = tmp_path / "preinst"
    text = (LINUX / "maintainer" / "preinst").read_text("utf-8")
    script.write_text(text.replace("@VERSION@", "1.0.0"), "utf-8")
    done = subprocess.run(
        ["sh", script, "upgrade", installed, "1.0.0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert ("newer than 1.0.0" in done.stderr) == bool(status)


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """Something that looks like a frozen program; it passes every self-test."""
    folder = tmp_path / "frozen"
    folder.mkdir()
    (folder / "screenpop").write_text("#!/bin/sh\necho self-test passed\n")
    (folder / "screenpop").chmod(0o755)
    # Something that asks for the system's libraries.
    shutil.copy(require_program("true"), folder / "helper")
    (folder / deb.NOTICES).write_text("the licences of all")
    (folder / "LICENSE.txt").write_text("MIT")
    return folder


def test_the_tarball_installs_itself_refuses_a_downgrade_and_goes_again(
    tmp_path: Path, frozen: Path
) -> None:
    prefix = tmp_path / "prefix"
    for version in ("1.1.0", "1.0.0"):
        packed = tarball.build(frozen, tmp_path, version, "any", is_quick=True)
        shutil.unpack_archive(packed, tmp_path, filter="tar")

    def run(version: str, script: str) -> subprocess.CompletedProcess[str]:
        place = tmp_path / f"screenpop-{version}-linux-any" / script
        return subprocess.run(
            [place, prefix], capture_output=True, text=True, check=False
        )

    assert run("1.0.0", "install.sh").returncode == 0
    assert run("1.1.0", "install.sh").returncode == 0
    entry = (prefix / "share/applications/screenpop.desktop").read_text("utf-8")
    assert f"Exec={prefix}/lib/screenpop/current/screenpop\n" in entry
    refused = run("1.0.0", "install.sh")
    assert refused.returncode == 1
    assert "newer than 1.0.0" in refused.stderr
    told = subprocess.run([prefix / "bin/screenpop"], capture_output=True, check=True)
    assert b"passed" in told.stdout
    assert run("1.1.0", "uninstall.sh").returncode == 0
    left = [path for path in prefix.rglob("*") if not path.is_dir()]
    assert [path for path in left if path.name != "mimeinfo.cache"] == []


def test_the_debian_package_holds_what_a_desktop_looks_for(
    tmp_path: Path, frozen: Path
) -> None:
    require_program("dpkg-deb")
    require_program("dpkg-shlibdeps")
    path = deb.build(frozen, tmp_path, "1.0.0rc2", is_quick=True)
    asked = ["dpkg-deb", "--show", "--showformat=${Package} ${Version}\n${Depends}"]
    told = subprocess.run([*asked, path], capture_output=True, text=True, check=True)
    first, _, depends = told.stdout.partition("\n")
    assert first == "screenpop 1.0.0~rc2"
    assert "ca-certificates" in depends
    assert "libc6 (>=" in depends
    tree = tmp_path / "tree"
    subprocess.run(["dpkg-deb", "--extract", path, tree], check=True)
    assert (
        tree / "usr/bin/screenpop"
    ).resolve() == tree / "usr/lib/screenpop/screenpop"
    for place in (
        "usr/share/applications/screenpop.desktop",
        "usr/share/doc/screenpop/THIRD-PARTY-LICENCES.txt.gz",
        "usr/share/icons/hicolor/scalable/apps/screenpop.svg",
        "usr/share/man/man1/screenpop.1.gz",
        "usr/share/metainfo/org.screenpop.screenpop.metainfo.xml",
    ):
        assert (tree / place).is_file(), place
