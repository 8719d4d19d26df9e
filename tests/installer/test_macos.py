"""The app for macOS: what its property list says agrees with the program."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

import app_icons
from macos import bundle, package
from screenpop.config import policy_places
from screenpop.desktop.autostart import AGENT_LABEL
from screenpop.desktop.url_scheme import SCHEMES


def test_the_property_list_is_one_and_agrees_with_the_program() -> None:
    plist = plistlib.loads(plistlib.dumps(bundle.info_plist("1.2.3rc4")))
    assert plist["CFBundleIdentifier"] == AGENT_LABEL == policy_places.BUNDLE_ID
    assert plist["CFBundleShortVersionString"] == "1.2.3"
    (links,) = plist["CFBundleURLTypes"]
    assert links["CFBundleURLSchemes"] == list(SCHEMES)
    assert plist["LSUIElement"] is True
    # It hears nothing and sees nothing, so it asks for neither.
    assert not {key for key in plist if "Microphone" in key or "Camera" in key}


def test_a_version_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="next"):
        bundle.info_plist("next")


def test_it_may_do_no_more_than_it_must() -> None:
    allowed = plistlib.loads(bundle.ENTITLEMENTS.read_bytes())
    assert allowed == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_an_app_is_finished_with_licences_and_how_it_was_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SCREENPOP_UPDATE_PUBLIC_KEYS", "SCREENPOP_UPDATE_URL"):
        monkeypatch.delenv(name, raising=False)
    app, folder = tmp_path / "screenpop.app", tmp_path / "screenpop"
    for each in (app / "Contents/Resources", app / "Contents/Frameworks", folder):
        each.mkdir(parents=True)
    for name in package.NOTICES:
        (folder / name).write_text("terms")
    package.finish(app, folder)
    package.finish(app, folder)
    assert (app / "Contents/Resources/LICENSE.txt").read_text() == "terms"
    link = app / "Contents/Frameworks/installation.json"
    assert link.is_symlink()
    assert '"dmg"' in link.read_text()


def test_nobodys_image_is_not_signed_and_not_notarised() -> None:
    image = Path("screenpop.dmg")
    (make,) = package.imaging(Path("staging"), image, "1.2.3", "-")
    assert make[:2] == ["hdiutil", "create"]
    assert package.notary_key({package.KEY_ID_VARIABLE: "AB12"}) is None
    sign, _ = package.signing(Path("screenpop.app"), "-")
    assert "runtime" not in sign


def test_a_signed_image_is_hardened_notarised_and_stapled() -> None:
    image = Path("screenpop.dmg")
    sign, verify = package.signing(Path("screenpop.app"), "Example Ltd")
    assert sign[sign.index("--options") + 1] == "runtime"
    assert "--strict" in verify
    assert len(package.imaging(Path("staging"), image, "1.2.3", "Example Ltd")) == 2
    names = (
        package.KEY_FILE_VARIABLE,
        package.KEY_ID_VARIABLE,
        package.ISSUER_VARIABLE,
    )
    key = package.notary_key(dict.fromkeys(names, "x"))
    assert key is not None
    tools = [command[1] for command in package.notarising(image, key)]
    assert tools == ["notarytool", "stapler", "stapler"]


def test_icons_hold_every_size(tmp_path: Path) -> None:
    app_icons.write_icns(tmp_path / "a.icns")
    app_icons.write_ico(tmp_path / "a.ico")
    icns, ico = (tmp_path / "a.icns").read_bytes(), (tmp_path / "a.ico").read_bytes()
    assert icns[:4] == b"icns"
    assert int.from_bytes(icns[4:8], "big") == len(icns)
    assert icns.count(b"\x89PNG") == len(app_icons.ICNS_KINDS)
    assert ico[:6] == bytes((0, 0, 1, 0, len(app_icons.ICO_SIZES), 0))
    assert ico.count(b"\x89PNG") == 2
    assert app_icons.paint(16).pixelColor(8, 1).alpha() == 255
