"""What a build is made of, and that it is the same wherever it is made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import audit
import hashes
import sbom
import wheels

ROOT = Path(__file__).parents[2]


# --- the bill of materials -----------------------------------------------------------


def test_the_bill_of_materials_names_everything_once_and_ties_it_together() -> None:
    locked = {sbom.key(pin.name): pin for pin in hashes.read().pins}
    table = sbom.document(sbom.installed(), locked, 1_700_000_000)
    assert (table["bomFormat"], table["specVersion"]) == ("CycloneDX", "1.6")
    assert table["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    refs = [one["bom-ref"] for one in table["components"]]
    assert len(refs) == len(set(refs))
    names = {one["name"] for one in table["components"]}
    assert {"httpx", "PySide6_Essentials", "PyNaCl", "uvicorn", "CPython"} <= names
    assert "pytest" not in names
    for one in table["components"]:
        assert one["purl"].endswith(f"@{one['version']}")
        assert one["licenses"], one["name"]
        if one["type"] == "library":
            assert one.get("hashes") or one.get("properties"), one["name"]
    known = {*refs, table["metadata"]["component"]["bom-ref"]}
    for tie in table["dependencies"]:
        assert {tie["ref"], *tie["dependsOn"]} <= known
    (httpx,) = [
        t for t in table["dependencies"] if t["ref"].startswith("pkg:pypi/httpx@")
    ]
    assert any(ref.startswith("pkg:pypi/anyio@") for ref in httpx["dependsOn"])


def test_the_same_content_has_the_same_bytes(tmp_path: Path) -> None:
    out = [tmp_path / "one.json", tmp_path / "other.json"]
    for path in out:
        assert sbom.main(["--out", str(path)]) == 0
    one, other = (path.read_bytes() for path in out)
    assert one == other
    assert json.loads(one)["serialNumber"].startswith("urn:uuid:")
    assert str(ROOT).encode() not in one


def test_a_frozen_program_is_told_of_from_what_lies_in_it(tmp_path: Path) -> None:
    inner = tmp_path / "_internal" / "thing-1.0.dist-info"
    inner.mkdir(parents=True)
    (inner / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: Thing\nVersion: 1.0\nLicense-Expression: MIT\n"
    )
    (part,) = sbom.frozen(tmp_path)
    table = sbom.document([part], {}, 0)
    found = table["components"][-1]
    assert (found["purl"], found["licenses"]) == (
        "pkg:pypi/thing@1.0",
        [{"expression": "MIT"}],
    )


# --- known weaknesses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "text", "status", "strict"),
    [
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}',
            "1 checked, no known weakness",
            0,
            0,
        ),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X"}]}]}',
            "1 known weaknesses: a 1: X",
            1,
            1,
        ),
        # A registry that answers, and knows nothing of weaknesses.
        (
            '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}',
            "the service that knows weaknesses was not reached: nothing checked",
            0,
            1,
        ),
        (
            "Traceback: no connection",
            "the service that knows weaknesses was not reached: nothing checked",
            0,
            1,
        ),
    ],
)
def test_an_audit_that_checked_nothing_says_so(
    said: str, text: str, status: int, strict: int
) -> None:
    found = audit.verdict(said)
    assert found.text() == text
    assert found.status(must_reach=False) == status
    assert found.status(must_reach=True) == strict


# --- the wheel -----------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_two_people_build_the_same_wheel() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout: there is no commit to build")
    made = wheels.build_twice(kinds=("wheel",))
    assert [name.endswith(".whl") for name in made] == [True]
