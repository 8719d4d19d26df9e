"""A home with one account at a simulated cloud, and commands run in it."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from screenpop.cli.main import main
from screenpop.simulator import VendorCloud, create_cloud

HOOK_TOKEN = "made-up-hook-token-0123456789abcdefghijklmn"
ACCOUNT = "acme"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """The lines of standard output, each read as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        (row,) = self.rows
        return row


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, as a shell without a terminal would."""

    def run(*words: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            status = main(words)
        except SystemExit as error:
            status = int(error.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        for secret in _secrets():
            assert secret not in said.err
        return Ran(status, said.out, said.err)

    return run


def _secrets() -> list[str]:
    return [
        value
        for name, value in os.environ.items()
        if name.startswith("SCREENPOP_SECRET_")
    ]


@pytest.fixture
def cloud() -> Iterator[VendorCloud]:
    """A phone system of a made-up company on this machine."""
    with create_cloud("voxloud") as cloud:
        yield cloud


@dataclass(frozen=True)
class Home:
    """Where the program keeps its files in this test."""

    folder: Path

    def write(self, text: str) -> None:
        self.folder.mkdir(exist_ok=True, parents=True)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    @property
    def config(self) -> str:
        return (self.folder / "config.toml").read_text(encoding="utf-8")


@pytest.fixture
def empty_home() -> Home:
    """A home of somebody who has just installed the program."""
    return Home(Path(os.environ["SCREENPOP_HOME"]))


@pytest.fixture
def home(empty_home: Home, cloud: VendorCloud, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with an account whose keys are in the environment."""
    empty_home.write(
        f"""
region = "GB"

[[accounts]]
id = "{ACCOUNT}"
vendor = "{cloud.vendor}"
base_url = "{cloud.base_url}"
extension = "{cloud.extension}"
"""
    )
    for name, value in cloud.credentials.items():
        monkeypatch.setenv(f"SCREENPOP_SECRET_ACME_{name.upper()}", value)
    monkeypatch.setenv("SCREENPOP_SECRET_ACME_HOOK_TOKEN", HOOK_TOKEN)
    return empty_home
