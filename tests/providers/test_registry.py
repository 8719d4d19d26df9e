"""Finding vendors' adapters, those of other packages included."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import ConfigurationError
from screenpop.plugins import foreign_entry_points
from screenpop.providers import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def other_package(tmp_path: Path) -> Iterator[None]:
    """An installed package with one good, one broken and one impostor's adapter."""
    info = tmp_path / "thirdparty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty\n")
    (info / "entry_points.txt").write_text(
        f"[{registry.ENTRY_POINT_GROUP}]\n"
        "thirdparty = thirdparty_pbx:MANIFEST\n"
        "ruined = thirdparty_ruined:MANIFEST\n"
        "voxloud = thirdparty_pbx:MANIFEST\n"
    )
    (tmp_path / "thirdparty_pbx.py").write_text("MANIFEST = 'theirs'\n")
    (tmp_path / "thirdparty_ruined.py").write_text("raise RuntimeError('SEKRET')\n")
    sys.path.insert(0, str(tmp_path))
    foreign_entry_points.cache_clear()
    yield
    sys.path.remove(str(tmp_path))
    foreign_entry_points.cache_clear()


def test_a_built_in_vendor_is_found() -> None:
    assert registry.manifest("voxloud").name == "Voxloud"
    assert registry.keys()[0] == "voxloud"


def test_an_unknown_vendor_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="nonsense") as caught:
        registry.manifest("nonsense")
    assert "voxloud" in caught.value.advice


@pytest.mark.usefixtures("other_package")
def test_another_packages_adapter_is_found_and_cannot_replace_a_built_in_one() -> None:
    assert str(registry.manifest("thirdparty")) == "theirs"
    assert registry.manifest("voxloud").name == "Voxloud"
    assert registry.keys().count("voxloud") == 1


@pytest.mark.usefixtures("other_package")
def test_a_broken_adapter_is_reported_and_stops_nobody(
    expects_log: Callable[[str], None],
) -> None:
    expects_log("phone system ruined does not load: RuntimeError")
    good, broken = registry.manifests()
    assert registry.manifest("voxloud") in good
    assert [item.key for item in broken] == ["ruined"]
    assert "SEKRET" not in broken[0].problem


def test_built_in_adapters_need_no_search_through_packages() -> None:
    program = (
        "import sys\n"
        "from screenpop.providers import registry\n"
        "registry.manifest('voxloud')\n"
        "print('importlib.metadata' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
