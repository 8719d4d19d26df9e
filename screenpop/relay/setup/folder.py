"""Write a relay's folder, once: everything that its programs are run with."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import screenpop
from screenpop.domain.errors import ConfigurationError, UsageError
from screenpop.domain.frozen import frozen
from screenpop.domain.service_address import ServiceAddress
from screenpop.relay.setup import service_files, texts
from screenpop.relay.setup.keys import TeamKeys, env_text
from screenpop.relay.setup.nats_config import BrokerPlan, nats_conf
from screenpop.relay.setup.requirements import relay_requirements
from screenpop.relay.setup.service_files import INSTANCES, Programs
from screenpop.relay.setup.web_config import caddyfile

SECRET_MODE: Final = 0o600
OPEN_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
DESKTOP_PATH: Final = "/nats"
_CHECK_SECONDS: Final = 20.0
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@frozen(kw_only=True)
class FolderPlan:
    """What an administrator says of a new relay.

    Attributes:
        path: The folder; it may exist, but none of the files.
        name: What the team is called.
        public_url: What vendors and desktops call; https, or plain on this machine.
    """

    path: Path
    name: str
    public_url: str


@frozen
class WrittenFolder:
    """What was written.

    Attributes:
        files: Relative to the folder.
        remarks: What the administrator should know, a sentence each.
    """

    files: tuple[str, ...]
    remarks: tuple[str, ...]


def write_folder(plan: FolderPlan, now: datetime) -> WrittenFolder:
    """Write all files; what is there already is never touched.

    Raises:
        UsageError: One of them is there already.
        ConfigurationError: The address cannot be used, the folder cannot be written,
            or the broker's own check does not take its file.
    """
    _check_url(plan.public_url)
    path = plan.path.absolute()
    nats = shutil.which("nats-server") or _beside_python("nats-server")
    version = _version_of(nats)
    files = _files(plan, path, nats, version, now)
    there = [name for name in files if (path / name).exists()]
    if there:
        raise UsageError(
            f"{path} holds a relay already ({there[0]})",
            "Nothing was changed. Choose another folder, or move this one away; its "
            "keys cannot be made again.",
        )
    try:
        for name, (text, mode) in files.items():
            _write(path / name, text, mode)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}",
            "Choose another folder, or run this as somebody who may write there.",
        ) from error
    programs = _programs(path, nats)
    remarks = _remarks(path / "nats.conf", programs, nats, version)
    return WrittenFolder(tuple(files), remarks)


def _check_url(url: str) -> None:
    """See that vendors and desktops could call it.

    Raises:
        ConfigurationError: It is not encrypted, or no address.
        UsageError: It is more than a host.
    """
    ServiceAddress.checked(url)
    if urlsplit(url).path.strip("/"):
        raise UsageError(
            "The relay needs a host name of its own",
            "Give --url without a path, such as https://pop.example.com.",
        )


def _files(
    plan: FolderPlan,
    path: Path,
    nats: str,
    version: tuple[int, ...],
    now: datetime,
) -> dict[str, tuple[str, int]]:
    keys = TeamKeys.generate(now)
    broker = BrokerPlan(
        statements=keys.broker,
        folder=PurePosixPath(service_files.STATE_FOLDER) / "nats",
        sync_each=not version or version >= (2, 10),
    )
    programs = _programs(path, nats)
    ports = tuple(service_files.relay_port(each) for each in INSTANCES)
    web = caddyfile(plan.public_url, DESKTOP_PATH, broker.web_port, ports)
    container = service_files.container_file(screenpop.__version__)
    return {
        "relay.toml": (texts.relay_toml(plan.name, plan.public_url), OPEN_MODE),
        "nats.conf": (nats_conf(broker), OPEN_MODE),
        "secrets.env": (env_text(texts.SECRETS_HEAD, keys.relay), SECRET_MODE),
        "admin.env": (env_text(texts.ADMIN_HEAD, keys.admin), SECRET_MODE),
        "Caddyfile": (web, OPEN_MODE),
        "systemd/screenpop-nats.service": (
            service_files.nats_unit(programs),
            OPEN_MODE,
        ),
        "systemd/screenpop-relay@.service": (
            service_files.relay_unit(programs),
            OPEN_MODE,
        ),
        "compose.yaml": (service_files.compose_file(), OPEN_MODE),
        "container/Dockerfile": (container, OPEN_MODE),
        "container/requirements.txt": (relay_requirements(), OPEN_MODE),
        "README.md": (texts.readme(plan.name, plan.public_url, path), OPEN_MODE),
    }


def _programs(path: Path, nats: str) -> Programs:
    return Programs(
        folder=path,
        screenpop=shutil.which("screenpop") or _beside_python("screenpop"),
        nats=nats or "/usr/sbin/nats-server",
    )


def _write(file: Path, text: str, mode: int) -> None:
    _make_folder(file.parent)
    # From its first byte on it is not for everybody.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        # The programs that read it are not root, whatever root's umask says.
        file.chmod(mode)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir()
    folder.chmod(FOLDER_MODE)


def _remarks(
    config: Path, programs: Programs, nats: str, version: tuple[int, ...]
) -> tuple[str, ...]:
    remarks = [
        f"{place} is for its owner alone, and the relay's programs run as the user "
        f"{service_files.USER}: let them in, or use another place."
        for place in _closed_to_others(
            config.parent, Path(programs.screenpop), Path(programs.nats)
        )
    ]
    if not nats:
        remarks.append(
            "No nats-server was found here, so nats.conf was not checked: run "
            f"“nats-server -t -c {config}” where it will run."
        )
        return tuple(remarks)
    _check_broker_file(nats, config)
    if version and version < (2, 10):
        remarks.append(
            f"nats-server {'.'.join(map(str, version))} acknowledges before the disk "
            "does: a power cut may cost the last two minutes. From 2.10 on, add "
            "“sync_interval: always” to the section jetstream."
        )
    return tuple(remarks)


def _closed_to_others(*paths: Path) -> tuple[Path, ...]:
    """The folders that keep another user from reaching these."""
    ways = dict.fromkeys(
        folder for path in paths for folder in reversed((path, *path.parents))
    )
    return tuple(
        folder
        for folder in ways
        if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH
    )


def _check_broker_file(nats: str, config: Path) -> None:
    """Have the broker itself read its file.

    Raises:
        ConfigurationError: It does not take it.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the broker's own program
            [nats, "-t", "-c", str(config)],
            capture_output=True,
            text=True,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(
            f"{nats} could not check nats.conf ({type(error).__name__})",
            "Everything was written; check it by hand.",
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ConfigurationError(
            "nats-server does not take nats.conf",
            f"It says: {said[-1][:200] if said else 'nothing'}",
        )


def _version_of(nats: str) -> tuple[int, ...]:
    """The version of the broker's program; () when it does not say."""
    if not nats:
        return ()
    try:
        done = subprocess.run(  # noqa: S603 - the broker's own program
            [nats, "--version"],
            capture_output=True,
            text=True,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = _VERSION.search(done.stdout)
    return tuple(map(int, found.groups())) if found else ()


def _beside_python(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else ""
