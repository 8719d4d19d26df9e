"""``dev.py package-test updates``: a frozen program that updates itself, for real.

The tarball is installed as a user would, a newer one is published on loopback with a
key of its own, and the installed program finds it, tries it and becomes it; killed in
the middle of the trial, too. The newer version is the same frozen program behind a
script that says another number, as freezing twice would say no more.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from nacl.signing import SigningKey

import screenpop
from linux import package, tarball
from tests.updates.workshop import Served, serving
from update_signing import artefact, public_text, rollout, signed

_PATIENCE_SECONDS = 240.0
_WRAPPER = """\
#!/bin/sh
case "$1" in
--version) echo "screenpop {version}" ;;
{self_test}
*) exec "$(dirname "$(readlink -f "$0")")/screenpop.real" "$@" ;;
esac
"""
_BROKEN = "self-test) echo 'it does not work' >&2; exit 1 ;;"


class Fault(Exception):
    """What was expected did not come."""


@dataclass
class Publisher:
    """Publishes versions, signed, on loopback."""

    folder: Path
    served: Served
    key: SigningKey = field(default_factory=SigningKey.generate)
    serial: int = 0

    def publish(self, version: str, self_test: str = "") -> None:
        """Make a newer version of the frozen program and offer it to everybody."""
        frozen = self.folder / f"frozen-{version}"
        shutil.copytree(package.FROZEN, frozen, symlinks=True)
        (frozen / "screenpop").rename(frozen / "screenpop.real")
        script = _WRAPPER.format(version=version, self_test=self_test)
        (frozen / "screenpop").write_text(script)
        (frozen / "screenpop").chmod(0o755)
        path = self.tarball(frozen, version)
        self.served.files[f"/{path.name}"] = path.read_bytes()
        self.serial += 1
        now = datetime.now(UTC)
        manifest = {
            "format": 1,
            "channel": "stable",
            "serial": self.serial,
            "version": version,
            "minimum_version": screenpop.__version__,
            "issued": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
            "expires": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
            "rollout": rollout(()),
            "artefacts": [artefact(f"linux-{platform.machine()}:tarball:{path}")],
            "notes": "",
        }
        self.served.files["/stable.json"] = signed(manifest, [self.key])

    def tarball(self, frozen: Path, version: str) -> Path:
        """Pack a version as a release does, only quicker."""
        machine = platform.machine()
        return tarball.build(frozen, self.folder, version, machine, is_quick=True)


@dataclass
class Installed:
    """A program as a user has installed it."""

    place: Path
    home: Path

    @property
    def current(self) -> str:
        """The version that menus start."""
        return (self.place / "current").readlink().name

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it as a menu entry does."""
        return subprocess.Popen(
            [str(self.place / "current" / "screenpop"), *words],
            env={**os.environ, "SCREENPOP_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, status: int = 0) -> str:
        """Run a command to its end; what it said."""
        process = self.start(*words)
        said, _ = process.communicate(timeout=_PATIENCE_SECONDS)
        if process.returncode != status:
            raise Fault(f"screenpop {' '.join(words)}: {process.returncode}: {said}")
        return said

    def facts(self) -> dict[str, Any]:
        """What it says of updates."""
        facts: dict[str, Any] = json.loads(self.run("update", "--json"))
        return facts


def install(publisher: Publisher) -> Installed:
    """Install this version from its tarball, with the publisher's key pinned."""
    path = publisher.tarball(package.FROZEN, screenpop.__version__)
    unpacked = publisher.folder / "unpacked"
    with tarfile.open(path) as archive:
        archive.extractall(unpacked, filter="data")
    prefix = publisher.folder / "prefix"
    (script,) = unpacked.glob("*/install.sh")
    home = publisher.folder / "home"
    environment = {**os.environ, "HOME": str(home), "SCREENPOP_HOME": str(home)}
    subprocess.run([str(script), str(prefix)], env=environment, check=True)
    installed = Installed(prefix / "lib" / "screenpop", home)
    # A release pins https only; this one server is on loopback.
    keys = {
        "keys": [public_text(publisher.key)],
        "manifest_url": f"{publisher.served.url}/{{channel}}.json",
    }
    pins = installed.place / "current" / "update-keys.json"
    pins.write_text(json.dumps(keys))
    return installed


def becomes_it(publisher: Publisher, installed: Installed, version: str) -> None:
    """A version that is offered is tried, and is the one that starts next."""
    publisher.publish(version)
    installed.run("update", "check")
    _expect(installed.current != version, "it switched before it was asked to")
    said = json.loads(installed.run("update-worker"))
    _expect(said == {"standing": "offered"}, f"the worker said {said}")
    _expect(installed.facts()["ready"] == version, "it is not ready")
    app = installed.start("run", "--headless")
    try:
        _until(lambda: installed.current == version, "the switch")
        _until(lambda: _answers(installed), "the app")
        installed.run("quit")
        app.wait(_PATIENCE_SECONDS)
    finally:
        _end(app)
    facts = installed.facts()
    _expect((facts["ready"], facts["failed"]) == ("", []), f"left over: {facts}")


def survives_a_kill(publisher: Publisher, installed: Installed, version: str) -> None:
    """Killed while it is on trial, it starts, and the trial is ended."""
    pins = (installed.place / "current" / "update-keys.json").read_bytes()
    publisher.publish(version)
    installed.run("update-worker")
    app = installed.start("run", "--headless")
    note = installed.place / "updates" / "trial.json"
    _until(note.exists, "the trial")
    os.killpg(app.pid, signal.SIGKILL)
    app.wait()
    _expect(note.exists(), "the note of the trial is gone")
    app = installed.start("run", "--headless")
    try:
        _until(lambda: _answers(installed), "the app")
        _expect(installed.current == version, f"it is {installed.current}")
        _expect(not note.exists(), "the trial goes on")
        installed.run("quit")
        app.wait(_PATIENCE_SECONDS)
    finally:
        _end(app)
    (installed.place / "current" / "update-keys.json").write_bytes(pins)


def refuses_a_broken_one(publisher: Publisher, installed: Installed) -> None:
    """What does not work here is never switched to, and is remembered."""
    before = installed.current
    publisher.publish("0.9.9", _BROKEN)
    said = installed.run("update", "install", status=1)
    _expect("does not work here" in said, said)
    _expect(installed.current == before, "it switched to what does not work")
    _expect("0.9.9" in dict(installed.facts()["failed"]), "it is not remembered")


def _answers(installed: Installed) -> bool:
    process = installed.start("status", "--json")
    process.communicate(timeout=_PATIENCE_SECONDS)
    return process.returncode == 0


def _end(app: subprocess.Popen[str]) -> None:
    if app.poll() is None:
        os.killpg(app.pid, signal.SIGKILL)
        app.wait()
    if app.stdout is not None:
        app.stdout.close()


def _until(ask: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not ask():
        if time.monotonic() > deadline:
            raise Fault(f"waited in vain for {what}")
        time.sleep(0.1)


def _expect(is_so: object, otherwise: str) -> None:
    if not is_so:
        raise Fault(otherwise)


def _say(text: str, since: float) -> None:
    print(f"{time.monotonic() - since:6.1f} s  {text}", flush=True)


def prove(folder: Path) -> None:
    """All of it.

    Raises:
        Fault: Something is not as it should be.
    """
    served = Served()
    with serving(served):
        publisher = Publisher(folder, served)
        since = time.monotonic()
        installed = install(publisher)
        key = base64.b64decode(public_text(publisher.key))
        _expect(installed.facts()["keys"] == 1 and len(key) == 32, "no key is pinned")
        _say("installed from the tarball, with a key of its own", since)
        pins = (installed.place / "current" / "update-keys.json").read_bytes()
        major, minor, patch = screenpop.__version__.split(".")
        first, second = (f"{major}.{minor}.{int(patch) + n}" for n in (1, 2))
        becomes_it(publisher, installed, first)
        _say(f"found, tried and became {first}", since)
        (installed.place / "current" / "update-keys.json").write_bytes(pins)
        survives_a_kill(publisher, installed, second)
        _say(f"killed in the trial of {second}, started, ended it", since)
        refuses_a_broken_one(publisher, installed)
        _say("refused what fails its self-test", since)


def main(arguments: list[str]) -> int:
    """Prove it on what ``dev.py freeze`` has made."""
    parser = argparse.ArgumentParser(prog="dev.py package-test updates")
    parser.parse_args(arguments)
    if sys.platform != "linux":
        print("versions side by side are for Linux")
        return 0
    if not package.FROZEN.is_dir():
        package.freeze()
    try:
        with tempfile.TemporaryDirectory() as folder:
            prove(Path(folder))
    except (Fault, OSError, subprocess.SubprocessError) as fault:
        print(f"package-test updates: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
