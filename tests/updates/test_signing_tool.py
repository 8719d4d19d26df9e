"""The tool that makes, signs and checks manifests, as a release runs it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

import update_pins

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "installer" / "update_signing.py"


def run(*words: object, status: int = 0, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(TOOL), *map(str, words)],
        env={"PATH": "/usr/bin:/bin", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def test_a_release_from_a_new_key_to_a_checked_manifest(tmp_path: Path) -> None:
    key, other = tmp_path / "key", tmp_path / "other"
    public = run("new-key", key).strip()
    next_public = run("new-key", other).strip()
    assert key.stat().st_mode & 0o777 == 0o600
    file = tmp_path / "screenpop-0.2.0.tar.xz"
    file.write_bytes(b"a version")
    notes = tmp_path / "notes.txt"
    notes.write_text("Rings louder.\n")
    out = tmp_path / "stable.json"
    made = run(
        *("make", "--version", "0.2.0", "--artefact", f"linux-x86_64:tarball:{file}"),
        *("--rollout", "broad=5", "--notes", notes, "--out", out),
        SCREENPOP_UPDATE_KEY=key.read_text(),
    )
    assert "0.2.0, serial " in made
    manifest = json.loads(out.read_bytes())["manifest"]
    assert manifest["rollout"] == {"pilot": 100, "early": 100, "broad": 5}
    assert manifest["notes"] == "Rings louder."
    assert manifest["artefacts"][0]["size"] == 9
    assert "good" in run("verify", out, "--public", public)
    assert "not signed" in run("verify", out, "--public", next_public, status=1)
    # The change of a key: both sign, and either will do.
    run("sign", out, "--key", key, "--key", other)
    for text in (public, next_public):
        assert "good" in run("verify", out, "--public", text)
    secret = base64.b64decode(key.read_text())
    for kept in (out.read_bytes(), made.encode(), public.encode()):
        assert secret not in kept
        assert base64.b64encode(secret) not in kept


def test_no_secret_key_lies_in_the_checkout_and_none_is_made_up(tmp_path: Path) -> None:
    assert "checkout" in run("new-key", ROOT / "key", status=1)
    assert not (ROOT / "key").exists()
    out = tmp_path / "stable.json"
    said = run("make", "--version", "0.2.0", "--out", out, status=1)
    assert "SCREENPOP_UPDATE_KEY" in said
    assert not out.exists()
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    assert not [name for name in tracked if name.endswith(update_pins.KEYS)]


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        (["nonsense"], "https://example.com/"),
        ([base64.b64encode(bytes(31)).decode()], "https://example.com/"),
        ([base64.b64encode(bytes(32)).decode()] * 3, "https://example.com/"),
        ([base64.b64encode(bytes(32)).decode()], "http://example.com/"),
        ([base64.b64encode(bytes(32)).decode()], ""),
    ],
)
def test_what_cannot_be_trusted_is_not_pinned(
    tmp_path: Path, keys: list[str], url: str
) -> None:
    with pytest.raises(update_pins.PinFault):
        update_pins.pin(tmp_path, "tarball", keys, url)
    assert list(tmp_path.glob("*.json")) == []


def test_a_build_without_keys_says_only_how_it_is_installed(tmp_path: Path) -> None:
    update_pins.write(tmp_path, "deb")
    assert [path.name for path in tmp_path.glob("*.json")] == ["installation.json"]
    from screenpop.services.updates import installation

    assert installation.MARKER == update_pins.MARKER
    assert installation.KEYS == update_pins.KEYS
    assert {kind.value for kind in installation.Kind} == {*update_pins.KINDS, "none"}
