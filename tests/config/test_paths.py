from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from screenpop.config.paths import Paths, find_resources, resources_dir
from screenpop.domain.errors import ConfigurationError

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")


def test_home_variable_puts_everything_under_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENPOP_HOME", str(tmp_path))
    paths = Paths.from_environment()
    assert paths.config_file == tmp_path / "config.toml"
    assert paths.database_file == tmp_path / "screenpop.db"
    assert paths.log_dir == tmp_path / "logs"
    assert paths.cache_dir == tmp_path / "cache"
    assert paths.site_config_files == ()


def test_relative_home_is_taken_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENPOP_HOME", "pop")
    assert Paths.from_environment().config_dir == tmp_path / "pop"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders")
def test_without_home_the_platform_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCREENPOP_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path / 'strong'}:{tmp_path / 'weak'}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path.parents[-2] / "run"))
    paths = Paths.from_environment()
    assert paths.config_file == tmp_path / "c" / "screenpop" / "config.toml"
    assert paths.database_file == tmp_path / "d" / "screenpop" / "screenpop.db"
    assert paths.runtime_dir == tmp_path.parents[-2] / "run" / "screenpop"
    assert paths.site_config_files == (
        tmp_path / "weak" / "screenpop" / "config.toml",
        tmp_path / "strong" / "screenpop" / "config.toml",
    )


def test_asking_creates_nothing(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path / "new")
    assert paths.config_file.name == "config.toml"
    assert list(tmp_path.glob("new*")) == []


@posix_only
def test_folders_are_created_for_the_owner_only(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path / "new")
    paths.ensure()
    paths.ensure()
    for folder in (paths.config_dir, paths.log_dir, paths.cache_dir, paths.runtime_dir):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError) as caught:
        Paths.under(tmp_path / "file").ensure()
    assert str(tmp_path / "file") in str(caught.value)


@posix_only
def test_socket_path_stays_short_in_a_deep_home(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    paths = Paths.under(deep)
    assert len(os.fsencode(paths.socket_file)) <= 103
    assert paths == Paths.under(deep)
    assert paths.socket_file != Paths.under(tmp_path / ("e" * 100)).socket_file


@posix_only
def test_a_runtime_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    paths = Paths.under(tmp_path)
    paths.ensure()
    os.chown(paths.runtime_dir, 12345, -1)
    with pytest.raises(ConfigurationError, match="another user"):
        paths.ensure()


def test_resources_of_a_checkout_are_found() -> None:
    assert resources_dir().is_dir()


def test_resources_of_a_wheel_come_before_a_checkout(tmp_path: Path) -> None:
    package = tmp_path / "screenpop"
    (package / "_resources").mkdir(parents=True)
    (tmp_path / "resources").mkdir()
    assert find_resources(package) == package / "_resources"


def test_resources_of_a_frozen_program_come_first(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    (bundle / "screenpop" / "_resources").mkdir(parents=True)
    (tmp_path / "resources").mkdir()
    found = find_resources(tmp_path / "screenpop", bundle)
    assert found == bundle / "screenpop" / "_resources"


def test_missing_resources_are_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Install screenpop again"):
        find_resources(tmp_path / "screenpop")
