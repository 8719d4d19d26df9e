from __future__ import annotations

from pathlib import Path
from typing import get_args

from screenpop.config.logs import Logs
from screenpop.config.paths import Paths
from screenpop.config.settings import LogLevel
from screenpop.config.settings_file import SettingsFile

DOC = Path(__file__).resolve().parents[2] / "docs" / "files-and-logs.md"


def test_every_file_and_level_is_explained(tmp_path: Path) -> None:
    text = DOC.read_text(encoding="utf-8")
    paths = Paths.under(tmp_path / "home")
    paths.ensure()
    SettingsFile(paths.config_file).set_value("ui.theme", "dark")
    Logs(paths.log_dir).stop()
    paths.config_file.write_text("broken =")
    SettingsFile(paths.config_file).load()
    written = {path.name for path in paths.config_dir.rglob("*") if path.is_file()}
    named = {paths.database_file.name, paths.lock_file.name, paths.socket_file.name}
    assert len(written) == 4
    for name in written | named:
        stem, is_aside, _ = name.partition(".broken-")
        assert (f"{stem}.broken-" if is_aside else name) in text
    for level in get_args(LogLevel):
        assert f"| `{level}` |" in text
