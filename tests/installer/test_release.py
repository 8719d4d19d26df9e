"""What the release's workflow runs is there, and does what it needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import dev
import packages
import release
from macos.package import image_name
from screenpop import __version__
from windows.package import setup_name

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXT = {path.name: path.read_text("utf-8") for path in WORKFLOWS}


@pytest.mark.parametrize("name", TEXT)
def test_a_workflow_names_commands_and_files_that_exist(name: str) -> None:
    for command in re.findall(r"installer/dev\.py ([\w-]+)", TEXT[name]):
        assert command in dev.COMMANDS
    for system in re.findall(r"dev\.py package (\w+)", TEXT[name]):
        assert system in packages.systems("package")
    for path in re.findall(r"installer[/\\][\w/\\.-]+\.(?:py|ps1)", TEXT[name]):
        assert (ROOT / path.replace("\\", "/")).is_file()


@pytest.mark.parametrize("name", TEXT)
def test_a_workflow_runs_only_what_was_looked_at(name: str) -> None:
    used = re.findall(r"uses: (\S+)(.*)", TEXT[name])
    assert used
    for action, comment in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    # Texts from outside may not become commands.
    assert not re.findall(r"run: .*\$\{\{", TEXT[name])


def test_secrets_are_not_printed_or_kept() -> None:
    text = TEXT["release.yml"]
    assert "set -x" not in text
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert "\npermissions: {}\n" in text


def test_the_tag_has_to_say_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["check-tag", f"v{__version__}"]) == 0
    assert release.main(["check-tag", "v99.0.0"]) == 1
    assert __version__ in capsys.readouterr().err


def test_the_sums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    for name in ("b.deb", "a.exe"):
        (tmp_path / name).write_text(name)
    assert release.main(["sums", str(tmp_path)]) == 0
    assert release.main(["sums", str(tmp_path)]) == 0
    check = ["sha256sum", "--check", "--strict", release.SUMS]
    said = subprocess.run(
        check, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout == "a.exe: OK\nb.deb: OK\n"


def test_what_updates_itself_is_listed_for_the_news(tmp_path: Path) -> None:
    names = {
        setup_name("1.2.3"): "windows-x86_64:setup",
        image_name("1.2.3", "arm64"): "macos-arm64:dmg",
        "screenpop-1.2.3-linux-x86_64.tar.xz": "linux-x86_64:tarball",
        "screenpop_1.2.3_amd64.deb": "",
        "screenpop-1.2.3-windows-x64.msi": "",
    }
    for name in names:
        (tmp_path / name).touch()
    listed = release.artefacts(tmp_path, "https://example.com/v1.2.3/")
    assert sorted(listed) == sorted(
        f"--artefact={what}:{tmp_path / name}:https://example.com/v1.2.3/{name}"
        for name, what in names.items()
        if what
    )
