"""Starting at login is the user's decision, on each platform."""

from __future__ import annotations

import plistlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.autostart import (
    APPROVED_KEY,
    ENTRY_NAME,
    RUN_KEY,
    LaunchAgentLoginItem,
    LoginItem,
    NullLoginItem,
    RunKeyLoginItem,
    XdgLoginItem,
    autostart_entry,
    login_item,
    windows_command_line,
)
from screenpop.desktop.desktop_entry import hidden_entry, read_entry
from screenpop.domain.errors import ConfigurationError
from tests.desktop.registry import MemoryRegistry

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = ["/opt/my apps/screenpop", "--tray"]


@pytest.fixture(params=["linux", "windows", "macos"])
def item(request: pytest.FixtureRequest, tmp_path: Path) -> LoginItem:
    items: dict[str, LoginItem] = {
        "linux": XdgLoginItem(COMMAND, tmp_path / "autostart"),
        "windows": RunKeyLoginItem(COMMAND, MemoryRegistry()),
        "macos": LaunchAgentLoginItem(COMMAND, tmp_path / "LaunchAgents"),
    }
    return items[request.param]


def test_it_is_off_until_switched_on_and_off_again_after(item: LoginItem) -> None:
    assert not item.is_enabled()
    item.disable()
    assert not item.is_enabled()
    item.enable()
    item.enable()
    assert item.is_enabled()
    item.disable()
    assert not item.is_enabled()


def test_the_entry_runs_the_program_with_its_arguments(tmp_path: Path) -> None:
    XdgLoginItem(COMMAND, tmp_path).enable()
    fields = read_entry((tmp_path / ENTRY_NAME).read_text())
    assert fields["Type"] == "Application"
    assert fields["Name"] == "screenpop"
    assert fields["Exec"] == '"/opt/my apps/screenpop" --tray'


@pytest.mark.parametrize(
    "argument", ["a b", "$(touch x)", "`id`", '"', "100%", "a\\b", "-x", "ü", "%u x"]
)
def test_no_argument_gets_loose(argument: str) -> None:
    text = read_entry(autostart_entry(["run", argument]))["Exec"]
    # First the string's own escapes are undone, then the quotes, which are those of
    # a shell, then the percents.
    words = text.replace("\\\\", "\\")
    out = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {words}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.replace("%%", "%") == f"run\n{argument}\n"


@pytest.mark.parametrize(
    "switched_off", ["Hidden=true", "X-GNOME-Autostart-enabled=false"]
)
def test_the_desktops_own_switch_counts(tmp_path: Path, switched_off: str) -> None:
    item = XdgLoginItem(COMMAND, tmp_path)
    item.enable()
    path = tmp_path / ENTRY_NAME
    text = path.read_text().replace("X-GNOME-Autostart-enabled=true", switched_off)
    path.write_text(text)
    assert not item.is_enabled()
    item.enable()
    assert item.is_enabled()


def test_an_administrators_entry_counts_and_can_be_overruled(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / ENTRY_NAME).write_text(autostart_entry(COMMAND))
    item = XdgLoginItem(COMMAND, tmp_path / "user", [site])
    assert item.is_enabled()
    item.disable()
    assert not item.is_enabled()
    assert (tmp_path / "user" / ENTRY_NAME).read_text() == hidden_entry("screenpop")
    item.enable()
    assert item.is_enabled()


def test_task_managers_switch_counts() -> None:
    registry = MemoryRegistry()
    item = RunKeyLoginItem(COMMAND, registry)
    item.enable()
    assert registry.values[RUN_KEY, "screenpop"] == '"/opt/my apps/screenpop" --tray'
    registry.values[APPROVED_KEY, "screenpop"] = b"\x03" + bytes(11)
    assert not item.is_enabled()
    registry.values[APPROVED_KEY, "screenpop"] = b"\x02" + bytes(11)
    assert item.is_enabled()
    registry.values[APPROVED_KEY, "screenpop"] = b"\x03" + bytes(11)
    item.enable()
    assert item.is_enabled()
    item.disable()
    assert registry.values == {}


def test_the_launch_agent_runs_the_program_at_login(tmp_path: Path) -> None:
    folder = tmp_path / "LaunchAgents"
    item = LaunchAgentLoginItem(COMMAND, folder)
    item.enable()
    [path] = folder.iterdir()
    agent = plistlib.loads(path.read_bytes())
    assert path.name == f"{agent['Label']}.plist"
    assert agent["ProgramArguments"] == COMMAND
    assert agent["RunAtLoad"] is True
    path.write_bytes(plistlib.dumps(agent | {"Disabled": True}))
    assert not item.is_enabled()
    path.write_bytes(b"rubbish")
    assert not item.is_enabled()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    item = XdgLoginItem(COMMAND, tmp_path / "file")
    assert not item.is_enabled()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        item.enable()


def test_nowhere_it_does_nothing() -> None:
    item = NullLoginItem()
    item.enable()
    assert not item.is_enabled()
    item.disable()


def test_this_platform_has_one() -> None:
    item = login_item(COMMAND)
    assert not item.is_enabled()
    item.enable()
    assert item.is_enabled()
    item.disable()


def test_windows_quotes_are_windows_own() -> None:
    command = [r"C:\Program Files\screenpop\screenpop.exe", "--tray"]
    assert windows_command_line(command) == (
        r'"C:\Program Files\screenpop\screenpop.exe" --tray'
    )
