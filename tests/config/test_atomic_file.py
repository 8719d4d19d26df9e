from __future__ import annotations

from pathlib import Path

import pytest

from screenpop.config import atomic_file
from screenpop.config.atomic_file import held_lock, replace_file
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.errors import ConfigurationError


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.glob(".file.*")) == []


def test_a_failure_leaves_the_old_content_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "folder-in-its-place"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(path, b"new")
    assert list(tmp_path.glob(".folder*")) == []


def test_a_lock_is_held_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "_LOCK_WAIT_SECONDS", 0.05)
    lock = tmp_path / "lock"
    with (
        held_lock(lock),
        pytest.raises(TimeoutError, match="another program"),
        held_lock(lock),
    ):
        pytest.fail("both hold it")
    with held_lock(lock):
        pass


def test_settings_held_by_another_program_are_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "_LOCK_WAIT_SECONDS", 0.05)
    file = SettingsFile(tmp_path / "config.toml")
    with (
        held_lock(tmp_path / ".config.toml.lock"),
        pytest.raises(ConfigurationError, match="another program"),
    ):
        file.set_value("region", "IT")
    assert not file.path.exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(3):
        with held_lock(tmp_path / "lock"):
            replace_file(tmp_path / "file", b"x")
    assert open_files() == before
