"""What goes into the frozen program, and the small stand-ins in it."""

from __future__ import annotations

import importlib.util
import struct
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

import licences
from freeze import contents, icu_data

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FREEZE = ROOT / "installer" / "freeze"


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/QtWidgets.abi3.so",
        "libpython3.11.so.1.0",
        "libxcb-cursor.so.0",
        "_miniaudio.abi3.so",
        "screenpop/_resources/languages/lt.mo",
    ],
)
def test_what_is_needed_stays(name: str) -> None:
    assert contents.is_kept(name, "linux")


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/translations/qtbase_fi.qm",
        "PySide6/QtNetwork.abi3.so",
        "libgtk-3.so.0",
        "libssl.so.3",
        "libglib-2.0.so.0",
        "screenpop/_resources/languages/lt.po",
        "platformdirs-4.14.7.dist-info/sboms/platformdirs.cdx.json",
    ],
)
def test_what_is_not_needed_or_is_the_systems_goes(name: str) -> None:
    assert not contents.is_kept(name, "linux")


def test_windows_keeps_its_plugins_and_loses_the_software_renderers() -> None:
    assert contents.is_kept("PySide6/plugins/platforms/qwindows.dll", "win32")
    assert contents.is_kept("PySide6/Qt6Gui.dll", "win32")
    assert not contents.is_kept("PySide6/opengl32sw.dll", "win32")
    assert not contents.is_kept("PySide6/Qt6Quick.dll", "win32")


def test_every_qt_module_that_the_program_imports_is_in_it() -> None:
    imported = {
        line.split()[1].removeprefix("PySide6.Qt")
        for path in (ROOT / "screenpop").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if line.strip().startswith("from PySide6.Qt")
    }
    assert imported
    assert imported <= set(contents.QT_MODULES)


def test_every_late_package_of_the_program_is_collected_or_imported() -> None:
    for name in (*contents.COLLECTED, *contents.HIDDEN_EVERYWHERE):
        assert importlib.util.find_spec(name) is not None, name


def test_the_specification_is_python() -> None:
    source = (FREEZE / "screenpop.spec").read_text("utf-8")
    compile(source, "screenpop.spec", "exec")


# --- ICU's data --------------------------------------------------------------------


def _common_data(items: dict[str, bytes]) -> bytes:
    head = struct.pack("<HBB", 32, 0xDA, 0x27) + bytes(8) + b"CmnD"
    packed = icu_data._table([(f"icudt73l/{n}", data) for n, data in items.items()])
    return head.ljust(32, b"\0") + packed


def test_icu_keeps_how_to_sort_and_loses_names_of_things() -> None:
    items = {
        "coll/lt.res": b"sorting",
        "lang/lt.res": b"names of languages",
        "nfc.nrm": b"normal forms",
        "root.res": b"root",
        "unames.icu": b"names of characters",
        "zone/lt.res": b"names of zones",
    }
    kept = icu_data.kept_of(b"\x7fELF" + bytes(60) + _common_data(items) + b"rest")
    found = dict(icu_data._items(kept, 32))
    assert [*found] == ["icudt73l/coll/lt.res", "icudt73l/nfc.nrm", "icudt73l/root.res"]
    assert found["icudt73l/coll/lt.res"].startswith(b"sorting")


def test_a_library_that_is_no_icu_data_is_refused() -> None:
    with pytest.raises(icu_data.NotIcuData):
        icu_data.kept_of(b"\x7fELF and nothing more")


# --- the cipher of the keychain's bus ---------------------------------------------


@pytest.fixture
def ciphers() -> Iterator[Any]:
    """The stand-in, loaded beside the real package."""
    path = FREEZE / "stand_ins/cryptography/hazmat/primitives/ciphers.py"
    spec = importlib.util.spec_from_file_location("stand_in_ciphers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_the_stand_in_makes_the_same_of_a_text_as_the_real_one(ciphers: Any) -> None:
    real = pytest.importorskip("cryptography.hazmat.primitives.ciphers")
    for key_bytes in (16, 24, 32):
        key, vector, text = bytes(range(key_bytes)), bytes(range(16)), b"secret 1" * 40
        made = []
        for module in (ciphers, real):
            cipher = module.Cipher(
                module.algorithms.AES(key), module.modes.CBC(vector), None
            )
            run = cipher.encryptor()
            hidden = run.update(text) + run.finalize()
            back = cipher.decryptor()
            assert back.update(hidden) + back.finalize() == text
            made.append(hidden)
        assert made[0] == made[1]


def test_the_stand_in_refuses_parts_of_blocks_and_wrong_keys(ciphers: Any) -> None:
    cipher = ciphers.Cipher(
        ciphers.algorithms.AES(bytes(16)), ciphers.modes.CBC(bytes(16))
    )
    run = cipher.encryptor()
    run.update(b"no whole block")
    with pytest.raises(ValueError, match="whole blocks"):
        run.finalize()
    with pytest.raises(ValueError, match="AES"):
        ciphers.algorithms.AES(b"short")


# --- licences ----------------------------------------------------------------------


def _shipped() -> set[str]:
    """Whatever the frozen program is made of, by the requirements of all it needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    open_ones = [*project["dependencies"], *extras["team"], *extras["relay"]]
    found: set[str] = set()
    while open_ones:
        asked = Requirement(open_ones.pop())
        if asked.name in found or (
            asked.marker and not asked.marker.evaluate({"extra": ""})
        ):
            continue
        found.add(asked.name)
        open_ones += metadata.requires(asked.name) or []
    return found


def test_everything_shipped_has_a_licence() -> None:
    shipped = _shipped()
    assert {"PySide6-Essentials", "httpx", "ldap3"} <= shipped
    for name in shipped:
        notice = licences.of_distribution(name)
        assert sum(map(len, notice.texts)) > 200, name


def test_the_notice_of_qt_says_how_to_replace_it_and_holds_both_licences() -> None:
    text = licences.of_distribution("PySide6-Essentials").text()
    assert "You may replace them" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "GNU GENERAL PUBLIC LICENSE" in text


def test_what_brings_no_licence_is_not_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "bare-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bare\nVersion: 1\n")
    (info / "RECORD").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(licences.LicenceMissing, match="bare"):
        licences.of_distribution("bare")
