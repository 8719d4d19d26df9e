"""A made-up computer with policies of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from screenpop.config.policy_places import PolicyPlaces
from screenpop.config.settings_file import SettingsFile

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """Its folders; whoever runs the tests stands for root."""

    root: Path

    @property
    def places(self) -> PolicyPlaces:
        uid = os.getuid() if sys.platform != "win32" else 0
        return PolicyPlaces(
            files=(self.file,),
            folders=(self.drop_ins,),
            trusted=(uid,),
            top=self.root,
        )

    @property
    def file(self) -> Path:
        return self.root / "etc" / "policy.toml"

    @property
    def drop_ins(self) -> Path:
        return self.root / "etc" / "policy.d"

    @property
    def own(self) -> Path:
        return self.root / "home" / "config.toml"

    def write(self, text: str) -> None:
        """The machine's policy."""
        self.file.write_text(text, "utf-8")

    def drop_in(self, name: str, text: str) -> Path:
        self.drop_ins.mkdir(mode=0o755, exist_ok=True)
        path = self.drop_ins / name
        path.write_text(text, "utf-8")
        path.chmod(0o644)
        return path

    def user_says(self, text: str) -> None:
        self.own.write_text(text, "utf-8")

    def settings_file(self) -> SettingsFile:
        memory = self.own.with_name("policy-before.json")
        return SettingsFile(self.own, (), self.places, memory)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    for folder in ("etc", "home"):
        (tmp_path / folder).mkdir(mode=0o755)
    made.file.touch(0o644)
    return made
