"""The set-up for Windows: it compiles, and says what the program itself says.

What it does is tried under Wine: `python3 installer/dev.py package-test windows`.
"""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.commands.quit import ENDED
from screenpop.desktop.autostart import RUN_KEY
from screenpop.desktop.url_scheme import SCHEMES, registry_values
from screenpop.services import late_parts
from tests.requirements import require_program
from windows import facts, msi, package, script_facts, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = package.SCRIPT.read_text("utf-8")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A folder like that of a frozen program."""
    folder = tmp_path / "frozen"
    (folder / "_internal").mkdir(parents=True)
    for name in (facts.PROGRAM, facts.CONSOLE_PROGRAM, "_internal/naïve file.txt"):
        (folder / name).write_bytes(b"MZ" * 600)
    return folder


# --- the set-up -----------------------------------------------------------------------


def test_the_script_compiles_for_64_bits(frozen: Path, tmp_path: Path) -> None:
    require_program("makensis")
    setup = package.build_setup(frozen, tmp_path / "out", "1.2.3rc4")
    assert setup.name == "screenpop-1.2.3rc4-windows-x64-setup.exe"
    head = setup.read_bytes()
    (at,) = struct.unpack_from("<I", head, 0x3C)
    assert head[at : at + 4] == b"PE\0\0"
    assert struct.unpack_from("<H", head, at + 4) == (0x8664,)
    assert "1.2.3rc4".encode("utf-16-le") in head
    assert b'level="asInvoker"' in head


def test_without_a_frozen_program_there_is_no_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / facts.PROGRAM).touch()
    assert package.main(["--from", str(tmp_path), "--to", str(tmp_path)]) == 1
    assert facts.CONSOLE_PROGRAM in capsys.readouterr().err


def test_it_starts_at_login_what_the_programs_own_switch_starts() -> None:
    login = script_facts.login_value()
    assert (login.key, login.name) == (RUN_KEY, "screenpop")
    assert login.text == r'"INST DIR\app\screenpop.exe" run --at-login'
    told = Path(late_parts.__file__).read_text("utf-8")
    words = ", ".join(f'"{word}"' for word in script_facts.LOGIN_WORDS)
    assert f"login_item(installed_command({words}))" in told


def test_it_offers_the_links_that_the_program_takes() -> None:
    links = script_facts.link_values()
    assert tuple(links.written) == registry_values((script_facts.installed_program(),))
    offered = {value.name for value in links.written if "URLAssociations" in value.key}
    assert offered == set(SCHEMES)
    # What it writes, it removes.
    for key, name, _ in links.written:
        below = any(f"{key}\\".startswith(f"{one}\\") for one in links.removed_keys)
        assert below or (key, name) in links.removed_values


def test_the_scripts_facts_are_quoted_as_nsis_reads_them() -> None:
    text = script_facts.script_facts()
    assert f'!define SAID_WHEN_ENDED "{ENDED}"' in text
    assert r'"$\"$INSTDIR\app\screenpop.exe$\" dial -- $\"%1$\""' in text
    assert "INST DIR" not in text
    assert script_facts.quoted('a "$b"') == r'"a $\"$$b$\""'


def test_what_it_runs_of_the_program_exists() -> None:
    from tests.architecture.test_docs_commands import _problem

    run = re.findall(r"\$\{CONSOLE_PROGRAM(?:_NAME)?\}\"? ([a-z][a-z -]*)", SCRIPT)
    assert {each.split()[0] for each in run} == {"quit", "self-test", "team"}
    assert [_problem(f"screenpop {each}") for each in run] == [""] * len(run)
    assert "quit --unless-in-call$2" in SCRIPT


def test_the_switches_are_in_the_documentation() -> None:
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    switches = set(re.findall(r'(?:Read|Has)Switch\} \$\w+ "(/[A-Z]+=?)"', SCRIPT))
    assert len(switches) > 9
    assert {each for each in switches if f"`{each}" not in page} == set()
    statuses = re.findall(r"^!define (?!.*_MS)[A-Z_]+ (\d+)$", SCRIPT, re.MULTILINE)
    assert {each for each in statuses if f"| {each} |" not in page} == set()


# --- facts ----------------------------------------------------------------------------


def test_versions_keep_their_order() -> None:
    ordered = [
        "1.2.3a1",
        "1.2.3b1",
        "1.2.3b2",
        "1.2.3rc1",
        "1.2.3",
        "1.2.4a1",
        "1.10.0",
    ]
    numbers = [facts.four_parts(version) for version in ordered]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("version", ["1.2", "1.2.3.dev1", "1.2.70000", "1.2.3rc1000"])
def test_a_version_that_windows_cannot_compare_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=re.escape(version)):
        facts.four_parts(version)


def test_the_version_information_reads_as_python() -> None:
    def made(*words: object, **named: object) -> tuple[object, ...]:
        return (*words, *named.values())

    names = (
        *("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable"),
        *("StringStruct", "VarFileInfo", "VarStruct"),
    )
    text = facts.version_info("1.2.3", facts.CONSOLE_PROGRAM)
    read = eval(text, dict.fromkeys(names, made))  # noqa: S307 - as PyInstaller does
    assert "screenpop-cli.exe" in repr(read)
    assert "(1, 2, 3, 9000)" in repr(read)


def test_the_manifest_asks_for_no_rights_and_sharp_text() -> None:
    tree = ET.fromstring(facts.MANIFEST)  # noqa: S314 - our own
    found = {each.tag.rpartition("}")[2]: each for each in tree.iter()}
    assert found["requestedExecutionLevel"].get("level") == "asInvoker"
    assert found["dpiAwareness"].text == "PerMonitorV2"
    assert found["longPathAware"].text == "true"


# --- the MSI --------------------------------------------------------------------------


def test_the_msi_holds_every_file_once_under_ids_that_stay(
    frozen: Path, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    (marks / "installation.json").write_text("{}")
    one, two = (ET.fromstring(msi.wxs(frozen, marks, v)) for v in ("1.0.0", "1.1.0"))  # noqa: S314
    assert _components(one) == _components(two)
    files = [each.get("Source") for each in one.iter() if each.tag.endswith("}File")]
    assert len(files) == len(set(files)) == 4
    product = one[0]
    assert (product.get("Version"), product.get("UpgradeCode")) == (
        "1.0.0",
        msi.UPGRADE_CODE,
    )
    ids = [each.get("Id") or "" for each in one.iter() if each.get("Id") != "*"]
    assert max(map(len, ids)) <= 72


def _components(wix: ET.Element) -> Mapping[str | None, str | None]:
    return {
        each.get("Id"): each.get("Guid")
        for each in wix.iter()
        if each.tag.endswith("}Component")
    }


def test_the_msi_needs_a_version_of_three_numbers(frozen: Path, tmp_path: Path) -> None:
    with pytest.raises(package.PackageError):
        msi.build_msi(frozen, tmp_path, "1.0.0rc1")


# --- signing --------------------------------------------------------------------------


def test_without_a_certificate_nothing_is_signed_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sign.certificate_of({}) is None
    assert sign.main(["nowhere.exe"]) == 0
    assert "not signed" in capsys.readouterr().out


def test_the_password_is_in_no_command_where_it_need_not_be(tmp_path: Path) -> None:
    certificate = sign.Certificate("c.pfx", "made-up-word", "https://time.example.com")
    command = sign.osslsigncode(Path("a"), Path("b"), certificate, tmp_path / "p")
    assert "made-up-word" not in command
    assert certificate.timestamp_url in command
    assert sign.signtool("signtool", Path("a"), certificate)[-1] == "a"


def test_the_newest_signtool_is_taken(tmp_path: Path) -> None:
    for version in ("10.0.19041.0", "10.0.26100.0"):
        (tmp_path / version / "x64").mkdir(parents=True)
        (tmp_path / version / "x64" / "signtool.exe").touch()
    assert "26100" in sign.find_signtool(tmp_path)
    with pytest.raises(FileNotFoundError):
        sign.find_signtool(tmp_path / "none")
